export type { PracticeOptions } from "./options.ts";
export { createPractice, type Practice } from "./practice.ts";
export { type RunningPractice, type StartOptions, startPractice } from "./server.ts";
