import { startPractice } from "@chasqui/practice";
import { apiKey, Client, type Middleware } from "chasqui";
import { beforeAll, expect, test } from "vitest";
import { ManualClock } from "../peers/manual-clock.ts";

const CALLS = 24;
const LIMIT = 6;

// What is loaded when it is first used takes time that the clock does not know of.
beforeAll(async () => {
  await using practice = await startPractice({ port: 0 });
  await using client = new Client({ baseUrl: practice.url, throttle: true });
  await client.get("/faults/rate-limit");
});

/** Counts what is on the way to the server and back. */
class Traffic {
  underWay = 0;
  readonly wire: Middleware = async (request, next) => {
    this.underWay++;
    try {
      return await next(request);
    } finally {
      this.underWay--;
    }
  };
}

/** Lets the time of client and server go on, in steps, while nothing is on its way, until the calls have ended. */
async function run<T>(clock: ManualClock, traffic: Traffic, calls: Promise<T>): Promise<T> {
  let over = false;
  const ended = calls.finally(() => {
    over = true;
  });
  while (!over) {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (traffic.underWay === 0) clock.advance(250);
  }
  return ended;
}

test.each([
  ["window", "ratelimit", "epoch"],
  ["window", "x", "epoch"],
  ["window", "x", "ms"],
  ["window", "draft-3", "seconds"],
  ["sliding", "draft-7", "seconds"],
  ["bucket", "ratelimit", "seconds"],
  ["bucket", "github", "epoch"],
  ["bucket", "openai", "seconds"],
  ["bucket", "anthropic", "date"],
])(
  "over sockets, a quota of kind %s told in the dialect %s (%s) is kept: none is refused, all are served",
  async (kind, dialect, reset) => {
    const clock = new ManualClock();
    await using practice = await startPractice({ port: 0, now: () => clock.date() });
    const traffic = new Traffic();
    await using client = new Client({
      baseUrl: practice.url,
      throttle: true,
      retry: false,
      clock,
      wire: [traffic.wire],
    });
    const params = { kind, dialect, reset, limit: LIMIT, window: 10, per: "key" };
    const of = (key: string): Promise<number>[] =>
      Array.from({ length: CALLS }, () =>
        client.get("/faults/rate-limit", { params, auth: apiKey(key) }).then(({ status }) => status),
      );
    const began = clock.now();
    const statuses = await run(clock, traffic, Promise.all([...of("one"), ...of("other")]));
    expect(new Set(statuses)).toEqual(new Set([200]));
    // Each key has a quota of its own: four windows of six requests, of which the first ends after ten seconds.
    const seconds = (clock.now() - began) / 1000;
    expect(seconds).toBeGreaterThan(kind === "bucket" ? 29 : 30);
    expect(seconds).toBeLessThan(44);
  },
);
