/**
 * Many callers against a server with a quota, in virtual time: real `Client`s and the practice API, joined by `memory()` instead
 * of sockets, with latencies drawn by a seed. The same seed gives the same figures.
 *
 * @module
 */

import { createPractice } from "@chasqui/practice";
import { Client, memory, type ThrottleOption } from "chasqui";
import { randomFrom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What is simulated. */
export interface Scenario {
  readonly kind: "window" | "sliding" | "bucket";
  readonly dialect: string;
  /** What `X-RateLimit-Reset` says. */
  readonly reset?: "epoch" | "ms" | "seconds";
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
  /** Seconds. */
  readonly duration: number;
  readonly clients: number;
  /** Of each client. */
  readonly callers: number;
  readonly throttle: ThrottleOption;
  /** Milliseconds there and back: the shortest, and what is added to it at most. */
  readonly latency: readonly [least: number, more: number];
  readonly seed: number;
}

/** What came of it. */
export interface Figures {
  /** Requests that the server answered. */
  readonly requests: number;
  readonly refused: number;
  /** Of these, those that were sent after an answer had told its client of the limits. */
  readonly refusedKnowing: number;
  readonly served: number;
  /** Served, as a share of all that the quota gave. */
  readonly throughput: number;
  /** Refused, as a share of all that were sent knowing the limits. */
  readonly refusedShare: number;
  /** Calls that ended in an error. */
  readonly failed: number;
}

/** The targets: of what is sent knowing the limits at most 1 % is refused, and at least 95 % of the quota is used. */
export function meetsTargets({ refusedShare, throughput }: Figures): boolean {
  return refusedShare <= 0.01 && throughput >= 0.95;
}

/** Runs a scenario. */
export async function simulate(scenario: Scenario): Promise<Figures> {
  await loadAll();
  const clock = new VirtualClock();
  const random = randomFrom(scenario.seed);
  const practice = createPractice({ now: () => clock.date() });
  let requests = 0;
  let refused = 0;
  let knowing = 0;
  let refusedKnowing = 0;
  let served = 0;
  let failed = 0;
  let over = false;
  const { kind, dialect, reset = "epoch", limit, window, duration, callers, latency } = scenario;
  const [least, more] = latency;

  const clients = Array.from({ length: scenario.clients }, () => {
    let known = false;
    const transport = memory(async (request) => {
      const knew = known;
      await clock.wait((least + random() * more) / 2);
      const response = await practice.fetch(request);
      if (!over) {
        requests++;
        if (knew) knowing++;
        if (response.status === 200) served++;
        else {
          refused++;
          if (knew) refusedKnowing++;
        }
      }
      await clock.wait((least + random() * more) / 2);
      known = true;
      return response;
    });
    return new Client({
      baseUrl: "http://practice.test",
      transport,
      clock,
      random,
      timeout: null,
      // Compression is done by threads, in real time.
      headers: { "accept-encoding": null },
      stack: false,
      throttle: scenario.throttle,
    });
  });
  const params = { kind, dialect, reset, limit, window };
  const call = async (client: Client): Promise<void> => {
    while (!over) {
      const result = await client.get("/faults/rate-limit", { params }).result();
      if (!result.ok && !over) failed++;
    }
  };
  const calls = clients.flatMap((client) => Array.from({ length: callers }, () => call(client)));
  await clock.run(duration * 1000);
  over = true;
  for (const client of clients) await client.close();
  await clock.run(2 * (least + more));
  await Promise.all(calls);
  practice.close();
  return {
    requests,
    refused,
    refusedKnowing,
    served,
    throughput: served / quotaOf(scenario),
    refusedShare: knowing === 0 ? 0 : refusedKnowing / knowing,
    failed,
  };
}

/**
 * What the quota gave: a bucket what it holds at first and what came back, windows so many as began. A client that is told a rate
 * and nothing by the server is measured by the rate.
 */
function quotaOf({ kind, limit, window, duration, throttle }: Scenario): number {
  if (typeof throttle === "string") return (limit * duration) / window;
  return kind === "bucket" ? limit + (limit * duration) / window : limit * Math.ceil(duration / window);
}

/** What is loaded when it is first used is loaded by another client: loading takes real time. */
async function loadAll(): Promise<void> {
  await using client = new Client({ transport: memory(() => new Response()), throttle: true });
  await client.get("http://practice.test/").text();
}
