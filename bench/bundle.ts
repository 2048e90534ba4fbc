/** How large a program for browsers becomes by a client: minified, and then gzipped. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "tsdown";
import { browserBuild } from "../scripts/browser-build.ts";
import { BUNDLERS, type BundlerName, type Chunk } from "./bundlers.ts";

/** What a program that uses a client imports; those that are not here do not run in browsers. */
export const ENTRIES: Readonly<Record<string, string>> = {
  chasqui: 'export { Client, get } from "chasqui";',
  ky: 'export { default } from "ky";',
  axios: 'export { default } from "axios";',
  ofetch: 'export { ofetch } from "ofetch";',
  wretch: 'export { default } from "wretch";',
  superagent: 'export { default } from "superagent";',
  "octokit-request": 'export { request } from "@octokit/request";',
};

export interface BundleSize {
  readonly files: number;
  /** Bytes. */
  readonly minified: number;
  /** Bytes, each file by itself, as it is sent. */
  readonly gzipped: number;
}

export interface Bundle {
  /** What a page loads to begin with: the entry, and what it imports. */
  readonly entry: BundleSize;
  /** What it has loaded when a first GET is sent; the entry is in it. */
  readonly firstGet: BundleSize;
  /** All that is loaded by `import()`, when it is needed. */
  readonly later: BundleSize;
  /** The text of each file, by its name. */
  readonly files: ReadonlyMap<string, string>;
}

function sizeOf(chunks: Iterable<Chunk>): BundleSize {
  const codes = Array.from(chunks, ({ code }) => Buffer.from(code));
  return {
    files: codes.length,
    minified: codes.reduce((sum, code) => sum + code.length, 0),
    gzipped: codes.reduce((sum, code) => sum + gzipSync(code, { level: 9 }).length, 0),
  };
}

let ours: Promise<string> | undefined;

/** A folder with `chasqui` for browsers, built as it is published; it is there as long as this process. */
export function published(): Promise<string> {
  ours ??= publish();
  return ours;
}

async function publish(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "chasqui-bundle-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "sideEffects": false }');
  await build({ ...browserBuild, outDir: folder, clean: false, config: false, logLevel: "error" });
  return folder;
}

/** Bundles a module's text for browsers, with what is published of this repository and with what is installed. */
export async function bundle(text: string, by: BundlerName = "rolldown"): Promise<Bundle> {
  const made = await BUNDLERS[by](text, await published());
  const chunks = new Map(made.map((chunk) => [chunk.fileName, chunk]));
  const taken = new Set<Chunk>();
  const take = (chunk: Chunk | undefined): void => {
    if (chunk === undefined || taken.has(chunk)) return;
    taken.add(chunk);
    for (const name of chunk.imports) take(chunks.get(name));
  };
  for (const chunk of made) if (chunk.isEntry) take(chunk);
  const entry = sizeOf(taken);
  const later = sizeOf(made.filter((chunk) => !taken.has(chunk)));
  // The file of `engine/whole.ts`, see there.
  for (const chunk of made) if (chunk.name === "whole") take(chunk);
  const files = new Map(made.map(({ fileName, code }) => [fileName, code]));
  return { entry, firstGet: sizeOf(taken), later, files };
}
