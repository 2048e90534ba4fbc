import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  AbortError,
  bearer,
  Client,
  get,
  HttpError,
  har,
  memory,
  NetworkError,
  OptionsError,
  secret,
  TimeoutError,
  type Trace,
  type TracedExchange,
} from "../../src/index.ts";
import type { ExchangePhases } from "../../src/trace/phases.ts";
import { waterfall } from "../../src/trace/waterfall.ts";
import { caught } from "../peers/caught.ts";
import { certificates } from "../peers/certificates.ts";
import { freePort } from "../peers/free-port.ts";
import { until } from "../peers/gate.ts";
import { serveHeld } from "../peers/held-server.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";
import { serveHttp2 } from "../peers/http2-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

function exchanges(trace: Trace): TracedExchange[] {
  return trace.events.filter((event) => event.kind === "exchange");
}

function kinds(trace: Trace): string[] {
  return trace.events.map((event) =>
    event.kind === "exchange" ? `${event.status ?? event.error}` : event.kind,
  );
}

function failingOnce(status: number, headers: Record<string, string> = {}): Answer {
  let asked = 0;
  return (response) => {
    if (asked++ === 0) response.writeHead(status, headers).end("not now");
    else response.end("there");
  };
}

describe("what a trace tells", () => {
  test("of a plain call: one exchange, how its connection was made, what it waited for", async () => {
    await using server = await serve(json({ a: 1 }));
    await using client = new Client();
    const url = server.origin.replace("127.0.0.1", "localhost");
    const first = await client.get(url);
    const [exchange] = exchanges(first.trace);
    expect(exchange).toMatchObject({
      attempt: 1,
      method: "GET",
      status: 200,
      reused: false,
      protocol: "http/1.1",
    });
    expect(exchange?.remoteAddress).toBe("127.0.0.1");
    expect(Object.keys(exchange?.phases ?? {})).toEqual(["dns", "connect", "firstByte", "download"]);
    expect(exchange?.bytes).toBe(7);
    const sum = Object.values(exchange?.phases ?? {}).reduce((total, ms) => total + ms, 0);
    expect(sum).toBeLessThanOrEqual((exchange?.duration ?? 0) + 1e-6);
    expect(first.trace.duration).toBeGreaterThanOrEqual(exchange?.duration ?? Number.POSITIVE_INFINITY);

    const second = await client.get(url);
    const [again] = exchanges(second.trace);
    expect(again).toMatchObject({ reused: true });
    expect(Object.keys(again?.phases ?? {})).toEqual(["firstByte", "download"]);
  });

  test("of TLS: its handshake, apart from the connection's", async () => {
    const { ca, localhost } = await certificates();
    await using server = await serve(json({}), { tls: localhost });
    await using client = new Client({ tls: { ca: ca.cert } });
    const [exchange] = exchanges((await client.get(server.origin)).trace);
    expect(Object.keys(exchange?.phases ?? {})).toEqual(["connect", "tls", "firstByte", "download"]);
  });

  test("of HTTP/2: its name, and whether the connection was shared", async () => {
    const { ca } = await certificates();
    await using server = await serveHttp2((stream) => {
      stream.respond({ ":status": 200 });
      stream.end("x");
    });
    await using client = new Client({ tls: { ca: ca.cert }, http2: true });
    await client.get(server.origin);
    const [exchange] = exchanges((await client.get(server.origin)).trace);
    expect(exchange).toMatchObject({ protocol: "h2", reused: true });
  });

  test("of redirects, retries and a 401 that was answered, in their order", async () => {
    const flaky = failingOnce(503, { "retry-after": "2" });
    await using server = await serve({
      "/old": redirectTo("/flaky?token=hidden"),
      "/flaky": (response, seen, request) => {
        if (seen.headers.authorization === "Bearer old") response.writeHead(401).end();
        else return flaky(response, seen, request);
      },
    });
    const clock = new ManualClock();
    const auth = bearer(({ reason }) => (reason === "unauthorized" ? "new" : "old"));
    await using client = new Client({ baseUrl: server.origin, auth, clock, random: () => 0 });
    const call = client.get("/old");
    await clock.armed(2000);
    clock.advance(2000);
    const { trace } = await call;
    expect(kinds(trace)).toEqual(["302", "redirect", "401", "auth", "503", "retry", "200"]);
    expect(trace.events).toContainEqual({
      kind: "retry",
      start: 0,
      duration: 2000,
      detail: "status 503, Retry-After 2 s",
    });
    expect(trace.events).toContainEqual(
      expect.objectContaining({ kind: "redirect", detail: `302 to ${server.origin}/flaky?token=***` }),
    );
    expect(trace.duration).toBe(2000);
    expect(trace.startedAt.getTime()).toBe(clock.date() - 2000);
    expect(exchanges(trace).map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  });

  test("of the wait in line for a connection", async () => {
    const open = Promise.withResolvers<void>();
    await using server = await serve(async (response) => {
      await open.promise;
      response.end("x");
    });
    await using client = new Client({ baseUrl: server.origin, connections: { perOrigin: 1 } });
    const calls = [client.get("/1"), client.get("/2")];
    setImmediate(() => open.resolve());
    const [first, second] = await Promise.all(calls);
    expect(exchanges((first ?? expect.fail()).trace)[0]?.phases.queue).toBeUndefined();
    expect(exchanges((second ?? expect.fail()).trace)[0]?.phases.queue).toBeGreaterThan(0);
  });

  test("of a call that only stood in line for a connection: that nothing was sent", async () => {
    await using held = await serveHeld("x");
    const { server } = held;
    const clock = new ManualClock();
    await using client = new Client({
      baseUrl: server.origin,
      connections: { perOrigin: 1 },
      clock,
      retry: 2,
    });
    const first = client.get("/1");
    await until(() => server.seen.length === 1);
    const controller = new AbortController();
    const aborted = caught(client.get("/2", { signal: controller.signal }), AbortError);
    const late = caught(client.get("/3", { timeout: { queue: 70, total: 500 } }), TimeoutError);
    await clock.armed(70);
    clock.advance(20);
    controller.abort();
    const given = await aborted;
    clock.advance(50);
    const errors = [given, await late] as const;
    expect(errors.map(({ attempts }) => attempts)).toEqual([0, 0]);
    expect(errors.map(({ trace }) => trace?.events)).toEqual([
      [
        {
          kind: "queue",
          start: 0,
          duration: 20,
          detail: "in line for a connection, ended by AbortError: ERR_ABORTED",
        },
      ],
      [
        {
          kind: "queue",
          start: 0,
          duration: 70,
          detail: "in line for a connection, ended by TimeoutError: queue",
        },
      ],
    ]);
    for (const { trace } of errors) {
      expect(String(trace)).toContain("ms, 0 requests");
      expect(trace?.toHAR().log.entries).toEqual([]);
    }
    held.answer();
    expect((await first).trace.events).toHaveLength(1);
    expect(server.seen.map(({ target }) => target)).toEqual(["/1"]);
  });

  test("of a request that got a connection with its second attempt: one request, its first", async () => {
    await using held = await serveHeld("x");
    const { server } = held;
    const clock = new ManualClock();
    await using client = new Client({
      baseUrl: server.origin,
      connections: { perOrigin: 1 },
      clock,
      random: () => 0.5,
    });
    const first = client.get("/1");
    await until(() => server.seen.length === 1);
    const second = client.get("/2", {
      timeout: { attempt: 70 },
      retry: { attempts: 2, backoff: { base: 10 } },
    });
    await clock.armed(70);
    clock.advance(70);
    // Time stands still while the second attempt is on its way: its own 70 ms are not spent by a busy machine.
    await clock.armed(5);
    held.answer();
    await first;
    clock.advance(5);
    const { trace } = await second;
    expect(kinds(trace)).toEqual(["queue", "retry", "200"]);
    expect(exchanges(trace)[0]?.attempt).toBe(1);
    expect(String(trace)).toContain("ms, 1 request\n");
  });

  test("of a call that was given up by a hook before its request went out: that nothing was sent", async () => {
    await using server = await serve(json({}));
    const controller = new AbortController();
    const hooks = { onRequest: () => controller.abort() };
    await using client = new Client({ baseUrl: server.origin, hooks });
    const error = await caught(client.get("/", { signal: controller.signal }), AbortError);
    expect(error.attempts).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(String(error.trace)).toContain("ms, 0 requests");
    expect(server.seen).toEqual([]);
  });

  test("of a call that the limits of throttle gave no turn: that nothing was sent", async () => {
    await using held = await serveHeld("x");
    const { server } = held;
    await using client = new Client({ baseUrl: server.origin, throttle: { concurrency: 1, queue: 1 } });
    const calls = [client.get("/1"), client.get("/2")];
    for (const call of calls) call.catch(() => {});
    const error = await caught(client.get("/3"), TimeoutError);
    expect(error.attempts).toBe(0);
    expect(String(error.trace)).toContain(`GET ${server.origin}/3  `);
    expect(String(error.trace)).toContain("ms, 0 requests");
    held.answer();
    await Promise.all(calls);
  });

  test("of a streamed body what is known so far, and its end when it has come", async () => {
    const read = Promise.withResolvers<void>();
    await using server = await serve(async (response) => {
      response.write("x".repeat(4000));
      await read.promise;
      response.end("x".repeat(1000));
    });
    const response = await get(server.origin, { stream: true });
    expect(exchanges(response.trace)[0]?.phases.download).toBeUndefined();
    read.resolve();
    for await (const piece of response.stream()) expect(piece.length).toBeGreaterThan(0);
    const [exchange] = exchanges(response.trace);
    expect(exchange?.bytes).toBe(5000);
    expect(exchange?.phases.download).toBeGreaterThanOrEqual(0);
  });

  test("over another transport what can be seen from outside", async () => {
    await using client = new Client({ transport: memory(() => new Response("x")) });
    const [exchange] = exchanges((await client.get("http://api.test/")).trace);
    expect(exchange).toMatchObject({ status: 200, reused: undefined, bytes: 1 });
  });
});

describe("an error's trace", () => {
  test("has every attempt, and why it was the last", async () => {
    const port = await freePort();
    const error = await caught(
      get(`http://127.0.0.1:${port}/`, { retry: { attempts: 2, backoff: { base: 0 } } }),
      NetworkError,
    );
    expect(kinds(error.trace ?? expect.fail())).toEqual([
      "NetworkError: refused",
      "retry",
      "NetworkError: refused",
    ]);
  });

  test("of a bad status is that of its response", async () => {
    await using server = await serve(json({}, 404));
    const error = await caught(get(server.origin).json(), HttpError);
    expect(kinds(error.trace ?? expect.fail())).toEqual(["404"]);
  });

  test("of a limit of time says how far it had come", async () => {
    await using server = await serve(() => {});
    const error = await caught(get(server.origin, { timeout: { headers: 30 }, retry: false }), TimeoutError);
    const [exchange] = exchanges(error.trace ?? expect.fail());
    expect(exchange?.error).toBe("TimeoutError: headers");
    expect(exchange?.phases.connect).toBeGreaterThanOrEqual(0);
    expect(exchange?.duration).toBeGreaterThanOrEqual(25);
  });

  test("is not there where nothing was sent", async () => {
    const error = await caught(get("ftp://example.com"), OptionsError);
    expect(error.trace).toBeUndefined();
  });
});

test("no secret is in it, however it is printed", async () => {
  await using server = await serve({
    "/a": redirectTo("/b?session=s3cret", 302, { "set-cookie": "id=s3cret" }),
    "/b": json({ token: "s3cret" }),
  });
  await using client = new Client({
    baseUrl: server.origin,
    auth: bearer("s3cret"),
    headers: { "x-plain": secret("s3cret") },
  });
  const { trace } = await client.get("/a", { params: { api_key: "s3cret", mine: secret("s3cret") } });
  const printed = [
    String(trace),
    JSON.stringify(trace),
    inspect(trace, { depth: 10, showHidden: true }),
    JSON.stringify(trace.toHAR()),
    JSON.stringify(trace.events),
  ];
  for (const text of printed) {
    expect(text).not.toContain("s3cret");
    expect(text).toContain("***");
  }
});

test("the waterfall has a line for each event, and bars that follow one another", async () => {
  await using server = await serve(failingOnce(503));
  const clock = new ManualClock();
  await using client = new Client({
    baseUrl: server.origin,
    clock,
    random: () => 1,
    retry: { backoff: { base: 100 } },
  });
  const call = client.get("/x");
  await clock.armed(100);
  clock.advance(100);
  expect(String((await call).trace).split("\n")).toEqual([
    `GET ${server.origin}/x  100 ms, 2 requests`,
    `  1 GET 503  |░${" ".repeat(31)}|  0 ms`,
    `  retry      |${"~".repeat(32)}|  100 ms: status 503`,
    `  2 GET 200  |${" ".repeat(31)}░|  0 ms, reused`,
    "  · queue  d dns  c connect  t tls  ░ first byte  █ download  - other  ~ wait",
  ]);
});

test.each<[string, ExchangePhases, string]>([
  [
    "before the connection, of what was answered",
    { connect: 4, firstByte: 8, download: 4 },
    `${"-".repeat(16)}ccccEEEEEEEE####`,
  ],
  ["on a connection that was there", { firstByte: 1, download: 1 }, `${"-".repeat(30)}E#`],
  ["behind the queue", { queue: 16, firstByte: 8 }, `${"·".repeat(16)}--------EEEEEEEE`],
  ["at the end, of what nobody answered", { dns: 4, connect: 4 }, `ddddcccc${"-".repeat(24)}`],
  ["all of what nobody knows more of", {}, "-".repeat(32)],
  ["none", { firstByte: 16, download: 16 }, `${"E".repeat(16)}${"#".repeat(16)}`],
])("the time of no phase is drawn as such, and a phase as long as it took: %s", (_, phases, bar) => {
  const exchange: TracedExchange = {
    kind: "exchange",
    attempt: 1,
    start: 0,
    duration: 32,
    method: "GET",
    url: "http://a/",
    requestHeaders: {},
    status: 200,
    statusText: undefined,
    responseHeaders: undefined,
    error: undefined,
    phases,
    bytes: 0,
    reused: undefined,
    remoteAddress: undefined,
    protocol: undefined,
  };
  const call = { startedAt: new Date(0), duration: 32, method: "GET", url: "http://a/", events: [exchange] };
  expect(waterfall(call).split("|")[1]).toBe(bar.replaceAll("E", "░").replaceAll("#", "█"));
});

describe("HAR", () => {
  test("has what HAR 1.2 asks of an entry, and its timings add up to its time", async () => {
    await using server = await serve({ "/old": redirectTo("/new?a=1&a=2"), "/new": json({ a: 1 }) });
    const { log } = (await get(`${server.origin}/old`)).trace.toHAR();
    expect(log.version).toBe("1.2");
    expect(log.entries.map(({ response }) => response.status)).toEqual([302, 200]);
    const [moved, answer] = log.entries;
    expect(moved?.response.redirectURL).toBe("/new?a=1&a=2");
    expect(answer?.request.queryString).toEqual([
      { name: "a", value: "1" },
      { name: "a", value: "2" },
    ]);
    expect(answer?.response.content).toEqual({ size: 7, mimeType: "application/json" });
    for (const { timings, time } of log.entries) {
      const { blocked, dns, connect, send, wait, receive } = timings;
      const sum = [blocked, dns, connect, send, wait, receive].reduce(
        (total, ms) => total + Math.max(0, ms),
        0,
      );
      expect(sum).toBeCloseTo(time, 3);
    }
  });

  test("har() puts several calls into one archive, in the order in which they began", async () => {
    await using server = await serve(json({}));
    const clock = new ManualClock();
    await using client = new Client({ clock });
    const first = await client.get(`${server.origin}/1`);
    // An archive tells milliseconds, and two calls may begin within one.
    clock.advance(1);
    const responses = [first, await client.get(`${server.origin}/2`)];
    const { log } = har(responses.toReversed().map(({ trace }) => trace));
    expect(log.entries.map(({ request }) => new URL(request.url).pathname)).toEqual(["/1", "/2"]);
  });
});
