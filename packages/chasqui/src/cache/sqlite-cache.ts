import { openCacheFile } from "#platform";
import type { CacheStore } from "./cache-store.ts";
import type { CacheLimit } from "./memory-cache.ts";

/** A cache in an SQLite file: see `sqliteCache()`. */
export interface SqliteCache extends CacheStore, Disposable {
  /** How many bytes are held, of all processes that have the file open. */
  readonly bytes: number;
  /** How many responses are held. */
  readonly size: number;
  /** Forgets all. */
  clear(): void;
  /** Closes the file. A client that still has the store goes on without it. */
  close(): void;
}

/**
 * Opens a cache in an SQLite file, which is made where it is not there, for its owner alone. Several clients, and several processes,
 * may have it open. Close it after the last of them. Needs Node.
 *
 * What was asked with credentials is found again only by the process that asked, unless `cache.identity` gives who asks a name.
 *
 * @param path - Of the file; beside it there are two of SQLite's own while it is open.
 * @param limit - `maxBytes`: how much it holds. Default 256 MiB.
 * @throws {OptionsError} when the file cannot be opened, or is something else.
 *
 * @example
 * ```ts
 * import { rm } from "node:fs/promises";
 * import { Client, sqliteCache } from "chasqui";
 *
 * using store = await sqliteCache("responses.db");
 * await using client = new Client({ baseUrl: "http://localhost:4010", cache: { store } });
 * await client.get("/posts/1");
 * console.log(store.size); // 1
 * store.close();
 * await rm("responses.db");
 * ```
 */
export function sqliteCache(path: string | URL, limit: CacheLimit = {}): Promise<SqliteCache> {
  return openCacheFile(path, limit);
}
