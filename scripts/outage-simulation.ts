/**
 * Calls that go on coming while a server fails, in virtual time: a real `Client` and a server that is a function, joined by
 * `memory()` instead of sockets. The same seed gives the same figures.
 *
 * @module
 */

import { Client, type ClientOptions, memory, NetworkError, type Transport } from "chasqui";
import { randomFrom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** How the server fails. */
export type Outage = "status" | "reset" | "silence";

/** What is simulated. */
export interface OutageScenario {
  readonly outage: Outage;
  /** Calls a second, on average; when each comes is drawn. */
  readonly rate: number;
  /** Seconds before, while and after it fails. */
  readonly phases: readonly [before: number, failing: number, after: number];
  /** The limit of each call, in milliseconds. */
  readonly deadline: number;
  readonly options: ClientOptions;
  readonly seed: number;
}

/** What came of it. */
export interface OutageFigures {
  readonly calls: number;
  /** Requests a second while the server failed, as a share of those before. */
  readonly load: number;
  /** The busiest second of the outage, as a share of the average second before. */
  readonly peak: number;
  /** Calls that were answered well, of those that came after the server was well again. */
  readonly recovered: number;
  /** Calls that had not ended when their limit was over. */
  readonly late: number;
  /** The longest that a call took, in milliseconds. */
  readonly longest: number;
}

/** Whether the targets are met: a load under 1.2 of normal, and every call within its limit. */
export function meetsOutageTargets({ load, late }: OutageFigures): boolean {
  return load < 1.2 && late === 0;
}

/** Runs a scenario. */
export async function simulateOutage(scenario: OutageScenario): Promise<OutageFigures> {
  await loadAll();
  const { outage, rate, phases, deadline, options, seed } = scenario;
  const [before, failing, after] = phases.map((seconds) => seconds * 1000);
  const clock = new VirtualClock();
  const random = randomFrom(seed);
  const seconds: number[] = [];
  const start = before ?? 0;
  const end = start + (failing ?? 0);
  const over = end + (after ?? 0);
  const fails = (): boolean => clock.now() >= start && clock.now() < end;

  const server = memory(async () => {
    const second = Math.floor(clock.now() / 1000);
    seconds[second] = (seconds[second] ?? 0) + 1;
    const failed = fails();
    if (failed && outage === "silence") await new Promise<never>(() => {});
    await clock.wait(20 + random() * 60);
    if (failed && outage === "status") return new Response("down", { status: 503 });
    return Response.json("well");
  });
  const transport: Transport = {
    async send(exchange) {
      if (!fails() || outage !== "reset") return server.send(exchange);
      const second = Math.floor(clock.now() / 1000);
      seconds[second] = (seconds[second] ?? 0) + 1;
      exchange.onWrite();
      await clock.wait(5);
      throw new NetworkError("reset", "The connection was reset");
    },
    close: () => server.close(),
  };
  const client = new Client({
    baseUrl: "http://api.test",
    transport,
    clock,
    random,
    stack: false,
    headers: { "accept-encoding": null },
    timeout: { total: deadline, headers: 1000 },
    ...options,
  });
  let calls = 0;
  let late = 0;
  let longest = 0;
  let wellAsked = 0;
  let wellAnswered = 0;
  const call = async (): Promise<void> => {
    calls++;
    const began = clock.now();
    const { ok } = await client.get("/").result();
    const took = clock.now() - began;
    longest = Math.max(longest, took);
    if (took > deadline + 1) late++;
    // A breaker needs its cooldown to find out.
    if (began >= end + 35_000) {
      wellAsked++;
      if (ok) wellAnswered++;
    }
  };
  const all: Promise<void>[] = [];
  const arrive = (): void => {
    if (clock.now() >= over) return;
    all.push(call());
    clock.timer((-Math.log(1 - random()) * 1000) / rate, arrive);
  };
  clock.timer(0, arrive);
  await clock.run(over + deadline + 1000);
  await Promise.all(all);
  await client.close();
  const average = (from: number, to: number): number => {
    const part = Array.from({ length: (to - from) / 1000 }, (_, at) => seconds[from / 1000 + at] ?? 0);
    return part.reduce((sum, count) => sum + count, 0) / part.length;
  };
  const normal = average(0, start);
  const during = Array.from({ length: (end - start) / 1000 }, (_, at) => seconds[start / 1000 + at] ?? 0);
  return {
    calls,
    load: average(start, end) / normal,
    peak: Math.max(...during) / normal,
    recovered: wellAsked === 0 ? 1 : wellAnswered / wellAsked,
    late,
    longest,
  };
}

/** What is loaded when it is first used is loaded by another client: loading takes real time. */
async function loadAll(): Promise<void> {
  let asked = 0;
  const transport = memory(() => (asked++ === 0 ? new Response("", { status: 503 }) : Response.json(1)));
  await using client = new Client({
    transport,
    circuit: true,
    timeout: "10s",
    retry: { backoff: { base: 0 } },
  });
  await client.get("http://api.test/").json();
}
