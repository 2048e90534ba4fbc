import { expect, test } from "vitest";
import type { RateLimit } from "../../src/throttle/rate-limit.ts";
import { refusalIn } from "../../src/throttle/refusal.ts";

const NOW = Date.UTC(2026, 0, 1);
const spent: RateLimit = { name: "", unit: "requests", remaining: 0, reset: 7000 };
const plenty: RateLimit = { name: "", unit: "requests", remaining: 5, reset: 9000 };

test.each<readonly [string, number, Record<string, string>, RateLimit[], number | "unsaid" | "none"]>([
  ["429 alone", 429, {}, [], "unsaid"],
  ["429 with seconds", 429, { "retry-after": "5" }, [], 5000],
  ["429 with milliseconds, which win", 429, { "retry-after": "5", "retry-after-ms": "4321" }, [], 4321],
  [
    "429 with a date, by the server's clock",
    429,
    { "retry-after": "Thu, 01 Jan 2026 01:00:30 GMT", date: "Thu, 01 Jan 2026 01:00:00 GMT" },
    [],
    30_000,
  ],
  ["429 with a date that has passed", 429, { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, [], 0],
  ["429 with nonsense", 429, { "retry-after": "soon" }, [], "unsaid"],
  ["429 with a quota that is spent", 429, {}, [plenty, spent], 7000],
  ["429 with two that are", 429, {}, [spent, { ...spent, reset: 8000 }], 8000],
  ["429 with a quota that has something left", 429, {}, [plenty], "unsaid"],
  ["Retry-After before what quotas say", 429, { "retry-after": "1" }, [spent], 1000],
  ["503 that says when", 503, { "retry-after": "5" }, [], 5000],
  ["503 alone", 503, {}, [spent], "none"],
  ["403 that says when", 403, { "retry-after": "60" }, [], 60_000],
  ["403 with a quota that is spent", 403, {}, [spent], 7000],
  ["403 alone", 403, {}, [plenty], "none"],
  ["200 with a quota that is spent", 200, { "retry-after": "5" }, [spent], "none"],
  ["500 that says when", 500, { "retry-after": "5" }, [], "none"],
])("%s", (_, status, headers, limits, expected) => {
  const refusal = refusalIn({ status, header: (name) => headers[name] ?? null, limits }, NOW);
  expect(refusal === undefined ? "none" : (refusal.pause ?? "unsaid")).toBe(expected);
});
