/**
 * The lesson "Working with APIs": its sections, its questions, and the programs that it shows and runs.
 *
 * @module
 */
export { EXAMPLES, type ExampleRun, type RunOptions, readExample, runExample } from "./example.ts";
export { practiceQuestions, type Question, quizQuestions } from "./questions.ts";
export { type Block, type ExampleBlock, examplesOf, type Section } from "./section.ts";
export { sections } from "./sections/index.ts";
