import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guessContentType, parseContentType } from "../../src/request/content-type.ts";

describe("#50 the type of a file", () => {
  test.each([
    ["photo.png", "image/png"],
    ["PHOTO.JPG", "image/jpeg"],
    ["a/b.c/data.csv", "text/csv"],
    ["archive.tar.gz", "application/gzip"],
    ["notes", "application/octet-stream"],
    ["x.unknown", "application/octet-stream"],
    ["x.", "application/octet-stream"],
    [".json", "application/json"],
    ["x.constructor", "application/octet-stream"],
  ])("%s is %s", (name, type) => {
    expect(guessContentType(name)).toBe(type);
  });
});

describe("a Content-Type taken apart", () => {
  test.each<[value: string | null, type: string, parameters: Record<string, string>]>([
    ["text/html", "text/html", {}],
    ["Text/HTML; Charset=UTF-8", "text/html", { charset: "UTF-8" }],
    ['text/html;charset="utf-8";x=1', "text/html", { charset: "utf-8", x: "1" }],
    ['multipart/form-data; a="x;y=z"; boundary=b', "multipart/form-data", { a: "x;y=z", boundary: "b" }],
    ['a/b; c="d\\"e\\\\f"', "a/b", { c: 'd"e\\f' }],
    ["a/b ; c = d ; e", "a/b", { c: "d" }],
    ["a/b; c=1; C=2", "a/b", { c: "1" }],
    ['a/b; c="open', "a/b", { c: "open" }],
    ['a/b; c="x" trailing; d=2', "a/b", { c: "x", d: "2" }],
    ["a/b;;; c=1;", "a/b", { c: "1" }],
    ["a/b; =1", "a/b", {}],
    ["a/b; c=", "a/b", { c: "" }],
    ["nonsense", "", {}],
    ["; charset=utf-8", "", { charset: "utf-8" }],
    ["", "", {}],
    [null, "", {}],
    ["a/b; __proto__=x", "a/b", Object.fromEntries([["__proto__", "x"]])],
  ])("%j", (value, type, parameters) => {
    const parsed = parseContentType(value);
    expect(parsed.type).toBe(type);
    expect(Object.fromEntries(parsed.parameters)).toEqual(parameters);
  });

  test("property: a quoted value comes back as it went", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const quoted = value.replace(/["\\]/g, "\\$&");
        expect(parseContentType(`a/b; x=1; v="${quoted}"; y=2`).parameters.get("v")).toBe(value);
      }),
      { seed: 14 },
    );
  });

  test("property: anything is read without an error", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ";", "=", '"', "\\", " ", "/", "\t") }), (value) => {
        expect(parseContentType(value).parameters).toBeInstanceOf(Map);
      }),
      { seed: 15, numRuns: 1000 },
    );
  });
});
