import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChasquiError } from "../../src/errors/chasqui-error.ts";
import { OptionsError } from "../../src/errors/options-error.ts";
import { resolveLocation } from "../../src/request/location.ts";
import { parseBase, type ResolvedUrl, resolveUrl } from "../../src/request/url.ts";

function problemOf(
  url: unknown,
  options: Parameters<typeof resolveUrl>[1] = {},
): { message: string; hint: string } {
  try {
    resolveUrl(url as string, options);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    return { message: error.message, hint: error.hint ?? "" };
  }
  throw new Error(`${String(url)} was taken`);
}

describe("a URL", () => {
  test.each<[title: string, url: string, href: string]>([
    ["#7 a query that is encoded is left alone", "https://h/?a=%20&b=x%2Fy+z", "https://h/?a=%20&b=x%2Fy+z"],
    [
      "#7 what may not stand in a query is encoded",
      'https://h/?a=b c"<>ü',
      "https://h/?a=b%20c%22%3C%3E%C3%BC",
    ],
    [
      "#7 a stray % of the query is %25",
      "https://h/?buz=%ppicture&x=%20&y=%",
      "https://h/?buz=%25ppicture&x=%20&y=%25",
    ],
    ["#7 a stray % of the path is %25", "https://h/100%/%zz/%41", "https://h/100%25/%25zz/%41"],
    ["#8 a space in a path is encoded once", "https://h/a b", "https://h/a%20b"],
    ["#8 and not twice", "https://h/a%20b", "https://h/a%20b"],
    ["#9 a host is written in punycode", "https://bücher.example/x", "https://xn--bcher-kva.example/x"],
    ["#9 a path in UTF-8", "https://h/ñandú/日本", "https://h/%C3%B1and%C3%BA/%E6%97%A5%E6%9C%AC"],
    ["#11 white space around it is trimmed", " \t\nhttps://h/x \n", "https://h/x"],
    ["#11 the scheme has no case, nor the host", "HTTPS://EXAMPLE.com/X", "https://example.com/X"],
    ["#17 the default port is left out", "https://h:443/x", "https://h/x"],
    ["#17 the default port of http too", "http://h:80/x", "http://h/x"],
    ["#17 another port is kept", "http://h:443/x", "http://h:443/x"],
    ["S53 an IPv4 address is written as one", "http://0x7f.1/", "http://127.0.0.1/"],
    ["an IPv6 address", "http://[::1]:8080/x", "http://[::1]:8080/x"],
    ["a path that is empty is a slash", "https://h?a=1", "https://h/?a=1"],
    ["dots are walked", "https://h/a/../b/./c", "https://h/b/c"],
    ["braces and pipes are left to the parser", "https://h/a?f={x|y}", "https://h/a?f={x|y}"],
  ])("%s", (_, url, href) => {
    expect(resolveUrl(url).href).toBe(href);
  });

  test.each([
    ["https://h/x#top", "https://h/x", "#top"],
    ["https://h/x#a b", "https://h/x", "#a%20b"],
    ["https://h/x?q#", "https://h/x?q", "#"],
    ["https://h/x", "https://h/x", ""],
  ])("#15 the fragment of %s is kept aside", (url, href, fragment) => {
    expect(resolveUrl(url)).toMatchObject({ href, fragment });
  });

  test.each([
    ["https://ann:pa55@h:8443/x", "ann", "pa55"],
    ["https://ann%40corp:p%3A%2F%20%C3%B1@h:8443/x", "ann@corp", "p:/ ñ"],
    ["https://ann@h:8443/x", "ann", ""],
    ["https://:pw@h:8443/x", "", "pw"],
    ["https://ann:100%@h:8443/x", "ann", "100%"],
    ["https://h:8443/x", undefined, undefined],
  ])("#16 user and password of %s come decoded, and are in no other place", (url, username, password) => {
    expect(resolveUrl(url)).toMatchObject({
      href: "https://h:8443/x",
      origin: "https://h:8443",
      username,
      password,
    });
  });

  test("may be a URL object, of another realm too, and is not changed", () => {
    const url = new URL("https://ann:pw@h/x#y");
    expect(resolveUrl(url, { query: "a=1" }).href).toBe("https://h/x?a=1");
    expect(url.href).toBe("https://ann:pw@h/x#y");
  });

  test("#4 gets a query behind its own and before its fragment", () => {
    expect(resolveUrl("https://h/x?a=1#f", { query: "b=2" })).toMatchObject({
      href: "https://h/x?a=1&b=2",
      fragment: "#f",
    });
  });

  test.each<[title: string, url: unknown, message: RegExp, hint: string]>([
    [
      "#10 no scheme",
      "api.example.com/v1",
      /"api\.example\.com\/v1" has no scheme/,
      "did you mean https://api.example.com/v1?",
    ],
    [
      "#10 no scheme but a port",
      "localhost:4010/x?y=1",
      /has no scheme/,
      "did you mean http://localhost:4010/x?",
    ],
    ["#10 no scheme but two slashes", "//h/x", /has no scheme/, "did you mean https://h/x?"],
    [
      "a place that is no password",
      "h:80/@me",
      /"h:80\/@me" has no scheme/,
      "did you mean https://h:80/@me?",
    ],
    [
      "#28 a password behind a scheme that is none",
      "ht tp://a:S3@h/",
      /"ht tp:\/\/a:\*\*\*@h\/"/,
      "and then the rest?",
    ],
    ["#28 a password with a slash", "my a:S/3@h", /has no scheme/, "https:// and then the rest?"],
    ["#28 a password behind one slash", "https:/a:S3@h/", /"https:\/a:\*\*\*@h\/"/, "https://"],
    ["#10 only a path", "/posts/1", /is relative, and there is no baseUrl/, "baseUrl"],
    ["#10 another scheme", "ftp://h/x", /has the scheme "ftp:", allowed are http and https/, ""],
    ["S52 D20 data:", "data:text/plain,x", /has the scheme "data:"/, ""],
    ["D20 file:", "file:///etc/passwd", /has the scheme "file:"/, ""],
    ["#10 one slash", "https:/h/x", /lacks the two slashes/, "https://"],
    ["#10 no slash", "https:h", /lacks the two slashes/, "https://"],
    ["#10 an empty host", "https:///x", /has an empty host/, ""],
    ["#10 an empty host with a port", "https://:80/x", /has an empty host/, ""],
    ["#10 no more than a scheme", "https://", /has an empty host/, ""],
    ["S18 four slashes", "http:////evil.example", /has an empty host/, ""],
    ["S18 a host behind an empty one", "http://x@//evil.example", /has an empty host/, ""],
    ["#10 a port too high", "https://h:99999/", /has a port that is none/, "65535"],
    ["#10 a port that is a word", "https://h:abc/", /has a port that is none/, "65535"],
    ["#10 a port too high on IPv6", "https://[::1]:99999/", /has a port that is none/, "65535"],
    ["#10 an IPv6 bracket that is open", "https://[::1", /brackets do not match/, "[::1]"],
    ["#10 a bad IPv6 address", "https://[::zz]/", /has an IPv6 address that is none/, "[::1]"],
    ["#10 a bad IPv4 address", "https://1.2.3.4.5/", /has an IPv4 address that is none/, ""],
    ["#9 a wildcard host", "https://*.example.com/", /has a host that is no valid name/, ""],
    ["#9 a wildcard in escapes", "https://%2a.example.com/", /has a host that is no valid name/, ""],
    ["#9 a space in a host", "https://exa mple.com/", /has a host that is no valid name/, ""],
    ["#9 invalid IDNA", "https://xn--\u00fc.example/", /has a host that is no valid name/, ""],
    ...["%2f", "%2F", "%5c", "%3a", "%40", "%23", "%3f", "%5b"].map(
      (separator): [string, string, RegExp, string] => [
        `S23 the escaped separator ${separator} in a host`,
        `https://h${separator}evil.example/`,
        /has a host that is no valid name/,
        "",
      ],
    ),
    [
      "#12 a line break",
      "https://h/a\r\nX: y",
      /has a control character, U\+000D, at position 11/,
      "params or path",
    ],
    ["#12 a NUL", "https://h/\0", /U\+0000, at position 10/, "params or path"],
    ["#12 a tab in the host", "  https://e\tvil/", /U\+0009, at position 11/, "params or path"],
    [
      "#12 a URL too long",
      `https://h/${"x".repeat(65_536)}`,
      /has 65546 characters, allowed are 65536/,
      "body",
    ],
    ["an empty one", "", /"" is empty/, ""],
    ["#9 half a surrogate pair, which has no UTF-8", "https://h/\ud83d", /surrogate/, ""],
    ["a number", 5, /url must be a string or a URL, not the number 5/, ""],
    ["undefined", undefined, /not undefined/, ""],
    ["an object with href", { href: "https://h/" }, /not an object with the keys href/, ""],
  ])("%s is refused", (_, url, message, hint) => {
    const problem = problemOf(url);
    expect(problem.message).toMatch(message);
    expect(problem.hint).toContain(hint);
  });

  test("#12 a control character anywhere in a URL is refused, with its position", () => {
    const codes = [...Array(0x20).keys(), 0x7f, 0x80, 0x85, 0x9f];
    for (const url of ["https://u:p@host:80/path?query#fragment", "/path?query#fragment"]) {
      for (let at = 1; at < url.length; at++) {
        for (const code of codes) {
          const bad = url.slice(0, at) + String.fromCharCode(code) + url.slice(at);
          const hex = code.toString(16).toUpperCase().padStart(4, "0");
          expect(problemOf(bad, { baseUrl: "https://h/v1" }).message).toContain(
            `has a control character, U+${hex}, at position ${at}`,
          );
        }
      }
    }
  });

  test("#10 five mistakes, five messages, each naming the URL, and the likely fix where there is one", () => {
    const told = ["api.example.com/v1", "ftp://h/x", "https:///x", "https://h:x1/", "https://[::1/"].map(
      (url) => {
        const { message } = problemOf(url);
        expect(message).toContain(JSON.stringify(url));
        return message.slice(message.lastIndexOf('" ') + 2);
      },
    );
    expect(new Set(told).size).toBe(5);
    expect(problemOf("api.example.com/v1").hint).toContain("https://api.example.com/v1");
  });

  test("#12 a query that makes it too long is refused", () => {
    expect(problemOf("https://h/", { query: "x".repeat(65_536) }).message).toMatch(/allowed are 65536/);
  });

  test.each([
    "ann:s3cr3t@h/x",
    "https://ann:s3cr3t@h:abc/x",
    "https://ann:s3cr/3t@h/x",
    "https://ann:s3cr#3t@h/x",
    "https://ann:s3cr?3t@h/x",
    "https://ann:s3cr3t@*/x",
    "https://s3cr3t@h\u0001/",
    "https://h:x/?token=s3cr3t#access_token=s3cr3t",
    "//ann:s3cr3t@h/x?sig=s3cr3t",
    "h/x?api_key=s3cr3t",
    "ftp://ann:s3cr3t@h/",
  ])("#28 D17 P9 the error about %j shows no secret", (url) => {
    const { message, hint } = problemOf(url);
    expect(`${message} ${hint}`).not.toMatch(/s3cr|3t/);
  });
});

