/**
 * A cookie jar in a file. Loaded when a jar is saved or read.
 *
 * @module
 */
import { theDisk } from "#platform";
import type { Disk } from "../save/target.ts";

/** What is in it opens accounts: nobody but its owner reads or writes it (S38). */
const OWNER_ONLY = 0o600;

function diskOfJars(): Promise<Disk> {
  return theDisk(
    "A cookie jar in a file",
    "here `JSON.stringify(jar)` goes wherever this runtime keeps things",
  );
}

/** Writes the JSON of a jar. The file has its name when it is whole, and its mode from its first byte on. */
export async function writeJar(path: string | URL, json: string): Promise<void> {
  const disk = await diskOfJars();
  const settings = { keepPartial: false, overwrite: true, mode: OWNER_ONLY };
  const target = await disk.target(disk.pathOf(path), settings);
  try {
    await target.begin(undefined);
    await target.write([new TextEncoder().encode(json)], 0);
    await target.finish();
  } catch (error) {
    await target.abandon(true);
    throw error;
  }
}

/** The JSON of a jar; undefined where there is no file yet. */
export async function readJar(path: string | URL): Promise<string | undefined> {
  const disk = await diskOfJars();
  return disk.read(disk.pathOf(path));
}
