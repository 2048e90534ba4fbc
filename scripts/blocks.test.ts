import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startPractice } from "@chasqui/practice";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Block,
  type BlockRun,
  blocksOfPage,
  blocksOfSource,
  checkTypes,
  promisedAtEnd,
  promisedBy,
  runBlocks,
} from "./blocks.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

function read(patterns: readonly string[], blocksOf: (file: string, text: string) => Block[]): Block[] {
  const files = globSync(patterns, { cwd: root }).map((file) => file.replaceAll("\\", "/"));
  return files.sort().flatMap((file) => blocksOf(file, readFileSync(join(root, file), "utf8")));
}

// docs/lesson.md is the files of examples/lesson; packages/learn/test compares the two and runs each.
const pages = read(["*.md", "docs/*.md", "packages/*/README.md"], blocksOfPage).filter(
  ({ place }) => !place.startsWith("docs/lesson.md"),
);
const docstrings = read(["packages/*/src/**/*.ts"], blocksOfSource);
const all = [...pages, ...docstrings];

describe("what the pages and the docstrings show", () => {
  const runs = new Map<Block, BlockRun>();
  let mistakes: readonly string[] = [];
  beforeAll(async () => {
    await using practice = await startPractice({ port: 0 });
    const [ran, typed] = await Promise.all([runBlocks(all, practice.url), checkTypes(all)]);
    for (const [index, run] of ran.entries()) {
      const block = all[index];
      if (block !== undefined) runs.set(block, run);
    }
    mistakes = typed;
  }, 120_000);

  test("there is something to run", () => {
    expect(pages.length).toBeGreaterThan(0);
    expect(docstrings.length).toBeGreaterThan(20);
  });

  test.each(all)("$place runs, and prints what it says", (block) => {
    const run = runs.get(block);
    expect(run?.error).toBeUndefined();
    expect(missing(promisedBy(block.code), run?.printed ?? [])).toEqual([]);
    const atEnd = promisedAtEnd(block.code);
    if (atEnd !== undefined) expect(run?.printed).toEqual(atEnd);
  });

  test("its types are right", () => {
    expect(mistakes).toEqual([]);
  });
});

/** Those lines that were promised and not printed, at least not in this order. A promise may go on: `3, of two pages`. */
function missing(promised: readonly string[], printed: readonly string[]): string[] {
  let at = 0;
  return promised.filter((promise) => {
    const found = printed.findIndex((line, index) => index >= at && isKept(promise, line));
    if (found !== -1) at = found + 1;
    return found === -1;
  });
}

function isKept(promise: string, line: string): boolean {
  return (
    promise === line ||
    (line !== "" && [", ", ": ", "; ", " ("].some((more) => promise.startsWith(line + more)))
  );
}

describe("finding blocks", () => {
  test("a page: every ts fence but those marked no-run, indented ones too", () => {
    const page =
      "a\n```ts\none\n```\n```ts no-run\ntwo\n```\n- b\n  ```ts\n  three\n    four\n  ```\n```sh\nfive\n```\n";
    expect(blocksOfPage("p.md", page)).toEqual([
      { place: "p.md:2", code: "one\n" },
      { place: "p.md:9", code: "three\n  four\n" },
    ]);
  });

  test("a source: the examples that import a package", () => {
    const source = [
      "/**",
      " * Text.",
      " *",
      " * @example",
      " * ```ts",
      ' * import { get } from "chasqui";',
      " * console.log(get.name); // get",
      " * ```",
      " */",
      "/**",
      " * @example",
      " * ```ts",
      " * internal();",
      " * ```",
      " */",
    ].join("\n");
    expect(blocksOfSource("s.ts", source)).toEqual([
      { place: "s.ts:4", code: 'import { get } from "chasqui";\nconsole.log(get.name); // get\n' },
    ]);
  });

  test("what a comment behind console.log promises", () => {
    expect(promisedBy("console.log(1); // 1\nconsole.log(a) // b c\nx(); // no\n// console")).toEqual([
      "1",
      "b c",
    ]);
  });
});

test("what a comment behind the end of a function promises of the one console.log in it", () => {
  const code = "each((x) => {\n  if (x) console.log(x);\n}); // 1, then 2\n";
  expect(promisedAtEnd(code)).toEqual(["1", "2"]);
  expect(promisedAtEnd(`${code}console.log(3);\n`)).toBeUndefined();
  expect(promisedAtEnd("each((x) => {\n  console.log(x); // 1\n}); // done\n")).toBeUndefined();
  expect(promisedAtEnd("each((x) => {}); // done\nconsole.log(1);\n")).toBeUndefined();
});

describe("running blocks", () => {
  test("a block that throws, one that leaves a rejection behind, one that prints", async () => {
    const blocks = [
      'throw new Error("no");',
      'void Promise.reject(new Error("stray"));',
      'console.log("yes", { a: 1 });',
    ];
    const runs = await runBlocks(
      blocks.map((code, index) => ({ place: `x:${index}`, code })),
      "http://127.0.0.1:1",
    );
    expect(runs.map(({ error }) => error?.split("\n")[0])).toEqual(["Error: no", "Error: stray", undefined]);
    expect(runs[2]?.printed).toEqual(["yes { a: 1 }"]);
  });

  test("a mistake in the types is told with its place", async () => {
    const mistakes = await checkTypes([{ place: "README.md:7", code: 'const n: number = "one";' }]);
    expect(mistakes).toEqual([expect.stringContaining("README.md:7 +1: error TS2322")]);
  });
});
