import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHttpDate } from "../../src/response/http-date.ts";

const NOW = Date.UTC(2026, 10, 22, 20, 0, 0);

describe("#151 the three forms of an HTTP date", () => {
  test.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["sun, 6 nov 1994 08:49:37 gmt", "1994-11-06T08:49:37.000Z"],
    ["Sun, 06 Nov 1994 08:49:37", "1994-11-06T08:49:37.000Z"],
    ["06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sun, 06 Nov 1994 08:49:37 UTC", "1994-11-06T08:49:37.000Z"],
    ["Sun, 06 Nov 1994 08:49:37 +0200", "1994-11-06T06:49:37.000Z"],
    ["Sun, 06 Nov 1994 08:49:37 -01:30", "1994-11-06T10:19:37.000Z"],
    ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"],
    ["Wed Nov 16 08:49:37 1994", "1994-11-16T08:49:37.000Z"],
    ["Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01T00:00:00.000Z"],
    ["Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00.000Z"],
    ["Sat, 01 Jan 0050 00:00:00 GMT", "0050-01-01T00:00:00.000Z"],
  ])("%s", (text, iso) => {
    const at = parseHttpDate(text, NOW);
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(iso);
  });

  test.each([
    [""],
    ["tomorrow"],
    ["1994-11-06T08:49:37Z"],
    ["Sun, 31 Feb 2027 08:49:37 GMT"],
    ["Wed, 29 Feb 2023 00:00:00 GMT"],
    ["Sun, 00 Nov 1994 08:49:37 GMT"],
    ["Sun, 06 Foo 1994 08:49:37 GMT"],
    ["Sun, 06 Nov 1994 24:49:37 GMT"],
    ["Sun, 06 Nov 1994 08:60:37 GMT"],
    ["Sun, 06 Nov 1994 08:49:61 GMT"],
    ["Sun, 06 Nov 1994 08:49:37 PST"],
    ["Sun, 06 Nov 1994"],
    [`Sun, 06 Nov 1994 08:49:37 GMT${" ".repeat(1000)}`],
  ])("%j is none", (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });

  test.each([
    ["94", NOW, 1994],
    ["26", NOW, 2026],
    ["75", NOW, 2075],
    ["77", NOW, 1977],
    ["00", Date.UTC(1999, 5, 1), 2000],
    ["48", Date.UTC(1999, 5, 1), 2048],
    ["50", Date.UTC(1999, 5, 1), 1950],
  ])("a two-digit year %s is never more than 50 years ahead", (year, now, expected) => {
    const at = parseHttpDate(`Sunday, 06-Nov-${year} 08:49:37 GMT`, now);
    expect(new Date(at ?? 0).getUTCFullYear()).toBe(expected);
  });

  test("the fiftieth year is cut at the second", () => {
    const text = "Sunday, 22-Nov-76 20:00:00 GMT";
    expect(new Date(parseHttpDate(text, NOW) ?? 0).getUTCFullYear()).toBe(2076);
    expect(new Date(parseHttpDate(text, NOW - 1000) ?? 0).getUTCFullYear()).toBe(1976);
  });

  test("reads back every second that Date writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253402300799 }), (second) => {
        expect(parseHttpDate(new Date(second * 1000).toUTCString(), NOW)).toBe(second * 1000);
      }),
      { seed: 151 },
    );
  });
});
