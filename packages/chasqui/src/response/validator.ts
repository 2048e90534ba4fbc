import type { Head } from "../transport/transport.ts";
import { parseHttpDate } from "./http-date.ts";

/** What tells one version of a representation from every other, byte by byte (RFC 9110 8.8.1). */
export interface StrongValidator {
  readonly field: "etag" | "last-modified";
  /** The field's value, as `If-Range` sends it back. */
  readonly value: string;
}

/** Within this time, in milliseconds, two clocks may differ, or a file may have been written twice. */
const CLOCKS_APART = 60_000;

/**
 * The validator that `If-Range` may be sent with (RFC 9110 13.1.5); undefined where there is none, and a broken body can
 * only begin anew.
 *
 * That is a strong entity tag. `Last-Modified` will do only without any entity tag, and where the response is so much
 * younger that the file cannot have changed twice in that second (8.8.2.2).
 *
 * @param header - Reads a header of the response by its lower-case name.
 * @param now - Milliseconds since 1970.
 */
export function strongValidator(header: Head["header"], now: number): StrongValidator | undefined {
  const tag = header("etag");
  if (tag !== undefined) {
    return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag) ? { field: "etag", value: tag } : undefined;
  }
  const modified = header("last-modified");
  if (modified === undefined) return undefined;
  const changed = parseHttpDate(modified, now);
  const sent = parseHttpDate(header("date") ?? "", now);
  if (changed === undefined || sent === undefined || sent - changed < CLOCKS_APART) return undefined;
  return { field: "last-modified", value: modified };
}
