import { describe, expect, test } from "vitest";
import { parseChallenges } from "../../src/auth/challenge.ts";

function read(header: string): unknown[] {
  return parseChallenges(header).map(({ scheme, params, problem }) =>
    problem === undefined ? [scheme, Object.fromEntries(params)] : [scheme, "malformed"],
  );
}

describe("the challenges of WWW-Authenticate (RFC 9110 §11.6.1)", () => {
  test.each<[string, string, unknown[]]>([
    ["nothing", "", []],
    ["commas alone", " , ,", []],
    ["a scheme alone", "Negotiate", [["negotiate", {}]]],
    ["one param", 'Basic realm="a"', [["basic", { realm: "a" }]]],
    [
      "several params",
      'Digest realm="a", nonce="b", qop="auth"',
      [["digest", { realm: "a", nonce: "b", qop: "auth" }]],
    ],
    ["names and schemes in any case", 'DIGEST Realm="A"', [["digest", { realm: "A" }]]],
    [
      "odd spacing",
      'Digest  realm = "a" ,nonce= b  , ,qop="auth,  auth-int"',
      [["digest", { realm: "a", nonce: "b", qop: "auth,  auth-int" }]],
    ],
    ["no space behind commas", 'Digest realm="a",nonce="b"', [["digest", { realm: "a", nonce: "b" }]]],
    ["tabs", 'Digest\trealm="a",\tnonce="b"', [["digest", { realm: "a", nonce: "b" }]]],
    ["a comma at the end", 'Digest realm="a",', [["digest", { realm: "a" }]]],
    ["a comma in quotes", 'Digest realm="a, b=c", nonce="d"', [["digest", { realm: "a, b=c", nonce: "d" }]]],
    ["escapes in quotes", 'Digest realm="a \\"b\\" \\\\ c"', [["digest", { realm: 'a "b" \\ c' }]]],
    ["an empty value", 'Digest realm="", nonce=x', [["digest", { realm: "", nonce: "x" }]]],
    [
      "base64 without its quotes",
      "Digest nonce=ab+/c==, realm=x",
      [["digest", { nonce: "ab+/c==", realm: "x" }]],
    ],
    [
      "two challenges in a line",
      'Basic realm="a", Digest realm="b", nonce="c"',
      [
        ["basic", { realm: "a" }],
        ["digest", { realm: "b", nonce: "c" }],
      ],
    ],
    [
      "a scheme alone before another",
      'Negotiate, Digest realm="b", nonce="c"',
      [
        ["negotiate", {}],
        ["digest", { realm: "b", nonce: "c" }],
      ],
    ],
    [
      "a token68 before another",
      'NTLM TlRMTVNTUAAC==, Digest realm="b"',
      [
        ["ntlm", {}],
        ["digest", { realm: "b" }],
      ],
    ],
    [
      "two of one scheme",
      'Digest realm="a", algorithm=SHA-256, Digest realm="a", algorithm=MD5',
      [
        ["digest", { realm: "a", algorithm: "SHA-256" }],
        ["digest", { realm: "a", algorithm: "MD5" }],
      ],
    ],
    ["a param called like a scheme", 'Digest realm="a", basic="b"', [["digest", { realm: "a", basic: "b" }]]],
    ["a quote without an end", 'Digest realm="a', [["digest", "malformed"]]],
    ["#99 a param twice", 'Digest realm="a", realm="b"', [["digest", "malformed"]]],
    ["a word that may be a token68", "Digest realm", [["digest", {}]]],
    ["a param without a value behind others", "Digest nonce=b, realm=", [["digest", "malformed"]]],
    ["no comma between params", 'Digest realm="a" nonce="b"', [["digest", "malformed"]]],
    ["what is no token where a scheme should be", "=x", []],
    [
      "what is good before what is not",
      'Digest realm="a", Basic realm="b',
      [
        ["digest", { realm: "a" }],
        ["basic", "malformed"],
      ],
    ],
    [
      "names of Object's",
      'Digest __proto__="a", constructor="b"',
      [
        [
          "digest",
          Object.fromEntries([
            ["__proto__", "a"],
            ["constructor", "b"],
          ]),
        ],
      ],
    ],
  ])("%s", (_, header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  test("is done soon with what is long and wrong (CWE-1333)", () => {
    const long = "a".repeat(100_000);
    for (const header of [
      `Digest ${long}`,
      `Digest x="${"\\".repeat(100_000)}`,
      ",".repeat(100_000),
      `Digest ${long}=`,
      `Digest ${" ".repeat(100_000)}"`,
    ]) {
      expect(parseChallenges(header).length).toBeLessThan(3);
    }
  });
});
