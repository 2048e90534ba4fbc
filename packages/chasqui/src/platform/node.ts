import { openAsBlob } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { loadEnvFile } from "node:process";
import type { DigestAlgorithm } from "../auth/digest-response.ts";
import type { NetrcFile } from "../auth/netrc-file.ts";
import type { Loopback } from "../auth/oauth2/loopback.ts";
import type { Scope } from "../auth/scope.ts";
import type { TokenStore } from "../auth/token-store.ts";
import type { CacheLimit } from "../cache/memory-cache.ts";
import type { SqliteCache } from "../cache/sqlite-cache.ts";
import type { Clock } from "../clock.ts";
import { AuthError } from "../errors/auth-error.ts";
import type { Channel } from "../pipeline/channel.ts";
import { readsBy } from "../request/file-pieces.ts";
import { parseContentEncoding } from "../response/content-encoding-chain.ts";
import { webStream } from "../response/taken-body.ts";
import type { Disk } from "../save/target.ts";
import { decodeStreamed } from "../transport/content-decoding.ts";
import { NodeTransport } from "../transport/node-transport.ts";
import type { PoolLimits } from "../transport/pool-limits.ts";
import type { Transport } from "../transport/transport.ts";
import { VERSION } from "../version.ts";

export { limitsOf } from "../transport/pool-limits.ts";
export { readProxies } from "../transport/proxy/proxies.ts";
export { connectionTrusting, connectionWith } from "../transport/read-connection.ts";

/** What only Node has; `web.ts` is its twin for the other runtimes. */

/** Headers that every request carries unless told otherwise. */
export const DEFAULT_HEADERS: readonly string[] = [
  "accept",
  "*/*",
  "user-agent",
  `chasqui/${VERSION}`,
  "accept-encoding",
  "gzip, deflate, br, zstd",
];

/** The client behind the verbs keeps nothing from call to call. */
export const SESSIONLESS: { readonly cookies?: false } = { cookies: false };

/** Whether the runtime keeps cookies by itself, and shows nobody which it sends. */
export const RUNTIME_KEEPS_COOKIES: boolean = false;

/** The transport of a client that was given none. */
export function defaultTransport(clock: Clock, limits: PoolLimits | undefined): Transport {
  return new NodeTransport(clock, limits);
}

/** Undoes the content codings of a body that did not come by a socket. */
export function decodeBody(
  body: ReadableStream<Uint8Array>,
  contentEncoding: string,
): ReadableStream<Uint8Array> {
  const encodings = parseContentEncoding(contentEncoding);
  return webStream(() => decodeStreamed(body, encodings, Number.POSITIVE_INFINITY));
}

/** How many bytes a text is in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** Before Node 24 this would slow down every promise of the program. */
const KNOWS_CONTEXT = Number.parseInt(process.versions.node, 10) >= 24;

/** A scope of its own; undefined where the runtime has none, or a dear one. */
export function makeScope(): Scope | undefined {
  if (!KNOWS_CONTEXT) return undefined;
  const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
  const storage = new AsyncLocalStorage<true>();
  return { run: (work) => storage.run(true, work), isInside: () => storage.getStore() === true };
}

/** A channel of the process, to which monitors listen. */
export function diagnosticChannel(name: string): Channel | undefined {
  return process.getBuiltinModule("node:diagnostics_channel").channel(name);
}

/** Opens the SQLite file of a cache; `node:sqlite` costs its time to load. */
export async function openCacheFile(path: string | URL, limit: CacheLimit): Promise<SqliteCache> {
  const { openSqliteCache } = await import("./sqlite-cache.ts");
  return openSqliteCache(path, limit);
}

/** A variable of the environment. */
export function readEnvironment(name: string): string | undefined {
  return process.env[name];
}

/** Reads a file of variables into the environment, by Node's own loader. */
export function readEnvironmentFile(path: string): void {
  loadEnvFile(path);
}

/** A file of the disk that is read when it is sent, and never whole. */
export async function openFile(path: string, type: string): Promise<File> {
  try {
    // A directory, or a file that may not be read, would show only while it is being sent.
    await (await open(path)).close();
    const stats = await stat(path);
    if (!stats.isFile()) throw new Error(stats.isDirectory() ? "it is a folder" : "it is no ordinary file");
    const [blob, { filePieces }] = await Promise.all([
      openAsBlob(path, { type }),
      import("./file-pieces.ts"),
    ]);
    const file = new File([blob], basename(path), { type });
    const absolute = resolve(path);
    readsBy(file, (taken) => filePieces(absolute, stats, taken));
    return file;
  } catch (cause) {
    const { unreadable } = await import("./disk-error.ts");
    throw unreadable(path, cause);
  }
}

const HASHES: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: "md5",
  SHA: "sha1",
  "SHA-256": "sha256",
  "SHA-512": "sha512",
  "SHA-512-256": "sha512-256",
};

/** Whether this runtime has a hash of Digest's. */
export function canHash(_algorithm: DigestAlgorithm): boolean {
  return true;
}

/** Hashes bytes for Digest. `node:crypto` costs its time to load, and no other call needs it. */
export async function hashHex(algorithm: DigestAlgorithm, bytes: Uint8Array): Promise<string> {
  const { createHash } = process.getBuiltinModule("node:crypto");
  try {
    return createHash(HASHES[algorithm]).update(bytes).digest("hex");
  } catch (cause) {
    throw new AuthError(`This Node cannot compute ${algorithm}: its OpenSSL is built or set so`, { cause });
  }
}

/**
 * The netrc file: of the path, or where none is named `$NETRC` or `~/.netrc` (`~/_netrc` on Windows). Undefined where that
 * is not there.
 */
export async function readNetrc(named: string | undefined): Promise<NetrcFile | undefined> {
  const fromEnvironment = process.env.NETRC;
  const path = named ?? (fromEnvironment === "" ? undefined : fromEnvironment);
  if (path !== undefined) return netrcAt(path);
  const { homedir } = process.getBuiltinModule("node:os");
  for (const name of process.platform === "win32" ? [".netrc", "_netrc"] : [".netrc"]) {
    const file = await netrcAt(join(homedir(), name), true);
    if (file !== undefined) return file;
  }
  return undefined;
}

async function netrcAt(path: string, mayLack = false): Promise<NetrcFile | undefined> {
  try {
    const file = await open(path);
    try {
      const { mode } = await file.stat();
      // Windows has no such bits: what Node gives there says nothing.
      const readableByOthers = process.platform !== "win32" && (mode & 0o077) !== 0;
      return { path, text: await file.readFile("utf8"), readableByOthers };
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (mayLack && cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new AuthError(`The netrc file ${JSON.stringify(path)} cannot be read`, { cause });
  }
}

/** A port for a browser to come back to; loaded when somebody signs in. */
export async function openLoopback(redirectUri: string, state: string): Promise<Loopback> {
  return (await import("./loopback.ts")).openLoopback(redirectUri, state);
}

/** Opens a page in the browser of the system. */
export async function openBrowser(url: string): Promise<void> {
  (await import("./browser.ts")).openBrowser(url);
}

/** Tokens in a file; loaded when they are used. */
export async function openTokenFile(path: string | URL): Promise<Required<TokenStore>> {
  return (await import("./token-file.ts")).openTokenFile(path);
}

/** The disk, for what is saved; loaded when something is. */
export async function theDisk(_asked?: string, _instead?: string): Promise<Disk> {
  return (await import("./target-file.ts")).disk;
}
