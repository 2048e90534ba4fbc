import type { ResponseDirectives } from "./cache-control.ts";
import { ageValue, type ReadHeader } from "./freshness.ts";
import { varyNames } from "./vary.ts";

/** Statuses whose meaning for caches is known here, for `must-understand` (RFC 9111 5.2.2.3). */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 429, 451, 500, 501, 502, 503,
  504,
]);

/** Statuses that belong to one request alone: they answer its credentials, its range or its conditions. */
const OF_ONE_REQUEST: ReadonlySet<number> = new Set([206, 304, 401, 407, 412, 416, 417, 425]);

/** What is asked of a response before it is stored. */
export interface Storing {
  readonly status: number;
  readonly header: ReadHeader;
  /** Undefined where its `Cache-Control` cannot be parsed: who guesses keeps what was not to be kept (S71). */
  readonly directives: ResponseDirectives | undefined;
  /** Whether the request said `no-store`. */
  readonly forbidden: boolean;
  /** How long it is fresh, in milliseconds. */
  readonly lifetime: number;
  /** Whether its server said so. */
  readonly explicit: boolean;
}

/**
 * Whether a response may be stored, and is of use when it is (RFC 9111 3, as a private cache).
 *
 * @returns why it is not stored; undefined where it may be.
 */
export function whyNotStored({
  status,
  header,
  directives,
  forbidden,
  lifetime,
  explicit,
}: Storing): string | undefined {
  if (status < 200 || OF_ONE_REQUEST.has(status)) return `a ${status} answers one request alone`;
  if (directives === undefined) return "its Cache-Control cannot be parsed";
  if (forbidden) return "the request says no-store";
  const understood = UNDERSTOOD.has(status);
  if (directives.mustUnderstand && !understood) return `${status} is not understood, and is to be`;
  if (directives.noStore && !directives.mustUnderstand) return "it says no-store";
  if (ageValue(header) === undefined) return "its Age cannot be parsed";
  if (varyNames(header("vary")) === undefined) return "it varies by more than the headers of the request";
  if (explicit) return undefined;
  if (lifetime > 0) return undefined;
  // Of an error that does not say that it stays one, the next request asks anew, whatever it was tagged with.
  if (status >= 400 || !understood) return "it does not say how long it is fresh";
  return hasValidator(header) || directives.noCache
    ? undefined
    : "it does not say how long it is fresh, and cannot be validated";
}

/** Whether a server can be asked if a response has changed. */
function hasValidator(header: ReadHeader): boolean {
  return header("etag") !== undefined || header("last-modified") !== undefined;
}
