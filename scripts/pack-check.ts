/**
 * Looks at the packages as their users get them: packs each, has publint and "are the types wrong" judge the tarball,
 * lays all of them out in an empty project, imports every door on Node and as another runtime would, and compiles
 * against their declarations. `npm run build` comes first.
 */
import { execFileSync } from "node:child_process";
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
}

let failed = 0;

// No condition of this repository: its users do not set one.
const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };

/** Runs one program of Node and says what it said only if it failed. */
function step(what: string, cwd: string, ...args: string[]): void {
  try {
    execFileSync(process.execPath, args, { cwd, stdio: "pipe", encoding: "utf8", env });
    console.log(`ok     ${what}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${what}\n`);
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    console.log(`${stdout ?? ""}${stderr ?? String(error)}`.trim(), "\n");
  }
}

function checkAll(project: string): void {
  const manifests = globSync("packages/*/package.json", { cwd: root })
    .sort()
    .map((file): Manifest => JSON.parse(readFileSync(join(root, file), "utf8")))
    .filter((manifest) => manifest.private !== true);

  for (const { name, version } of manifests) {
    const packed = join(project, `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`);
    execFileSync("npm", ["pack", "--silent", "-w", name, "--pack-destination", project], {
      cwd: root,
      stdio: "pipe",
    });
    const publint = join(installed, "publint", "src", "cli.js");
    step(`publint ${name}`, root, publint, "run", packed, "--strict");
    const attw = join(installed, "@arethetypeswrong", "cli", "dist", "index.js");
    step(
      `types of ${name} resolve`,
      root,
      attw,
      packed,
      "--profile",
      "esm-only",
      "--format",
      "ascii",
      "--no-color",
    );

    const folder = join(project, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    execFileSync("tar", ["-xzf", packed, "-C", folder, "--strip-components=1"]);
    for (const file of ["LICENSE", ...Object.values(manifests.find((one) => one.name === name)?.bin ?? {})]) {
      step(`${name} ships ${file}`, folder, "-e", "fs.statSync(process.argv[1])", file);
    }
  }

  const ours = new Set(manifests.map(({ name }) => name));
  const theirs = new Set(manifests.flatMap(({ dependencies }) => Object.keys(dependencies ?? {})));
  for (const dependency of [...theirs, "@types/node"].filter((name) => !ours.has(name))) {
    const link = join(project, "node_modules", dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(installed, dependency), link, "junction");
  }

  const doors = manifests.flatMap(({ name, exports }) =>
    Object.keys(exports ?? {})
      .filter((door) => !door.endsWith(".json") && !door.includes("*"))
      .map((door) => name + door.slice(1)),
  );
  for (const door of doors) {
    const load = `await import(${JSON.stringify(door)})`;
    step(`import "${door}"`, project, "--input-type=module", "-e", load);
  }
  // Deno and Bun pick the same files as a browser; Node can play them, for it knows their conditions by name.
  step(
    'import "chasqui" outside Node',
    project,
    "-C",
    "deno",
    "--input-type=module",
    "-e",
    'await import("chasqui")',
  );

  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(project, "consumer.ts"),
    doors.map((door, index) => `export * as door${index} from ${JSON.stringify(door)};\n`).join(""),
  );
  const options = {
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
  };
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...options, strict: true, noEmit: true }, files: ["consumer.ts"] }),
  );
  step("a project compiles against the declarations", project, join(installed, "typescript", "bin", "tsc"));
}

const project = mkdtempSync(join(tmpdir(), "chasqui-pack-"));
try {
  checkAll(project);
} finally {
  rmSync(project, { recursive: true, force: true });
}
if (failed > 0) {
  console.error(`${failed} checks of the packed packages failed.`);
  process.exitCode = 1;
}
