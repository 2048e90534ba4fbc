/**
 * A cookie jar in a file. Loaded when a jar is saved or read.
 *
 * @module
 */
import { theDisk } from "#platform";
import { writePrivateFile } from "../save/private-file.ts";
import type { Disk } from "../save/target.ts";

function diskOfJars(): Promise<Disk> {
  return theDisk(
    "A cookie jar in a file",
    "here `JSON.stringify(jar)` goes wherever this runtime keeps things",
  );
}

/** Writes the JSON of a jar, for its owner alone. */
export async function writeJar(path: string | URL, json: string): Promise<void> {
  const disk = await diskOfJars();
  await writePrivateFile(disk, disk.pathOf(path), json);
}

/** The JSON of a jar; undefined where there is no file yet. */
export async function readJar(path: string | URL): Promise<string | undefined> {
  const disk = await diskOfJars();
  return disk.read(disk.pathOf(path));
}
