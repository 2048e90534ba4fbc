/** S8: how much a client brings along. */
import { bundle, ENTRIES } from "../bundle.ts";
import { BUNDLER_NAMES } from "../bundlers.ts";
import { type Installed, installed } from "../installed.ts";
import type { Report } from "../report.ts";
import { packageOf, versionOf } from "../versions.ts";

/** kB of the entry for browsers, minified and gzipped. */
export const ENTRY_LIMIT = 14;

export const S8 = {
  name: "S8",
  title: "what is installed, and what a browser loads",
  clients: [
    "undici.request",
    "chasqui",
    "native-fetch",
    "got",
    "ky",
    "axios",
    "ofetch",
    "wretch",
    "node-fetch",
    "superagent",
    "needle",
    "octokit-request",
  ],
} as const;

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function installedBy(client: string): Installed {
  const name = packageOf(client);
  return name === undefined ? { packages: 0, bytes: 0 } : installed(name);
}

/** @param node the version of the Node that is measured with */
export async function sizes(names: readonly string[], node: string): Promise<Report> {
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const name of names) {
    const { packages, bytes } = installedBy(name);
    const text = ENTRIES[name];
    const made = text === undefined ? undefined : await bundle(text);
    rows.push([
      name,
      versionOf(name, node),
      String(packages),
      kilobytes(bytes),
      made === undefined ? "" : kilobytes(made.entry.minified),
      made === undefined ? "" : kilobytes(made.entry.gzipped),
      made === undefined ? "" : `${kilobytes(made.firstGet.gzipped)} in ${made.firstGet.files}`,
      made === undefined || made.later.gzipped === 0 ? "" : kilobytes(made.later.gzipped),
    ]);
    if (name !== "chasqui" || text === undefined) continue;
    for (const by of BUNDLER_NAMES) {
      const { entry } = await bundle(text, by);
      const met = entry.gzipped <= ENTRY_LIMIT * 1000;
      const size = kilobytes(entry.gzipped);
      verdicts.push(
        `chasqui: ${size} for a browser to begin with, bundled by ${by}, to be at most ${ENTRY_LIMIT} kB: ${met ? "met" : "MISSED"}`,
      );
    }
  }
  return {
    name: S8.name,
    title: S8.title,
    how: "Each package is counted once, with all that it depends on. The bundle is what a browser loads to begin with (of chasqui `get` and `Client`), minified by rolldown, each file gzipped; `first GET` is what it has loaded when the first request is sent, and in how many files; `later` is all that is loaded by `import()` when it is needed, gzipped.",
    table: {
      head: [
        ...["client", "version", "packages", "installed"],
        ...["bundle, minified", "bundle, gzipped", "first GET", "later"],
      ],
      rows,
    },
    verdicts,
  };
}
