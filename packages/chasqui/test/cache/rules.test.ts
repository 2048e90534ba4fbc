import { describe, expect, test } from "vitest";
import { requestDirectives, responseDirectives } from "../../src/cache/cache-control.ts";
import { ageOf, ageValue, freshnessOf, type ReadHeader } from "../../src/cache/freshness.ts";
import { invalidated, isUnsafe } from "../../src/cache/invalidation.ts";
import { type CacheMode, reuseOf, servesForError } from "../../src/cache/reuse.ts";
import { whyNotStored } from "../../src/cache/storable.ts";
import { storedHeaders, updatedHeaders } from "../../src/cache/stored-headers.ts";
import { conditionsFor, holdsFor, isStillThat, speaksOf } from "../../src/cache/validation.ts";
import { varyNames, varyValue } from "../../src/cache/vary.ts";

const NOW = Date.UTC(2026, 0, 1);
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const times = { requestedAt: NOW, receivedAt: NOW };

function httpDate(at: number): string {
  return new Date(at).toUTCString();
}

function headers(given: Record<string, string>): ReadHeader {
  return (name) => given[name];
}

function directives(value: string) {
  const read = responseDirectives([value]);
  if (read === undefined) throw new Error("it is no Cache-Control");
  return read;
}

describe("the age of a response (RFC 9111 4.2.3)", () => {
  test.each([
    ["nothing said", {}, { requestedAt: NOW, receivedAt: NOW }, 0],
    ["a Date of the past", { date: httpDate(NOW - 5000) }, times, 5000],
    ["a Date of the future", { date: httpDate(NOW + 5000) }, times, 0],
    ["a Date that is none", { date: "yesterday" }, times, 0],
    ["an Age", { age: "30" }, times, 30_000],
    ["an Age and a slow answer", { age: "30" }, { requestedAt: NOW - 2000, receivedAt: NOW }, 32_000],
    ["a Date that is older than the Age", { age: "3", date: httpDate(NOW - 9000) }, times, 9000],
  ])("%s", (_, given, at, age) => {
    expect(ageOf(headers(given), at, at.receivedAt)).toBe(age);
    expect(ageOf(headers(given), at, at.receivedAt + 7000)).toBe(age + 7000);
  });

  test("does not fall when the clock is set back", () => {
    expect(ageOf(headers({ age: "5" }), times, NOW - HOUR)).toBe(5000);
  });

  test.each(["-1", "1.0", "abc", "1, 1", "1,2", "5;a=b", "", "0x10"])("Age: %s is none", (age) => {
    expect(ageValue(headers({ age }))).toBeUndefined();
  });
});

describe("how long a response is fresh (RFC 9111 4.2.1)", () => {
  const modified = httpDate(NOW - 100 * HOUR);
  test.each([
    ["max-age", 200, "max-age=60", {}, 60_000, true],
    ["max-age before Expires", 200, "max-age=60", { expires: httpDate(NOW + HOUR) }, 60_000, true],
    ["Expires", 200, "", { expires: httpDate(NOW + HOUR) }, HOUR, true],
    [
      "Expires, counted from Date",
      200,
      "",
      { expires: httpDate(NOW), date: httpDate(NOW - HOUR) },
      HOUR,
      true,
    ],
    ["Expires that has passed", 200, "", { expires: httpDate(NOW - HOUR) }, 0, true],
    ["Expires: 0", 200, "", { expires: "0", "last-modified": modified }, 0, true],
    ["two Expires", 200, "", { expires: `${httpDate(NOW + HOUR)}, ${httpDate(NOW + HOUR)}` }, 0, true],
    ["a tenth of what it is old", 200, "", { "last-modified": modified }, 10 * HOUR, false],
    ["a day at most", 200, "", { "last-modified": httpDate(NOW - 9999 * HOUR) }, 24 * HOUR, false],
    ["a Last-Modified of the future", 200, "", { "last-modified": httpDate(NOW + HOUR) }, 0, false],
    ["a Last-Modified that is none", 200, "", { "last-modified": "0" }, 0, false],
    ["a status that nothing is guessed of", 503, "", { "last-modified": modified }, 0, false],
    ["public, whatever the status", 599, "public", { "last-modified": modified }, 10 * HOUR, false],
    ["nothing", 200, "", {}, 0, false],
  ])("%s", (_, status, control, given, lifetime, explicit) => {
    const read = headers(given);
    expect(freshnessOf(status, read, directives(control), times, true)).toEqual({ lifetime, explicit });
  });

  test("nothing is guessed where that is not wanted", () => {
    const read = headers({ "last-modified": modified });
    expect(freshnessOf(200, read, directives(""), times, false).lifetime).toBe(0);
  });
});

