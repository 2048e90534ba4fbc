import { openFile } from "#platform";
import { brief, callSite } from "./call-site.ts";
import { ChasquiError, showCaller } from "./errors/chasqui-error.ts";
import { guessContentType } from "./request/content-type.ts";
import { wrongValue } from "./request/wrong-option.ts";

/**
 * A file of the disk for `multipart` or `body`. It is read while it is sent, and never whole; its content type is guessed
 * by its name.
 *
 * @throws {OptionsError} when the file cannot be read, with the reason (it does not exist, it is a folder, permission was
 * denied …), or outside Node.
 *
 * @example
 * ```ts
 * import { fileFrom, post } from "chasqui";
 * await post("http://localhost:4010/echo", { multipart: { note: "hi", file: await fileFrom("README.md") } });
 * ```
 */
export function fileFrom(path: string): Promise<File> {
  if (typeof path !== "string") {
    const hint = "A file URL is made a path by fileURLToPath() of node:url.";
    return Promise.reject(wrongValue("fileFrom", path, "the path of a file", hint));
  }
  // The file is looked at when the caller's frames are gone, should it only return the promise.
  const site = callSite(brief(), new Error());
  return openFile(path, guessContentType(path)).catch((error: unknown) => {
    if (error instanceof ChasquiError && site !== undefined) showCaller(error, site);
    throw error;
  });
}
