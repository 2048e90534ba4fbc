/** How requests are counted: in windows that begin with a first request, in the window before each request, or by tokens. */
export type Kind = "window" | "sliding" | "bucket";

/** Where a caller stands after a request. */
export interface Standing {
  readonly allowed: boolean;
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
  readonly remaining: number;
  /** Milliseconds until all of it is there again: the end of the window, or a full bucket. */
  readonly whole: number;
  /** Milliseconds until one request is let through again; 0 where one would be now. */
  readonly next: number;
}

/**
 * Counts a request, if it is let through. A request that is refused costs nothing.
 *
 * @param numbers - What is remembered of the caller; empty at first.
 * @param limit - Requests of a window; of a bucket, the tokens that it holds, which come back in a window.
 * @param window - Seconds.
 * @param now - Milliseconds.
 */
export function countRequest(
  kind: Kind,
  numbers: number[],
  limit: number,
  window: number,
  now: number,
): Standing {
  const standing = { limit, window };
  const length = window * 1000;
  if (kind === "bucket") {
    const [tokens = limit, at = now] = numbers;
    const pace = length / limit;
    const there = Math.min(limit, tokens + (now - at) / pace);
    const allowed = there >= 1;
    const left = allowed ? there - 1 : there;
    numbers.splice(0, numbers.length, left, now);
    const next = left >= 1 ? 0 : (1 - left) * pace;
    return { ...standing, allowed, remaining: Math.floor(left), whole: (limit - left) * pace, next };
  }
  if (kind === "sliding") {
    const started = numbers.filter((at) => at > now - length);
    const allowed = started.length < limit;
    if (allowed) started.push(now);
    numbers.splice(0, numbers.length, ...started);
    const remaining = limit - started.length;
    const until = (at: number | undefined): number => (at === undefined ? 0 : at + length - now);
    return {
      ...standing,
      allowed,
      remaining,
      whole: until(started.at(-1)),
      next: remaining > 0 ? 0 : until(started[0]),
    };
  }
  const [used = 0, began = now] = numbers;
  const fresh = used === 0 || now >= began + length;
  const start = fresh ? now : began;
  const allowed = limit > (fresh ? 0 : used);
  const count = (fresh ? 0 : used) + (allowed ? 1 : 0);
  numbers.splice(0, numbers.length, count, start);
  const whole = start + length - now;
  return { ...standing, allowed, remaining: limit - count, whole, next: count < limit ? 0 : whole };
}
