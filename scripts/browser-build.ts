/**
 * How `chasqui` is built for browsers, so that what a page begins with is small whatever bundler it has. A bundler moves
 * whole files: what all calls begin with is one of them, each further thing that the door names is one, and so is the engine,
 * which is loaded with the first call.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { UserConfig } from "tsdown";

const folder = fileURLToPath(new URL("../packages/chasqui/", import.meta.url));
const door = join(folder, "src", "index.ts");

/** The modules of what a door names. */
function named(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^export \{[^}]*\} from "(.+)";$/gm)].flatMap(([, name = ""]) => {
    const module = join(dirname(file), name);
    return basename(module) === "index.ts" ? named(module) : [module];
  });
}

/** Loaded with `transport/fetch.ts`, whose failures it tells of: see `engine/whole.ts`. */
const fetchFailure = join(folder, "src", "transport", "fetch-failure.ts");

/** What bundlers tell of their modules. */
interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

const known = new WeakMap<Graph, ReadonlySet<string>>();

/** All that the door names, and what each of these imports. */
function pieces(graph: Graph): ReadonlySet<string> {
  let found = known.get(graph);
  if (found === undefined) {
    const reached = new Set([...named(door), fetchFailure]);
    for (const id of reached)
      for (const next of graph.getModuleInfo(id)?.importedIds ?? []) reached.add(next);
    known.set(graph, reached);
    found = reached;
  }
  return found;
}

/** The build, into `dist/browser` of the package. */
export const browserBuild: UserConfig = {
  cwd: folder,
  entry: { index: door },
  outDir: "dist/browser",
  platform: "browser",
  target: "es2024",
  // The declarations are those of the other build.
  dts: false,
  inputOptions: {
    resolve: { conditionNames: ["chasqui-source", "browser", "import"] },
    // `engine/whole.ts` has at once what others load when they need it; see there.
    checks: { ineffectiveDynamicImport: false },
  },
  sourcemap: true,
  outputOptions: {
    sourcemapExcludeSources: true,
    comments: { jsdoc: false },
    chunkFileNames: "[name].js",
    codeSplitting: {
      // Each takes along what it imports, as far as none before it has.
      groups: [
        { name: "face", test: /src[\\/](?:verbs|client)\.ts$/, priority: 3 },
        {
          name(id, graph) {
            if (!pieces(graph).has(id)) return null;
            return id === fetchFailure ? "transport/fetch" : relative(join(folder, "src"), id).slice(0, -3);
          },
          includeDependenciesRecursively: false,
          priority: 2,
        },
        {
          name: "engine",
          test: /src[\\/](?:session|pipeline[\\/]story|response[\\/]schema)\.ts$/,
          priority: 1,
        },
      ],
    },
  },
  report: false,
};
