/**
 * The TypeScript that the pages and the docstrings of this repository show: found, and run as it stands.
 *
 * In a page it is every fence marked `ts`, but for those marked `ts no-run` (signatures). In a source it is every
 * `@example` that imports one of the packages. `http://localhost:4010` is replaced by an API that is there, and a comment
 * behind a `console.log(…);` must be, or begin with, what it prints.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A piece of code that is shown somewhere. */
export interface Block {
  /** Where it stands, such as `README.md:12`. */
  readonly place: string;
  readonly code: string;
}

/** What came of a block: what it printed, line by line, and what it threw. */
export interface BlockRun {
  readonly printed: readonly string[];
  readonly error?: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const TIMEOUT = 60_000;

/** The blocks of a Markdown page. */
export function blocksOfPage(file: string, text: string): Block[] {
  const blocks: Block[] = [];
  for (const found of text.matchAll(/^( *)```ts[ \t]*\n([\s\S]*?)^\1```[ \t]*$/gm)) {
    const [, indent = "", code = ""] = found;
    blocks.push({ place: `${file}:${lineOf(text, found.index)}`, code: unindent(code, indent) });
  }
  return blocks;
}

/** The examples in the docstrings of a source that import a package of the house. */
export function blocksOfSource(file: string, text: string): Block[] {
  const blocks: Block[] = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const at = comment[0].indexOf("@example");
    if (at === -1) continue;
    const example = comment[0].slice(at).replace(/^ *\* ?/gm, "");
    const line = lineOf(text, comment.index + at);
    for (const { code } of blocksOfPage(file, example)) {
      if (/ from "(?:@chasqui\/)?[\w-]+"/.test(code) && /"(?:chasqui|@chasqui\/[\w-]+)"/.test(code)) {
        blocks.push({ place: `${file}:${line}`, code });
      }
    }
  }
  return blocks;
}

/** What the comments behind `console.log(…);` say that is printed, in order. */
export function promisedBy(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ (.+)$/gm)].map(([, promised = ""]) => promised.trim());
}

/**
 * What a block prints from within a function or a loop, where the comment behind the end of that says so: `}); // one, then two`. It is
 * all that is printed; undefined where there is no such comment. Only of a block with one `console.log`, whose lines can be told.
 */
export function promisedAtEnd(code: string): string[] | undefined {
  if (code.split("console.log(").length !== 2 || promisedBy(code).length > 0) return undefined;
  const [, promised] = /^\}\)*;? \/\/ (.+)$/m.exec(code.slice(code.indexOf("console.log("))) ?? [];
  return promised?.split(", then ").map((line) => line.trim());
}

/**
 * Runs blocks one after the other in one program, each as a module of its own.
 *
 * @param baseUrl what `http://localhost:4010` stands for
 * @returns what came of each, in order
 */
export async function runBlocks(blocks: readonly Block[], baseUrl: string): Promise<BlockRun[]> {
  const folder = writeBlocks(blocks, baseUrl);
  try {
    const runner = join(root, "scripts", "run-blocks.ts");
    const ended = await node(folder, [
      "--conditions=chasqui-source",
      "--disable-warning=ExperimentalWarning",
      runner,
      folder,
    ]);
    if (ended.code !== 0) throw new Error(`The blocks could not be run:\n${ended.output}`);
    return JSON.parse(readFileSync(join(folder, "runs.json"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Checks the types of blocks; returns one line for each mistake in them. Those of the sources are for `npm run check`. */
export async function checkTypes(blocks: readonly Block[]): Promise<string[]> {
  const folder = writeBlocks(blocks, "http://localhost:4010");
  try {
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, types: ["node"] };
    const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { output } = await node(folder, [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      folder,
      "--pretty",
      "false",
    ]);
    const mistakes = output.split("\n").filter((line) => /block-\d+\.ts\(.*error TS/.test(line));
    return mistakes.map((line) =>
      line.replace(
        /^.*?block-(\d+)\.ts\((\d+),\d+\)/,
        (_, index, at) => `${blocks[Number(index)]?.place} +${at}`,
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Files that blocks read. What they write ends in the same folder, below `/tmp` too, and with it: no run sees what one before left. */
const FILES = ["README.md", "photo.png"];

/** Writes blocks into a folder from where the packages can be imported; its name has no node_modules, where Node strips no types. */
function writeBlocks(blocks: readonly Block[], baseUrl: string): string {
  const folder = mkdtempSync(join(tmpdir(), "chasqui-blocks-"));
  symlinkSync(resolve(root, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "tmp"));
  for (const name of FILES) writeFileSync(join(folder, name), "the content of a file");
  for (const [index, { code }] of blocks.entries()) {
    const spoken = code
      .replaceAll(/http:\/\/(?:localhost|127\.0\.0\.1):4010/g, baseUrl)
      .replaceAll('"/tmp/', `"${folder.replaceAll("\\", "/")}/tmp/`);
    writeFileSync(join(folder, `block-${index}.ts`), `${spoken}\nexport {};\n`);
  }
  return folder;
}

function node(cwd: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done({ code, output }));
  });
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function unindent(text: string, indent: string): string {
  return indent === "" ? text : text.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}
