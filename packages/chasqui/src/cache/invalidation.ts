import { resolveLocation } from "../request/location.ts";
import type { ReadHeader } from "./freshness.ts";

/** Methods that change nothing (RFC 9110 9.2.1, and those of WebDAV and QUERY); of any other it is not known. */
const SAFE: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "QUERY",
  "PROPFIND",
  "REPORT",
  "SEARCH",
]);

/** Whether a method may change what a server has. */
export function isUnsafe(method: string): boolean {
  return !SAFE.has(method);
}

/**
 * The URLs, without fragments, of which a stored response is not to be trusted after a request that changed something (RFC 9111
 * 4.4): its own, and what `Location` and `Content-Location` name at the same origin. None where it failed.
 */
export function invalidated(status: number, url: string, header: ReadHeader): readonly string[] {
  if (status < 200 || status >= 400) return [];
  const own = URL.parse(url);
  if (own === null) return [];
  const urls = new Set([withoutFragment(own)]);
  for (const name of ["location", "content-location"]) {
    const named = header(name);
    const to = named === undefined ? undefined : resolveLocation(named, url);
    if (to !== undefined && !("problem" in to) && to.origin === own.origin) urls.add(to.href);
  }
  return [...urls];
}

function withoutFragment(url: URL): string {
  return url.href.slice(0, url.href.length - url.hash.length);
}
