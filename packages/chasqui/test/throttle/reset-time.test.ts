import { expect, test } from "vitest";
import { parseReset } from "../../src/throttle/reset-time.ts";

const NOW = Date.UTC(2026, 0, 1);

test.each<readonly [string, string, number | undefined]>([
  ["seconds from now", "30", 30_000],
  ["none", "0", 0],
  ["a fraction of a second", "0.25", 250],
  ["as much as eleven days", "999999", 999_999_000],
  ["the largest that is still a length of time", "999999999", 999_999_999_000],
  ["seconds since 1970", String(NOW / 1000 + 30), 30_000],
  ["with a fraction", `${NOW / 1000 + 30}.5`, 30_500],
  ["that have passed", String(NOW / 1000 - 30), 0],
  ["milliseconds since 1970", String(NOW + 30), 30],
  ["that have passed", String(NOW - 1), 0],
  ["a date of HTTP", "Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["RFC 3339", "2026-01-01T00:00:30Z", 30_000],
  ["with an offset", "2026-01-01T01:00:30+01:00", 30_000],
  ["with a fraction", "2026-01-01T00:00:30.250Z", 30_250],
  ["without seconds", "2026-01-01T00:01Z", 60_000],
  ["without a zone, which is UTC", "2026-01-01T00:00:30", 30_000],
  ["Go: seconds", "1s", 1000],
  ["Go: milliseconds", "20ms", 20],
  ["Go: several units", "1h2m3.5s", 3_723_500],
  ["Go: minutes", "6m0s", 360_000],
  ["white space around", " 5 ", 5000],
  ["nothing", "", undefined],
  ["blanks", "   ", undefined],
  ["negative", "-5", undefined],
  ["a word", "soon", undefined],
  ["a unit alone", "s", undefined],
  ["units in the wrong order", "5s6m", undefined],
  ["microseconds since 1970", String(NOW * 1000), undefined],
  ["a day that is none", "2026-13-45T99:99:99Z", undefined],
  ["exponents", "1e3", undefined],
  ["digits without end", "9".repeat(60), undefined],
  ["text without end", "5".repeat(100_000), undefined],
])("in how many milliseconds a quota is restored: %s (%s)", (_, text, reset) => {
  expect(parseReset(text, NOW)).toBe(reset);
});