describe("what is stored (RFC 9111 3)", () => {
  function why(
    status: number,
    control: string,
    given: Record<string, string> = {},
    more: { lifetime?: number; explicit?: boolean; forbidden?: boolean } = {},
  ): string | undefined {
    const read = responseDirectives([control]);
    const explicit = /max-age/.test(control);
    const lifetime = explicit ? 60_000 : 0;
    return whyNotStored({
      status,
      header: headers(given),
      directives: read,
      forbidden: false,
      lifetime,
      explicit,
      ...more,
    });
  }

  test.each([200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 429, 500, 503, 599])(
    "a %i that says how long it is fresh",
    (status) => expect(why(status, "max-age=60")).toBeUndefined(),
  );

  test.each([101, 0, 206, 304, 401, 407, 412, 416, 425])("not a %i", (status) => {
    expect(why(status, "max-age=60")).toMatch(/answers one request alone/);
  });

  test.each([
    ["no-store", 200, "no-store, max-age=60", {}, /says no-store/],
    ["S71 what cannot be parsed", 200, "max-age=60;", {}, /cannot be parsed/],
    ["an Age that is none", 200, "max-age=60", { age: "0, 0" }, /Age/],
    ["Vary: *", 200, "max-age=60", { vary: "accept, *" }, /varies/],
    ["a Vary that is none", 200, "max-age=60", { vary: "a b" }, /varies/],
    ["a status that is to be understood", 599, "must-understand, max-age=60", {}, /not understood/],
    ["what can neither be reused nor asked after", 200, "", {}, /does not say how long/],
    ["an error that does not say that it stays", 404, "", { etag: '"a"' }, /does not say how long/],
  ])("not %s", (_, status, control, given, reason) => {
    expect(why(status, control, given)).toMatch(reason);
  });

  test("not what the request does not want stored", () => {
    expect(why(200, "max-age=60", {}, { forbidden: true })).toMatch(/request says no-store/);
  });

  test("what can be asked after, what is guessed to be fresh, and what must-understand understands", () => {
    expect(why(200, "", { etag: '"a"' })).toBeUndefined();
    expect(why(200, "", { "last-modified": httpDate(NOW) })).toBeUndefined();
    expect(why(404, "", {}, { lifetime: 5 })).toBeUndefined();
    expect(why(200, "no-store, must-understand, max-age=60")).toBeUndefined();
    expect(why(200, "private, max-age=60")).toBeUndefined();
    expect(why(200, "max-age=0")).toBeUndefined();
  });

  test("S71 private with field names concerns shared caches only, and does not hide what else is said", () => {
    expect(why(200, 'private=" authorization", max-age=60')).toBeUndefined();
    expect(why(200, 'private=" authorization", no-store')).toMatch(/no-store/);
  });
});

