import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ArgumentsError, readArguments } from "./arguments.ts";
import { compare, figuresOf, quantile, type Rounds, ratios, type Turn, verdictOn } from "./comparison.ts";
import { reportOf } from "./report.ts";
import { resultsWith } from "./results-file.ts";
import type { Round, Scenario } from "./scenario.ts";
import { asMarkdown, asText } from "./table.ts";

const known = { scenarios: ["S1", "S2"], clients: ["undici.request", "got"] };

describe("the command line", () => {
  test("no names run all", () => {
    expect(readArguments([], known)).toMatchObject({
      scenarios: ["S1", "S2"],
      clients: undefined,
      nodes: [process.execPath],
      write: false,
    });
  });

  test("names, rounds, clients, Nodes", () => {
    const args = [
      "S2",
      "--rounds",
      "3",
      "--clients",
      "got, undici.request",
      "--node",
      "24, /node26",
      "--write",
    ];
    expect(readArguments(args, known)).toEqual({
      scenarios: ["S2"],
      clients: ["got", "undici.request"],
      rounds: 3,
      nodes: ["24", "/node26"],
      write: true,
    });
  });

  test.each([
    [["S1", "S99"], "There is no scenario S99; there are S1, S2."],
    [["--clients", "got,curl"], "There is no client curl; there are undici.request, got."],
    [["--rounds", "0"], "--rounds is 0; it takes a whole number from 1."],
    [["--fast"], "Unknown option '--fast'"],
  ])("%j is refused", (args, message) => {
    expect(() => readArguments(args, known)).toThrow(ArgumentsError);
    expect(() => readArguments(args, known)).toThrow(message);
  });
});

test("the program says what there is, and measures nothing, when a name is unknown", () => {
  const program = fileURLToPath(new URL("./index.ts", import.meta.url));
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, "S1", "S99"], {
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(
    "There is no scenario S99; there are S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11.",
  );
});

const round = (cpu: number, peak = 50): Round => ({ wall: cpu * 2, cpu, peak });

const turn = (own: Round, reference: Round = own): Turn => ({
  own,
  beside: new Map([["undici.request", reference]]),
});

const rounds: Rounds[] = [
  new Map([
    ["undici.request", turn(round(10))],
    ["got", turn(round(40), round(10))],
  ]),
  // A slow moment: the ratio is what it was.
  new Map([
    ["undici.request", turn(round(10))],
    ["got", turn(round(400, 90), round(100))],
  ]),
  new Map([
    ["undici.request", turn(round(10))],
    ["got", turn(round(20), round(10))],
  ]),
];

const scenario: Scenario = {
  name: "S1",
  title: "a title",
  unit: "request",
  units: 10,
  rounds: 3,
  warmUp: 1,
  clients: ["undici.request", "got"],
  by: "cpu",
  targets: [{ client: "got", over: "undici.request", atLeast: 0.3 }],
  memory: true,
  work: async () => {},
};

