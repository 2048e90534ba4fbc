/**
 * How `chasqui` is built for browsers, so that what a page begins with is small whatever bundler it has. A bundler moves
 * whole files: what all calls begin with is one of them, each further thing that the door names is one, and so is the engine,
 * which is loaded with the first call.
 *
 * The door is nothing but `export *` of files that name what one module has. Were the names in the door itself, esbuild would
 * load with the door's first name whatever module the others lead to, if only the engine used it. It passes over an `export *`,
 * and over a file of which no name is used.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Rolldown, UserConfig } from "tsdown";

const folder = fileURLToPath(new URL("../packages/chasqui/", import.meta.url));
const sources = join(folder, "src");

/** The values that a door exports, by the module that each is in; all of them, or those that are asked for. */
function namedBy(door: string, asked?: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const text = readFileSync(door, "utf8");
  for (const [, list = "", path = ""] of text.matchAll(/^export \{([^}]*)\} from "(.+)";$/gm)) {
    const module = join(dirname(door), path);
    const names = list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => !/^(?:type .*)?$/.test(name) && asked?.has(name) !== false);
    if (basename(module) !== "index.ts") {
      if (names.length > 0) found.set(module, names);
      continue;
    }
    for (const [inner, some] of namedBy(module, new Set(names))) found.set(inner, some);
  }
  return found;
}

const named = namedBy(join(sources, "index.ts"));

/** A source's name in the build, without its extension. */
function nameOf(module: string): string {
  return relative(sources, module).slice(0, -3).replaceAll(sep, "/");
}

/** The files of names: the text of each, by its own name. */
const namings: ReadonlyMap<string, string> = new Map(
  Array.from(named, ([module, names]) => [
    `names/${nameOf(module)}`,
    `export { ${names.join(", ")} } from ${JSON.stringify(module)};`,
  ]),
);

const door: Rolldown.Plugin = {
  name: "door",
  resolveId: (id) => (namings.has(id) ? id : null),
  load: (id) => namings.get(id),
  generateBundle() {
    const lines = Array.from(namings.keys(), (name) => `export * from "./${name}.js";\n`);
    this.emitFile({ type: "asset", fileName: "index.js", source: lines.join("") });
  },
};

/** Loaded with `transport/fetch.ts`, whose failures it tells of: see `engine/whole.ts`. */
const fetchFailure = join(sources, "transport", "fetch-failure.ts");

/** What bundlers tell of their modules. */
interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

const known = new WeakMap<Graph, ReadonlySet<string>>();

/** All that the door names, and what each of these imports. */
function pieces(graph: Graph): ReadonlySet<string> {
  let found = known.get(graph);
  if (found === undefined) {
    const reached = new Set([...named.keys(), fetchFailure]);
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
  entry: Object.fromEntries(Array.from(namings.keys(), (name) => [name, name])),
  plugins: [door],
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
            return id === fetchFailure ? "transport/fetch" : nameOf(id);
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
