import { openTokenFile } from "#platform";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { TokenStore } from "./token-store.ts";

/**
 * Tokens in a file, for the next run of a program and for processes beside one another. Needs Node.
 *
 * The file is its owner's alone (mode 0600): one that others can read is refused. It is written under another name, synced to
 * the disk and renamed, so that it is whole whenever a process is killed. Folders that are missing are made, with mode 0700.
 * One process at a time renews a token; the lock of one that is killed is taken over at once, or after half a minute where it
 * ran on another machine.
 *
 * @param path the file, such as `join(homedir(), ".config/app/tokens.json")`; a `~` is not expanded
 * @throws {OptionsError} when the path is none; from the call, outside Node.
 * @throws {AuthError} (from the call) when others can read the file, or it is no file of tokens.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { Client, fileTokens, oauth2 } from "chasqui";
 * const auth = oauth2({
 *   tokenEndpoint: "http://localhost:4010/auth/token",
 *   clientId: "practice-client",
 *   clientSecret: "practice-secret",
 *   grant: "client_credentials",
 *   store: fileTokens(`${mkdtempSync(`${tmpdir()}/practice-`)}/tokens.json`),
 * });
 * await using client = new Client({ baseUrl: "http://localhost:4010", auth });
 * await client.get("/auth/bearer").json();
 * ```
 */
export function fileTokens(path: string | URL): Required<TokenStore> {
  if ((typeof path !== "string" || path === "") && !(path instanceof URL)) {
    throw new OptionsError(
      `fileTokens() takes the path of a file, not ${path === "" ? "an empty string" : kindOf(path)}`,
      {
        option: "store",
      },
    );
  }
  let file: Promise<Required<TokenStore>> | undefined;
  const opened = (): Promise<Required<TokenStore>> => {
    file ??= openTokenFile(path).catch((error: unknown) => {
      // Its folder may be there, and may be written to, when the next call comes.
      file = undefined;
      throw error;
    });
    return file;
  };
  return {
    get: async (key) => (await opened()).get(key),
    set: async (key, token) => (await opened()).set(key, token),
    delete: async (key) => (await opened()).delete(key),
    lock: async (key, work) => (await opened()).lock(key, work),
  };
}
