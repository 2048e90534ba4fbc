import { describe, expect, test } from "vitest";
import { DecodeError } from "../../src/errors/decode-error.ts";
import { parseContentEncoding } from "../../src/response/content-encoding-chain.ts";

describe("#117 the codings of a body", () => {
  test.each<[readonly string[] | string | undefined, string[]]>([
    [undefined, []],
    ["", []],
    ["gzip", ["gzip"]],
    [" GZip ", ["gzip"]],
    ["x-gzip", ["gzip"]],
    ["identity", []],
    ["Identity, gzip,, identity", ["gzip"]],
    ["deflate, br", ["deflate", "br"]],
    [
      ["deflate, x-gzip", "br"],
      ["deflate", "gzip", "br"],
    ],
    [[], []],
    ["a-coding-of-tomorrow", ["a-coding-of-tomorrow"]],
    ["__proto__, constructor", ["__proto__", "constructor"]],
  ])("%j is %j", (value, expected) => {
    expect(parseContentEncoding(value)).toEqual(expected);
  });
});

describe("#119 S13 S28 the chain is capped at 5", () => {
  test.each<[string, readonly string[] | string]>([
    ["in one line", "gzip, gzip, gzip, gzip, gzip, gzip"],
    ["over several lines", ["gzip, gzip", "gzip", "gzip, gzip, gzip"]],
    ["of any names", "a, b, c, d, e, f"],
    ["endlessly", "gzip,".repeat(100_000)],
  ])("%s", (_, value) => {
    expect(() => parseContentEncoding(value)).toThrow(DecodeError);
  });

  test("5 are allowed, and what changes nothing does not count", () => {
    expect(parseContentEncoding(["gzip, identity, gzip", "gzip, gzip", "identity", "br,"])).toHaveLength(5);
  });
});
