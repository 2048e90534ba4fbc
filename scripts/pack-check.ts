/**
 * Looks at the packages as their users get them: packs each, has publint and "are the types wrong" judge the tarball,
 * lays all of them out in an empty project, imports every door on Node and as another runtime would, and compiles
 * against their declarations. `npm run build` comes first.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = join(root, "node_modules");

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

let failed = 0;

// No condition of this repository: its users do not set one.
const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };

/** Runs one program of Node and says what it said only if it failed, or if some of its lines count as failures. */
function step(what: string, cwd: string, args: readonly string[], counts?: (line: string) => boolean): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8", env });
  const said = `${stdout}${stderr}`.split("\n").filter((line) => counts?.(line) ?? true);
  const ok = counts === undefined ? status === 0 : said.length === 0;
  console.log(`${ok ? "ok    " : "FAILED"} ${what}`);
  if (ok) return;
  failed += 1;
  console.log(`\n${said.join("\n").trim()}\n`);
}

function readManifests(): Manifest[] {
  return globSync("packages/*/package.json", { cwd: root })
    .sort()
    .map((file): Manifest => JSON.parse(readFileSync(join(root, file), "utf8")))
    .filter((manifest) => manifest.private !== true);
}

/** Packs one package, has the tarball judged, and unpacks it into the project as an installation would. */
function packInto(project: string, { name, version, bin }: Manifest): void {
  const tarball = join(project, `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`);
  const npm = ["pack", "--silent", "-w", name, "--pack-destination", project];
  execFileSync("npm", npm, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });

  const publint = join(installed, "publint", "src", "cli.js");
  step(`publint ${name}`, root, [publint, "run", tarball, "--strict"]);
  const attw = join(installed, "@arethetypeswrong", "cli", "dist", "index.js");
  step(`types of ${name} resolve`, root, [attw, tarball, "--profile", "esm-only", "--format", "ascii"]);

  const folder = join(project, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"]);
  for (const file of ["LICENSE", ...Object.values(bin ?? {})]) {
    step(`${name} ships ${file}`, folder, ["-e", "fs.statSync(process.argv[1])", file]);
  }
}

/** Links what the packages depend on; it is installed here already. */
function linkDependencies(project: string, manifests: readonly Manifest[]): void {
  const ours = new Set(manifests.map(({ name }) => name));
  // Optional peers as well: whoever imports the door that needs one has it.
  const wanted = manifests.flatMap(({ dependencies, peerDependencies }) =>
    Object.keys({ ...dependencies, ...peerDependencies }),
  );
  for (const name of new Set([...wanted, "@types/node"])) {
    if (ours.has(name)) continue;
    const link = join(project, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(installed, name), link, "junction");
  }
}

function importDoors(project: string, doors: readonly string[]): void {
  for (const door of doors) {
    step(`import "${door}"`, project, ["--input-type=module", "-e", `await import(${JSON.stringify(door)})`]);
  }
  // Node takes the files of Deno and Bun, and those of browsers, when it is told their condition.
  const refusing = `import { registerHooks } from "node:module";
    registerHooks({
      resolve(specifier, context, next) {
        if (/^(?:node:|undici)/.test(specifier)) throw new Error(specifier + " imported by " + context.parentURL);
        return next(specifier, context);
      },
    });
    const { Client } = await import("chasqui");
    await new Client().ready();`;
  for (const condition of ["deno", "browser"]) {
    const args = ["-C", condition, "--input-type=module", "-e", refusing];
    step(`import "chasqui" under the condition ${condition}`, project, args);
  }
}

function compile(project: string, doors: readonly string[]): void {
  const lines = doors.map((door, index) => `export * as door${index} from ${JSON.stringify(door)};\n`);
  writeFileSync(join(project, "consumer.ts"), lines.join(""));
  const compilerOptions = {
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    noEmit: true,
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  // What is wrong in the declarations of a dependency stands elsewhere, behind its link, and is not ours to repair.
  const isOurs = (line: string): boolean => /^(?:node_modules\/|consumer\.ts|error)/.test(line);
  step(
    "a project compiles against the declarations",
    project,
    [join(installed, "typescript/bin/tsc")],
    isOurs,
  );
}

const project = mkdtempSync(join(tmpdir(), "chasqui-pack-"));
try {
  const manifests = readManifests();
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  for (const manifest of manifests) packInto(project, manifest);
  linkDependencies(project, manifests);

  const doors = manifests.flatMap(({ name, exports }) =>
    Object.keys(exports ?? {})
      .filter((door) => !door.endsWith(".json"))
      .map((door) => name + door.slice(1)),
  );
  importDoors(project, doors);
  compile(project, doors);
} finally {
  rmSync(project, { recursive: true, force: true });
}
if (failed > 0) {
  console.error(`${failed} checks of the packed packages failed.`);
  process.exitCode = 1;
}