describe("what is done with a stored response (RFC 9111 4)", () => {
  function reuse(control: string, age: number, asked = "", mode: CacheMode = "default", lifetime = 60_000) {
    const stored = { directives: directives(control), age, lifetime };
    return reuseOf(stored, requestDirectives(asked === "" ? [] : [asked], undefined), mode);
  }

  test.each([
    ["", 59_999, "", "default", "fresh"],
    ["", 60_000, "", "default", "validate"],
    ["no-cache", 0, "", "default", "validate"],
    ['no-cache="x"', 0, "", "default", "fresh"],
    ["", 0, "no-cache", "default", "validate"],
    ["", 5000, "max-age=5", "default", "fresh"],
    ["", 5001, "max-age=5", "default", "validate"],
    ["", 30_000, "min-fresh=30", "default", "fresh"],
    ["", 30_001, "min-fresh=30", "default", "validate"],
    ["", 70_000, "max-stale", "default", "stale"],
    ["", 70_000, "max-stale=10", "default", "stale"],
    ["", 70_001, "max-stale=10", "default", "validate"],
    ["must-revalidate", 70_000, "max-stale", "default", "validate"],
    ["no-cache", 0, "max-stale", "default", "validate"],
    ["stale-while-revalidate=10", 69_999, "", "default", "stale-while-revalidate"],
    ["stale-while-revalidate=10", 70_000, "", "default", "validate"],
    ["stale-while-revalidate=10, must-revalidate", 61_000, "", "default", "validate"],
    ["stale-while-revalidate=10", 61_000, "max-age=60", "default", "validate"],
    ["", 0, "", "no-cache", "validate"],
    ["immutable", 0, "", "no-cache", "fresh"],
    ["immutable", 60_000, "", "no-cache", "validate"],
    ["immutable", 0, "no-cache", "no-cache", "validate"],
    ["", 0, "", "force-cache", "fresh"],
    ["must-revalidate", 70_000, "", "force-cache", "stale"],
    ["no-cache", 70_000, "", "only-if-cached", "stale"],
  ] as const)("%j, %i ms old, asked %j in mode %s: %s", (control, age, asked, mode, expected) => {
    expect(reuse(control, age, asked, mode)).toBe(expected);
  });

  test.each([
    ["stale-if-error=10", 70_000, "", true],
    ["stale-if-error=10", 70_001, "", false],
    ["", 60_001, "", false],
    ["", 65_000, "stale-if-error=10", true],
    ["stale-if-error=100", 75_000, "stale-if-error=10", false],
    ["stale-if-error=10, must-revalidate", 61_000, "", false],
    ["stale-if-error=10, no-cache", 61_000, "", false],
    ["stale-if-error=10", 61_000, "no-cache", false],
  ])("%j, %i ms old, asked %j, stands in for a server that fails: %s", (control, age, asked, expected) => {
    const stored = { directives: directives(control), age, lifetime: 60_000 };
    const request = requestDirectives(asked === "" ? [] : [asked], undefined);
    expect(servesForError(stored, request, "default")).toBe(expected);
  });
});

describe("Vary (RFC 9111 4.1)", () => {
  test.each([
    [undefined, []],
    ["", []],
    ["Accept, accept ,X-b", ["accept", "x-b"]],
    ["*", undefined],
    ["a, *", undefined],
    [", *", undefined],
    ["a b", undefined],
  ])("%j names %j", (value, names) => expect(varyNames(value)).toEqual(names));

  test.each([
    ["accept-language", " EN ,  de", "en,de"],
    ["accept-language", "de, en", "de,en"],
    ["foo", "1,  2", "1,2"],
    ["foo", "A", "A"],
    ["foo", '"a,  b" , c', '"a,  b",c'],
    ["foo", undefined, undefined],
  ])("%s: %j is %j", (name, value, expected) => expect(varyValue(name, value)).toBe(expected));
});

