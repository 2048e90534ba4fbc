/** What a package brings along into `node_modules`. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Installed {
  readonly packages: number;
  readonly bytes: number;
}

interface Manifest {
  readonly files: readonly string[] | undefined;
  readonly dependencies: readonly string[];
}

function readManifest(folder: string): Manifest {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null) throw new Error(`${folder} has no manifest`);
  const files: unknown = Reflect.get(manifest, "files");
  const dependencies: unknown = Reflect.get(manifest, "dependencies");
  return {
    files: Array.isArray(files) ? files.map(String) : undefined,
    dependencies: Object.keys(dependencies ?? {}),
  };
}

/** Where Node finds a package from a folder on. */
function find(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

/** Without what is installed within it, which is a package of its own. */
function bytesOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  const names = readdirSync(path).filter((name) => name !== "node_modules");
  return names.reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

/** A package of this repository as it is published: its `files`, and what npm always adds. */
function publishedBytes(folder: string, files: readonly string[]): number {
  const always = readdirSync(folder).filter((name) =>
    /^(?:package\.json|readme.*|licen[cs]e.*)$/i.test(name),
  );
  return [...new Set([...files, ...always])].reduce((sum, name) => sum + bytesOf(join(folder, name)), 0);
}

/** A package and all that it depends on, each counted once. */
export function installed(name: string): Installed {
  const own = join(ROOT, "packages", name);
  const seen = new Map<string, number>();
  const take = (folder: string): void => {
    if (seen.has(folder)) return;
    const { dependencies, files } = readManifest(folder);
    seen.set(folder, folder === own ? publishedBytes(folder, files ?? []) : bytesOf(folder));
    for (const dependency of dependencies) take(find(dependency, folder));
  };
  take(existsSync(own) ? own : find(name, ROOT));
  return { packages: seen.size, bytes: [...seen.values()].reduce((sum, bytes) => sum + bytes, 0) };
}