describe("#13 P17 joined to a base", () => {
  test.each<[base: string, url: string, href: string]>([
    ["https://h/some/path", "/x", "https://h/some/path/x"],
    ["https://h/some/path", "x", "https://h/some/path/x"],
    ["https://h/some/path/", "/x", "https://h/some/path/x"],
    ["https://h/some/path/", "x", "https://h/some/path/x"],
    ["https://h/some/path", "../x", "https://h/some/x"],
    ["https://h/some/path", "../../../x", "https://h/x"],
    ["https://h/v1", "a%2Fb", "https://h/v1/a%2Fb"],
    ["https://h/v1", "a:b", "https://h/v1/a:b"],
    ["https://h/v1", "/a:b/c", "https://h/v1/a:b/c"],
    ["https://h/v1", "mailto:x", "https://h/v1/mailto:x"],
    ["https://h/v1", "", "https://h/v1"],
    ["https://h/v1/", "", "https://h/v1/"],
    ["https://h/v1", "/", "https://h/v1/"],
    ["https://h/v1", "?a=1", "https://h/v1?a=1"],
    ["https://h/v1/", "?a=1", "https://h/v1/?a=1"],
    ["https://h/v1", "x/", "https://h/v1/x/"],
    ["https://h/v1?key=1", "x", "https://h/v1/x?key=1"],
    ["https://h/v1?key=1", "x?a=2", "https://h/v1/x?key=1&a=2"],
    ["https://h/v1?key=1", "x?#f", "https://h/v1/x?key=1"],
    ["https://h/v1?key=1", "#f", "https://h/v1?key=1"],
    ["https://h/v1?key=1#frag", "", "https://h/v1?key=1"],
    ["https://h", "x", "https://h/x"],
    ["https://h", "", "https://h/"],
    ["http://h:8080/", "/x", "http://h:8080/x"],
    ["https://h/a b%", "/c", "https://h/a%20b%25/c"],
    ["https://h/v1", "http:x", "https://h/v1/http:x"],
    ["https://h/v1", "@evil.example", "https://h/v1/@evil.example"],
    ["https://h", "@evil.example", "https://h/@evil.example"],
    ["https://h", ":80@evil.example", "https://h/:80@evil.example"],
    ["https://h", ".evil.example", "https://h/.evil.example"],
    ["https://h/v1", "\\x", "https://h/v1//x"],
  ])("%s and %j", (baseUrl, url, href) => {
    expect(resolveUrl(url, { baseUrl })).toMatchObject({ href, withinBase: true });
    expect(resolveUrl(url, { baseUrl: parseBase(baseUrl) })).toEqual(
      resolveUrl(url, { baseUrl: new URL(baseUrl) }),
    );
  });

  test("the query of the base comes first, then the URL's, then the params", () => {
    expect(resolveUrl("/x?b=2#f", { baseUrl: "https://h/v1?a=1", query: "c=3" }).href).toBe(
      "https://h/v1/x?a=1&b=2&c=3",
    );
  });

  test.each([
    ["https://h/other?x=1", "https://h/other?x=1"],
    ["HTTPS://H:443/other", "https://h/other"],
    ["//h/other", "https://h/other"],
    ["\\\\h\\other", "https://h/other"],
    ["/\\h/other", "https://h/other"],
  ])("#14 %s has the origin of the base and is used as it is", (url, href) => {
    expect(resolveUrl(url, { baseUrl: "https://h/v1?key=1" })).toMatchObject({ href, withinBase: true });
  });

  test.each([
    "https://evil.example/x",
    "http://h/x",
    "https://h:8443/x",
    "//evil.example/x",
    "///evil.example/x",
    "\\\\evil.example/x",
    "/\\evil.example/x",
    "\\/evil.example/x",
    "  //evil.example/x",
    "https://h@evil.example/x",
    "https://h.evil.example/",
    "https:\\\\evil.example",
  ])("S51 P17 %j does not leave the base", (url) => {
    let resolved: ResolvedUrl;
    try {
      resolved = resolveUrl(url, { baseUrl: "https://h/v1" });
    } catch (error) {
      expect(error).toBeInstanceOf(OptionsError);
      return;
    }
    expect(resolved.origin).toBe("https://h");
    expect(resolved.href.startsWith("https://h/v1/")).toBe(true);
  });

  test("S51 the error says which origin, and what to do", () => {
    const absolute = problemOf("https://ann:s3cr3t@evil.example/x", { baseUrl: "https://h/v1" });
    expect(absolute.message).toBe(
      'url: "https://ann:***@evil.example/x" leaves baseUrl: its origin is https://evil.example, not https://h',
    );
    expect(absolute.hint).toContain('allowOrigins: ["https://evil.example"]');
    expect(problemOf("//posts", { baseUrl: "https://h/v1" }).hint).toContain("one slash");
  });

  test.each([["https://cdn.example"], ["https://cdn.example/"], ["https://CDN.example:443/path"]])(
    "S51 an origin named in allowOrigins as %s is another origin all the same",
    (entry) => {
      const options = { baseUrl: "https://ann:pw@h/v1?key=1", allowOrigins: ["https://x.example", entry] };
      expect(resolveUrl("https://cdn.example/f", options)).toEqual({
        href: "https://cdn.example/f",
        origin: "https://cdn.example",
        fragment: "",
        username: undefined,
        password: undefined,
        withinBase: false,
      });
      expect(resolveUrl("//cdn.example/f", options).href).toBe("https://cdn.example/f");
      expect(() => resolveUrl("http://cdn.example/f", options)).toThrow(OptionsError);
    },
  );

  test("an entry of allowOrigins that is no URL is an error", () => {
    expect(problemOf("https://a/", { baseUrl: "https://h", allowOrigins: ["cdn"] }).message).toMatch(
      /allowOrigins: "cdn" has no scheme/,
    );
  });

  test("#16 user and password of the base belong to its origin, and give way to the URL's own", () => {
    const baseUrl = parseBase("https://ann:pa%3A55@h/v1");
    expect(resolveUrl("/x", { baseUrl })).toMatchObject({
      href: "https://h/v1/x",
      username: "ann",
      password: "pa:55",
    });
    expect(resolveUrl("https://h/y", { baseUrl })).toMatchObject({ username: "ann", password: "pa:55" });
    expect(resolveUrl("https://bob:pw@h/y", { baseUrl })).toMatchObject({ username: "bob", password: "pw" });
  });

  test.each(["h/v1", "/v1", "ftp://h", "", "https://", "https://h:x"])(
    "a base that is %j is an error",
    (baseUrl) => {
      expect(() => parseBase(baseUrl)).toThrow(OptionsError);
      expect(() => parseBase(baseUrl)).toThrow(/^baseUrl: /);
    },
  );

  test("path and query are filled in on the way", () => {
    expect(
      resolveUrl("/users/{id}", { baseUrl: "https://h/v1", path: { id: "../x" }, query: "a=1" }).href,
    ).toBe("https://h/v1/users/..%2Fx?a=1");
  });

  test.each(["baseUrl", "allowOrigins", "path", "query"])("S55 %s is read by own property", (name) => {
    const value = {
      baseUrl: "https://evil.example",
      allowOrigins: ["https://b"],
      path: { x: 1 },
      query: "evil=1",
    }[name];
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      expect(resolveUrl("https://a/x", {}).href).toBe("https://a/x");
      expect(resolveUrl("https://a/x").href).toBe("https://a/x");
      const options = Object.assign(Object.create(null), { baseUrl: "https://a" });
      expect(() => resolveUrl("https://b/x", options)).toThrow(OptionsError);
      expect(resolveUrl("/y", Object.assign({}, options)).href).toBe("https://a/y");
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

describe("a Location", () => {
  const from = "https://h/a/b?c=1";

  test.each<[title: string, location: string, href: string]>([
    ["#66 an absolute one", "http://other/x", "http://other/x"],
    ["#66 a path", "/x", "https://h/x"],
    ["#66 a relative one", "x?y", "https://h/a/x?y"],
    ["#66 one that climbs", "../x", "https://h/x"],
    ["#66 without a scheme", "//other/x", "https://other/x"],
    ["#66 only a query", "?y=1", "https://h/a/b?y=1"],
    ["#66 with white space around", " /x ", "https://h/x"],
    ["#67 UTF-8 that came as Latin-1", "/\u00c3\u00b1and\u00c3\u00ba", "https://h/%C3%B1and%C3%BA"],
    ["#67 UTF-8 in the query", "/?q=\u00e6\u0097\u00a5", "https://h/?q=%E6%97%A5"],
    ["#67 UTF-8 in the host", "//b\u00c3\u00bccher.example/", "https://xn--bcher-kva.example/"],
    ["#67 bytes that are no UTF-8", "/caf\u00e9", "https://h/caf%E9"],
    ["#67 text that was decoded before", "/日本", "https://h/%E6%97%A5%E6%9C%AC"],
    ["#7 a stray %", "/100%", "https://h/100%25"],
    ["#8 a space", "/a b", "https://h/a%20b"],
  ])("%s", (_, location, href) => {
    expect(resolveLocation(location, from)).toMatchObject({ href });
  });

  test.each([
    ["/x", "https://h/a#old", "#old"],
    ["/x#new", "https://h/a#old", "#new"],
    ["/x#", "https://h/a#old", "#"],
    ["/x#new", "https://h/a", "#new"],
    ["/x", "https://h/a", ""],
  ])("#68 %s from %s has the fragment %j", (location, before, fragment) => {
    expect(resolveLocation(location, before)).toMatchObject({ href: "https://h/x", fragment });
  });

  test.each([
    ["/x", true],
    ["https://h:443/x", true],
    ["http://h/x", false],
    ["https://h:444/x", false],
    ["https://h2/x", false],
    ["https://hh/x", false],
  ])("D18 whether %s stays on the origin: %s", (location, withinBase) => {
    expect(resolveLocation(location, from)).toMatchObject({ withinBase });
    expect(resolveLocation(location, "https://h")).toMatchObject({ withinBase });
  });

  test("user and password of a Location are kept aside", () => {
    expect(resolveLocation("https://ann:p%40w@h/x", from)).toMatchObject({
      href: "https://h/x",
      username: "ann",
      password: "p@w",
    });
  });

  test.each<[title: string, location: string, problem: RegExp]>([
    ["#69 an unsupported scheme", "ftp://h/x", /^has the scheme "ftp:", allowed are http and https$/],
    ["S48 a file", "file:///etc/passwd", /^has the scheme "file:"/],
    ["S48 a unix socket", "unix:/var/run/docker.sock", /^has the scheme "unix:"/],
    ["S52 data", "data:text/html,x", /^has the scheme "data:"/],
    ["#69 one that is no URL", "http://[::1", /^is no valid URL$/],
    ["#69 a bad port", "http://h:99999/", /^is no valid URL$/],
    ["S23 an escaped separator in its host", "http://h%2fevil.example/", /^is no valid URL$/],
    ["#69 a wildcard", "http://*/", /^has no valid host$/],
    ["#69 an empty one", " ", /^is empty$/],
    ["#69 S8 a control character", "/a\tb", /^has a control character in it$/],
    ["#12 one too long", `/${"x".repeat(65_536)}`, /^has 65537 characters/],
    ["#12 one that grows too long", `/${"é".repeat(40_000)}`, /characters, allowed are 65536$/],
  ])("%s is a problem and no crash", (_, location, problem) => {
    expect(resolveLocation(location, from)).toMatchObject({ problem: expect.stringMatching(problem) });
  });
});

describe("properties", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.constantFrom(
      "/",
      "//",
      "\\",
      "@",
      ":",
      "?",
      "#",
      "[",
      "]",
      "%2f",
      "%",
      "http:",
      "https://",
      "evil.example",
      "..",
      "\t",
      "h",
      ":80",
    ),
  );
  const anything = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

  test("S51 P17 whatever is joined to a base, the request goes to the base's origin or nowhere", () => {
    const base = parseBase("https://api.example.com/v1");
    fc.assert(
      fc.property(anything, (input) => {
        let resolved: ResolvedUrl;
        try {
          resolved = resolveUrl(input, { baseUrl: base });
        } catch (error) {
          expect(error).toBeInstanceOf(OptionsError);
          return;
        }
        expect(resolved.withinBase).toBe(true);
        expect(new URL(resolved.href).origin).toBe(base.origin);
      }),
      { seed: 6, numRuns: 5000 },
    );
  });

  test("S18 S44 what was resolved reads the same again: one host, no user, no fragment", () => {
    fc.assert(
      fc.property(anything, (rest) => {
        let resolved: ResolvedUrl;
        try {
          resolved = resolveUrl(`http://${rest}`);
        } catch (error) {
          expect(error).toBeInstanceOf(ChasquiError);
          return;
        }
        const again = new URL(resolved.href);
        expect(again.href).toBe(resolved.href);
        expect(again.origin).toBe(resolved.origin);
        expect(resolved.href.startsWith(`${resolved.origin}/`)).toBe(true);
        expect([again.username, again.password, again.hash]).toEqual(["", "", ""]);
        expect(resolved.href).toMatch(/^[!-~]+$/);
      }),
      { seed: 7, numRuns: 5000 },
    );
  });

  /** Mostly what the parser leaves as it is, and among it what it does not. */
  const target = fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.stringMatching(/^[\w~!$&()*+,;=:@/?.-]{0,5}$/) },
        {
          weight: 1,
          arbitrary: fc.constantFrom("/", "//", "/.", "/..", "/.well-known", "a.b", "..", "?", "//h"),
        },
        { weight: 1, arbitrary: piece },
      ),
      { maxLength: 8 },
    )
    .map((pieces) => `/${pieces.join("")}`);

  test.each([
    ["an origin that was seen before", undefined],
    ["a base", "https://api.example.com"],
    ["a base with a path", "https://ann:pw@api.example.com:8443/v1//x/"],
  ])("S44 what is known without the parser is what WHATWG's says: %s", (_, baseUrl) => {
    const base = baseUrl === undefined ? undefined : parseBase(baseUrl);
    const origin = base?.origin ?? "http://seen.example:4010";
    resolveUrl(`${origin}/`);
    fc.assert(
      fc.property(target, fc.boolean(), (text, absolute) => {
        const given = absolute || base === undefined ? origin + text : text;
        if (base !== undefined && /^[/\\]{2}/.test(given)) return;
        let resolved: ResolvedUrl;
        try {
          resolved = resolveUrl(given, { baseUrl: base });
        } catch (error) {
          expect(error).toBeInstanceOf(OptionsError);
          return;
        }
        const joined = given === text ? `${base?.stem}${text}` : given;
        // Beyond WHATWG's: space at the end goes whatever it is, and a stray % is escaped (#7).
        const [expected] = new URL(joined.trim()).href.replace(/%(?![0-9a-f]{2})/gi, "%25").split("#");
        expect(resolved.href).toBe(expected);
        expect(resolved.origin).toBe(origin);
        expect(resolved.withinBase).toBe(true);
        expect([resolved.username, resolved.password]).toEqual([base?.username, base?.password]);
      }),
      { seed: 9, numRuns: 20_000 },
    );
  });

  test("S44 a Location that is known without the parser is what WHATWG's says", () => {
    const origin = "http://seen.example:4010";
    resolveUrl(`${origin}/`);
    fc.assert(
      fc.property(target, fc.boolean(), fc.constantFrom("/v1/x?y", "/v1/x#top"), (text, absolute, path) => {
        const given = absolute ? origin + text : text;
        fc.pre(/^[!-~]*$/.test(given));
        const to = resolveLocation(given, origin + path);
        const expected = URL.parse(given, origin + path);
        if ("problem" in to) {
          expect(
            expected === null || expected.hostname.includes("*") || !/^https?:/.test(expected.href),
          ).toBe(true);
          return;
        }
        const [href] = (expected?.href ?? "").replace(/%(?![0-9a-f]{2})/gi, "%25").split("#");
        expect(to.href.replace(/%(?![0-9a-f]{2})/gi, "%25")).toBe(
          expected?.username === "" && expected.password === "" ? href : to.href,
        );
        expect(to.origin).toBe(expected?.origin);
        expect(to.withinBase).toBe(expected?.origin === origin);
      }),
      { seed: 10, numRuns: 20_000 },
    );
  });

  test("#69 whatever a server sends as Location, there is an answer", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
        (location) => {
          const answer = resolveLocation(location, "https://h/a#f");
          if ("problem" in answer) expect(answer.problem).not.toBe("");
          else expect(answer.href).toMatch(/^https?:\/\/[!-~]+$/);
        },
      ),
      { seed: 8, numRuns: 2000 },
    );
  });
});

test("a base with 60,000 slashes at its end is taken at the cost of any other", () => {
  const slashes = "/".repeat(60_000);
  expect(parseBase(`https://h/v1${slashes}`).stem).toBe("https://h/v1");
  expect(parseBase(`https://h/v1${slashes}x`).stem).toHaveLength("https://h/v1x".length + 60_000);
});
