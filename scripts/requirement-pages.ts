/** The pages that say what is required and what is excused, read from the repository. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Coverage,
  type CoveringTest,
  coverageOf,
  excusesIn,
  literalsIn,
  numbersIn,
  type Requirement,
  requirementsIn,
} from "./requirements.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The tables, in the order in which they are printed. */
const TABLES = [
  ["behaviours", "#"],
  ["advisories", "S"],
  ["pains", "P"],
] as const;

function page(path: string): string {
  return readFileSync(`${root}docs/${path}`, "utf8");
}

/** Every row of the three tables. */
export function allRequirements(): Requirement[] {
  return TABLES.flatMap(([name, letter]) => requirementsIn(page(`requirements/${name}.md`), letter));
}

/** Rows without a test of their own, and why. */
export function allExcuses(): Map<string, string> {
  return new Map([...excusesIn(page("requirements/README.md")), ...excusesIn(page("security.md"))]);
}

/** The tests of the packages that carry a number, by reading their sources. */
export function testsInSources(): CoveringTest[] {
  return globSync("packages/*/test/**/*.ts", { cwd: root }).flatMap((file) =>
    literalsIn(readFileSync(root + file, "utf8"))
      .filter(({ text }) => numbersIn(text).length > 0)
      .map(({ text, line }) => ({ title: text, place: `${file.replaceAll("\\", "/")}:${line}`, ran: true })),
  );
}

/** The tables against tests. */
export function coverageBy(tests: readonly CoveringTest[]): Coverage[] {
  return coverageOf(allRequirements(), tests, allExcuses());
}
