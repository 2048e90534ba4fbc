/**
 * What is written beside a file that is not whole, so that another call can go on with it.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PartialNote } from "../save/target.ts";

/** A note is a few hundred bytes. */
const LONGEST_NOTE = 64 * 1024;

/** Writes what a partial file is a part of; for its owner alone. */
export async function writeNote(path: string, { url, place, validator, total }: PartialNote): Promise<void> {
  const text = JSON.stringify({
    about: "What the .chasqui-part file beside this one is a part of, for save() with `resume: true`",
    url: fingerprint(url),
    place: fingerprint(place),
    [validator.field]: validator.value,
    total: total ?? null,
  });
  const temporary = join(dirname(path), `.chasqui-${randomName()}.part`);
  await writeFile(temporary, `${text}\n`, { flag: "wx", mode: 0o600 });
  await rename(temporary, path);
}

/** What a partial file is a part of; undefined where no note says it that can be trusted. */
export async function readNote(path: string): Promise<PartialNote | undefined> {
  try {
    const stats = await lstat(path);
    if (!isOwn(stats) || stats.size > LONGEST_NOTE) return undefined;
    const note: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof note !== "object" || note === null) return undefined;
    const { url, place, total }: Record<string, unknown> = { ...note };
    if (typeof url !== "string" || typeof place !== "string") return undefined;
    for (const field of ["etag", "last-modified"] as const) {
      const value: unknown = Object.hasOwn(note, field) ? Reflect.get(note, field) : undefined;
      // It goes into a header.
      if (typeof value !== "string" || !/^[\x20-\x7e\x80-\xff]{1,1000}$/.test(value)) continue;
      return {
        url,
        place,
        validator: { field, value },
        total: typeof total === "number" ? total : undefined,
      };
    }
    return undefined;
  } catch {
    return undefined;
  }
}

/** What stands in a note for the URL, which may hold a key or a signature. */
export function fingerprint(url: string): string {
  return createHash("sha256").update(url).digest("hex");
}

/** Whether a file of a known name is one that nobody else can have laid there. */
export function isOwn(stats: Stats): boolean {
  const uid = process.getuid?.();
  return stats.isFile() && stats.nlink === 1 && (uid === undefined || stats.uid === uid);
}

/** Unpredictable, so that nobody can lay something in its place (S7). */
export function randomName(): string {
  return randomBytes(16).toString("hex");
}
