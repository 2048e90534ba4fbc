import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RULES } from "./rules.ts";

const SOURCES = fileURLToPath(new URL("../packages/chasqui/src/", import.meta.url));
const TESTS = fileURLToPath(new URL("../packages/chasqui/test/", import.meta.url));

test.each(RULES.map((rule) => [`${rule.file}: ${rule.name}`, rule] as const))(
  "%s stands in the code once",
  (_, { file, is, becomes }) => {
    const source = readFileSync(SOURCES + file, "utf8");
    expect(source.split(is).length - 1).toBe(1);
    expect(source.replace(is, becomes)).not.toBe(source);
  },
);

test("a rule that names the test that holds it names one that is there", () => {
  const unheld = RULES.filter(
    ({ heldBy, tests }) =>
      heldBy !== undefined && !tests.some((path) => readFileSync(TESTS + path, "utf8").includes(heldBy)),
  );
  expect(unheld.map(({ file, name, heldBy }) => `${file}: ${name}: ${heldBy}`)).toEqual([]);
});
