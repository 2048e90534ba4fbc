import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable, redactHeaders, redactUrl } from "../../src/request/redact.ts";
import { isSensitiveHeader, sensitiveParam, survivesCrossing } from "../../src/request/sensitive-headers.ts";

describe("#28 D17 a printed URL", () => {
  test.each<[url: string, shown: string]>([
    ["https://ann:pa55@h/x", "https://ann:***@h/x"],
    ["https://ann:@h/x", "https://***@h/x"],
    ["https://ghp_token@h/x", "https://***@h/x"],
    ["https://ghp_token:x-oauth-basic@h/x", "https://***@h/x"],
    ["https://:pw@h/x", "https://:***@h/x"],
    ["https://a@b:p@ss@h/x", "https://a@b:***@h/x"],
    ["HTTPS:\\\\ann:pw@h", "HTTPS:\\\\ann:***@h"],
    ["//ann:pw@h/x", "//ann:***@h/x"],
    ["https://h/proxy/https://ann:pw@other/x", "https://h/proxy/https://***@other/x"],
    ["/proxy/https:/ann:pw@other/x", "/proxy/https:/***@other/x"],
    [
      "https://bob:pw@h/proxy/http%3A%2F%2Fann%3Apw%40other/x",
      "https://bob:***@h/proxy/http%3A%2F%2F***%40other/x",
    ],
    ["https://h/@scope/pkg@1.0/a:/b", "https://h/@scope/pkg@1.0/a:/b"],
    ["ann:pw@h/x", "ann:***@h/x"],
    ["https:/ann:pw@h:x/", "https:/ann:***@h:x/"],
    ["http:\\ann:pw@h", "http:\\ann:***@h"],
    ["https:ann:pw@h", "https:ann:***@h"],
    ["ht tp://ann:pw@h/x", "ht tp://ann:***@h/x"],
    ["https://h:8080/@me?at=a@b", "https://h:8080/@me?at=a@b"],
    ["https://h/users/@me", "https://h/users/@me"],
    ["https://[::1]:8080/@x", "https://[::1]:8080/@x"],
    ["https://h/x?page=2&api_key=abc&q=a", "https://h/x?page=2&api_key=***&q=a"],
    ["https://h/x?access_token=a=b==", "https://h/x?access_token=***"],
    ["https://h/x?API%5FKEY=abc", "https://h/x?API%5FKEY=***"],
    ["https://h/x?auth%5Btoken%5D=abc&x[password]=y", "https://h/x?auth%5Btoken%5D=***&x[password]=***"],
    ["https://h/x?a=1;token=abc", "https://h/x?a=1;token=***"],
    ["https://h/x?token=a?b", "https://h/x?token=***"],
    ["https://h/x#access_token=abc&state=1", "https://h/x#access_token=***&state=1"],
    ["https://h/issues?state=open&page=2", "https://h/issues?state=open&page=2"],
    [
      "https://h/acs?SAMLResponse=abc&SAMLart=d&RelayState=x",
      "https://h/acs?SAMLResponse=***&SAMLart=***&RelayState=x",
    ],
    ["https://h/x?token=", "https://h/x?token="],
    ["https://h/x?%E9token%zz=abc", "https://h/x?%E9token%zz=***"],
    ["/x?secret=abc", "/x?secret=***"],
    [
      "https://h/x?next=%2Fa%3Fpage%3D2%26api_key%3Dabc&q=1",
      "https://h/x?next=%2Fa%3Fpage%3D2%26api_key%3D***&q=1",
    ],
    ["https://h/x?next=/a?api_key=abc", "https://h/x?next=/a?api_key=***"],
    ["/x?to=https%3A%2F%2Fann%3Apw%40h%2F&q=1", "/x?to=https%3A%2F%2Fann%3A***%40h%2F&q=1"],
    ["/x?to=https://ghp_token@h/", "/x?to=https://***@h/"],
    ["/x?to=//ann:pw@h/", "/x?to=//ann:***@h/"],
    ["/x?to=%2F%2Fann%3Apw%40h%2F", "/x?to=%2F%2Fann%3A***%40h%2F"],
    ["/x?to=https:\\\\ann:pw@h/", "/x?to=https:\\\\ann:***@h/"],
    ["/x?to=https:/ann:pw@h/", "/x?to=https:/ann:***@h/"],
    ["/x?to=url=https://ann:pw@h/", "/x?to=url=https://ann:***@h/"],
    ["/x?to=averyverylongscheme://ann:pw@h/", "/x?to=averyverylongscheme://ann:***@h/"],
    ["/x#to=%2Fa%23access_token%3Dabc", "/x#to=%2Fa%23access_token%3D***"],
    ["/x?next=%252Fa%253Ftoken%253Dabc", "/x?next=%252Fa%253Ftoken%253D***"],
    ["/x?next=/a?b=%2Fc%3Ftoken%3Dabc", "/x?next=%2Fa%3Fb%3D%2Fc%3Ftoken%3D***"],
    ["/x?a=?b=?c=?d=?token=abc", "/x?a=?b=?c=?d=***"],
    ["/x?next=/\ud800+?token=abc", "/x?next=%2F%EF%BF%BD%20%3Ftoken%3D***"],
    [
      "/x?next=%2Fa%3Fpage%3D2&q=a+b%3F&to=ann%40h&at=a@b",
      "/x?next=%2Fa%3Fpage%3D2&q=a+b%3F&to=ann%40h&at=a@b",
    ],
    ["?sig=abc", "?sig=***"],
    ["", ""],
    ["not a url", "not a url"],
  ])("%s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });

  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const host = fc.constantFrom("h", "api.example.com", "[::1]", "h:8080");
  const secretText = fc.string({ unit: "grapheme", minLength: 1 }).map((text) => `S3CR3T${text}`);

  test("property: a password is never shown, encoded or as it is", () => {
    fc.assert(
      fc.property(word, secretText, host, word, (user, password, at, path) => {
        for (const written of [encodeURIComponent(password), password]) {
          expect(redactUrl(`https://${user}:${written}@${at}/${path}`)).not.toContain("S3CR3T");
        }
      }),
      { seed: 9, numRuns: 2000 },
    );
  });

  test("property: the value of a secret parameter is never shown, wherever it stands", () => {
    const name = fc.constantFrom(
      "token",
      "api_key",
      "Access-Token",
      "client_secret",
      "password",
      "X-Amz-Signature",
      "a[token]",
    );
    const plain = fc.array(fc.tuple(word, word), { maxLength: 3 });
    fc.assert(
      fc.property(
        name,
        secretText,
        plain,
        plain,
        fc.constantFrom("?", "#", "?x#"),
        (key, value, before, after, mark) => {
          const query = new URLSearchParams([...before, [key, value], ...after]);
          const shown = redactUrl(`https://h/x${mark}${query}`);
          expect(shown).not.toContain("S3CR3T");
          expect(shown).toContain("***");
        },
      ),
      { seed: 10, numRuns: 2000 },
    );
  });

  test("property: a URL without secrets is shown as it is", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: false, withFragments: false }), (url) => {
        expect(redactUrl(url)).toBe(url);
      }),
      { seed: 11 },
    );
  });

  test("a hostile text takes no time to print", () => {
    for (const text of [
      "@".repeat(50_000),
      ":/".repeat(50_000),
      "?=&".repeat(50_000),
      `//${":".repeat(50_000)}@`,
      "&a".repeat(50_000),
      "?a=".repeat(50_000),
      `?a=${"%25".repeat(50_000)}3f`,
      `?a=%${"25".repeat(50_000)}3f`,
      `?a=${"https://a:b@".repeat(10_000)}`,
      `?a=${"a".repeat(50_000)}@`,
      `${" ".repeat(50_000)}@`,
    ]) {
      expect(typeof redactUrl(text)).toBe("string");
    }
  });
});

