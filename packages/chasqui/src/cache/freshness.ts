import { parseHttpDate } from "../response/http-date.ts";
import type { ResponseDirectives } from "./cache-control.ts";

/** Reads a header by its lower-case name, several lines of it joined by a comma. */
export type ReadHeader = (name: string) => string | undefined;

/** The most that is guessed of how long a response stays fresh: a day, in milliseconds. */
const LONGEST_GUESS = 24 * 60 * 60 * 1000;

/** Statuses of which it may be guessed how long they stay fresh (RFC 9110 15.1). 206 is never stored here. */
const GUESSABLE: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

/** Times of a response, in milliseconds since 1970. */
export interface ResponseTimes {
  /** When the request was sent. */
  readonly requestedAt: number;
  /** When the response had come. */
  readonly receivedAt: number;
}

/**
 * The value of `Age`, in milliseconds; 0 where there is none, undefined where it is no number of seconds, or several. A cache on
 * the way that says it so badly may have had the response for any time.
 */
export function ageValue(header: ReadHeader): number | undefined {
  const age = header("age")?.trim();
  if (age === undefined) return 0;
  return /^\d+$/.test(age) ? Number(age) * 1000 : undefined;
}

/** When a response was made, by its `Date`; when it came, where that is no date (RFC 9110 6.6.1). */
function dateValue(header: ReadHeader, { receivedAt }: ResponseTimes): number {
  return parseHttpDate(header("date") ?? "", receivedAt) ?? receivedAt;
}

/** How old a stored response is, in milliseconds (RFC 9111 4.2.3). */
export function ageOf(header: ReadHeader, times: ResponseTimes, now: number): number {
  const { requestedAt, receivedAt } = times;
  const apparentAge = Math.max(0, receivedAt - dateValue(header, times));
  const correctedAge = (ageValue(header) ?? 0) + Math.max(0, receivedAt - requestedAt);
  // A clock that was set back makes nothing younger.
  return Math.max(apparentAge, correctedAge) + Math.max(0, now - receivedAt);
}

/** How long a response is fresh from when it was made, in milliseconds, and whether its server said so. */
export interface Lifetime {
  readonly lifetime: number;
  readonly explicit: boolean;
}

/**
 * How long a response is fresh (RFC 9111 4.2.1): by `max-age`, by `Expires`, or, where neither is there, a tenth of the time for
 * which it has not been changed, a day at most (4.2.2). An `Expires` that is no date has passed (5.3).
 *
 * @param guess - Whether that tenth is wanted.
 *
 * @example
 * ```ts
 * freshnessOf(200, header, directives, times, true); // { lifetime: 60000, explicit: true }
 * ```
 */
export function freshnessOf(
  status: number,
  header: ReadHeader,
  directives: ResponseDirectives,
  times: ResponseTimes,
  guess: boolean,
): Lifetime {
  if (directives.maxAge !== undefined) return { lifetime: directives.maxAge, explicit: true };
  const date = dateValue(header, times);
  const expires = header("expires");
  if (expires !== undefined) {
    const at = parseHttpDate(expires, times.receivedAt);
    return { lifetime: at === undefined ? 0 : Math.max(0, at - date), explicit: true };
  }
  const guessable = guess && (directives.isPublic || GUESSABLE.has(status));
  const modified = guessable ? parseHttpDate(header("last-modified") ?? "", times.receivedAt) : undefined;
  const unchanged = modified === undefined ? 0 : Math.max(0, date - modified);
  return { lifetime: Math.min(unchanged / 10, LONGEST_GUESS), explicit: false };
}