describe("asking whether it has changed (RFC 9111 4.3)", () => {
  const date = httpDate(NOW);

  test.each([
    [{ etag: '"a"' }, ["if-none-match", '"a"']],
    [{ etag: 'W/"a"', "last-modified": date }, ["if-none-match", 'W/"a"', "if-modified-since", date]],
    [{ etag: "unquoted" }, ["if-none-match", "unquoted"]],
    [{ etag: '"a", "b"' }, []],
    [{ "last-modified": "yesterday" }, []],
    [{ "last-modified": date }, ["if-modified-since", date]],
    [{}, []],
  ])("%j asks %j", (given, conditions) => expect(conditionsFor(headers(given), NOW)).toEqual(conditions));

  test.each([
    [{ etag: '"a"' }, { etag: '"a"' }, true],
    [{ etag: '"a"' }, { etag: 'W/"a"' }, true],
    [{ etag: '"a"' }, { etag: '"b"' }, false],
    [{ etag: '"a"' }, {}, true],
    [{ "last-modified": date }, { "last-modified": date }, true],
    [{ "last-modified": date }, { "last-modified": httpDate(NOW + SECOND) }, false],
    [{ "last-modified": date }, { etag: '"a"' }, true],
    [{ etag: '"a"', "last-modified": date }, { "last-modified": httpDate(NOW + SECOND) }, false],
  ])("stored %j, a 304 with %j: %s", (stored, newer, same) => {
    expect(speaksOf(headers(stored), headers(newer), NOW)).toBe(same);
  });

  test("a HEAD of another length tells of another response", () => {
    expect(isStillThat(headers({ "content-length": "5" }), headers({ "content-length": "6" }), NOW)).toBe(
      false,
    );
    expect(isStillThat(headers({ "content-length": "5" }), headers({ "content-length": "5" }), NOW)).toBe(
      true,
    );
    expect(isStillThat(headers({ etag: '"a"' }), headers({ etag: '"b"' }), NOW)).toBe(false);
    expect(isStillThat(headers({}), headers({ "content-length": "6" }), NOW)).toBe(true);
  });

  test.each([
    [{ "if-none-match": '"a"' }, { etag: '"a"' }, true],
    [{ "if-none-match": 'W/"a"' }, { etag: '"a"' }, true],
    [{ "if-none-match": '"b", "a"' }, { etag: '"a"' }, true],
    [{ "if-none-match": '"b,a", "c"' }, { etag: '"c"' }, true],
    [{ "if-none-match": '"b,a"' }, { etag: '"a"' }, false],
    [{ "if-none-match": "*" }, {}, true],
    [{ "if-none-match": '"b"', "if-modified-since": date }, { etag: '"a"', "last-modified": date }, false],
    [{ "if-modified-since": date }, { "last-modified": date }, true],
    [{ "if-modified-since": date }, { "last-modified": httpDate(NOW + SECOND) }, false],
    [{ "if-modified-since": "Thursday, 01-Jan-26 00:00:00 GMT" }, { "last-modified": date }, true],
    [{ "if-modified-since": "x" }, { "last-modified": date }, false],
  ])("a caller's %j is answered 304 by %j: %s", (asked, stored, unchanged) => {
    expect(holdsFor(headers(asked), headers(stored), NOW)).toBe(unchanged);
  });
});

describe("the headers that are stored (RFC 9111 3.1, 3.2)", () => {
  test("none of the connection's, none that it names, no cookie, and none that no-cache names", () => {
    const given = [
      "Connection",
      "close, X-Hop",
      "X-Hop",
      "1",
      "Keep-Alive",
      "5",
      "Transfer-Encoding",
      "chunked",
    ];
    const rest = [
      "Set-Cookie",
      "sid=s3cret",
      "set-cookie2",
      "a=b",
      "X-Once",
      "1",
      "ETag",
      '"a"',
      "Link",
      "<a>",
      "link",
      "<b>",
    ];
    expect(storedHeaders([...given, ...rest], ["x-once"])).toEqual([
      "ETag",
      '"a"',
      "Link",
      "<a>",
      "link",
      "<b>",
    ]);
  });

  test("a newer response's take the place of those that are there, but for what describes the bytes", () => {
    const stored = [
      "ETag",
      '"a"',
      "Content-Length",
      "5",
      "Date",
      "then",
      "Age",
      "9",
      "X-A",
      "1",
      "x-a",
      "2",
      "X-B",
      "1",
    ];
    const newer = [
      "etag",
      'W/"a"',
      "content-length",
      "0",
      "content-encoding",
      "br",
      "date",
      "now",
      "X-a",
      "3",
      "set-cookie",
      "x=y",
    ];
    expect(updatedHeaders(stored, newer)).toEqual([
      ...["ETag", '"a"', "Content-Length", "5", "X-B", "1"],
      ...["date", "now", "X-a", "3"],
    ]);
  });
});

describe("what a change makes untrue (RFC 9111 4.4)", () => {
  test.each(["POST", "PUT", "PATCH", "DELETE", "MKCOL", "WHATEVER"])("%s changes", (method) => {
    expect(isUnsafe(method)).toBe(true);
  });

  test.each(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"])("%s does not", (method) => {
    expect(isUnsafe(method)).toBe(false);
  });

  test.each([
    [200, {}, ["http://a.test/x?q=1"]],
    [303, { location: "/y#z" }, ["http://a.test/x?q=1", "http://a.test/y"]],
    [
      201,
      { location: "y", "content-location": "../w" },
      ["http://a.test/x?q=1", "http://a.test/y", "http://a.test/w"],
    ],
    [201, { location: "http://b.test/y", "content-location": "http://a.test:81/" }, ["http://a.test/x?q=1"]],
    [400, { location: "/y" }, []],
    [500, {}, []],
  ])("%i with %j", (status, given, urls) => {
    expect(invalidated(status, "http://a.test/x?q=1#f", headers(given))).toEqual(urls);
  });
});
