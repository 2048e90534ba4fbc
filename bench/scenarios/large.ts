/** S4: one large JSON, where reading the body and parsing it is most of the work. */
import { type BenchClient, needed, type Place, REFERENCE, type Scenario } from "../scenario.ts";

async function work(client: BenchClient, { origin }: Place, units: number): Promise<void> {
  const getJson = needed(client, "getJson");
  for (let turn = 0; turn < units; turn++) {
    const rows = await getJson(`${origin}/large`, turn);
    if (!Array.isArray(rows) || rows.length < 10_000) throw new Error("the list is not whole");
  }
}

export const S4: Scenario = {
  name: "S4",
  title: "a JSON of 10 MB",
  unit: "request",
  units: 4,
  rounds: 21,
  warmUp: 2,
  clients: [
    REFERENCE,
    "undici.dispatch",
    "chasqui",
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
  targets: [{ client: "chasqui", over: REFERENCE, atLeast: 1 }],
  memory: true,
  work,
};
