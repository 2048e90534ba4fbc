/**
 * The tests that hold on every runtime. They import nothing of a runtime and nothing of a test runner: `runtimes.test.ts` runs
 * them on Node, Bun and Deno and in Chromium.
 *
 * @module
 */
import { Client, type ClientOptions, type Transport } from "../../src/index.ts";
import { bodies } from "./bodies.ts";
import { caches } from "./caches.ts";
import { failures } from "./failures.ts";
import { redirects } from "./redirects.ts";
import { requests } from "./requests.ts";
import { responses } from "./responses.ts";
import { retries } from "./retries.ts";
import { sessions } from "./sessions.ts";
import { streams } from "./streams.ts";
import type { At, Capability, Outcome, Peers, Test, Topic } from "./suite.ts";
import { tokens } from "./tokens.ts";

const topics: Readonly<Record<string, Topic>> = {
  requests,
  bodies,
  responses,
  failures,
  retries,
  redirects,
  sessions,
  streams,
  caches,
  tokens,
};

/** Every test, by topic and name. */
export const TESTS: ReadonlyMap<string, Test> = new Map(
  Object.entries(topics).flatMap(([topic, tests]) =>
    Object.entries(tests).map(([name, test]) => [`${topic}: ${name}`, test] as const),
  ),
);

/** What a run is made with. */
export interface Run {
  readonly peers: Peers;
  readonly lacks: readonly Capability[];
  /** The transport of a client; without it the runtime's own. */
  readonly transport?: (options: ClientOptions) => Transport;
}

let runs = 0;

/** What the tests work with. */
export function atRun({ peers, lacks, transport }: Run): At {
  const origin = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  return {
    peers,
    can: (capability) => !lacks.includes(capability),
    client: (options = {}) =>
      new Client({
        random: () => 0,
        ...(transport === undefined ? {} : { transport: transport(options) }),
        ...options,
      }),
    fresh: () => `${origin}-${++runs}`,
  };
}

/** Longer than any test takes, and shorter than the patience of the runner. */
const PATIENCE = 10_000;

/** Runs every test, one after the other, and says of each that failed why. */
export async function runAll(run: Run): Promise<Outcome> {
  const at = atRun(run);
  const outcome: Record<string, string | null> = {};
  for (const [name, test] of TESTS) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("it did not end")), PATIENCE);
    });
    try {
      await Promise.race([test(at), late]);
      outcome[name] = null;
    } catch (error) {
      const told = error instanceof Error ? error : new Error(String(error));
      outcome[name] = `${told.message}\n${told.stack}${told.cause === undefined ? "" : `\n${told.cause}`}`;
    } finally {
      clearTimeout(timer);
    }
  }
  return outcome;
}
