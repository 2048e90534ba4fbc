/**
 * `npm test`: runs Vitest once and closes with one line, `N passed, N failed`.
 *
 * Vitest counts tests only. A file that does not load, a hook that throws or an error that nobody caught is a failure
 * that the count has to show as well, so each adds one; and a run without a test is a failure. So is, in a run of all tests,
 * a requirement whose every test was skipped.
 * Arguments go on to Vitest: `npm test -- packages/practice`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, type Report, sumUp, testsOf } from "./outcome.ts";
import { coverageBy } from "./requirement-pages.ts";
import { complaintsAbout } from "./requirements.ts";

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
    const report = readReport(file);
    // What is chosen of the tests says nothing of the requirements as a whole.
    const complaints =
      report === undefined || args.length > 0 ? [] : complaintsAbout(coverageBy(testsOf(report)));
    for (const complaint of complaints) console.error(complaint);
    return sumUp(report, status ?? 1, complaints.length);
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
if (outcome.skipped > 0) console.log(`${outcome.skipped} skipped`);
console.log(outcome.line);
process.exitCode = outcome.exitCode;
