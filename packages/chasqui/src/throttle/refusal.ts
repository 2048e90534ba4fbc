import { parseRetryAfter, parseRetryAfterMs } from "../pipeline/retry-timing.ts";
import { parseHttpDate } from "../response/http-date.ts";
import type { RateLimit } from "./rate-limit.ts";

/** An answer, as far as it says whether it is a refusal. */
export interface Answer {
  readonly status: number;
  /** One of its headers, null where it is absent. */
  header(name: string): string | null;
  /** The quotas that it tells of. */
  readonly limits: readonly RateLimit[];
}

/** A refusal because of a limit; `pause` is in how many milliseconds to ask again, undefined where the server does not say. */
export interface Refusal {
  readonly pause: number | undefined;
}

/**
 * Whether a server refuses because of a limit: 429; 503 that says when to come back; and 403 where it says so too or tells that
 * nothing is left, as GitHub does. Retry-After goes before what quotas tell (draft-ietf-httpapi-ratelimit-headers).
 *
 * @param now - Milliseconds since 1970.
 * @example
 * ```ts
 * refusalIn({ status: 429, header: (name) => (name === "retry-after" ? "5" : null), limits: [] }, Date.now());
 * // { pause: 5000 }
 * ```
 */
export function refusalIn({ status, header, limits }: Answer, now: number): Refusal | undefined {
  if (status !== 429 && status !== 503 && status !== 403) return undefined;
  const theirs = parseHttpDate(header("date") ?? "", now) ?? now;
  const asked = parseRetryAfterMs(header("retry-after-ms")) ?? parseRetryAfter(header("retry-after"), theirs);
  if (asked !== undefined) return { pause: asked };
  if (status === 503) return undefined;
  const spent = limits.filter(({ remaining }) => remaining === 0);
  if (status === 403 && spent.length === 0) return undefined;
  const resets = spent.map(({ reset }) => reset).filter((reset) => reset !== undefined);
  return { pause: resets.length === 0 ? undefined : Math.max(...resets) };
}
