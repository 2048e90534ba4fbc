import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";
import { compilePattern } from "../src/query/pattern.ts";

describe("finds what JavaScript's own RegExp finds", () => {
  test.each([
    ["qui", "Quis"],
    ["^qui$", "qui"],
    ["^qui$", "quiq"],
    ["a|b|", "zzz"],
    ["[a-c]+x", "abcx"],
    ["[^a-c]", "ABC"],
    ["[]", "a"],
    ["[^]", "\n"],
    [".", "\n"],
    ["\\bqui\\b", "est qui est"],
    ["\\bqui\\b", "quis"],
    ["\\Bui", "qui"],
    ["\\d{2,3}$", "a1234"],
    ["^\\d{2,3}$", "1234"],
    ["a{2}", "a"],
    ["a{,2}", "a{,2}"],
    ["a{2,}?b", "aaab"],
    ["(?:ab)*c", "ababc"],
    ["(?<name>x)y", "xy"],
    ["\\u0041\\x42\\.", "ab."],
    ["é", "É"],
    ["[à-ü]", "Ö"],
    ["\\s\\S\\w\\W", " a_-"],
    ["[\\d-x]", "-"],
    ["[a\\]b]", "]"],
    ["", ""],
    ["$^", ""],
    ["(|a)+b", "aab"],
    ["x*", ""],
  ])("%s in %j", (source, text) => {
    expect(compilePattern(source).test(text)).toBe(new RegExp(source, "i").test(text));
  });

  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\s", "\\b", "^", "$", " ");
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"))
        .map(([a, q]) => `(?:${a})${q}`),
    ),
  })).node;
  test("in patterns at random", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "A", " ", "\n"), maxLength: 8 });
    fc.assert(
      fc.property(tree, text, (source, subject) => {
        expect(compilePattern(source).test(subject)).toBe(new RegExp(source, "i").test(subject));
      }),
      { seed: 20261122, numRuns: 2000 },
    );
  });
});

describe("cannot be made to hang", () => {
  // A backtracking matcher needs more than the age of the universe for most of these.
  const text = `${"a".repeat(50_000)}!`;
  test.each([
    ["(a+)+$", false],
    ["(a|a)*$", true],
    ["(a|aa)+$", false],
    ["(.*)*b", false],
    ["(a*)*(a*)*(a*)*b", false],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", false],
    ["(\\w+\\s?)*$b", false],
    ["a{0,99}a{0,99}b", false],
    ["(a+)+!$", true],
  ])("%s against 50,000 letters", (source, expected) => {
    expect(compilePattern(source).test(text)).toBe(expected);
  });

  test.each([
    ["a".repeat(501), /at most 500 characters/],
    ["(((a{99}){99}){99}){99}", /repeats too much/],
    ["(){9999999}", /repeats too much/],
    ["(a)\\1", /references to groups/],
    ["(?=a)", /looking ahead or behind/],
    ["(?<!a)b", /looking ahead or behind/],
    ["((", /Unterminated group/],
    ["*", /Nothing to repeat/],
    ["[b-a]", /out of order/],
  ])("%s is refused with the reason", (source, reason) => {
    expect(() => compilePattern(source)).toThrow(reason);
  });

  test("what is linear and still too much is given up", () => {
    const pattern = compilePattern("[ab].{400}x");
    let state = 1;
    const letters = Array.from({ length: 100_000 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return "abcd"[state % 4];
    });
    expect(() => pattern.test(letters.join(""))).toThrow(/takes too long/);
  });
});

test("a bad _like is 400 in JSON, and the server goes on", async () => {
  const practice = createPractice({ data: { notes: [{ id: 1, text: `${"a".repeat(100_000)}!` }] } });
  const hostile = await practice.fetch(`http://x.test/notes?text_like=${encodeURIComponent("(a+)+$")}`);
  expect([hostile.status, await hostile.json()]).toEqual([200, []]);
  const bad = await practice.fetch("http://x.test/notes?text_like=((");
  expect(bad.status).toBe(400);
  expect(await bad.json()).toEqual({ error: expect.stringContaining("Unterminated group") });
});
