/** How large a program for browsers becomes by a client: minified, and then gzipped. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Rolldown } from "tsdown";

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

/** Bytes. */
export interface BundleSize {
  readonly minified: number;
  /** Each file by itself, as it is sent. */
  readonly gzipped: number;
}

export interface Bundle {
  /** What a page loads to begin with: the entry, and what it imports. */
  readonly entry: BundleSize;
  /** What is loaded by `import()`, when it is needed. */
  readonly later: BundleSize;
}

function sizeOf(chunks: readonly Rolldown.OutputChunk[]): BundleSize {
  const codes = chunks.map(({ code }) => Buffer.from(code));
  return {
    minified: codes.reduce((sum, code) => sum + code.length, 0),
    gzipped: codes.reduce((sum, code) => sum + gzipSync(code, { level: 9 }).length, 0),
  };
}

/** Bundles a module's text for browsers, from the sources of this repository and from what is installed. */
export async function bundle(text: string): Promise<Bundle> {
  await using build = await Rolldown.rolldown({
    input: ENTRY,
    cwd: ROOT,
    platform: "browser",
    resolve: { conditionNames: ["chasqui-source", "browser", "import"] },
    plugins: [
      {
        name: "entry",
        resolveId: (id: string) => (id === ENTRY ? `${ROOT}bench/${ENTRY}.js` : null),
        load: (id: string) => (id === `${ROOT}bench/${ENTRY}.js` ? text : null),
      },
    ],
    // A peer may have been written with a CommonJS build in mind; that is not what is measured.
    onLog(_level, log) {
      if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
    },
  });
  const { output } = await build.generate({ format: "esm", minify: true, comments: false });
  const chunks = new Map(
    output.filter((part) => part.type === "chunk").map((chunk) => [chunk.fileName, chunk]),
  );
  const atOnce = new Set<Rolldown.OutputChunk>();
  const take = (chunk: Rolldown.OutputChunk | undefined): void => {
    if (chunk === undefined || atOnce.has(chunk)) return;
    atOnce.add(chunk);
    for (const name of chunk.imports) take(chunks.get(name));
  };
  for (const chunk of chunks.values()) if (chunk.isEntry) take(chunk);
  const later = [...chunks.values()].filter((chunk) => !atOnce.has(chunk));
  return { entry: sizeOf([...atOnce]), later: sizeOf(later) };
}
