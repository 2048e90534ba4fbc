/** How large a program for browsers becomes by a client: minified, and then gzipped. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, Rolldown } from "tsdown";
import { browserBuild } from "../scripts/browser-build.ts";

const ENTRY = "entry";
const ROOT = fileURLToPath(new URL("..", import.meta.url));

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

function sizeOf(chunks: Iterable<Rolldown.OutputChunk>): BundleSize {
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
export async function bundle(text: string): Promise<Bundle> {
  const folder = await published();
  await using made = await Rolldown.rolldown({
    input: ENTRY,
    cwd: ROOT,
    platform: "browser",
    resolve: { conditionNames: ["browser", "import"] },
    plugins: [
      {
        name: "entry",
        resolveId(id: string, importer: string | undefined) {
          if (id === ENTRY) return `${ROOT}bench/${ENTRY}.js`;
          if (id === "chasqui") return join(folder, "index.js");
          // What the package depends on is installed here, and not where it was built.
          if (id.startsWith(".") || importer?.startsWith(folder + sep) !== true) return null;
          return this.resolve(id, `${ROOT}packages/chasqui/package.json`);
        },
        load: (id: string) => (id === `${ROOT}bench/${ENTRY}.js` ? text : null),
      },
    ],
    // A peer may have been written with a CommonJS build in mind; that is not what is measured.
    onLog(_level, log) {
      if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
    },
  });
  const { output } = await made.generate({ format: "esm", minify: true, comments: false });
  const chunks = new Map(
    output.filter((part) => part.type === "chunk").map((chunk) => [chunk.fileName, chunk]),
  );
  const taken = new Set<Rolldown.OutputChunk>();
  const take = (chunk: Rolldown.OutputChunk | undefined): void => {
    if (chunk === undefined || taken.has(chunk)) return;
    taken.add(chunk);
    for (const name of chunk.imports) take(chunks.get(name));
  };
  for (const chunk of chunks.values()) if (chunk.isEntry) take(chunk);
  const entry = sizeOf(taken);
  const later = sizeOf([...chunks.values()].filter((chunk) => !taken.has(chunk)));
  // The file of `engine/whole.ts`, see there.
  for (const chunk of chunks.values()) if (chunk.name === "whole") take(chunk);
  const files = new Map(Array.from(chunks.values(), ({ fileName, code }) => [fileName, code]));
  return { entry, firstGet: sizeOf(taken), later, files };
}
