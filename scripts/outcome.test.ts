import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type Report, sumUp } from "./outcome.ts";

function report(counts: Partial<Report>): Report {
  return {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...counts,
  };
}

const broken = { status: "failed", assertionResults: [] };
const failing = { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] };

test.each<[string, Report | undefined, number, string, number, number?]>([
  ["all passed", report({ numPassedTests: 3 }), 0, "3 passed, 0 failed", 0],
  [
    "skipped and todo",
    report({ numPassedTests: 3, numPendingTests: 1, numTodoTests: 1 }),
    0,
    "3 passed, 0 failed",
    0,
    2,
  ],
  [
    "one failed",
    report({ numPassedTests: 1, numFailedTests: 1, testResults: [failing] }),
    1,
    "1 passed, 1 failed",
    1,
  ],
  [
    "a file that did not load",
    report({ numPassedTests: 3, testResults: [broken] }),
    1,
    "3 passed, 1 failed",
    1,
  ],
  [
    "both",
    report({ numPassedTests: 1, numFailedTests: 1, testResults: [failing, broken] }),
    1,
    "1 passed, 2 failed",
    1,
  ],
  ["an error that nobody caught", report({ numPassedTests: 3 }), 1, "3 passed, 1 failed", 1],
  ["no test", report({}), 0, "0 passed, 1 failed", 1],
  ["only skipped", report({ numPendingTests: 2 }), 0, "0 passed, 1 failed", 1, 2],
  ["no report", undefined, 130, "0 passed, 1 failed", 130],
])("%s", (_, given, code, line, exitCode, skipped = 0) => {
  expect(sumUp(given, code)).toEqual({ line, exitCode, skipped });
});

test("what is wrong with the run as a whole counts as a failure each", () => {
  expect(sumUp(report({ numPassedTests: 3 }), 0, 2)).toMatchObject({
    line: "3 passed, 2 failed",
    exitCode: 1,
  });
});

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test.each<[string, Record<string, string>, string, boolean]>([
  [
    "passes",
    { "a.test.ts": 'import { test } from "vitest"; test("a", () => {});' },
    "1 passed, 0 failed",
    true,
  ],
  ["counts a file that does not load", { "a.test.ts": 'import "./gone.ts";' }, "0 passed, 1 failed", false],
  ["finds no test", {}, "0 passed, 1 failed", false],
])("a run that %s closes with its line", (_, files, line, good) => {
  const folder = mkdtempSync(join(tmpdir(), "chasqui-run-"));
  folders.push(folder);
  symlinkSync(
    fileURLToPath(new URL("../node_modules", import.meta.url)),
    join(folder, "node_modules"),
    "junction",
  );
  writeFileSync(join(folder, "vitest.config.js"), "export default {};");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const script = fileURLToPath(new URL("test.ts", import.meta.url));
  const { VITEST: _vitest, ...env } = process.env;
  const run = spawnSync(process.execPath, [script, "--root", folder], {
    encoding: "utf8",
    env,
  });
  expect(run.stdout.trimEnd().split("\n").at(-1)).toBe(line);
  expect(run.status === 0).toBe(good);
});
