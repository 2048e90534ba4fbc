import type { CallContext } from "../pipeline/call-context.ts";
import { logLine } from "../pipeline/log-line.ts";
import type { Request } from "../request/request.ts";
import type { CachePolicy } from "./cache-option.ts";
import type { CacheEntry, CacheKey } from "./cache-store.ts";
import { hashOf } from "./hash.ts";
import { StoredResponse } from "./stored-response.ts";
import { varyValue } from "./vary.ts";

/** What the responses to a GET of a URL are stored under; a HEAD is answered from them too. */
export function resourceOf(url: string): Promise<string> {
  return hashOf("GET", url);
}

/** The store, as one call sees it. What it throws is no reason to fail a call that the server would answer. */
export class Shelf {
  readonly #context: CallContext;
  readonly #policy: CachePolicy;

  constructor(context: CallContext, policy: CachePolicy) {
    this.#context = context;
    this.#policy = policy;
  }

  /** The newest stored response that was chosen by what the request says; undefined where there is none. */
  async find(key: CacheKey, request: Request): Promise<StoredResponse | undefined> {
    const entries = await this.#tried("read", () => this.#policy.store.read(key));
    let newest: StoredResponse | undefined;
    for (const entry of entries ?? []) {
      if (newest !== undefined && entry.receivedAt <= newest.entry.receivedAt) continue;
      if (entry.variant !== (await variantOf(request, entry.vary))) continue;
      newest = StoredResponse.of(entry, this.#context.clock.date(), this.#policy) ?? newest;
    }
    return newest;
  }

  async put(key: CacheKey, entry: CacheEntry): Promise<void> {
    await this.#tried("written", () => this.#policy.store.write(key, entry));
  }

  async remove(resource: string): Promise<void> {
    await this.#tried("changed", () => this.#policy.store.remove(resource));
  }

  async #tried<T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      logLine(this.#context, "warn", `The cache could not be ${what}: ${why}`);
      return undefined;
    }
  }
}

/** Tells a response from the others of its URL: by the headers of the request that it was chosen by, which may be secrets. */
export async function variantOf(request: Request, names: readonly string[]): Promise<string> {
  if (names.length === 0) return "";
  const values = names.flatMap((name) => [
    name,
    varyValue(name, request.headers.get(name) ?? undefined) ?? null,
  ]);
  return hashOf(...values);
}
