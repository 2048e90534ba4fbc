import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { ownOptions } from "../request/wrong-option.ts";
import { type CacheEntry, type CacheKey, type CacheStore, MOST_VARIANTS, sizeOf } from "./cache-store.ts";

/** What a cache in memory holds, unless it is told otherwise: 64 MiB. */
const DEFAULT_LIMIT = 64 * 1024 * 1024;

/** How much a store holds. */
export interface CacheLimit {
  /** The most bytes of all responses, headers included; beyond it those go that were used longest ago. */
  readonly maxBytes?: number | undefined;
}

/** Reads `maxBytes` of a store. */
export function limitOf(limit: CacheLimit, otherwise: number): number {
  const { maxBytes = otherwise } = ownOptions("The store of a cache", limit, ["maxBytes"]);
  if (typeof maxBytes === "number" && maxBytes > 0 && !Number.isNaN(maxBytes)) return maxBytes;
  throw new OptionsError(
    `\`maxBytes\` of a cache is ${kindOf(maxBytes)}; it takes a number of bytes above 0`,
    {
      option: "maxBytes",
    },
  );
}

interface Kept {
  readonly key: CacheKey;
  readonly entry: CacheEntry;
  readonly size: number;
}

/** A cache in the memory of the process. */
export class MemoryCache implements CacheStore {
  readonly #maxBytes: number;
  /** By resource, asker and variant; the one used longest ago is the first. */
  readonly #kept = new Map<string, Kept>();
  /** The names in `kept` by resource. */
  readonly #names = new Map<string, Set<string>>();
  #bytes = 0;

  constructor(limit: CacheLimit = {}) {
    this.#maxBytes = limitOf(limit, DEFAULT_LIMIT);
  }

  /** How many bytes are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many responses are held. */
  get size(): number {
    return this.#kept.size;
  }

  read({ resource, asker }: CacheKey): readonly CacheEntry[] {
    const found: CacheEntry[] = [];
    for (const name of this.#names.get(resource) ?? []) {
      const kept = this.#kept.get(name);
      if (kept === undefined || kept.key.asker !== asker) continue;
      found.push(kept.entry);
      this.#kept.delete(name);
      this.#kept.set(name, kept);
    }
    return found;
  }

  write(key: CacheKey, entry: CacheEntry): void {
    const name = JSON.stringify([key.resource, key.asker, entry.variant]);
    this.#drop(name);
    const size = sizeOf(entry);
    if (size > this.#maxBytes) return;
    const names = this.#names.get(key.resource) ?? new Set();
    const variants = [...names].filter((other) => this.#kept.get(other)?.key.asker === key.asker);
    const [oldest] = variants;
    if (variants.length >= MOST_VARIANTS && oldest !== undefined) this.#drop(oldest);
    this.#kept.set(name, { key, entry, size });
    this.#names.set(key.resource, names.add(name));
    this.#bytes += size;
    for (const [longestAgo] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(longestAgo);
    }
  }

  remove(resource: string): void {
    for (const name of [...(this.#names.get(resource) ?? [])]) this.#drop(name);
  }

  /** Forgets all. */
  clear(): void {
    this.#kept.clear();
    this.#names.clear();
    this.#bytes = 0;
  }

  #drop(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    const { resource } = kept.key;
    this.#kept.delete(name);
    this.#bytes -= kept.size;
    const names = this.#names.get(resource);
    names?.delete(name);
    if (names?.size === 0) this.#names.delete(resource);
  }
}

/**
 * A cache in the memory of the process, for several clients to share. `cache: true` makes one for a client alone.
 *
 * @param limit - `maxBytes`: how much it holds. Default 64 MiB.
 * @throws {OptionsError} when `maxBytes` is no number above 0.
 *
 * @example
 * ```ts
 * import { Client, memoryCache } from "chasqui";
 * const store = memoryCache({ maxBytes: 8 * 1024 * 1024 });
 * await using client = new Client({ baseUrl: "http://localhost:4010", cache: { store } });
 * await client.get("/posts/1");
 * console.log(store.size); // 1
 * ```
 */
export function memoryCache(limit: CacheLimit = {}): MemoryCache {
  return new MemoryCache(limit);
}