describe("the one list of secret headers", () => {
  test.each([
    "Authorization",
    "proxy-authorization",
    "Cookie",
    "Set-Cookie",
    "X-API-Key",
    "api-key",
    "apikey",
    "X-Auth-Token",
    "X-Access-Token",
    "X-CSRF-Token",
    "X-Amz-Security-Token",
    "X-Goog-Api-Key",
    "Ocp-Apim-Subscription-Key",
    "Private-Token",
    "X-Vault-Token",
    "X-Client-Secret",
    "X-Password",
    "X-Shopify-Access-Token",
    "DD-API-KEY",
    "X-Hub-Signature-256",
    "X-Session-Id",
    "X-Auth",
    "x-functions-key",
    "X-Refresh-Token",
    "X-Api_Key",
  ])("#28 %s is one", (name) => {
    expect(isSensitiveHeader(name)).toBe(true);
    expect(survivesCrossing(name)).toBe(false);
  });

  test.each([
    "Accept",
    "Content-Type",
    "WWW-Authenticate",
    "X-RateLimit-Remaining",
    "x-ratelimit-remaining-tokens",
    "ETag",
    "Author",
    "Idempotency-Key",
    "X-Request-Id",
    "Location",
    "Link",
    "Host",
    "User-Agent",
    "Access-Control-Allow-Origin",
  ])("%s is none", (name) => {
    expect(isSensitiveHeader(name)).toBe(false);
  });
});

describe("the one list of headers that cross to another origin (D19)", () => {
  test.each([
    "Accept",
    "Accept-Language",
    "accept-encoding",
    "Content-Type",
    "Content-Language",
    "Content-Encoding",
    "User-Agent",
    "Range",
    "If-Range",
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "If-Unmodified-Since",
    "Prefer",
  ])("%s crosses", (name) => {
    expect(survivesCrossing(name)).toBe(true);
  });

  test.each([
    "X-Acme",
    "Referer",
    "Origin",
    "Acceptable",
    "Traceparent",
    "Idempotency-Key",
    "Host",
    "X-Tenant",
    "Content-Disposition",
  ])("%s stays at home", (name) => {
    expect(survivesCrossing(name)).toBe(false);
  });
});

