import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDoors } from "./doors.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "chasqui-doors-"));
  for (const name of ["chasqui", "practice", "pull", "learn"]) {
    const manifest = {
      name: name === "chasqui" ? name : `@chasqui/${name}`,
      exports: { ".": "./src/index.ts", ...(name === "chasqui" ? { "./testing": "./src/testing.ts" } : {}) },
    };
    write(`packages/${name}/package.json`, JSON.stringify(manifest));
    write(`packages/${name}/src/index.ts`, "export {};");
  }
});

afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

test.each([
  ["a package below in the table", "packages/learn/src/a.ts", 'import { get } from "chasqui";'],
  ["a door beside the main one", "packages/learn/src/a.ts", 'import { record } from "chasqui/testing";'],
  [
    "a package that a test needs",
    "packages/chasqui/test/a.ts",
    'import { practice } from "@chasqui/practice";',
  ],
  ["its own door in a test", "packages/chasqui/test/a.ts", 'import { get } from "chasqui";'],
  ["its own source in a test", "packages/chasqui/test/a.ts", 'import { get } from "../src/get.ts";'],
  [
    "a neighbour in the same package",
    "packages/chasqui/src/request/url.ts",
    'import "../response/limits.ts";',
  ],
  ["any package from an example", "examples/a.ts", 'import "@chasqui/pull"; import "./b.ts";'],
  ["names in a comment", "packages/chasqui/src/a.ts", '/** import { x } from "@chasqui/pull" */ export {};'],
  [
    "a package of the world",
    "packages/chasqui/src/a.ts",
    'import { parse } from "tough-cookie"; import "undici";',
  ],
])("allowed: %s", (_, file, text) => {
  write(file, text);
  expect(checkDoors(root)).toEqual([]);
});

test.each([
  [
    "up the table",
    "packages/practice/src/a.ts",
    'import "chasqui";',
    "@chasqui/practice may not import chasqui",
  ],
  [
    "types up the table",
    "packages/chasqui/src/a.ts",
    'import type { A } from "@chasqui/pull";',
    "chasqui may not import",
  ],
  [
    "re-exported",
    "packages/chasqui/src/a.ts",
    'export * from "@chasqui/practice";',
    "chasqui may not import",
  ],
  [
    "loaded later",
    "packages/chasqui/src/a.ts",
    'await import("@chasqui/practice");',
    "chasqui may not import",
  ],
  [
    "beside in the table",
    "packages/pull/src/a.ts",
    'import "@chasqui/practice";',
    "@chasqui/pull may not import",
  ],
  [
    "a test up the table",
    "packages/chasqui/test/a.ts",
    'import "@chasqui/pull";',
    "chasqui may not import @chasqui/pull",
  ],
  ["its own door", "packages/chasqui/src/a.ts", 'import "chasqui";', "does not enter by its own door"],
  [
    "a window",
    "packages/learn/src/a.ts",
    'import "chasqui/src/client.ts";',
    'does not export "./src/client.ts"',
  ],
  [
    "over the fence",
    "packages/learn/src/a.ts",
    'import "../../chasqui/src/get.ts";',
    "it leaves packages/learn",
  ],
  [
    "a test over the fence",
    "packages/learn/test/a.ts",
    'import "../../../bench/a.ts";',
    "it leaves packages/learn",
  ],
  [
    "from outside",
    "examples/a.ts",
    'import "../packages/chasqui/src/get.ts";',
    "import the package by its name",
  ],
])("refused: %s", (_, file, text, reason) => {
  write(file, `export {};\n${text}`);
  const offences = checkDoors(root);
  expect(offences).toHaveLength(1);
  expect(offences[0]).toContain(`${file}:2 imports`);
  expect(offences[0]).toContain(reason);
});

test("a manifest that depends up the table is refused, and so is a package that the table does not know", () => {
  write(
    "packages/chasqui/package.json",
    '{ "name": "chasqui", "dependencies": { "@chasqui/pull": "0.1.0" } }',
  );
  write("packages/new/package.json", '{ "name": "@chasqui/new" }');
  expect(checkDoors(root)).toEqual([
    "packages/chasqui/package.json: chasqui may not depend on @chasqui/pull",
    "packages/new/package.json: @chasqui/new is not in the table of scripts/doors.ts",
  ]);
});

test("what chasqui loads outside Node may not need Node, by whatever way it gets there", () => {
  write("packages/chasqui/src/index.ts", 'export * from "./client.ts";');
  write(
    "packages/chasqui/src/client.ts",
    'import type { Agent } from "undici";\nimport { send } from "#platform";',
  );
  write("packages/chasqui/src/platform/node.ts", 'import "undici"; import "node:fs";');
  write("packages/chasqui/src/platform/web.ts", "export {};");
  expect(checkDoors(root)).toEqual([]);

  write("packages/chasqui/src/platform/web.ts", 'import "../file.ts";');
  write("packages/chasqui/src/file.ts", 'import { readFile } from "node:fs/promises";');
  expect(checkDoors(root)).toEqual([
    'packages/chasqui/src/file.ts:1 imports "node:fs/promises", which only Node has, and is loaded elsewhere too: ' +
      "packages/chasqui/src/index.ts > client.ts > platform/web.ts > file.ts",
  ]);
});
