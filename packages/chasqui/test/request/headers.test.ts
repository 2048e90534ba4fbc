import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionsError } from "../../src/errors/options-error.ts";
import { Headers, type HeadersInit, mergeHeaders } from "../../src/request/headers.ts";
import { secret } from "../../src/secret.ts";

function flatOf(init: unknown): readonly string[] {
  return new Headers(init as HeadersInit).flat;
}

describe("names", () => {
  test("#18 are found in any case, and sent as they were spelled", () => {
    const headers = new Headers({ "X-Request-ID": "1", ETag: "e" });
    expect(headers.get("x-request-id")).toBe("1");
    expect(headers.has("ETAG")).toBe(true);
    expect(headers.flat).toEqual(["X-Request-ID", "1", "ETag", "e"]);
    headers.set("x-REQUEST-id", "2");
    expect(headers.flat).toEqual(["x-REQUEST-id", "2", "ETag", "e"]);
    headers.delete("etag");
    expect(headers.flat).toEqual(["x-REQUEST-id", "2"]);
  });

  test.each<[title: string, base: HeadersInit, own: HeadersInit | undefined, merged: string[]]>([
    [
      "#19 own overrides in any case",
      { Accept: "a", "X-A": "1" },
      { ACCEPT: "b" },
      ["ACCEPT", "b", "X-A", "1"],
    ],
    ["#20 null deletes in any case", { Accept: "a", "X-A": "1" }, { "x-a": null }, ["Accept", "a"]],
    ["#20 undefined keeps", { Accept: "a" }, { accept: undefined }, ["Accept", "a"]],
    ["#20 an empty array deletes", { Accept: "a" }, { accept: [] }, []],
    [
      "#21 in place, then the new ones",
      { A: "1", B: "2", C: "3" },
      { D: "4", b: "5" },
      ["A", "1", "b", "5", "C", "3", "D", "4"],
    ],
    [
      "#21 several lines stand where the one stood",
      { A: "1", B: "2" },
      { a: ["x", "y"] },
      ["a", "x", "a", "y", "B", "2"],
    ],
    [
      "#26 one line takes the place of several",
      [
        ["A", "1"],
        ["B", "2"],
        ["a", "3"],
      ],
      { A: "9" },
      ["A", "9", "B", "2"],
    ],
    [
      "#26 pairs of one name replace once and then add",
      { A: "1", B: "2" },
      [
        ["a", "x"],
        ["a", "y"],
      ],
      ["a", "x", "B", "2", "a", "y"],
    ],
    ["#19 Headers over Headers", { A: "1" }, new Headers({ a: "2", B: "3" }), ["a", "2", "B", "3"]],
    [
      "#29 a default is removed",
      { "User-Agent": "chasqui", Accept: "*/*" },
      { "user-agent": null },
      ["Accept", "*/*"],
    ],
    ["nothing to merge", { A: "1" }, undefined, ["A", "1"]],
  ])("%s", (_, base, own, merged) => {
    expect(mergeHeaders(new Headers(base), own).flat).toEqual(merged);
  });

  test("two spellings in one object are one header, the later one", () => {
    expect(flatOf({ Accept: "a", accept: "b" })).toEqual(["accept", "b"]);
  });
});

