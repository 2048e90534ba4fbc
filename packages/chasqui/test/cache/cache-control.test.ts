import { describe, expect, test } from "vitest";
import { requestDirectives, responseDirectives } from "../../src/cache/cache-control.ts";

const MINUTE = 60_000;

describe("the Cache-Control of a response", () => {
  test.each([
    ["max-age=60", { maxAge: MINUTE }],
    ["Max-Age=60", { maxAge: MINUTE }],
    ['max-age="60"', { maxAge: MINUTE }],
    ["max-age=00060", { maxAge: MINUTE }],
    ["max-age=60, max-age=60", { maxAge: MINUTE }],
    ["max-age=99999999999999999999", { maxAge: 2 ** 31 * 1000 }],
    ["", { maxAge: undefined, noStore: false }],
    [" , ,max-age=60 ,\t", { maxAge: MINUTE }],
    ["s-maxage=5, proxy-revalidate", { maxAge: undefined, mustRevalidate: false }],
    ['extension="max-age=5, no-store", max-age=60', { maxAge: MINUTE, noStore: false }],
    ['extension="a \\" b", no-store', { noStore: true }],
    ["foo=1, foo", undefined],
    ["no-cache", { noCache: true, noCacheFields: [] }],
    ['no-cache=" X-A , x-b"', { noCache: false, noCacheFields: ["x-a", "x-b"] }],
    ["no-cache=x-a", { noCache: false, noCacheFields: ["x-a"] }],
    ['no-cache="x-a", no-cache="x-b"', { noCache: false, noCacheFields: ["x-a", "x-b"] }],
    ['no-cache="x-a", no-cache', { noCache: true }],
    ['no-cache=""', { noCache: true }],
    ["no-store=1", { noStore: true }],
    [
      "must-revalidate, public, private, immutable, must-understand",
      {
        mustRevalidate: true,
        isPublic: true,
        isPrivate: true,
        immutable: true,
        mustUnderstand: true,
      },
    ],
    ["stale-while-revalidate=1, stale-if-error=2", { staleWhileRevalidate: 1000, staleIfError: 2000 }],
  ])("%s", (value, read) => {
    const directives = responseDirectives([value]);
    if (read === undefined) expect(directives).toBeUndefined();
    else expect(directives).toMatchObject(read);
  });

  test.each([
    "max-age=60; must-revalidate",
    "max-age =60",
    "max-age= 60",
    "max-age=",
    "=60",
    "max-age=-60",
    "max-age=60.0",
    "max-age='60'",
    "max-age",
    "max-age=60a",
    "max-age=60, max-age=61",
    "max-age=60 no-store",
    'max-age="60',
    'no-cache="a" b',
    "stale-if-error=x",
    "stale-while-revalidate",
    "no-store\u0000",
    "{}",
  ])("S71 %j cannot be parsed", (value) => {
    expect(responseDirectives([value])).toBeUndefined();
  });

  test("several lines are one list, and contradict each other", () => {
    expect(responseDirectives(["max-age=60", "no-store"])).toMatchObject({ maxAge: MINUTE, noStore: true });
    expect(responseDirectives(["max-age=60", "max-age=1"])).toBeUndefined();
  });

  test("is read in time that grows with its length", () => {
    const long = `${'a="\\'.repeat(20_000)}${", ".repeat(20_000)}`;
    const started = performance.now();
    responseDirectives([long]);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("the Cache-Control of a request", () => {
  test.each([
    [["no-store"], undefined, { noStore: true, noCache: false }],
    [["no-cache"], undefined, { noCache: true }],
    [["only-if-cached, max-stale"], undefined, { onlyIfCached: true, maxStale: Number.POSITIVE_INFINITY }],
    [["max-stale=5"], undefined, { maxStale: 5000 }],
    [
      ["max-age=0, min-fresh=3, stale-if-error=4"],
      undefined,
      { maxAge: 0, minFresh: 3000, staleIfError: 4000 },
    ],
    [[], "no-cache", { noCache: true }],
    [[], "x, No-Cache", { noCache: true }],
    [[], "not-no-cache", { noCache: false }],
    [["max-age=5"], "no-cache", { noCache: false, maxAge: 5000 }],
  ])("%j with Pragma %s", (lines, pragma, read) => {
    expect(requestDirectives(lines, pragma)).toMatchObject(read);
  });

  test.each(["max-age=x", "max-age=1;", "max-stale=-1", "min-fresh=1, min-fresh=2"])(
    "%s is not understood, and asks to be validated",
    (value) => expect(requestDirectives([value], undefined).noCache).toBe(true),
  );
});