describe("the figures", () => {
  test.each([
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 2, 3], 0.5, 2.5],
    [[0, 10], 0.25, 2.5],
    [[], 0.5, Number.NaN],
  ])("the quantile of %j at %d is %d", (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  test("ratios are those to the reference beside each client, and their median is taken", () => {
    expect(figuresOf(rounds, scenario, "got")).toMatchObject({
      cpu: 4,
      wall: 8,
      peak: 90,
      ratio: { median: 0.25, low: 0.25 },
    });
  });

  test.each([
    [
      { client: "got", over: "undici.request", atLeast: 0.3 },
      "got over undici.request: 0.25, to be at least 0.3: MISSED",
    ],
    [
      { client: "got", over: "undici.request", atLeast: 0.2 },
      "got over undici.request: 0.25, to be at least 0.2: met",
    ],
    [{ client: "got", peakBelow: 90 }, "got: peak memory 90 MB, to be below 90 MB: MISSED"],
    [{ client: "got", peakBelow: 91 }, "got: peak memory 90 MB, to be below 91 MB: met"],
    [{ client: "ky", peakBelow: 91 }, undefined],
    [{ client: "ky", over: "undici.request", atLeast: 1 }, undefined],
  ])("the target %j is told with its figure", (target, expected) => {
    expect(verdictOn(target, rounds, scenario)).toBe(expected);
  });

  const contenderOf = (order: string[]) => (name: string) => ({
    name,
    async round(units: number): Promise<Round> {
      order.push(`${name} ${units}`);
      return round(order.length);
    },
    async [Symbol.asyncDispose]() {
      order.push(`${name} ends`);
    },
  });

  test("each takes turns with a reference of its own, and with whom a target holds it to", async () => {
    const order: string[] = [];
    const start = async (name: string) => contenderOf(order)(name);
    const targets = [{ client: "ky", over: "got", atLeast: 1 }];
    const all = await compare(["undici.request", "got", "ky"], start, {
      ...{ units: 5, rounds: 2, warmUp: 1, targets },
    });
    expect(order).toEqual([
      ...["undici.request 5", "undici.request 5", "undici.request 5", "undici.request ends"],
      ...["got 5", "undici.request 5"],
      ...["undici.request 5", "got 5", "got 5", "undici.request 5"],
      ...["undici.request ends", "got ends"],
      ...["ky 5", "undici.request 5", "got 5"],
      ...["undici.request 5", "got 5", "ky 5", "ky 5", "undici.request 5", "got 5"],
      ...["got ends", "undici.request ends", "ky ends"],
    ]);
    const cpu = ([name, { own, beside }]: [string, Turn]) => [
      name,
      own.cpu,
      Object.fromEntries([...beside].map(([other, { cpu }]) => [other, cpu])),
    ];
    expect(all.map((turns) => [...turns].map(cpu))).toEqual([
      [
        ["undici.request", 2, { "undici.request": 2 }],
        ["got", 8, { "undici.request": 7, got: 8 }],
        ["ky", 18, { "undici.request": 16, got: 17, ky: 18 }],
      ],
      [
        ["undici.request", 3, { "undici.request": 3 }],
        ["got", 9, { got: 9, "undici.request": 10 }],
        ["ky", 19, { ky: 19, "undici.request": 20, got: 21 }],
      ],
    ]);
    expect(ratios(all, "cpu", "ky", "got")).toEqual([17 / 18, 21 / 19]);
  });

  test("who is fast has more rounds that do not count", async () => {
    const order: string[] = [];
    const start = async (name: string) => contenderOf(order)(name);
    await compare(["undici.request"], start, { units: 5, rounds: 1, warmUp: 1, warmFor: 10, targets: [] });
    // The rounds of these take 2, 4, 6 … milliseconds.
    expect(order).toEqual([...Array(4).fill("undici.request 5"), "undici.request ends"]);
  });
});

describe("the report", () => {
  const report = reportOf(scenario, rounds, new Map([["got", "16.1.0"]]));

  test("has a row for each client, in the order of the scenario", () => {
    expect(asText(report.table).split("\n")).toEqual([
      "client          version  wall time a request  CPU a request  ratio  middle half  peak memory",
      "undici.request                        2.0 ms         1.0 ms   1.00    1.00–1.00        50 MB",
      "got              16.1.0               8.0 ms         4.0 ms   0.25    0.25–0.38        90 MB",
    ]);
    expect(asMarkdown({ head: ["a", "b"], rows: [["1", "2"]] })).toBe("| a | b |\n| --- | ---: |\n| 1 | 2 |");
  });

  test("RESULTS.md keeps the sections that were not measured anew", () => {
    const occasion = { date: "2026-01-01", node: "v26.1.0", machine: "a machine" };
    const first = resultsWith("", [report, { ...report, name: "S10" }, { ...report, name: "S2" }], occasion);
    const both = resultsWith(first, [report], { ...occasion, node: "v24.2.0" });
    const headings = both.split("\n").filter((line) => line.startsWith("#"));
    expect(headings).toEqual([
      "# What was measured",
      "## Node 26",
      "### S1 a title",
      "### S2 a title",
      "### S10 a title",
      "## Node 24",
      "### S1 a title",
    ]);
    const anew = resultsWith(both, [{ ...report, name: "S2", title: "another title" }], occasion);
    expect(anew).toContain("### S2 another title");
    expect(anew).toContain("Node v24.2.0");
    expect(anew).not.toContain("### S2 a title");
    expect(anew).toContain("- got over undici.request: 0.25, to be at least 0.3: MISSED");
    expect(resultsWith(anew, [], occasion)).toBe(anew);
  });
});
