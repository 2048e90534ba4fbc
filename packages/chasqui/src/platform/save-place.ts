/**
 * The place where a file is to be saved, looked at before anything is asked of a server.
 *
 * @module
 */
import { constants, type Stats } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { OptionsError } from "../errors/options-error.ts";
import { codeOf, saidBy } from "./disk-error.ts";

/** The path of a `file:` URL; undefined where it has none. */
export function fileUrl(url: URL): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** @throws {OptionsError} when nothing can be saved in the folder. */
export async function checkFolder(folder: string): Promise<void> {
  try {
    const stats = await lookedAt(`${folder}/`);
    if (stats === undefined) throw new Error("it does not exist");
    if (!stats.isDirectory()) throw new Error("it is no folder");
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new OptionsError(`Nothing can be saved in the folder ${JSON.stringify(folder)}: ${saidBy(cause)}`, {
      option: "path",
      hint: "save() makes no folders: `await mkdir(folder, { recursive: true })` does.",
      cause,
    });
  }
}

/** The file that is there, which is to be replaced. */
export async function standing(path: string, overwrite: boolean): Promise<Stats | undefined> {
  const stats = await lookedAt(path);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) {
    throw new OptionsError(`${JSON.stringify(path)} is a folder`, {
      option: "path",
      hint: "With a slash at its end, a file of the name that the server gives is saved in it.",
    });
  }
  if (!overwrite) throw isThere(path);
  // A link is replaced and not followed (S7); a device or a pipe would be lost.
  if (!stats.isFile() && !stats.isSymbolicLink()) {
    throw new OptionsError(`${JSON.stringify(path)} is no ordinary file, and save() would replace it`, {
      option: "path",
      hint: "Write to a device or a pipe with `for await (const piece of call.stream())`.",
    });
  }
  return stats;
}

/** The error of a file that is not to be replaced. */
export function isThere(path: string): OptionsError {
  return new OptionsError(`${JSON.stringify(path)} is there already`, {
    option: "overwrite",
    hint: "`overwrite: true` replaces it when the new one is whole.",
  });
}

/** What is there, links not followed; undefined where nothing is. */
export async function lookedAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new OptionsError(`${JSON.stringify(path)} cannot be looked at: ${saidBy(cause)}`, {
      option: "path",
      cause,
    });
  }
}
