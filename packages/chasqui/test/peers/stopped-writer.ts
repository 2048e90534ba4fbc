/**
 * A program that stores a token, and is stopped when it has read the file of tokens and is about to write the new one: as a machine that
 * goes to sleep just then. It says `stopped` first, and goes on when it is told to (SIGCONT).
 */
import { writeSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const [file = "", key = ""] = process.argv.slice(2);
const { open } = promises;
let stopped = false;
promises.open = (async (path: string, flags?: string | number, mode?: number) => {
  // Neither the lock nor the file itself, but the one that is to take its place.
  if (!stopped && flags !== undefined && !String(path).includes(".locks")) {
    stopped = true;
    writeSync(1, "stopped\n");
    process.kill(process.pid, "SIGSTOP");
  }
  return open(path, flags, mode);
}) as typeof open;
syncBuiltinESMExports();
const { fileTokens } = await import("../../src/index.ts");
await fileTokens(file).set(key, { accessToken: "late", obtainedAt: 1 });
