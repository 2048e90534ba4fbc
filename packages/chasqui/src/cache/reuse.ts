import type { RequestDirectives, ResponseDirectives } from "./cache-control.ts";

/**
 * How a call uses the cache, by the names of Fetch: `"default"` as the rules say, `"no-store"` not at all, `"reload"` asks the
 * server and stores what it says, `"no-cache"` asks it whether what is stored is still true, `"force-cache"` takes what is stored
 * however old, and asks where nothing is, `"only-if-cached"` takes what is stored however old, and never asks: 504 where nothing is.
 */
export type CacheMode = "default" | "no-store" | "reload" | "no-cache" | "force-cache" | "only-if-cached";

/** A stored response, and how things stand with it. Times in milliseconds. */
export interface Stored {
  readonly directives: ResponseDirectives;
  readonly age: number;
  readonly lifetime: number;
}

/** What is done with a stored response. */
export type Reuse =
  /** It is the answer: it is fresh. */
  | "fresh"
  /** It is the answer although it is stale: it was asked for. */
  | "stale"
  /** It is the answer although it is stale, and the server is asked meanwhile (RFC 5861 3). */
  | "stale-while-revalidate"
  /** The server is asked whether it has changed. */
  | "validate";

/**
 * What is done with a stored response (RFC 9111 4, 4.2.4, 5.2.1). Durations are compared as RFC 9111 has it: what is as old as its
 * lifetime is stale.
 */
export function reuseOf(
  { directives, age, lifetime }: Stored,
  asked: RequestDirectives,
  mode: CacheMode,
): Reuse {
  const staleness = age - lifetime;
  const fresh = staleness < 0;
  if (mode === "force-cache" || mode === "only-if-cached") return fresh ? "fresh" : "stale";
  if (directives.noCache || asked.noCache) return "validate";
  // RFC 8246: what cannot change while it is fresh need not be asked after.
  if (mode === "no-cache") return fresh && directives.immutable ? "fresh" : "validate";
  if (asked.maxAge !== undefined && age > asked.maxAge) return "validate";
  if (asked.minFresh !== undefined && -staleness < asked.minFresh) return "validate";
  if (fresh) return "fresh";
  if (directives.mustRevalidate) return "validate";
  if (asked.maxStale !== undefined && staleness <= asked.maxStale) return "stale";
  const { staleWhileRevalidate } = directives;
  if (staleWhileRevalidate !== undefined && staleness < staleWhileRevalidate) return "stale-while-revalidate";
  return "validate";
}

/** Whether a stored response stands in for a server that fails (RFC 5861 4). */
export function servesForError(
  { directives, age, lifetime }: Stored,
  asked: RequestDirectives,
  mode: CacheMode,
): boolean {
  if (mode === "no-cache" || mode === "reload") return false;
  if (directives.mustRevalidate || directives.noCache || asked.noCache) return false;
  const allowed = asked.staleIfError ?? directives.staleIfError;
  return allowed !== undefined && age - lifetime <= allowed;
}
