/**
 * What the errors of the disk say.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";

const SAID: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "no space is left on the disk"],
  ["EDQUOT", "the quota of the disk is used up"],
  ["EFBIG", "it is larger than a file may be here"],
  ["EACCES", "permission was denied"],
  ["EPERM", "permission was denied"],
  ["EROFS", "the file system is read-only"],
  ["ENOENT", "the folder, or what was written to, is not there"],
  ["ENOTDIR", "a part of its path is no folder"],
  ["ENAMETOOLONG", "its name is too long"],
  ["ELOOP", "a link is in its place"],
  ["EIO", "the disk failed"],
]);

/** The error of a file that is to be sent and cannot be read. */
export function unreadable(path: string, cause: unknown): OptionsError {
  // What is missing when a file is read is the file; where one is written, it is the folder.
  const why = codeOf(cause) === "ENOENT" ? "it does not exist" : saidBy(cause);
  return new OptionsError(`The file ${JSON.stringify(path)} cannot be read: ${why}`, {
    option: "path",
    cause,
  });
}

/** What an error of the disk says, in words. */
export function saidBy(cause: unknown): string {
  return SAID.get(codeOf(cause) ?? "") ?? (cause instanceof Error ? cause.message : String(cause));
}

/** The code of an error, such as `"ENOENT"`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
