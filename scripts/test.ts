/**
 * `npm test`: runs Vitest once and closes with one line, `N passed, N failed`.
 *
 * Vitest counts tests only. A file that does not load, a hook that throws or an error that nobody caught is a failure
 * that the count has to show as well, so each adds one; and a run without a test is a failure.
 * Arguments go on to Vitest: `npm test -- packages/practice`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, type Report, sumUp } from "./outcome.ts";

function run(args: readonly string[]): Outcome {
  const folder = mkdtempSync(join(tmpdir(), "chasqui-test-"));
  try {
    const file = join(folder, "report.json");
    const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
    const reporters = args.some((argument) => argument.startsWith("--reporter"))
      ? []
      : ["--reporter=default"];
    const { status } = spawnSync(
      process.execPath,
      [vitest, "run", ...reporters, "--reporter=json", `--outputFile.json=${file}`, ...args],
      { stdio: "inherit" },
    );
    return sumUp(readReport(file), status ?? 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // Vitest ended before it could write: a bad option, a broken configuration.
  }
}

const outcome = run(process.argv.slice(2));
console.log(outcome.line);
process.exitCode = outcome.exitCode;
