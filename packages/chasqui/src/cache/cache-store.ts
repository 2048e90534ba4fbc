/** What stored responses are found by. Both are hashes, or say nothing: no URL and no credential stands in them. */
export interface CacheKey {
  /** Of method and URL. */
  readonly resource: string;
  /** Of who asks: of the credentials that go with a request. Another's responses are never looked at. */
  readonly asker: string;
}

/** A stored response, as plain data. No header of the request is in it, and no `Set-Cookie`. */
export interface CacheEntry {
  /** Tells the responses of one key apart: a hash of the request headers that `vary` names. */
  readonly variant: string;
  /** Lower-case names of the request headers by which the server chose it. */
  readonly vary: readonly string[];
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value … */
  readonly headers: readonly string[];
  /** The body, decoded; null of a redirect, which was followed before anybody read it. */
  readonly body: Uint8Array | null;
  /** When it was asked for, in milliseconds since 1970. */
  readonly requestedAt: number;
  /** When it came. */
  readonly receivedAt: number;
}

/**
 * Where a cache keeps its responses. Each method may answer at once or later. A store may drop what it likes whenever it likes;
 * what it throws is logged (`log`, at warn), and the call goes on as if nothing were stored. `memoryCache()` and `sqliteCache()`
 * make the two that are here.
 *
 * @example
 * ```ts
 * import { type CacheEntry, type CacheKey, type CacheStore, Client } from "chasqui";
 *
 * const kept = new Map<string, [CacheKey, CacheEntry][]>();
 * const store: CacheStore = {
 *   read({ resource, asker }) {
 *     return (kept.get(resource) ?? []).filter(([key]) => key.asker === asker).map(([, entry]) => entry);
 *   },
 *   write(key, entry) {
 *     const others = (kept.get(key.resource) ?? []).filter(
 *       ([{ asker }, { variant }]) => asker !== key.asker || variant !== entry.variant,
 *     );
 *     kept.set(key.resource, [...others, [key, entry]]);
 *   },
 *   remove: (resource) => void kept.delete(resource),
 * };
 * await using client = new Client({ baseUrl: "http://localhost:4010", cache: { store } });
 * await client.get("/posts/1");
 * ```
 */
export interface CacheStore {
  /** What is stored under a key: one response for each variant, in any order. */
  read(key: CacheKey): readonly CacheEntry[] | Promise<readonly CacheEntry[]>;
  /** Stores a response, in the place of the one that has the same key and `variant`. */
  write(key: CacheKey, entry: CacheEntry): void | Promise<void>;
  /** Removes all that is stored of a resource, whoever asked for it. */
  remove(resource: string): void | Promise<void>;
}

/** The most variants of one key that are kept: a server that varies by what is never the same would fill a store. */
export const MOST_VARIANTS = 16;

/** What a stored response takes besides its texts and its body, about, in bytes. */
const OVERHEAD = 256;

/** What a stored response counts for, in bytes. */
export function sizeOf({ headers, vary, body, statusText, variant }: CacheEntry): number {
  let size = OVERHEAD + (body?.length ?? 0) + statusText.length + variant.length;
  for (const text of headers) size += text.length;
  for (const name of vary) size += name.length;
  return size;
}
