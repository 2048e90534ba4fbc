/**
 * Makes package-lock.json whole.
 *
 *     npm run lock              completes the file, after npm has written it
 *     npm run lock -- --check   only says what is missing
 */
import { readFileSync, writeFileSync } from "node:fs";
import { completeLock, type Lock } from "./lock.ts";

const file = new URL("../package-lock.json", import.meta.url);
const lock: Lock = JSON.parse(readFileSync(file, "utf8"));
const done = completeLock(lock);
for (const line of done) console.log(line);

if (!process.argv.includes("--check")) {
  if (done.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
} else if (done.length > 0) {
  console.error(`package-lock.json is not whole (${done.length}). Run: npm run lock`);
  process.exitCode = 1;
}
