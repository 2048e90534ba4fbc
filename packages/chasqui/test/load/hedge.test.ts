import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { AbortError, bearer, Client, type ClientOptions, HttpError, OptionsError } from "../../src/index.ts";
import { Latencies } from "../../src/load/latencies.ts";
import { caught } from "../peers/caught.ts";
import { until } from "../peers/gate.ts";
import { type Answer, json, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

/** Never answers the requests of these numbers; the others with their number. */
function silentAt(...silent: readonly number[]): Answer {
  let asked = 0;
  return (response) => {
    const number = ++asked;
    if (!silent.includes(number)) response.end(String(number));
  };
}

const hedge = { delay: 50, share: 1 } as const;

describe("hedge", () => {
  test("sends a second request where the first is slow, takes its answer, and gives the first up", async () => {
    await using server = await serve(silentAt(1));
    const clock = new ManualClock();
    await using client = new Client({ baseUrl: server.origin, clock, hedge });
    const call = client.get("/");
    await until(() => server.seen.length === 1);
    await clock.armed(50);
    clock.advance(50);
    const response = await call;
    expect(await response.text()).toBe("2");
    expect(
      response.trace.events.map((event) =>
        event.kind === "exchange" ? (event.status ?? event.error) : event.kind,
      ),
    ).toEqual(["AbortError: ERR_ABORTED", "hedge", 200]);
    await until(() => server.open() === 1);
    expect(clock.pending).toBeLessThanOrEqual(1);
  });

  test("sends none where the answer comes in time", async () => {
    await using server = await serve(json({}));
    const clock = new ManualClock();
    await using client = new Client({ baseUrl: server.origin, clock, hedge });
    await client.get("/");
    expect(server.seen).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, ClientOptions, (client: Client) => PromiseLike<unknown>]>([
    ["a POST", {}, (client) => client.post("/", { json: 1 })],
    ["a PUT", {}, (client) => client.put("/", { json: 1 })],
    ["a stream", {}, (client) => client.get("/", { stream: true })],
    ["a call that leaves it out", {}, (client) => client.get("/", { hedge: false })],
  ])("never hedges %s", async (_, options, ask) => {
    await using server = await serve(silentAt(1));
    const clock = new ManualClock();
    const client = new Client({ baseUrl: server.origin, clock, hedge, retry: false, ...options });
    const call = Promise.resolve(ask(client)).catch((error: unknown) => error);
    await until(() => server.seen.length === 1);
    clock.advance(5000);
    await client.close();
    expect(await call).toBeInstanceOf(AbortError);
    expect(server.seen).toHaveLength(1);
  });

  test("leaves a failure to the retries, and waits for the other where one fails", async () => {
    const answers: Answer[] = [
      () => {},
      (response) => void response.writeHead(503).end(),
      (response) => void response.end("third"),
    ];
    const held: (() => void)[] = [];
    await using server = await serve((response, seen, request) => {
      const answer = answers[server.seen.length - 1];
      if (server.seen.length === 1) held.push(() => void response.end("first"));
      return answer?.(response, seen, request);
    });
    const clock = new ManualClock();
    await using client = new Client({ baseUrl: server.origin, clock, hedge, random: () => 0 });
    const call = client.get("/").text();
    await until(() => server.seen.length === 1);
    await clock.armed(50);
    clock.advance(50);
    await until(() => server.seen.length === 2);
    // The second has failed; the first is still the one to wait for.
    await new Promise((resolve) => setTimeout(resolve, 20));
    held[0]?.();
    expect(await call).toBe("first");
    expect(server.seen).toHaveLength(2);
  });

  test("ends in the failure of both where both fail", async () => {
    await using server = await serve(json({}, 500));
    await using client = new Client({ baseUrl: server.origin, hedge, retry: false });
    await caught(client.get("/").json(), HttpError);
  });

  test("a 401 that both are given is answered, and is not the answer", async () => {
    let asked = 0;
    const late = (response: ServerResponse, status: number): void => {
      setTimeout(() => response.writeHead(status).end(), 40);
    };
    await using server = await serve((response, { headers }) => {
      late(response, headers.authorization === "Bearer t2" ? 200 : 401);
    });
    const auth = bearer(async () => {
      const token = `t${++asked}`;
      await new Promise((resolve) => setTimeout(resolve, 30));
      return token;
    });
    await using client = new Client({ baseUrl: server.origin, auth, hedge: { delay: 10, share: 1 } });
    expect((await client.get("/")).status).toBe(200);
    expect(asked).toBe(2);
  });

  test("a call that is given up gives both up", async () => {
    await using server = await serve(silentAt(1, 2));
    const clock = new ManualClock();
    await using client = new Client({ baseUrl: server.origin, clock, hedge });
    const stop = new AbortController();
    const call = client.get("/", { signal: stop.signal });
    await until(() => server.seen.length === 1);
    await clock.armed(50);
    clock.advance(50);
    await until(() => server.seen.length === 2);
    stop.abort();
    await caught(call, AbortError);
    await until(() => server.open() === 0);
  });

  test("adds no more load than its share, after what was saved up", async () => {
    // Each first request is silent; each second one is answered.
    let asked = 0;
    const seen = new Set<string>();
    await using server = await serve((response, { target }) => {
      asked++;
      const isSecond = seen.has(target);
      seen.add(target);
      if (isSecond || target.endsWith("late")) response.end("x");
    });
    const clock = new ManualClock();
    const client = new Client({
      baseUrl: server.origin,
      clock,
      hedge: { delay: 50, share: 0.1 },
      retry: false,
    });
    const calls = Array.from({ length: 30 }, (_, at) => client.get(`/${at}`).result());
    await until(() => asked === 30);
    clock.advance(50);
    await until(() => asked === 34);
    // What would come besides has been sent by now, if it was.
    await client.get("/late");
    await client.close();
    await Promise.all(calls);
    expect(asked - 31).toBe(4);
  });

  test.each([
    [{ percentile: 0 }, "hedge.percentile"],
    [{ delay: "soon" }, "hedge.delay"],
    [{ share: 5 }, "hedge.share"],
    [{ after: 5 }, "hedge.after"],
    [7, "hedge"],
  ])("%o is refused, and named", async (given, option) => {
    const error = await caught(
      Promise.resolve().then(() => new Client(JSON.parse(JSON.stringify({ hedge: given })))),
      OptionsError,
    );
    expect(error.option).toBe(option);
  });
});

describe("the delay", () => {
  test("is a percentile of the last answers, once there are enough", () => {
    const latency = new Latencies({ percentile: 0.95, delay: undefined, share: 0.05 }).at("https://a.test");
    for (let ms = 1; ms < 20; ms++) latency.answered(ms);
    expect(latency.delay()).toBeUndefined();
    latency.answered(20);
    expect(latency.delay()).toBe(20);
    for (let ms = 1; ms <= 200; ms++) latency.answered(ms);
    expect(latency.delay()).toBe(191);
    // Only the last 200 count.
    for (let answer = 0; answer < 200; answer++) latency.answered(7);
    expect(latency.delay()).toBe(7);
  });

  test("what is known of an origin is forgotten where there are too many", () => {
    const latencies = new Latencies({ percentile: 0.95, delay: undefined, share: 0.05 });
    const first = latencies.at("https://a.test");
    expect(latencies.at("https://a.test")).toBe(first);
    for (let origin = 0; origin < 1000; origin++) latencies.at(`https://${origin}.test`);
    expect(latencies.at("https://a.test")).not.toBe(first);
  });
});
