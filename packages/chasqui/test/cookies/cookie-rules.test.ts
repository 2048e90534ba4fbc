import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cookieHostOf,
  defaultPath,
  domainMatches,
  domainsAbove,
  pathMatches,
  scopeOf,
} from "../../src/cookies/cookie-rules.ts";

describe("#85 domains", () => {
  test.each([
    ["example.com", "example.com", true],
    ["api.example.com", "example.com", true],
    ["a.b.example.com", "example.com", true],
    ["example.com", "api.example.com", false],
    ["badexample.com", "example.com", false],
    ["example.com.evil.test", "example.com", false],
    ["1.2.3.4", "3.4", false],
    ["[::1]", "1]", false],
    ["example.com", "", false],
  ])("%s is %s or below it: %s", (host, domain, expected) => {
    expect(domainMatches(host, domain)).toBe(expected);
  });

  test.each([
    ["a.b.c", ["a.b.c", "b.c", "c"]],
    ["localhost", ["localhost"]],
    ["127.0.0.1", ["127.0.0.1"]],
    ["[::1]", ["[::1]"]],
  ])("%s and above: %j", (host, expected) => {
    expect([...domainsAbove(host)]).toEqual(expected);
  });

  test("what is above a host is what it matches", () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,4}$/);
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 5 }),
        fc.array(label, { minLength: 1, maxLength: 3 }),
        (a, b) => {
          const host = a.join(".");
          for (const domain of domainsAbove(host)) expect(domainMatches(host, domain)).toBe(true);
          const other = b.join(".");
          expect(domainMatches(host, other)).toBe([...domainsAbove(host)].includes(other));
        },
      ),
      { seed: 85 },
    );
  });
});

test.each([
  ["https://API.Example.com:8443/a/b?c#d", { host: "api.example.com", path: "/a/b", secure: true }],
  ["http://example.com./", { host: "example.com", path: "/", secure: false }],
  ["http://bücher.test/", { host: "xn--bcher-kva.test", path: "/", secure: false }],
  ["http://localhost:3000/", { host: "localhost", path: "/", secure: true }],
  ["http://a.localhost/", { host: "a.localhost", path: "/", secure: true }],
  ["http://127.1/", { host: "127.0.0.1", path: "/", secure: true }],
  ["http://[::1]:80/", { host: "[::1]", path: "/", secure: true }],
  ["http://127.0.0.1.evil.test/", { host: "127.0.0.1.evil.test", path: "/", secure: false }],
  ["http://evillocalhost/", { host: "evillocalhost", path: "/", secure: false }],
  ["no url", undefined],
  ["mailto:a@b.test", undefined],
])("the scope of %s", (url, expected) => {
  expect(scopeOf(url)).toEqual(expected);
});

test("the host of a URL is the same whether the parser is asked or not", () => {
  const origins = [
    ...["http://localhost:4010", "https://api.example.com", "https://[::1]:8443", "http://[::1]"],
    ...[
      "http://127.0.0.1:80",
      "https://example.com.",
      "http://a.localhost",
      "https://xn--bcher-kva.example:444",
    ],
  ];
  for (const origin of origins) expect(cookieHostOf(`${origin}/`)).toBeDefined();
  const target = fc.oneof(
    fc.stringMatching(/^\/[\w~!$&()*+,;=:@/?.%#-]{0,8}$/),
    fc.constantFrom(
      "",
      "?a",
      "#a",
      "//evil.test/",
      "\\evil.test",
      "@evil.test/",
      ".evil.test/",
      ":1/",
      "1/",
      "/@a",
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...origins), target, (origin, text) => {
      const url = origin + text;
      const scope = scopeOf(url);
      const wanted = scope && {
        host: scope.host,
        secure: scope.secure,
        domains: [...domainsAbove(scope.host)],
      };
      expect(cookieHostOf(url)).toEqual(wanted);
    }),
    { seed: 6265, numRuns: 5000 },
  );
});

test.each([
  ["/a/b", "/", true],
  ["/a/b", "/a", true],
  ["/a/b", "/a/", true],
  ["/a", "/a", true],
  ["/a/", "/a/", true],
  ["/a", "/a/", false],
  ["/ab", "/a", false],
  ["/A", "/a", false],
  ["/", "/a", false],
])("#85 the path %s is %s or below it: %s", (path, cookiePath, expected) => {
  expect(pathMatches(path, cookiePath)).toBe(expected);
});

test.each([
  ["/a/b", "/a"],
  ["/a/b/", "/a/b"],
  ["/a", "/"],
  ["/", "/"],
  ["", "/"],
])("the default path of %s is %s", (path, expected) => {
  expect(defaultPath(path)).toBe(expected);
});
