/**
 * A program that takes a lock again and again, and in it does to a file what two at once would spoil: it reads a number, and
 * writes the next one a little later. It says `held` each time, and is killed at any moment.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { FileLock } from "../../src/platform/file-lock.ts";

const [folder = "", counter = "", times = "1", forever = ""] = process.argv.slice(2);
for (let i = 0; i < Number(times); i++) {
  await new FileLock(folder, "x").hold(async () => {
    const before = Number(readFileSync(counter, "utf8"));
    process.stdout.write("held\n");
    if (forever === "forever") await wait(60_000);
    await wait(1);
    writeFileSync(counter, String(before + 1));
  });
}