describe("values", () => {
  test.each([
    ["a carriage return in a value", { a: "b\rc" }, /"a" has a carriage return \(U\+000D\) at position 1/],
    ["a line feed in a value", { a: "b\nc" }, /a line feed/],
    ["both in a value", { a: "b\r\nSet-Cookie: x" }, /a carriage return/],
    ["a trailing line feed", { a: "b\n" }, /a line feed/],
    ["a trailing carriage return", { a: "b\r" }, /a carriage return/],
    ["a leading line feed", { a: "\nb" }, /a line feed/],
    ["a NUL in a value", { a: "b\0" }, /a NUL/],
    ["a DEL in a value", { a: "b\x7f" }, /U\+007F/],
    ["a character beyond Latin-1", { a: "ż" }, /U\+017C/],
    ["a carriage return in a name", { "a\rb": "c" }, /header name "a\\rb" has a carriage return/],
    ["a line feed in a name", { "a\nb": "c" }, /a line feed/],
    ["a trailing line feed in a name", { "a\n": "c" }, /a line feed/],
    ["a colon in a name", { "a:": "c" }, /U\+003A/],
    ["an empty name", { "": "c" }, /empty/],
  ])("#23 S54 S68 %s is refused", (_, init, message) => {
    expect(() => new Headers(init)).toThrow(OptionsError);
    expect(() => new Headers(init)).toThrow(message);
  });

  test("#23 CR, LF and both, at the beginning, within and at the end, of a name and of a value", () => {
    for (const end of ["\r", "\n", "\r\n", "\n\r"]) {
      for (const bad of [`${end}a`, `a${end}b`, `a${end}`, end]) {
        for (const init of [{ [bad]: "v" }, { a: bad }, { a: ["v", bad] }, [[bad, "v"]], [["a", bad]]]) {
          expect(() => new Headers(init as HeadersInit), JSON.stringify(init)).toThrow(OptionsError);
        }
        const headers = new Headers();
        expect(() => headers.set("a", bad)).toThrow(OptionsError);
        expect(() => headers.append(bad, "v")).toThrow(OptionsError);
        expect(headers.flat).toEqual([]);
      }
    }
  });

  test.each([
    ["a value that starts with a space", { a: " b" }, /starts with white space/],
    ["a value that starts with a tab", { a: "\tb" }, /starts with white space/],
    ["a name that starts with a space", { " a": "b" }, /U\+0020/],
    ["a name that starts with a tab", { "\ta": "b" }, /U\+0009/],
  ])("#24 %s is refused", (_, init, message) => {
    expect(() => new Headers(init)).toThrow(message);
  });

  test.each([
    ["a number", 5, /"x-count" must be a string, not the number 5/],
    ["a boolean", true, /not the boolean true/],
    ["an object", { k: 1 }, /not an object with the keys k/],
    ["a null in an array", [null], /not null/],
    ["a number in an array", ["1", 2], /not the number 2/],
    ["a date", new Date(0), /not a Date/],
  ])("#25 %s is refused by the header's name", (_, value, message) => {
    expect(() => flatOf({ "x-count": value })).toThrow(OptionsError);
    expect(() => flatOf({ "x-count": value })).toThrow(message);
  });

  test.each([
    ["a string", "accept: a"],
    ["a number", 1],
    ["an array of strings", ["accept", "a"]],
    ["pairs of three", [["a", "b", "c"]]],
    ["pairs without a name", [[1, "b"]]],
  ])("%s is no form of headers", (_, init) => {
    expect(() => flatOf(init)).toThrow(OptionsError);
  });

  test("a secret that was read with its line break is refused with the reason, and not printed", () => {
    const bad = (): Headers => new Headers({ authorization: secret("Bearer s3cr3t\n") });
    expect(bad).toThrow(expect.objectContaining({ hint: expect.stringContaining("trim") }));
    expect(bad).not.toThrow(/s3cr3t/);
  });

  test("tabs within, obs-text and an empty value may stand", () => {
    expect(flatOf({ a: "b\tc", d: "é", e: "" })).toEqual(["a", "b\tc", "d", "é", "e", ""]);
  });
});

describe("repeated lines", () => {
  test("#26 come from pairs and arrays, and are read joined or one by one", () => {
    const headers = new Headers([
      ["Accept", "a"],
      ["accept", "b, c"],
    ]);
    expect(headers.get("ACCEPT")).toBe("a, b, c");
    expect(headers.getAll("accept")).toEqual(["a", "b, c"]);
    expect([...headers]).toEqual([
      ["Accept", "a"],
      ["accept", "b, c"],
    ]);
    expect(headers.get("x-none")).toBeNull();
    expect(headers.getAll("x-none")).toEqual([]);
  });

  test("#26 set-cookie is neither joined nor split", () => {
    const lines = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"];
    const headers = new Headers({ "Set-Cookie": lines });
    expect(headers.getSetCookie()).toEqual(lines);
    expect(headers.getAll("set-cookie")).toEqual(lines);
    expect(headers.get("set-cookie")).toBe(lines[0]);
  });

  test("#26 the lines of cookie are joined as RFC 9113 8.2.3 joins them", () => {
    expect(new Headers({ cookie: ["a=1", "b=2"] }).get("cookie")).toBe("a=1; b=2");
  });

  test("Fetch's Headers and a Map are forms too, and ours goes into Fetch's", () => {
    expect(flatOf(new globalThis.Headers({ A: "1" }))).toEqual(["a", "1"]);
    expect(flatOf(new Map([["A", "1"]]))).toEqual(["A", "1"]);
    expect(new globalThis.Headers([...new Headers({ a: ["1", "2"] })]).get("a")).toBe("1, 2");
  });

  test("they are walked by keys, values, entries and forEach", () => {
    const headers = new Headers({ A: ["1", "2"], B: "3" });
    expect([...headers.keys()]).toEqual(["A", "A", "B"]);
    expect([...headers.values()]).toEqual(["1", "2", "3"]);
    const seen: string[] = [];
    headers.forEach((value, name) => {
      seen.push(`${name}=${value}`);
    });
    expect(seen).toEqual(["A=1", "A=2", "B=3"]);
    headers.append("a", "4");
    expect(headers.getAll("A")).toEqual(["1", "2", "4"]);
  });
});

