/** S1 to S3: many small requests, where what a client adds to each is all there is. */
import { type BenchClient, needed, type Place, REFERENCE, type Scenario } from "../scenario.ts";

const EVERYBODY = [
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
] as const;

/** 1,000 URLs, made anew each time, so that no client profits from having seen the very string. */
function urlOf({ origin }: Place, turn: number): string {
  return `${origin}/posts/${turn % 1000}?userId=${turn % 10}`;
}

function check(data: unknown): void {
  if (typeof data !== "object" || data === null || !("id" in data)) throw new Error("no data came back");
}

async function oneByOne(client: BenchClient, place: Place, units: number): Promise<void> {
  const getJson = needed(client, "getJson");
  for (let turn = 0; turn < units; turn++) check(await getJson(urlOf(place, turn), turn));
}

async function fiftyAtOnce(client: BenchClient, place: Place, units: number): Promise<void> {
  const getJson = needed(client, "getJson");
  let turn = 0;
  const lane = async (): Promise<void> => {
    while (turn < units) {
      const mine = turn++;
      check(await getJson(urlOf(place, mine), mine));
    }
  };
  await Promise.all(Array.from({ length: 50 }, lane));
}

async function posts(client: BenchClient, { origin }: Place, units: number): Promise<void> {
  const postJson = needed(client, "postJson");
  for (let turn = 0; turn < units; turn++) {
    const data = { userId: turn, title: "sunt aut facere repellat", tags: ["a", "b"], body: "x".repeat(930) };
    check(await postJson(`${origin}/posts?turn=${turn % 1000}`, turn, data));
  }
}

// Short turns and many of them: how fast the machine is changes from one second to the next, within a turn and its reference hardly.
const target = { client: "chasqui", over: REFERENCE, atLeast: 0.9 };

export const S1: Scenario = {
  name: "S1",
  title: "small sequential GET with JSON",
  unit: "request",
  units: 250,
  rounds: 60,
  warmUp: 5,
  warmFor: 2500,
  clients: [...EVERYBODY, "chasqui-session", "python-requests"],
  by: "cpu",
  // "Within 15 %" with cookies, credentials and a base URL.
  targets: [target, { client: "chasqui-session", over: "chasqui", atLeast: 0.85 }],
  work: oneByOne,
};

export const S2: Scenario = {
  name: "S2",
  title: "small GET with JSON, 50 in flight",
  unit: "request",
  units: 500,
  rounds: 60,
  warmUp: 5,
  warmFor: 2500,
  clients: EVERYBODY,
  by: "cpu",
  targets: [target],
  work: fiftyAtOnce,
};

export const S3: Scenario = {
  name: "S3",
  title: "POST of 1 KB JSON",
  unit: "request",
  units: 250,
  rounds: 60,
  warmUp: 5,
  warmFor: 2500,
  clients: [...EVERYBODY, "python-requests"],
  by: "cpu",
  targets: [target],
  work: posts,
};
