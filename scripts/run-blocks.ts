/** Runs the blocks that `blocks.ts` has written into a folder, in order, and writes what came of each beside them. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import type { BlockRun } from "./blocks.ts";

const TIMEOUT = 15_000;
const folder = process.argv[2] ?? ".";
const count = readdirSync(folder).filter((file) => file.startsWith("block-")).length;

const lines = Array.from({ length: count }, (): string[] => []);
let current = 0;
let stray: unknown;
for (const method of ["log", "info", "warn", "error", "debug", "table"] as const) {
  console[method] = (...parts: unknown[]) => {
    // A block before this one may have left a listener behind, which prints in its own name.
    const by = /\bblock-(\d+)\.ts/.exec(new Error().stack ?? "")?.[1];
    lines[by === undefined ? current : Number(by)]?.push(format(...parts));
  };
}
process.on("unhandledRejection", (reason) => {
  stray ??= reason;
});

const runs: BlockRun[] = [];
for (const [index, printed] of lines.entries()) {
  current = index;
  stray = undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise((_, reject) => {
      timer = setTimeout(reject, TIMEOUT, new Error(`it has not ended within ${TIMEOUT} ms`));
    });
    await Promise.race([import(pathToFileURL(join(folder, `block-${index}.ts`)).href), late]);
    // What nobody awaits fails a turn later.
    await new Promise((done) => setImmediate(done));
    if (stray !== undefined) throw stray;
    runs.push({ printed });
  } catch (error) {
    runs.push({ printed, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  } finally {
    clearTimeout(timer);
  }
}
writeFileSync(join(folder, "runs.json"), JSON.stringify(runs));
// A block may leave something open; it has been seen to its end.
process.exit(0);
