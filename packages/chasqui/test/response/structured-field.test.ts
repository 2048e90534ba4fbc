import { describe, expect, test } from "vitest";
import { parseDictionary, parseList } from "../../src/response/structured-field.ts";

function list(text: string): unknown {
  return parseList(text)?.map(({ value, params }) =>
    params.size === 0 ? value : [value, Object.fromEntries(params)],
  );
}

describe("a List of Items (RFC 9651 4.2.1)", () => {
  test.each<readonly [string, unknown]>([
    ["", []],
    ["  ", []],
    ["1", [1]],
    ["1, 2", [1, 2]],
    ["1 ,\t2", [1, 2]],
    ["-5", [-5]],
    ["1.5", [1.5]],
    ["999999999999999", [999999999999999]],
    ['"a b"', ["a b"]],
    ['"a \\"b\\" \\\\"', ['a "b" \\']],
    ['""', [""]],
    ["token", ["token"]],
    ["*a/b:c", ["*a/b:c"]],
    [":aGk=:", ["aGk="]],
    ["?1, ?0", [true, false]],
    ["@1659578233", [1659578233]],
    ['"a";q=1;w="x"', [["a", { q: 1, w: "x" }]]],
    ['"a"; q=1', [["a", { q: 1 }]]],
    ["a;b", [["a", { b: true }]]],
    ["a;b=1;b=2", [["a", { b: 2 }]]],
  ])("%s", (text, items) => {
    expect(list(text)).toEqual(items);
  });

  test.each([
    "1,",
    ",1",
    "1,,2",
    "1 2",
    '"a',
    '"a\\x"',
    '"é"',
    "1.",
    "1.2345",
    "1.2.3",
    "1000000000000000",
    "--1",
    "(1 2)",
    "a;",
    "a;B=1",
    "a;b=",
    "a ;b=1",
    "?2",
    ":a b:",
    "@1.5",
    "\t1",
    "{}",
  ])("%s is malformed", (text) => {
    expect(list(text)).toBeUndefined();
  });
});

describe("a Dictionary of Items (RFC 9651 4.2.2)", () => {
  test("keys, values, flags and parameters; of a key that is repeated the last counts", () => {
    const members = parseDictionary("a=1;x=2, b, c=?0, a=3");
    expect([...(members ?? [])].map(([key, { value }]) => [key, value])).toEqual([
      ["b", true],
      ["c", false],
      ["a", 3],
    ]);
  });

  test.each(["a=", "A=1", "1", "a=1,", "a=(1)", "a = 1"])("%s is malformed", (text) => {
    expect(parseDictionary(text)).toBeUndefined();
  });
});

test("spaces within a field cost no more than to look at them", () => {
  const field = `a${" ".repeat(8000)}b`;
  const times = Array.from({ length: 5 }, () => {
    const from = performance.now();
    expect(parseList(field)).toBeUndefined();
    return performance.now() - from;
  });
  // The square of them takes a tenth of a second and more.
  expect(Math.min(...times)).toBeLessThan(20);
});
