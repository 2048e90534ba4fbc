import { parseHttpDate } from "../response/http-date.ts";
import type { ReadHeader } from "./freshness.ts";

/** One entity tag, its weakness aside; also one without its quotes, as some servers write them. */
const TAG = /^\s*(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*"|[^\s",]+)\s*$/;

function opaqueTag(tag: string): string | undefined {
  return TAG.exec(tag)?.[1];
}

/** Compared weakly (RFC 9110 8.8.3.2): one server in two weakens the tag of what it compresses. */
function isSameTag(a: string, b: string): boolean {
  const tag = opaqueTag(a);
  return tag !== undefined && tag === opaqueTag(b);
}

/**
 * The conditions that ask whether a stored response has changed: name, value, name, value … Empty where nothing can be asked.
 *
 * @param now - Milliseconds since 1970; only a two-digit year needs it.
 *
 * @example
 * ```ts
 * conditionsFor(header, Date.now()); // ["if-none-match", '"v1"']
 * ```
 */
export function conditionsFor(header: ReadHeader, now: number): string[] {
  const conditions: string[] = [];
  const tag = header("etag");
  if (tag !== undefined && opaqueTag(tag) !== undefined) conditions.push("if-none-match", tag.trim());
  const modified = header("last-modified");
  // What is no date, or two of them, a server would ignore.
  if (modified !== undefined && parseHttpDate(modified, now) !== undefined) {
    conditions.push("if-modified-since", modified);
  }
  return conditions;
}

/**
 * Whether a 304 speaks of the stored response (RFC 9111 4.3.4): what it names is what was asked about. A server, or a cache on
 * the way, that mixes versions up would have us put the headers of one to the bytes of another.
 */
export function speaksOf(stored: ReadHeader, newer: ReadHeader, now: number): boolean {
  const tag = newer("etag");
  const own = stored("etag");
  if (tag !== undefined && own !== undefined) return isSameTag(tag, own);
  const modified = newer("last-modified");
  const before = stored("last-modified");
  if (tag !== undefined || modified === undefined || before === undefined) return true;
  return modified === before || parseHttpDate(modified, now) === parseHttpDate(before, now);
}

/**
 * Whether a caller's own condition is answered with a 304 by a stored response (RFC 9110 13.2.2): `If-None-Match` by its tag, or
 * where there is none `If-Modified-Since` by its date.
 */
export function holdsFor(request: ReadHeader, stored: ReadHeader, now: number): boolean {
  const tags = request("if-none-match");
  if (tags !== undefined) {
    if (tags.trim() === "*") return true;
    const own = stored("etag");
    return own !== undefined && splitTags(tags).some((tag) => isSameTag(tag, own));
  }
  const since = parseHttpDate(request("if-modified-since") ?? "", now);
  const modified = parseHttpDate(stored("last-modified") ?? stored("date") ?? "", now);
  return since !== undefined && modified !== undefined && modified <= since;
}

/** A tag may have a comma in it. */
function splitTags(tags: string): readonly string[] {
  return tags.match(/(?:W\/)?"[^"]*"|[^\s,]+/g) ?? [];
}

/** Whether a HEAD says that the stored response to a GET is still what a GET would get (RFC 9111 4.3.5). */
export function isStillThat(stored: ReadHeader, head: ReadHeader, now: number): boolean {
  const same = (name: string): boolean => {
    const [before, now] = [stored(name), head(name)];
    return before === undefined || now === undefined || before === now;
  };
  return same("content-length") && speaksOf(stored, head, now);
}
