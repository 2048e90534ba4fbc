/**
 * Holds the plan of the house: which package may import which, and only through its door.
 *
 * - A package imports another by name and only as the table allows; a test may also import a package that does not
 *   stand on the one under test.
 * - No relative import leaves its package, and none from outside reaches into one.
 * - Only what a package's `exports` names can be imported.
 * - What `chasqui` loads outside Node (its door, with the twins of its `#` imports that are not Node's) imports nothing that only
 *   Node has.
 *
 * Circular imports are Biome's (`noImportCycles`), undeclared dependencies knip's.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { importsOf } from "./imports.ts";

/** What each package may import of the house. */
const mayImport: Record<string, readonly string[]> = {
  chasqui: [],
  "@chasqui/practice": [],
  "@chasqui/pull": ["chasqui"],
  "@chasqui/cli": ["chasqui", "@chasqui/practice", "@chasqui/pull"],
  "@chasqui/learn": ["chasqui", "@chasqui/practice"],
};

interface Manifest {
  name: string;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Package extends Manifest {
  /** The folder, such as `packages/chasqui`. */
  folder: string;
}

/** Checks the repository in `root` and returns one line for each offence, `file:line what is wrong`. */
export function checkDoors(root: string): string[] {
  const packages = readPackages(root);
  return [
    ...packages.flatMap(offencesOfManifest),
    ...sourceFiles(root).flatMap((file) => offencesOfFile(root, file, packages)),
    ...offencesOutsideNode(root),
  ];
}

function readPackages(root: string): Package[] {
  return globSync("packages/*/package.json", { cwd: root })
    .sort()
    .map((file) => {
      const manifest: Manifest = JSON.parse(readFileSync(join(root, file), "utf8"));
      return { ...manifest, folder: posix(dirname(file)) };
    });
}

function sourceFiles(root: string): string[] {
  const patterns = ["packages/*/{src,test}/**/*.ts", "{bench,docs,examples,scripts}/**/*.ts", "*.ts"];
  return globSync(patterns, { cwd: root, exclude: (name) => name === "node_modules" })
    .map(posix)
    .sort();
}

function offencesOfManifest({ name, folder, ...manifest }: Package): string[] {
  const allowed = mayImport[name];
  if (allowed === undefined)
    return [`${folder}/package.json: ${name} is not in the table of scripts/doors.ts`];
  const dependencies = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  return Object.keys(dependencies)
    .filter((dependency) => dependency in mayImport && !allowed.includes(dependency))
    .map((dependency) => `${folder}/package.json: ${name} may not depend on ${dependency}`);
}

function offencesOfFile(root: string, file: string, packages: readonly Package[]): string[] {
  const home = packages.find(({ folder }) => file.startsWith(`${folder}/`));
  const offences: string[] = [];
  for (const { specifier, line } of importsOf(file, readFileSync(join(root, file), "utf8"))) {
    const wrong = specifier.startsWith(".")
      ? wrongWithRelative(posix(join(dirname(file), specifier)), home)
      : wrongWithName(specifier, file, home, packages);
    if (wrong !== undefined) offences.push(`${file}:${line} imports "${specifier}": ${wrong}`);
  }
  return offences;
}

function wrongWithRelative(target: string, home: Package | undefined): string | undefined {
  if (home !== undefined && !target.startsWith(`${home.folder}/`)) return `it leaves ${home.folder}`;
  if (home === undefined && target.startsWith("packages/")) return "import the package by its name";
  return undefined;
}

function wrongWithName(
  specifier: string,
  file: string,
  home: Package | undefined,
  packages: readonly Package[],
): string | undefined {
  const name = Object.keys(mayImport).find(
    (known) => specifier === known || specifier.startsWith(`${known}/`),
  );
  if (name === undefined) return undefined;
  if (home !== undefined) {
    const isTest = file.startsWith(`${home.folder}/test/`);
    if (name === home.name && !isTest) return "a package does not enter by its own door";
    if (
      name !== home.name &&
      !mayImport[home.name]?.includes(name) &&
      !(isTest && !standsOn(name, home.name))
    ) {
      return `${home.name} may not import ${name}`;
    }
  }
  const door = `.${specifier.slice(name.length)}`;
  const exported = packages.find((one) => one.name === name)?.exports ?? {};
  return door in exported ? undefined : `${name} does not export "${door}"`;
}

function standsOn(name: string, other: string): boolean {
  return (mayImport[name] ?? []).some((one) => one === other || standsOn(one, other));
}

/** What the `#` imports of `chasqui` come to where there is no Node. */
const outsideNode: Record<string, readonly string[]> = {
  "#platform": ["platform/web.ts"],
  "#transport": ["platform/web-transport.ts"],
  // A browser has the lazy one, Bun and Deno the other.
  "#engine": ["engine/lazy.ts", "engine/eager.ts"],
};

/** Follows what `chasqui` loads where there is no Node. */
function offencesOutsideNode(root: string): string[] {
  const source = "packages/chasqui/src";
  const door = `${source}/index.ts`;
  const offences: string[] = [];
  const waiting = [{ file: door, way: door }];
  const seen = new Set<string>([door]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { file, way } = next;
    if (!existsSync(join(root, file))) continue; // A file that is missing is the type checker's to report.
    for (const { specifier, line, typeOnly } of importsOf(file, readFileSync(join(root, file), "utf8"))) {
      if (typeOnly) continue;
      if (specifier.startsWith("node:") || specifier === "undici" || specifier.startsWith("undici/")) {
        offences.push(
          `${file}:${line} imports "${specifier}", which only Node has, and is loaded elsewhere too: ${way}`,
        );
      }
      const targets = specifier.startsWith(".")
        ? [posix(join(dirname(file), specifier))]
        : (outsideNode[specifier] ?? []).map((twin) => `${source}/${twin}`);
      for (const target of targets) {
        if (seen.has(target)) continue;
        seen.add(target);
        waiting.push({ file: target, way: `${way} > ${relative(source, target)}` });
      }
    }
  }
  return offences;
}

function posix(path: string): string {
  return path.split(sep).join("/");
}
