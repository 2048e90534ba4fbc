import { HELP, readCommand, UsageError } from "./command-line.ts";
import { inkFor } from "./ink.ts";
import { giveLesson, LessonError } from "./lesson.ts";
import { askQuestions } from "./quiz.ts";
import { sections } from "./sections/index.ts";
import { Show } from "./show.ts";

/** The exit codes: 0 all went well, 1 a section failed or the lesson cannot be given, 2 a wrong command line. */
const FAILED = 1;
const WRONG_USAGE = 2;
/** What shells make of SIGINT and SIGTERM: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

const stopping = new AbortController();
for (const [signal, code] of Object.entries(SIGNALS)) {
  process.once(signal, () => {
    process.exitCode = code;
    stopping.abort();
  });
}
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Each line that was still to be written fails as well.
  if (stopping.signal.aborted) return;
  // Whoever reads may have read enough: `npm start | head`.
  if (error.code !== "EPIPE") {
    process.stderr.write(`The lesson cannot be written: ${error.message}\n`);
    process.exitCode = FAILED;
  }
  stopping.abort();
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (stopping.signal.aborted) process.stdout.write("\n");
  else if (error instanceof UsageError || error instanceof LessonError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof UsageError ? WRONG_USAGE : FAILED;
  } else throw error;
}

async function main(args: readonly string[]): Promise<void> {
  const command = readCommand(args);
  const { signal } = stopping;
  const show = new Show(process.stdout, inkFor(process.stdout));
  if (command.action === "help") {
    process.stdout.write(HELP);
    return;
  }
  if (command.action === "list") {
    for (const { number, title } of sections) show.line(`${number}  ${title}`);
    return;
  }
  if (command.sections.length > 0) {
    show.line("Working with APIs", "bold");
    const failed = await giveLesson({ sections: command.sections, show, baseUrl: command.baseUrl, signal });
    show.line();
    if (failed.length > 0) {
      process.exitCode = FAILED;
      show.line(`Failed: ${failed.map(({ number, title }) => `${number}. ${title}`).join("; ")}`, "red");
    } else if (command.sections.length === sections.length) {
      show.line("That was the lesson. The option --quiz asks its questions: npm start -- --quiz", "bold");
    }
  }
  if (command.quiz) await askQuestions({ show, input: process.stdin, signal });
}
