import { homedir } from "node:os";
import { expect, test } from "vitest";
import { offencesIn } from "./texts.ts";

// Put together here, so that this file passes the check that it tests.
const slash = "/";

test.each([
  `const file = "${slash}root/project/a.ts";`,
  `see ${slash}home/ana/notes.md`,
  `${slash}Users/Ana/notes.md`,
  `cd=${slash}root/main`,
  `file:${slash}${slash}${slash}root/main/a.ts`,
  `${homedir()}/notes`,
  // No real one has to be named: the rule goes by the form.
  `"resolved": "https:${slash}/registry.${"npm"}.test/a/-/a-1.0.0.tgz"`,
  `apt: http:${slash}/deb.${"debian"}.org/debian`,
])("found: %s", (line) => {
  expect(offencesIn("a.ts", `first\n${line}`)).toHaveLength(1);
  expect(offencesIn("a.ts", `first\n${line}`)[0]).toMatch(/^a\.ts:2 holds /);
});

test.each([
  "https://example.com/root/items",
  "https://example.com/home/ana/",
  "./root/a.ts",
  "packages/root/a.ts",
  '{"type":"Home/Root/"}',
  "/etc/hosts",
  "https://www.example.org/registry",
  `\0${slash}root/binary`,
])("left alone: %s", (line) => {
  expect(offencesIn("a.ts", line)).toEqual([]);
});
