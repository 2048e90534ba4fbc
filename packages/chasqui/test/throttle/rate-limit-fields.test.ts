import { describe, expect, test } from "vitest";
import { readRateLimits } from "../../src/throttle/rate-limit-fields.ts";

const NOW = Date.UTC(2026, 0, 1);
const EPOCH = NOW / 1000;

function read(headers: Record<string, string>, now = NOW): unknown[] {
  // What is undefined is as good as absent.
  return JSON.parse(JSON.stringify(readRateLimits(Object.entries(headers), now)));
}

const requests = { unit: "requests" };

describe("the quotas that an answer tells of", () => {
  test.each<readonly [string, Record<string, string>, unknown[]]>([
    [
      "draft 10: a policy and what is left of it",
      { RateLimit: '"default";r=50;t=30', "RateLimit-Policy": '"default";q=100;w=60' },
      [{ name: "default", ...requests, limit: 100, window: 60_000, remaining: 50, reset: 30_000 }],
    ],
    [
      "several policies, one of them silent",
      { RateLimit: '"day";r=4000', "RateLimit-Policy": '"minute";q=60;w=60, "day";q=5000;w=86400' },
      [
        { name: "minute", ...requests, limit: 60, window: 60_000 },
        { name: "day", ...requests, limit: 5000, window: 86_400_000, remaining: 4000 },
      ],
    ],
    [
      "names as Tokens, as draft 08 has them",
      { ratelimit: "default;r=1;t=2", "ratelimit-policy": "default;q=3;w=4" },
      [{ name: "default", ...requests, limit: 3, window: 4000, remaining: 1, reset: 2000 }],
    ],
    [
      "what is left without a policy",
      { RateLimit: '"a";r=0;t=9' },
      [{ name: "a", ...requests, remaining: 0, reset: 9000 }],
    ],
    [
      "units that are no requests",
      {
        "RateLimit-Policy":
          '"a";q=9;qu="content-bytes";w=1, "b";q=2;qu="concurrent-requests", "c";q=7;qu="points"',
      },
      [
        { name: "a", unit: "content-bytes", limit: 9, window: 1000 },
        { name: "b", unit: "concurrent-requests", limit: 2 },
        { name: "c", unit: "other", limit: 7 },
      ],
    ],
    [
      "the key of a partition, which makes it another quota",
      {
        RateLimit: '"a";r=5;t=1;pk=:cGFydA==:',
        "RateLimit-Policy": '"a";q=10;w=1;pk=:cGFydA==:, "a";q=20;w=1;pk=:b3RoZXI=:',
      },
      [
        { name: "a cGFydA==", ...requests, limit: 10, window: 1000, remaining: 5, reset: 1000 },
        { name: "a b3RoZXI=", ...requests, limit: 20, window: 1000 },
      ],
    ],
    [
      "the key of a partition in one of the two alone",
      { RateLimit: '"a";r=5;t=1;pk=:cGFydA==:', "RateLimit-Policy": '"a";q=10;w=1' },
      [{ name: "a cGFydA==", ...requests, limit: 10, window: 1000, remaining: 5, reset: 1000 }],
    ],
    [
      "draft 07: a dictionary, and a policy without a name",
      { RateLimit: "limit=100, remaining=50, reset=5", "RateLimit-Policy": "100;w=10" },
      [{ name: "", ...requests, limit: 100, window: 10_000, remaining: 50, reset: 5000 }],
    ],
    [
      "the three headers of the drafts before, which tell seconds from now",
      { "RateLimit-Limit": "10", "RateLimit-Remaining": "1", "RateLimit-Reset": "7" },
      [{ name: "", ...requests, limit: 10, remaining: 1, reset: 7000 }],
    ],
    [
      "windows beside the limit",
      { "RateLimit-Limit": "10, 10;w=1, 1000;w=3600", "RateLimit-Remaining": "9", "RateLimit-Reset": "1" },
      [
        { name: "", ...requests, limit: 10, window: 1000, remaining: 9, reset: 1000 },
        { name: "1000;w=3600", ...requests, limit: 1000, window: 3_600_000 },
      ],
    ],
    [
      "GitLab, where RateLimit-Reset is a moment",
      { "RateLimit-Limit": "60", "RateLimit-Remaining": "0", "RateLimit-Reset": String(EPOCH + 30) },
      [{ name: "", ...requests, limit: 60, remaining: 0, reset: 30_000 }],
    ],
    [
      "GitHub: a moment in seconds, and the quota that it is of",
      {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "4999",
        "X-RateLimit-Reset": String(EPOCH + 3600),
        "X-RateLimit-Used": "1",
        "X-RateLimit-Resource": "core",
      },
      [{ name: "core", ...requests, limit: 5000, remaining: 4999, reset: 3_600_000 }],
    ],
    [
      "a moment in milliseconds",
      { "X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": String(NOW + 1500) },
      [{ name: "", ...requests, limit: 5, remaining: 1, reset: 1500 }],
    ],
    [
      "seconds from now under the name of vendors",
      { "X-Rate-Limit-Limit": "5", "X-Rate-Limit-Remaining": "1", "X-Rate-Limit-Reset": "12" },
      [{ name: "", ...requests, limit: 5, remaining: 1, reset: 12_000 }],
    ],
    [
      "Reddit: a fraction that is left",
      { "x-ratelimit-used": "4", "x-ratelimit-remaining": "96.0", "x-ratelimit-reset": "481" },
      [{ name: "", ...requests, remaining: 96, reset: 481_000 }],
    ],
    [
      "Discord: a fraction of a second, which wins over the moment",
      {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": `${EPOCH + 9}.5`,
        "X-RateLimit-Reset-After": "0.35",
        "X-RateLimit-Bucket": "abcd",
      },
      [{ name: "abcd", ...requests, limit: 5, remaining: 0, reset: 350 }],
    ],
    [
      "OpenAI: requests and tokens, with lengths of time as Go writes them",
      {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s",
      },
      [
        { name: "requests", ...requests, limit: 60, remaining: 59, reset: 1000 },
        { name: "tokens", unit: "other", limit: 150_000, remaining: 149_984, reset: 360_000 },
      ],
    ],
    [
      "Anthropic: a moment of RFC 3339",
      {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:20Z",
      },
      [{ name: "requests", ...requests, limit: 50, remaining: 49, reset: 20_000 }],
    ],
    [
      "Kong: a window in the name",
      {
        "X-RateLimit-Limit-Minute": "20",
        "X-RateLimit-Remaining-Minute": "3",
        "X-RateLimit-Limit-Hour": "100",
        "X-RateLimit-Remaining-Hour": "83",
      },
      [
        { name: "minute", ...requests, limit: 20, window: 60_000, remaining: 3 },
        { name: "hour", ...requests, limit: 100, window: 3_600_000, remaining: 83 },
      ],
    ],
    [
      "HubSpot: a window in milliseconds",
      {
        "X-HubSpot-RateLimit-Max": "100",
        "X-HubSpot-RateLimit-Remaining": "99",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
      },
      [{ name: "", ...requests, limit: 100, window: 10_000, remaining: 99 }],
    ],
    [
      "Atlassian: a window in seconds, and a moment without seconds",
      {
        "X-RateLimit-Limit": "10",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Interval-Seconds": "5",
        "X-RateLimit-Reset": "2026-01-01T00:01Z",
      },
      [{ name: "", ...requests, limit: 10, window: 5000, remaining: 0, reset: 60_000 }],
    ],
    [
      "Shopify: what is used, of how much",
      { "X-Shopify-Shop-Api-Call-Limit": "32/40" },
      [{ name: "shop", ...requests, limit: 40, remaining: 8 }],
    ],
  ])("%s", (_, headers, limits) => {
    expect(read(headers)).toEqual(limits);
  });

  test("the newest of several dialects counts, and the older ones where it is malformed", () => {
    const both = {
      "X-RateLimit-Limit": "7",
      "X-RateLimit-Remaining": "6",
      "RateLimit-Policy": '"a";q=5;w=1',
    };
    expect(read(both)).toEqual([{ name: "a", ...requests, limit: 5, window: 1000 }]);
    expect(read({ ...both, "RateLimit-Policy": '"a";q=5;w=' })).toEqual([
      { name: "", ...requests, limit: 7, remaining: 6 },
    ]);
  });

  test("lines of one header are one list", () => {
    const lines: [string, string][] = [
      ["RateLimit-Policy", '"a";q=5;w=1'],
      ["ratelimit-policy", '"b";q=6;w=2'],
    ];
    expect(readRateLimits(lines, NOW).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("a moment is reckoned from the server's Date: a clock that is wrong here changes nothing", () => {
    const headers = {
      Date: "Thu, 01 Jan 2026 00:00:00 GMT",
      "X-RateLimit-Remaining": "0",
      "X-RateLimit-Reset": String(EPOCH + 30),
    };
    for (const now of [NOW, NOW - 86_400_000, NOW + 3_600_000]) {
      expect(read(headers, now)).toEqual([{ name: "", ...requests, remaining: 0, reset: 30_000 }]);
    }
  });

  test("an answer out of a cache tells of somebody else's quota", () => {
    const headers = { "RateLimit-Policy": '"a";q=5;w=1', RateLimit: '"a";r=0;t=9' };
    expect(read({ ...headers, Age: "5" })).toEqual([]);
    expect(read({ ...headers, Age: "0" })).toHaveLength(1);
  });
});

describe("what is malformed or hostile says nothing", () => {
  test.each<readonly [string, Record<string, string>]>([
    ["nothing at all", { "content-type": "text/plain", date: "x" }],
    ["no numbers", { "X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "some" }],
    ["negative ones: unlimited, to some", { "X-RateLimit-Limit": "-1", "X-RateLimit-Remaining": "-1" }],
    ["numbers of other systems", { "X-RateLimit-Limit": "0x10", "X-RateLimit-Remaining": "1e3" }],
    ["NaN and Infinity", { "X-RateLimit-Limit": "NaN", "X-RateLimit-Remaining": "Infinity" }],
    ["digits without end", { "X-RateLimit-Remaining": "9".repeat(400) }],
    ["a limit of nothing", { "RateLimit-Policy": '"a";q=0;w=1' }],
    ["a negative limit", { "RateLimit-Policy": '"a";q=-5;w=1' }],
    ["a limit that is text", { "RateLimit-Policy": '"a";q="5";w=1' }],
    ["a policy that is a number", { "RateLimit-Policy": "5;q=5" }],
    ["no q", { "RateLimit-Policy": '"a";w=1' }],
    ["no r", { RateLimit: '"a";t=1' }],
    ["a list that breaks off", { RateLimit: '"a";r=1;t=1,' }],
    ["a quote that has no end", { RateLimit: '"a;r=1;t=1' }],
    ["an inner list", { RateLimit: '("a" "b");r=1;t=1' }],
    ["a field of a megabyte", { RateLimit: `"${"a".repeat(1_000_000)}";r=1` }],
    ["names out of a prototype", { "x-ratelimit-constructor": "5", "x-ratelimit-limit-__proto__": "x" }],
    ["a share that is none", { "X-Shopify-Shop-Api-Call-Limit": "1/0" }],
  ])("%s", (_, headers) => {
    expect(read(headers)).toEqual([]);
  });

  test("what a server says beyond reason is left out, and the rest is read", () => {
    expect(read({ "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "soon" })).toEqual([
      { name: "", ...requests, remaining: 3 },
    ]);
    expect(read({ "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "9".repeat(15) })).toEqual([
      { name: "", ...requests, remaining: 3 },
    ]);
  });

  test("quotas without number are not all kept, and no name is long", () => {
    const policies = Array.from({ length: 500 }, (_, at) => `"p${at}";q=1`).join(", ");
    expect(read({ "RateLimit-Policy": policies })).toHaveLength(16);
    const [limit] = readRateLimits([["RateLimit-Policy", `"${"n".repeat(5000)}";q=1`]], NOW);
    expect(limit?.name.length).toBeLessThan(200);
  });

  test("a hundred thousand quotes, commas and digits are read at once", () => {
    const started = performance.now();
    for (const piece of ['"', ",", "9", '";', "a=", "-"]) {
      read({
        RateLimit: piece.repeat(100_000),
        "X-RateLimit-Limit": piece.repeat(100_000),
        "X-RateLimit-Reset": piece.repeat(100_000),
      });
      read({
        RateLimit: piece.repeat(8000),
        "X-RateLimit-Limit": piece.repeat(250),
        [`x-${"a-".repeat(20_000)}ratelimit-x`]: "1",
      });
    }
    // Generous: what is meant is that none of them takes the square of its length.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
