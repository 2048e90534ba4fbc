/** Part of `npm run check`: says which tracked file is bound to one machine, and where. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { offencesIn } from "./texts.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter(Boolean);
for (const file of files) {
  for (const offence of offencesIn(file, read(`${root}/${file}`))) {
    console.error(offence);
    process.exitCode = 1;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // Tracked, but deleted or a link to a folder.
  }
}
