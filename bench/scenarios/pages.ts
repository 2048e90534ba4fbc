/** S6: a walk over pages, by those clients that have one, and by hand. */
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
  rounds: 11,
  warmUp: 2,
  // The others have no walk of their own, and their loop by hand says no more than S1 does.
  clients: [
    REFERENCE,
    "chasqui",
    "chasqui-rows",
    "native-fetch",
    "got",
    "axios",
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
