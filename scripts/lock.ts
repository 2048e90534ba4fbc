/**
 * Completes a lock file with the packages for other platforms.
 *
 * npm writes an entry only for an optional dependency that the registry could give it, and `npm ci` refuses a lock file
 * that lacks one ("Missing: … from lock file"). Where a registry does not carry the packages for every system, the
 * lock has to be completed from what is known: the parent names the package and its exact version, and the
 * package's name says for which system it is. What cannot be known is the checksum, so it is left out.
 */

/** One entry of `packages` in a lock file, as far as it matters here. */
export interface LockEntry {
  version?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

/** A lock file of version 3. */
export interface Lock {
  packages: Record<string, LockEntry>;
}

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

/** The system that a package's name says it is for, such as `@biomejs/cli-linux-x64-musl`. */
export function platformOf(name: string): { os: string[]; cpu: string[]; libc?: string[] } | undefined {
  const words = name.split(/[/-]/);
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => processors.includes(word));
  if (os === undefined || cpu === undefined) return undefined;
  // No libc for a name that says none: a musl system then fetches one package too many, which does no harm.
  const musl = words.some((word) => word.startsWith("musl"));
  const gnu = words.some((word) => word.startsWith("gnu"));
  return {
    os: [os],
    cpu: [cpu],
    ...(os === "linux" && (musl || gnu) ? { libc: [musl ? "musl" : "glibc"] } : {}),
  };
}

/** Adds what is missing to the lock and says in one line each what it did. */
export function completeLock(lock: Lock): string[] {
  const done: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    // An address would tie the lock to one registry; npm finds a package by name and version.
    if (entry.link !== true && entry.resolved?.startsWith("http") === true) {
      delete entry.resolved;
      done.push(`${path}: the registry's address removed`);
    }
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const found = entrySeenFrom(lock, path, name);
      if (found !== undefined && (found.version === version || !isExact(version))) continue;
      const platform = platformOf(name);
      if (platform === undefined || !isExact(version)) {
        throw new Error(
          `${name}@${version}, wanted by ${path}, is missing and neither name nor version say enough.`,
        );
      }
      const parent = found === undefined ? "" : `${path}/`;
      const { cpu, libc, os } = platform;
      // The order of the fields is npm's too.
      lock.packages[`${parent}node_modules/${name}`] = {
        version,
        cpu,
        ...(entry.dev && { dev: true }),
        ...(entry.devOptional && { devOptional: true }),
        ...(libc && { libc }),
        optional: true,
        os,
      };
      done.push(`${name}@${version}, wanted by ${path}: added`);
    }
  }
  // npm's own order, so that the next `npm install` changes nothing.
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).toSorted(([one], [other]) => one.localeCompare(other, "en")),
  );
  return done;
}

function isExact(version: string): boolean {
  return /^\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(version);
}

/** Walks up from the package that asks, as Node does when it resolves a name. */
function entrySeenFrom(lock: Lock, path: string, name: string): LockEntry | undefined {
  for (let folder = path; ; folder = folder.slice(0, Math.max(folder.lastIndexOf("/node_modules/"), 0))) {
    const found = lock.packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`];
    if (found !== undefined || folder === "") return found;
  }
}
