/**
 * Finds what ties a tracked file to one machine: an absolute path of somebody's checkout or home, or the address of a
 * package registry (a lock file with addresses installs from that registry only).
 */
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

// Not as literals, so that this file passes its own check.
const homes = ["/root", "/work", "/home/[a-z][a-z0-9_-]*", "/Users/[A-Za-z][A-Za-z0-9_.-]*"];
const here = [homedir(), root.replace(/[\\/]$/, "")].map((folder) => folder.replace(/[^\w/]/g, "\\$&"));
// What follows on a name is the rest of a URL or of a longer path, unless the URL is that of a file.
const path = new RegExp(`(?:file:/*|(?<![\\w./*}-]))(?:${[...homes, ...here].join("|")})[\\\\/]`);
const offences: readonly [what: string, pattern: RegExp][] = [
  ["a path of one machine", path],
  ["the address of a registry", /\bregistry\.(?:npm|yarn)[a-z]*\.[a-z]+|\b(?:deb|security|ftp)\.debian\.org/],
];

/** Returns what is wrong with a text, one line for each offence. */
export function offencesIn(file: string, text: string): string[] {
  if (text.includes("\0")) return []; // A picture, not a text.
  return text
    .split("\n")
    .flatMap((line, index) =>
      offences
        .filter(([, pattern]) => pattern.test(line))
        .map(([what]) => `${file}:${index + 1} holds ${what}: ${line.trim().slice(0, 120)}`),
    );
}
