import type { DigestAlgorithm } from "../auth/digest-response.ts";
import type { NetrcFile } from "../auth/netrc-file.ts";
import type { Loopback } from "../auth/oauth2/loopback.ts";
import type { TokenStore } from "../auth/token-store.ts";
import type { CacheLimit } from "../cache/memory-cache.ts";
import type { SqliteCache } from "../cache/sqlite-cache.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { Channel } from "../pipeline/channel.ts";
import type { ConnectionInit } from "../request/connection-init.ts";
import type { Disk } from "../save/target.ts";
import type { ConnectionOptions } from "../transport/connection-options.ts";
import type { PoolLimits } from "../transport/pool-limits.ts";
import { RUNTIME_KEEPS_COOKIES } from "./web-defaults.ts";

export { DEFAULT_HEADERS, RUNTIME_KEEPS_COOKIES, SESSIONLESS } from "./web-defaults.ts";

/** What a runtime without undici has: browsers, Bun, Deno, workers. `node.ts` is its twin. */

/** Here the runtime keeps the connections. */
export function limitsOf(_value: unknown): PoolLimits {
  const option = "connections";
  throw new OptionsError(`\`${option}\` needs Node: this runtime keeps the connections by itself`, {
    option,
  });
}

/** How many bytes a text is in UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Here nothing knows what is called from within a function. */
export function makeScope(): undefined {
  return undefined;
}

/** Here nobody listens. */
export function diagnosticChannel(_name: string): Channel | undefined {
  return undefined;
}

/** Here there is no `node:sqlite`. */
export function openCacheFile(_path: string | URL, _limit: CacheLimit): Promise<SqliteCache> {
  return Promise.reject(
    new OptionsError("sqliteCache() needs Node: this runtime has no node:sqlite", {
      option: "sqliteCache",
      hint: "A cache in memory, or a store of your own, is given to `cache`.",
    }),
  );
}

/** A variable of the environment, where the runtime has one (Bun and Deno do). */
export function readEnvironment(name: string): string | undefined {
  return globalThis.process?.env?.[name];
}

/** There is no loader here. */
export function readEnvironmentFile(_path: string): void {
  throw new OptionsError("loadEnv() needs Node: this runtime has no loader of .env files", {
    option: "loadEnv",
  });
}

/** There is no disk here. */
export function openFile(_path: string, _type: string): Promise<File> {
  return Promise.reject(
    new OptionsError(
      "fileFrom() needs Node: here a File comes from an <input>, from Bun.file(), or is made with new File()",
      {
        option: "fileFrom",
      },
    ),
  );
}

/** Here the runtime makes the connections, and lets nobody have a say in it. */
export function connectionWith(
  option: keyof ConnectionInit,
  value: unknown,
  base: ConnectionOptions | undefined,
): ConnectionOptions | undefined {
  if (value === null || value === false) return base;
  throw new OptionsError(`\`${option}\` needs Node: this runtime makes the connections by itself`, {
    option,
  });
}

/** Here the runtime knows its proxies, and tells nobody. */
export function readProxies(value: unknown): null {
  if (value === null) return value;
  throw new OptionsError("`proxy` needs Node: this runtime makes the connections by itself", {
    option: "proxy",
  });
}

/** WebCrypto's names. It has no MD5, and no SHA-512/256. */
const HASHES: ReadonlyMap<DigestAlgorithm, string> = new Map([
  ["SHA", "SHA-1"],
  ["SHA-256", "SHA-256"],
  ["SHA-512", "SHA-512"],
]);

/** Whether this runtime has a hash of Digest's. */
export function canHash(algorithm: DigestAlgorithm): boolean {
  return HASHES.has(algorithm) && globalThis.crypto?.subtle !== undefined;
}

/** Hashes bytes for Digest. */
export async function hashHex(algorithm: DigestAlgorithm, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await globalThis.crypto.subtle.digest(HASHES.get(algorithm) ?? algorithm, bytes);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** There is no disk here. */
export function readNetrc(_named: string | undefined): Promise<NetrcFile | undefined> {
  return Promise.reject(
    new OptionsError("netrc() needs Node: this runtime has no files", {
      option: "auth",
      hint: "Give the credentials as [user, password].",
    }),
  );
}

/** Nothing can listen here. */
export function openLoopback(_redirectUri: string, _state: string): Promise<Loopback> {
  return Promise.reject(
    new OptionsError('The grant "authorization_code" needs Node: here nothing can listen for the browser', {
      option: "grant",
      hint: 'The grant "device_code" needs nothing that this runtime lacks.',
    }),
  );
}

/** Nothing here opens a browser. */
export function openBrowser(_url: string): Promise<void> {
  return openLoopback("", "").then(() => undefined);
}

/** There is no disk here. */
export function openTokenFile(_path: string | URL): Promise<Required<TokenStore>> {
  return Promise.reject(
    new OptionsError("fileTokens() needs Node: this runtime has no files", {
      option: "store",
      hint: "Give an object with get(), set() and delete() over what this runtime keeps things in.",
    }),
  );
}

/** There is no disk here. */
export function theDisk(
  asked: string = "save()",
  instead: string = "here a body is read with .blob() or .stream()",
): Promise<Disk> {
  return Promise.reject(new OptionsError(`${asked} needs Node: ${instead}`, { option: "save" }));
}

/** Bun and Deno go by the proxies of their environment, whatever they are told; a browser has no environment. */
export function connectionTrusting(
  trustEnv: boolean,
  base: ConnectionOptions | undefined,
): ConnectionOptions | undefined {
  if (trustEnv || RUNTIME_KEEPS_COOKIES) return base;
  throw new OptionsError("`trustEnv: false` needs Node: this runtime follows its proxies by itself", {
    option: "trustEnv",
    hint: "Unset HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
  });
}
