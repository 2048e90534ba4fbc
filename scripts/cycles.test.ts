import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chasqui-cycles-"));
  const settings: Record<string, unknown> = JSON.parse(
    readFileSync(new URL("../biome.json", import.meta.url), "utf8"),
  );
  const { $schema: _schema, ...rules } = settings;
  writeFileSync(join(folder, "biome.json"), JSON.stringify({ ...rules, vcs: { enabled: false } }));
});

afterEach(() => rmSync(folder, { recursive: true }));

function lint(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const biome = fileURLToPath(new URL("../node_modules/@biomejs/biome/bin/biome", import.meta.url));
  const run = spawnSync(
    process.execPath,
    [biome, "lint", "--colors=off", "--only=suspicious/noImportCycles"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  return `${run.status} ${run.stdout}${run.stderr}`;
}

test("a circle through a re-export is found in each of its files", () => {
  const said = lint({
    "a.ts": 'import { b } from "./b.ts";\nexport const a = (): string => b();\n',
    "b.ts": 'export * from "./c.ts";\nexport const b = (): string => "b";\n',
    "c.ts": 'export { a } from "./a.ts";\n',
  });
  expect(said).toMatch(/^1 /);
  for (const file of ["a.ts:1", "b.ts:1", "c.ts:1"]) expect(said).toContain(file);
});

test("a circle that only types close is none at run time", () => {
  const said = lint({
    "answer.ts":
      'import { Failure } from "./failure.ts";\nexport class Answer {\n  fail = (): Failure => new Failure(this);\n}\n',
    "failure.ts":
      'import type { Answer } from "./answer.ts";\nexport class Failure {\n  constructor(answer: Answer) {\n    void answer;\n  }\n}\n',
  });
  expect(said).toMatch(/^0 /);
});
