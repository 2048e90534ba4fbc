import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionsError } from "../../src/errors/options-error.ts";
import { expandPath, type PathValues } from "../../src/request/path.ts";
import { resolveUrl } from "../../src/request/url.ts";
import { secret } from "../../src/secret.ts";

function expand(template: string, values: unknown): string {
  return expandPath(template, values as PathValues);
}

describe("a path", () => {
  test.each<[template: string, values: Record<string, string | number | boolean>, path: string]>([
    ["/users/{login}", { login: "octocat" }, "/users/octocat"],
    ["/users/{login}/repos/{repo}", { login: "ann", repo: "a/b" }, "/users/ann/repos/a%2Fb"],
    ["/a/{id}/{id}", { id: 5 }, "/a/5/5"],
    ["/a/{v}", { v: "a b?c#d%e\\f" }, "/a/a%20b%3Fc%23d%25e%5Cf"],
    ["/a/{v}", { v: "ñ😀" }, "/a/%C3%B1%F0%9F%98%80"],
    ["/a/{v}", { v: "%2e%2e" }, "/a/%252e%252e"],
    ["/v{major}.{minor}/x", { major: 1, minor: 2 }, "/v1.2/x"],
    ["/a/{flag}", { flag: true }, "/a/true"],
    ["https://h/{id}?q={id}#{id}", { id: 1 }, "https://h/1?q={id}#{id}"],
    ["{id}", { id: 1 }, "1"],
    ["/{x:y}", { "x:y": 1 }, "/1"],
    ["/a/b", {}, "/a/b"],
  ])("%s", (template, values, path) => {
    expect(expand(template, values)).toBe(path);
  });

  test("takes a bigint", () => {
    expect(expand("/{id}", { id: 9007199254740993n })).toBe("/9007199254740993");
  });

  test.each<[title: string, template: string, values: unknown, message: RegExp]>([
    ["no value for a placeholder", "/a/{id}", {}, /there is no value for \{id\}/],
    ["no placeholder for a value", "/a/{id}", { id: 1, x: 2 }, /there is no \{x\} in the path/],
    ["an empty value", "/a/{id}", { id: "" }, /path\.id is "", which would name another resource/],
    ["one dot", "/a/{id}", { id: "." }, /path\.id is "\."/],
    ["two dots", "/a/{id}", { id: ".." }, /path\.id is "\.\."/],
    ["undefined", "/a/{id}", { id: undefined }, /not undefined/],
    ["null", "/a/{id}", { id: null }, /not null/],
    ["NaN", "/a/{id}", { id: Number.NaN }, /not the number NaN/],
    ["an object", "/a/{id}", { id: { a: 1 } }, /not an object/],
    ["an array", "/a/{id}", { id: [1] }, /not an array/],
    ["half a surrogate pair", "/a/{id}", { id: "\ud83d" }, /surrogate/],
    ["#28 P9 a Secret, since a path is printed", "/a/{id}", { id: secret("s3cr3t") }, /path\.id is a Secret/],
    ["a placeholder of RFC 6570", "/a{/id}", { id: 1 }, /there is no \{id\}/],
    ["a placeholder in the host", "https://{host}/x", { host: "h" }, /there is no \{host\} in the path/],
    ["a placeholder in the query", "/x?q={q}", { q: 1 }, /there is no \{q\} in the path/],
    ["a list", "/a/{0}", ["x"], /path must be an object/],
    ["a string", "/a/{id}", "x", /path must be an object/],
  ])("refuses %s", (_, template, values, message) => {
    expect(() => expand(template, values)).toThrow(OptionsError);
    expect(() => expand(template, values)).toThrow(message);
  });

  test("S55 values are read by own property", () => {
    expect(() => expand("/{constructor}", {})).toThrow(/there is no value for \{constructor\}/);
    expect(() => expand("/{__proto__}", {})).toThrow(OptionsError);
    expect(expand("/{__proto__}", JSON.parse('{"__proto__":1}'))).toBe("/1");
  });

  test("with a placeholder and no values is refused: it would be sent as it stands", () => {
    expect(() => resolveUrl("https://h.test/users/{id}")).toThrow("no value for {id}");
    for (const url of ["https://h.test/a{}b", "https://h.test/{a b}", "https://h.test/?x={id}"])
      expect(() => resolveUrl(url)).not.toThrow();
  });
});

test("property: a value never leaves its segment, and comes back as it went", () => {
  const value = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("..", "%2e%2e", "../..", "a/../b", "\\..\\", "%2F", "?", "#", ".%2e"),
  );
  fc.assert(
    fc.property(value, (id) => {
      let href: string;
      try {
        href = resolveUrl("https://h/a/{id}/z", { path: { id } }).href;
      } catch (error) {
        expect(error).toBeInstanceOf(OptionsError);
        expect(["", ".", ".."]).toContain(id);
        return;
      }
      const [, , , a, segment, z, ...more] = href.split("/");
      expect([a, z, more]).toEqual(["a", "z", []]);
      expect(decodeURIComponent(segment ?? "")).toBe(id);
    }),
    { seed: 5, numRuns: 1000 },
  );
});
