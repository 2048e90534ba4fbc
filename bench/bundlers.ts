/** Programs for browsers, minified, as bundlers make them. */
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { Rolldown } from "tsdown";

const ENTRY = "entry";
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A file of a program. */
export interface Chunk {
  readonly fileName: string;
  readonly code: string;
  /** The files that it loads at once. */
  readonly imports: readonly string[];
  /** Of the file that begins the program, or is loaded by `import()`: the name of its source. */
  readonly name: string | undefined;
  readonly isEntry: boolean;
}

/**
 * Bundles the text of a module.
 *
 * @param folder where `chasqui` is, as it is published; all else is what is installed here
 */
export type Bundler = (text: string, folder: string) => Promise<readonly Chunk[]>;

const byRolldown: Bundler = async (text, folder) => {
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
  return output.filter((part) => part.type === "chunk");
};

const byEsbuild: Bundler = async (text, folder) => {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents: text, sourcefile: `${ENTRY}.js`, resolveDir: ROOT },
    absWorkingDir: ROOT,
    alias: { chasqui: join(folder, "index.js") },
    nodePaths: [join(ROOT, "node_modules")],
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    legalComments: "none",
    entryNames: ENTRY,
    outdir: "bundle",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const codes = new Map(outputFiles.map((file) => [basename(file.path), file.text]));
  return Object.entries(metafile.outputs).map(([path, { imports, entryPoint }]) => {
    const fileName = basename(path);
    const name = entryPoint === undefined ? undefined : basename(entryPoint, ".js");
    return {
      fileName,
      code: codes.get(fileName) ?? "",
      imports: imports.filter(({ kind }) => kind === "import-statement").map((file) => basename(file.path)),
      name,
      isEntry: name === ENTRY,
    };
  });
};

export const BUNDLER_NAMES = ["rolldown", "esbuild"] as const;
export type BundlerName = (typeof BUNDLER_NAMES)[number];
export const BUNDLERS: Readonly<Record<BundlerName, Bundler>> = { rolldown: byRolldown, esbuild: byEsbuild };
