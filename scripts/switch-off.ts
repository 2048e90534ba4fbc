/**
 * `npm run switch-off`: switches off each rule of `rules.ts`, one at a time, and says which test with the number of a requirement
 * fails for it. A rule that no such test misses fails the run. Arguments choose rules by a part of their name.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "./outcome.ts";
import { numbersIn } from "./requirements.ts";
import type { Rule } from "./rules/rule.ts";
import { RULES } from "./rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const chosen = process.argv.slice(2);

/** The numbered tests that fail with a rule switched off; -1 switches off none. */
async function failing(index: number, tests: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "chasqui-rule-"));
  const file = join(folder, "report.json");
  try {
    const child = spawn(
      process.execPath,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        ...["run", "--config", "scripts/switch-off.vitest.config.ts", "--bail=1", "--testTimeout=5000"],
        ...["--testNamePattern", "(?:^|[^\\w#&])(?:#\\d{1,3}|S\\d{1,2}|P\\d{1,2})(?![\\w.-])"],
        ...["--reporter=json", `--outputFile.json=${file}`],
        ...tests.map((test) => `packages/chasqui/test/${test}`),
      ],
      { cwd: root, env: { ...process.env, CHASQUI_SWITCHED_OFF: String(index) }, stdio: "ignore" },
    );
    await new Promise((resolve) => child.on("close", resolve));
    const report: Report = JSON.parse(readFileSync(file, "utf8"));
    return report.testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status, fullName = "" }) => status === "failed" && numbersIn(fullName).length > 0)
        .map(({ fullName = "" }) => fullName),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let missed = 0;
const waiting = RULES.map((rule, index): [Rule, number] => [rule, index]).filter(
  ([{ name, file }]) => chosen.length === 0 || chosen.some((part) => `${file} ${name}`.includes(part)),
);

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [rule, index] = next;
    const [test] = await failing(index, rule.tests);
    if (test === undefined) missed++;
    console.log(`${test === undefined ? "MISSED" : "ok    "} ${rule.file}: ${rule.name}`);
    if (test !== undefined) console.log(`         ${test}`);
  }
}

const all = [...new Set(waiting.flatMap(([{ tests }]) => tests))];
const before = await failing(-1, all);
if (before.length > 0) {
  console.error(`With every rule in place these tests fail: ${before.join("; ")}`);
  process.exitCode = 1;
} else {
  const count = waiting.length;
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  console.log(`${count} rules switched off, ${missed} missed by no numbered test.`);
  if (missed > 0) process.exitCode = 1;
}