describe("the one list of secret parameters", () => {
  test.each([
    "key",
    "api_key",
    "apiKey",
    "api-key",
    "access_token",
    "accessToken",
    "token",
    "client_secret",
    "password",
    "pwd",
    "sig",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "code",
    "refresh_token",
    "id_token",
    "session",
    "jwt",
    "auth",
    "Signature",
    "passwd",
  ])("%s is one", (name) => {
    expect(sensitiveParam(name)).toBe(true);
  });

  test.each([
    "page",
    "page_token",
    "pageToken",
    "nextPageToken",
    "next_token",
    "continuation-token",
    "sync_token",
    "max_tokens",
    "author",
    "authors",
    "q",
    "limit",
    "cursor",
    "keyword",
    "keys",
    "compass",
    "state",
    "sort_key",
  ])("%s is none", (name) => {
    expect(sensitiveParam(name)).toBe(false);
  });
});

describe("printed headers", () => {
  test("#28 have their secrets masked, and URLs in them too", () => {
    expect(
      redactHeaders([
        ["Accept", "a"],
        ["accept", "b"],
        ["X-Api-Key", "s3cr3t"],
        ["x-api-key", "s3cr3t"],
        ["Link", '<https://h/?page=2&token=s3cr3t>; rel="next", </x?api_key=s3cr3t>; rel="last"'],
        ["Referer", "https://ann:s3cr3t@h/"],
        ["__proto__", "x"],
      ]),
    ).toEqual(
      Object.fromEntries([
        ["Accept", "a, b"],
        ["X-Api-Key", "***"],
        ["Link", '<https://h/?page=2&token=***>; rel="next", </x?api_key=***>; rel="last"'],
        ["Referer", "https://ann:***@h/"],
        ["__proto__", "x"],
      ]),
    );
  });
});

describe("what a server may make a terminal do", () => {
  test.each(["\u001b[2J", "\u009b31m", "\u0007", "\r\n200 OK", "\u007f", "\0"])(
    "%j is not printed",
    (text) => {
      expect(printable(`a${text}b`)).not.toMatch(/\p{Cc}/u);
      expect(redactUrl(`https://h/${text}?token=abc`)).not.toMatch(/\p{Cc}/u);
      expect(redactHeaders([["x-note", text]])["x-note"]).not.toMatch(/\p{Cc}/u);
    },
  );

  test("all else stays as it is", () => {
    expect(printable("Añu ✓ 🙂")).toBe("Añu ✓ 🙂");
  });
});

test("a Link of 100 KB of `<` is printed at the cost of any other", () => {
  const hostile = `${"<".repeat(100_000)}?`;
  // Quadratic, it would take half a minute, and the test's time runs out.
  expect(redactHeaders([["link", hostile]])).toEqual({ link: hostile });
  expect(redactHeaders([["link", `${hostile}token=a>`]]).link).toBe(`${hostile}token=***>`);
});

test("#28 the names that a request knows as secrets are masked in what it prints, and in no other", () => {
  const secretParams = new Set(["tenant"]);
  expect(redactUrl("https://h/?Tenant=abc&page=2", secretParams)).toBe("https://h/?Tenant=***&page=2");
  expect(redactUrl("https://h/?tenant=abc")).toBe("https://h/?tenant=abc");
  const headers = Object.assign([["location", "/?tenant=abc"] as const], { secretParams });
  expect(redactHeaders(headers)).toEqual({ location: "/?tenant=***" });
});

test.each([
  ["https://a.test/c/b?sv=1&sig=abc%3D", "https://a.test/c/b?sv=1&sig=***"],
  ["/posts?page=2&api_key=abc", "/posts?page=2&api_key=***"],
  ["http://ann:pa55@a.test/", "http://ann:***@a.test/"],
  ['https://a.test/?token=x, "https://b.test/?key=y"', 'https://a.test/?token=*** "https://b.test/?key=***"'],
  ["report-uri https://a.test/?token=abc; x", "report-uri https://a.test/?token=***; x"],
  ["what? nothing", "what? nothing"],
  ["a@b.test", "a@b.test"],
])("a URL has no secret in it, whatever the header is called: %s", (value, shown) => {
  expect(redactHeaders([["x-ms-copy-source", value]])["x-ms-copy-source"]).toBe(shown);
});

test("what looks like URLs costs no more than to look at it", () => {
  for (const hostile of [`${"a.".repeat(15_000)}://?`, `${"x://".repeat(8000)}?`, `${"a".repeat(30_000)}?`]) {
    const times = [1, 2, 3].map(() => {
      const from = performance.now();
      redactHeaders([["x-any", hostile]]);
      return performance.now() - from;
    });
    expect(Math.min(...times)).toBeLessThan(100);
  }
});