describe("what is the caller's", () => {
  test("#27 stays as it was", () => {
    const own = Object.freeze({ accept: "b", "x-a": Object.freeze(["1"]), "x-b": null });
    const base = new Headers({ Accept: "a", "X-B": "2" });
    const merged = mergeHeaders(base, own);
    merged.set("x-c", "3");
    merged.delete("accept");
    expect(base.flat).toEqual(["Accept", "a", "X-B", "2"]);
    const copy = base.clone();
    copy.append("x", "y");
    expect(base.has("x")).toBe(false);
    const given = ["A", "1"];
    const wrapped = Headers.fromFlat(given);
    mergeHeaders(wrapped, { a: "2" });
    expect(given).toEqual(["A", "1"]);
  });

  test("S55 is read by own property: a polluted prototype adds no header", () => {
    Object.defineProperty(Object.prototype, "x-evil", {
      value: "1",
      enumerable: true,
      configurable: true,
      writable: true,
    });
    try {
      expect(flatOf({ a: "b" })).toEqual(["a", "b"]);
      expect(Object.keys(new Headers({ a: "b" }).toJSON())).toEqual(["a"]);
    } finally {
      Reflect.deleteProperty(Object.prototype, "x-evil");
    }
  });

  test("S56 a key __proto__ is a name like any other, and pollutes nothing", () => {
    const merged = mergeHeaders(new Headers({ a: "1" }), JSON.parse('{"__proto__":"x","constructor":"y"}'));
    expect(merged.flat).toEqual(["a", "1", "__proto__", "x", "constructor", "y"]);
    expect(Object.keys(merged.toJSON())).toEqual(["a", "__proto__", "constructor"]);
    expect(Object.getPrototypeOf(merged.toJSON())).toBe(Object.prototype);
  });
});

describe("printing", () => {
  const made = (): Headers =>
    new Headers({
      Authorization: "Bearer s3cr3t",
      "Proxy-Authorization": "Basic s3cr3t",
      Cookie: "sid=s3cr3t",
      "X-Api-Key": "s3cr3t",
      "X-Odd": secret("s3cr3t"),
      Location: "https://ann:s3cr3t@h/?token=s3cr3t",
      Accept: "text/html",
    });

  test.each([
    ["JSON.stringify", (headers: Headers) => JSON.stringify(headers)],
    ["inspect", (headers: Headers) => inspect(headers, { depth: 9, showHidden: true })],
    ["String", (headers: Headers) => String(headers)],
    ["a copy", (headers: Headers) => JSON.stringify(headers.clone())],
    ["a merged one", (headers: Headers) => inspect(mergeHeaders(new Headers({ a: "b" }), headers))],
  ])("#28 P9 %s shows no secret", (_, print) => {
    expect(print(made())).not.toContain("s3cr3t");
  });

  test("#28 what is no secret is shown", () => {
    expect(made().toJSON()).toEqual({
      Authorization: "***",
      "Proxy-Authorization": "***",
      Cookie: "***",
      "X-Api-Key": "***",
      "X-Odd": "***",
      Location: "https://ann:***@h/?token=***",
      Accept: "text/html",
    });
    expect(inspect(new Headers({ a: "1" }))).toBe("Headers { a: '1' }");
  });

  test("a secret is sent as what it holds, and forgotten when a plain value takes its place", () => {
    const headers = made();
    expect(headers.get("x-odd")).toBe("s3cr3t");
    headers.set("x-odd", "plain");
    expect(headers.toJSON()["x-odd"]).toBe("plain");
  });
});

test("property: whatever name and value come in, no line is more than one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, value) => {
      let headers: Headers;
      try {
        headers = new Headers([[name, value]]);
      } catch (error) {
        expect(error).toBeInstanceOf(OptionsError);
        return;
      }
      expect(`${headers.flat[0]}: ${headers.flat[1]}`).toMatch(/^[^\r\n\0:]+: [^\r\n\0]*$/);
      expect(() => new globalThis.Headers([[name, value]])).not.toThrow();
    }),
    { seed: 20, numRuns: 2000 },
  );
});

test("S54 a value of 100,000 line feeds is refused at the cost of any other", () => {
  const feeds = "\n".repeat(100_000);
  expect(() => new Headers({ a: `${feeds}x` })).toThrow("a line feed (U+000A) at position 0");
  const refused = (value: string): unknown => {
    try {
      return new Headers({ a: value });
    } catch (error) {
      return error instanceof OptionsError ? error.hint : error;
    }
  };
  expect(refused(`x${feeds}`)).toContain("trim it");
  expect(refused(`x\ny${feeds}`)).toBeUndefined();
});

test.each([
  ["alone", {}, ["x-a", "b\r\nx-b: c"]],
  ["beside others", { accept: "*/*" }, ["x-a", "b\r\nx-b: c"]],
  ["among others", { accept: "*/*" }, ["x-c", "d", "x-a", "b\r\nx-b: c"]],
  ["as a further line", { accept: "*/*" }, ["x-a", "b", "x-a", "b\r\nx-b: c"]],
] as const)(
  "S54 S68 a line that a transport received is checked before it is sent on, %s",
  (_, base, lines) => {
    const received = Headers.fromFlat([...lines]);
    expect(() => mergeHeaders(new Headers(base), received)).toThrow(OptionsError);
  },
);
