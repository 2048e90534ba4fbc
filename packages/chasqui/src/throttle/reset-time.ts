import { parseHttpDate } from "../response/http-date.ts";

/** Seconds since 1970 from here on: as a length of time it would be 31 years. */
const EPOCH_SECONDS = 1e9;
/** Milliseconds since 1970 from here on. */
const EPOCH_MS = 1e12;
/** Microseconds and worse, which nobody sends, and garbage. */
const ABSURD = 1e14;

/** `6m0s`, `1h2m3.5s`, `20ms`: a length of time as Go writes it. */
const GO_DURATION =
  /^(?=\d)(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
/** `2026-01-01T00:00:00Z`, with or without seconds, a fraction, an offset; without a zone it is UTC. */
const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?([Zz]|[+-]\d\d:?\d\d)?$/;
const NUMBER = /^\d{1,15}(?:\.\d{1,9})?$/;

/**
 * In how many milliseconds a quota is restored, whichever way a server says it: seconds from now, seconds or milliseconds since
 * 1970 (told apart by their size), a date of HTTP or of RFC 3339, or a length of time as Go writes it. What has passed is 0.
 *
 * @param now - Milliseconds since 1970, by the server's clock where it is known.
 * @returns undefined where the text makes no sense.
 * @example
 * ```ts
 * parseReset("30", Date.now()); // 30000
 * parseReset("1767225630", Date.UTC(2026, 0, 1)); // 30000
 * parseReset("1767225630000", Date.UTC(2026, 0, 1)); // 30000
 * parseReset("6m0s", Date.now()); // 360000
 * ```
 */
export function parseReset(text: string, now: number): number | undefined {
  const value = text.trim();
  if (value === "" || value.length > 64) return undefined;
  if (NUMBER.test(value)) {
    const number = Number(value);
    if (number >= ABSURD) return undefined;
    if (number >= EPOCH_MS) return Math.max(0, number - now);
    return number >= EPOCH_SECONDS ? Math.max(0, number * 1000 - now) : Math.ceil(number * 1000);
  }
  const [whole, hours = 0, minutes = 0, seconds = 0, ms = 0] = GO_DURATION.exec(value) ?? [];
  if (whole !== undefined) {
    return Math.ceil(
      Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(ms),
    );
  }
  const [, date, time, second = ":00", fraction = "", zone = "Z"] = RFC_3339.exec(value) ?? [];
  const at =
    date === undefined
      ? parseHttpDate(value, now)
      : Date.parse(`${date}T${time}${second}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return at === undefined || Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
