/**
 * `npm run switch-off`: switches off each rule of `rules.ts`, one at a time, and says which test with the number of a requirement
 * fails for it. A rule that no such test misses fails the run. Arguments choose rules by a part of their file and name.
 *
 * Nothing is written: Vitest reads the sources with the rule switched off. It is started once and reads anew what has changed.
 */
import { fileURLToPath } from "node:url";
import { createVitest, type Reporter, type Vitest } from "vitest/node";
import { numbersIn } from "./requirements.ts";
import type { Rule } from "./rules/rule.ts";
import { RULES } from "./rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = fileURLToPath(new URL("../packages/chasqui/src/", import.meta.url));

/** The title of a test that carries a number, as `numbersIn` finds them. */
const NUMBERED = /(?:^|[^\w#&])(?:#\d{1,3}|S\d{1,2}|P\d{1,2})(?![\w.-])/;

/** How long the tests of a rule may take, in milliseconds, before it is told that they hang. All of them may take as long as they do. */
const LONGEST = 180_000;

class SwitchOff {
  #vitest: Vitest | undefined;
  #rule: Rule | undefined;
  /** Names of the tests that have failed in this run; what Vitest returns has those of earlier ones too. */
  #failed: string[] = [];

  /** The tests that fail while a rule is switched off, or while none is; undefined where they do not come to an end. */
  async failing(rule: Rule | undefined, tests: readonly string[]): Promise<string[] | undefined> {
    this.#vitest ??= await this.#start();
    const vitest = this.#vitest;
    this.#rule = rule;
    this.#failed = [];
    if (rule !== undefined) vitest.invalidateFile(SOURCES + rule.file);
    const held = rule?.heldBy;
    vitest.setGlobalTestNamePattern(
      held === undefined ? NUMBERED : new RegExp(held.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")),
    );
    const files = await vitest.globTestSpecifications(tests.map((test) => `packages/chasqui/test/${test}`));
    const run = vitest.runTestSpecifications(files);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      if (rule !== undefined) timer = setTimeout(() => resolve(undefined), LONGEST);
    });
    const result = await Promise.race([run, late]);
    clearTimeout(timer);
    if (result === undefined) {
      run.catch(() => {});
      await this.close();
      return undefined;
    }
    if (rule !== undefined) vitest.invalidateFile(SOURCES + rule.file);
    return this.#failed.filter((name) =>
      held === undefined ? numbersIn(name).length > 0 : name.includes(held),
    );
  }

  async close(): Promise<void> {
    const vitest = this.#vitest;
    this.#vitest = undefined;
    await vitest?.close();
  }

  #start(): Promise<Vitest> {
    const transform = (code: string, id: string): string | undefined => {
      const rule = this.#rule;
      if (rule === undefined || id.split("?")[0] !== SOURCES + rule.file) return undefined;
      return code.replace(rule.is, () => rule.becomes);
    };
    const reporter: Reporter = {
      onTestCaseResult: (test) => {
        if (test.result().state === "failed") this.#failed.push(test.fullName);
      },
    };
    return createVitest(
      "test",
      { root, watch: false, reporters: [reporter], bail: 1, fsModuleCache: false },
      { plugins: [{ name: "switch-off", enforce: "pre", transform }] },
    );
  }
}

const chosen = process.argv.slice(2);
const rules = RULES.filter(
  ({ name, file }) => chosen.length === 0 || chosen.some((part) => `${file} ${name}`.includes(part)),
);
const switchOff = new SwitchOff();
const began = performance.now();

const before = await switchOff.failing(undefined, [...new Set(rules.flatMap(({ tests }) => tests))]);
if (before === undefined || before.length > 0) {
  console.error(`With every rule in place these tests fail: ${before?.join("; ") ?? "they do not end"}`);
  process.exitCode = 1;
} else {
  let missed = 0;
  for (const rule of rules) {
    const start = performance.now();
    const [test] = (await switchOff.failing(rule, rule.tests)) ?? [];
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (test === undefined) missed++;
    console.log(`${test === undefined ? "MISSED" : "ok    "} ${rule.file}: ${rule.name} (${seconds} s)`);
    if (test !== undefined) console.log(`         ${test}`);
  }
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(`${rules.length} rules switched off, ${missed} missed by no test, in ${minutes} minutes.`);
  if (missed > 0) process.exitCode = 1;
}
await switchOff.close();
