import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLES, examplesOf, readExample, sections } from "@chasqui/learn";
import { startPractice } from "@chasqui/practice";
import { expect, test } from "vitest";
import { PRINTED } from "./printed.ts";
import { program } from "./program.ts";

const files = readdirSync(EXAMPLES)
  .filter((file) => file.endsWith(".ts"))
  .sort();

test("each file is shown once, in the section whose number it has", () => {
  const shown = sections.flatMap((section) =>
    examplesOf(section).map(({ example }) => [section.number, example]),
  );
  expect(shown.map(([, example]) => example).toSorted()).toEqual(files);
  for (const [number, example] of shown) expect(Number(String(example).slice(0, 2))).toBe(number);
});

test.concurrent.each(files)("%s prints what the lesson says, and nothing else", async (file) => {
  await using practice = await startPractice({ port: 0 });
  const ended = await program([`${EXAMPLES}/${file}`], { env: { BASE_URL: practice.url } });
  expect({ ...ended, stdout: ended.stdout.replaceAll(practice.url, "BASE") }).toEqual({
    code: 0,
    stdout: PRINTED[file],
    stderr: "",
  });
});

test("a failure of the reusable client is reported as [GET] URL failed, and gives nothing", async () => {
  const ended = await program([`${EXAMPLES}/08-reusable-client.ts`], {
    env: { BASE_URL: "http://127.0.0.1:1" },
  });
  expect(ended).toEqual({
    code: 0,
    stdout: "Posts returned: 0\n",
    stderr:
      "[GET] http://127.0.0.1:1/users/1 failed: 127.0.0.1:1 refused the connection for GET http://127.0.0.1:1/users/1\n",
  });
});

test("a base URL may end with a slash", async () => {
  await using practice = await startPractice({ port: 0 });
  const ended = await program([`${EXAMPLES}/08-reusable-client.ts`], {
    env: { BASE_URL: `${practice.url}/` },
  });
  expect(ended.stdout).toBe(PRINTED["08-reusable-client.ts"]);
});

test.each(files)("%s imports what its readers can install, and is short", async (file) => {
  const text = await readExample(file);
  for (const [, from] of text.matchAll(/ from "([^"]+)"/g)) {
    expect(from).toMatch(/^(?:chasqui|zod|valibot|node:[a-z/]+|\.\/\d\d-[a-z-]+\.ts)$/);
  }
  expect(text.split("\n").length).toBeLessThan(60);
});

test("an example that is installed under node_modules, where Node strips no types, runs too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "learn-"));
  try {
    const installed = join(folder, "node_modules", "lesson");
    mkdirSync(installed, { recursive: true });
    writeFileSync(
      join(installed, "a.ts"),
      'import { one } from "./b.ts";\nconst text: string = one;\nconsole.log(text);\n',
    );
    writeFileSync(join(installed, "b.ts"), 'export const one: string = "typed";\n');
    const hook = new URL("../src/strip-types.ts", import.meta.url).href;
    const ended = await program(["--import", hook, join(installed, "a.ts")]);
    expect(ended).toEqual({ code: 0, stdout: "typed\n", stderr: "" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
