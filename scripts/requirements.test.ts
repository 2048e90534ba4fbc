import { expect, test } from "vitest";
import { allRequirements } from "./requirement-pages.ts";
import {
  complaintsAbout,
  coverageOf,
  excusesIn,
  literalsIn,
  numbersIn,
  requirementsIn,
} from "./requirements.ts";

test("the tables are whole: 160 behaviours, 73 advisories, 25 pains, each number once and in order", () => {
  const numbers = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
  expect(allRequirements().map(({ number }) => number)).toEqual([
    ...numbers("#", 160),
    ...numbers("S", 73),
    ...numbers("P", 25),
  ]);
});

test.each<[string, string[]]>([
  ["#57 history lists every hop in order", ["#57"]],
  ["#1, #2 and #160: order", ["#1", "#2", "#160"]],
  ["a redirect (S13, P7) ends", ["S13", "P7"]],
  ["request/request#225 is a thread, MP3 and S3-like names are none", []],
  ["a page `#5x` or x#5", []],
])("the numbers in %j are %j", (title, numbers) => {
  expect(numbersIn(title)).toEqual(numbers);
});

test("rows are numbered items and table rows, and nothing else", () => {
  const page = "# Title\n1. First. (R: x)\n| S | id |\n| --- | --- |\n| 2 | second | row |\nnot 3. third";
  expect(requirementsIn(page, "S").map(({ number }) => number)).toEqual(["S1", "S2"]);
});

test("literals are found with their lines, in every kind of quotes", () => {
  const source = "test(\"#1 a\", () => {});\n// it's a comment\ntest.each([\n  ['S2 b'],\n  [`P3 c`],\n]);";
  const found = literalsIn(source).filter(({ text }) => numbersIn(text).length > 0);
  expect(found).toEqual([
    { text: "#1 a", line: 1 },
    { text: "S2 b", line: 4 },
    { text: "P3 c", line: 5 },
  ]);
});

const rows = requirementsIn("1. a\n2. b\n3. c\n4. d", "#");
const excuses = excusesIn("- **#3** cannot happen here.\n- #4 waits for x.");
const covering = (title: string, ran = true) => ({ title, place: "x.test.ts:1", ran });

test.each<[string, ReturnType<typeof covering>[], string[]]>([
  ["all is well", [covering("#1 a"), covering("#2 b")], []],
  ["a row without a test", [covering("#1 a")], ["#2 (b) has no test"]],
  [
    "a row whose only test was skipped",
    [covering("#1 a", false), covering("#2 b")],
    ["#1 (a) has only tests that were skipped"],
  ],
  ["a row with one skipped test of two", [covering("#1 a", false), covering("#1 and #2")], []],
  ["an excuse that is none", [covering("#1 a"), covering("#2 #3")], ["#3 (c) is excused, but has a test"]],
])("%s", (_, tests, complaints) => {
  expect(complaintsAbout(coverageOf(rows, tests, excuses))).toEqual(complaints);
});
