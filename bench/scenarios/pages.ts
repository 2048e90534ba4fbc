/** S6, S10, S11: walks over pages, by those clients that have one, and by hand. */
import { type BenchClient, needed, PAGE_SIZE, type Place, REFERENCE, type Scenario } from "../scenario.ts";

async function work(client: BenchClient, { origin }: Place, units: number): Promise<void> {
  const rows = units * PAGE_SIZE;
  const sum = await needed(client, "sumOfIds")(`${origin}/items?page=1&last=${units}`);
  if (sum !== (rows * (rows + 1)) / 2) throw new Error("not every row came");
}

export const S6: Scenario = {
  name: "S6",
  title: "1,000 pages of 100 items",
  unit: "page",
  units: 1000,
  rounds: 15,
  warmUp: 5,
  warmFor: 4000,
  // `undici.dispatch` is the bound: the same requests and JSON.parse, and nothing else.
  clients: [
    REFERENCE,
    "undici.dispatch",
    "chasqui",
    "chasqui-rows",
    "native-fetch",
    "got",
    "ky",
    "axios",
    "ofetch",
    "wretch",
    "node-fetch",
    "superagent",
    "needle",
    "octokit-request",
    "python-requests",
  ],
  by: "cpu",
  targets: [
    { client: "chasqui", over: REFERENCE, atLeast: 1.2 },
    { client: "chasqui-rows", over: REFERENCE, atLeast: 1.2 },
  ],
  work,
};

export const S10: Scenario = {
  name: "S10",
  title: "100 pages of 100 items that take 20 ms each",
  unit: "page",
  units: 100,
  rounds: 5,
  warmUp: 1,
  clients: [REFERENCE, "chasqui", "chasqui-ahead"],
  by: "wall",
  targets: [{ client: "chasqui-ahead", over: "chasqui", atLeast: 6 }],
  async work(client, { origin }, units) {
    const rows = units * PAGE_SIZE - 1;
    const sum = await needed(client, "sumOfCounted")(`${origin}/far?page=1&last=${units}`);
    if (sum !== (rows * (rows + 1)) / 2) throw new Error("not every row came");
  },
};

export const S11: Scenario = {
  name: "S11",
  title: "1,000,000 items on 10,000 pages",
  unit: "page",
  units: 10_000,
  rounds: 3,
  warmUp: 0,
  clients: [REFERENCE, "chasqui-rows"],
  by: "cpu",
  memory: true,
  targets: [{ client: "chasqui-rows", peakBelow: 150 }],
  work,
};
