import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Writable } from "node:stream";
import pino from "pino";
import { describe, expect, test } from "vitest";
import {
  Client,
  type Logger,
  type LogLevel,
  type LogOptions,
  OptionsError,
  TimeoutError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { freePort } from "../peers/free-port.ts";
import { serveHeld } from "../peers/held-server.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

/** A console that keeps what it was told, each line behind its level. */
function keeping(): { readonly lines: string[]; readonly log: Logger } {
  const lines: string[] = [];
  const at = (level: LogLevel) => (message: string) => void lines.push(`${level} ${message}`);
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

/** Pino's own, which writes JSON. */
function pinoInto(entries: Record<string, unknown>[]): pino.Logger {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      entries.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return pino({ level: "debug", base: null, timestamp: false }, sink);
}

const quick = { attempts: 2, backoff: { base: 0 } } as const;

describe("levels", () => {
  test.each([
    ["debug", ["debug", "warn", "debug", "error"]],
    ["info", ["warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
  ] as const)("%s writes what is as severe, or more", async (level, expected) => {
    await using server = await serve(json({}, 503));
    const { lines, log } = keeping();
    await using client = new Client({ retry: quick, log: { to: log, level } });
    await client.get(server.origin);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(expected);
  });
});

describe("the number of an attempt", () => {
  test("is that of the channels, over retries and redirects", async () => {
    let busy = true;
    await using server = await serve({
      "/old": redirectTo("/new"),
      "/new": (response) => {
        response.writeHead(busy ? 503 : 200).end();
        busy = false;
      },
    });
    const told: unknown[] = [];
    const listener = (message: unknown): void => {
      told.push(message !== null && typeof message === "object" && "attempt" in message && message.attempt);
    };
    subscribe("chasqui:exchange:end", listener);
    const { lines, log } = keeping();
    await using client = new Client({ baseUrl: server.origin, retry: quick, log });
    try {
      await client.get("/old");
    } finally {
      unsubscribe("chasqui:exchange:end", listener);
    }
    const logged = lines.flatMap((line) => / ms, attempt (\d+)\)$/.exec(line)?.slice(1).map(Number) ?? []);
    expect(logged).toEqual([1, 2, 3]);
    expect(told).toEqual(logged);
  });

  test("is not given to what only stood in line: nothing was sent, and the next has it", async () => {
    await using held = await serveHeld();
    const { server } = held;
    const entries: Record<string, unknown>[] = [];
    const clock = new ManualClock();
    await using client = new Client({
      baseUrl: server.origin,
      connections: 1,
      retry: false,
      clock,
      log: pinoInto(entries),
    });
    const first = client.get("/1");
    await held.asked;
    const late = caught(client.get("/2", { timeout: { queue: 70 } }), TimeoutError);
    await clock.armed(70);
    clock.advance(70);
    const error = await late;
    held.answer();
    await first;
    const url = `${server.origin}/2`;
    const common = { method: "GET", url, code: "ERR_TIMEOUT" };
    const call = error.trace?.id;
    expect(entries.filter(({ call: of }) => of === call)).toEqual([
      {
        level: 20,
        call,
        ...common,
        duration: 70,
        msg: expect.stringMatching(/ → TimeoutError: No free connection .*\(70 ms, nothing was sent\)$/),
      },
      { level: 50, call, ...common, msg: expect.stringContaining(`GET ${url} failed: TimeoutError`) },
    ]);
    const answered = entries.find(({ status }) => status === 200);
    expect(answered).toMatchObject({ attempt: 1, msg: expect.stringMatching(/ ms, attempt 1\)$/) });
  });
});

describe("correlation", () => {
  test("gives all lines of a call one id, which is that of its trace, and those of another call another", async () => {
    await using server = await serve({ "/old": redirectTo("/new"), "/new": json({}, 500) });
    const { lines, log } = keeping();
    await using client = new Client({
      baseUrl: server.origin,
      retry: quick,
      log: { to: log, correlation: true },
    });
    const { trace } = await client.get("/old");
    await client.get("/new");
    const ids = lines.map((line) => /\[([\w-]+)\]/.exec(line)?.[1]);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toBe(trace.id);
    expect(ids.filter((id) => id === trace.id)).toHaveLength(5);
    expect(JSON.parse(JSON.stringify(trace))).toMatchObject({ id: trace.id });
  });

  test("by a header goes to the server, the same with each attempt, and to no other origin", async () => {
    await using other = await serve(json({}));
    await using server = await serve({
      "/away": redirectTo(`${other.origin}/`),
      "/busy": json({}, 503),
    });
    const { log } = keeping();
    const options: LogOptions = { to: log, correlation: "X-Request-Id" };
    await using client = new Client({
      baseUrl: server.origin,
      allowOrigins: [other.origin],
      retry: quick,
      log: options,
    });
    const { trace } = await client.get("/busy");
    expect(server.seen.map(({ headers }) => headers["x-request-id"])).toEqual([trace.id, trace.id]);
    await client.get("/away");
    expect(other.last().headers).not.toHaveProperty("x-request-id");
  });

  test("takes the id that the caller has set", async () => {
    await using server = await serve(json({}));
    const { lines, log } = keeping();
    await using client = new Client({ log: { to: log, correlation: "x-request-id" } });
    const { trace } = await client.get(server.origin, { headers: { "x-request-id": "order-7" } });
    expect(server.last().headers["x-request-id"]).toBe("order-7");
    expect(trace.id).toBe("order-7");
    expect(lines[0]).toContain("[order-7] GET");
  });

  test("lets an id that somebody else has made write nothing to a terminal", async () => {
    await using server = await serve(json({}));
    const { lines, log } = keeping();
    await using client = new Client({ log: { to: log, correlation: "x-request-id" } });
    await client.get(server.origin, { headers: { "x-request-id": "\u009b31m id" } });
    expect(lines.join()).not.toMatch(/\p{Cc}/u);
  });

  test("never shows a secret as an id", async () => {
    await using server = await serve(json({}));
    const { lines, log } = keeping();
    await using client = new Client({ log: { to: log, correlation: "x-session" } });
    await client.get(server.origin, { headers: { "x-session": "s3cret" } });
    expect(lines.join()).not.toContain("s3cret");
  });
});

describe("a logger of pino's", () => {
  test("is given what a line says as fields", async () => {
    await using server = await serve(json({}, 503));
    const entries: Record<string, unknown>[] = [];
    await using client = new Client({ baseUrl: server.origin, retry: quick, log: pinoInto(entries) });
    const { trace } = await client.get("/a?token=s3cret");
    const common = { call: trace.id, method: "GET", url: `${server.origin}/a?token=***` };
    expect(entries).toEqual([
      {
        level: 20,
        ...common,
        attempt: 1,
        status: 503,
        duration: expect.any(Number),
        msg: expect.any(String),
      },
      {
        level: 40,
        ...common,
        attempt: 1,
        delay: 0,
        msg: expect.stringContaining("attempt 1 failed (status 503)"),
      },
      {
        level: 20,
        ...common,
        attempt: 2,
        status: 503,
        duration: expect.any(Number),
        msg: expect.any(String),
      },
      { level: 50, ...common, attempt: 2, status: 503, msg: `GET ${server.origin}/a?token=*** ended in 503` },
    ]);
  });

  test("is given the code of an error", async () => {
    const port = await freePort();
    const entries: Record<string, unknown>[] = [];
    await using client = new Client({ retry: false, log: pinoInto(entries) });
    await client.get(`http://127.0.0.1:${port}/`).result();
    expect(entries.map(({ level, code }) => [level, code])).toEqual([
      [20, "ERR_NETWORK"],
      [50, "ERR_NETWORK"],
    ]);
  });

  test("is given lines where no fields are wanted", async () => {
    await using server = await serve(json({}));
    const entries: Record<string, unknown>[] = [];
    await using client = new Client({ log: { to: pinoInto(entries), fields: false } });
    await client.get(server.origin);
    expect(entries).toEqual([{ level: 20, msg: expect.stringContaining("→ 200") }]);
  });
});

describe("the option", () => {
  test.each([
    [{ to: console, level: "trace" }, "log.level"],
    [{ to: {} }, "log.to"],
    [{ to: console, fields: 1 }, "log.fields"],
    [{ to: console, correlation: 1 }, "log.correlation"],
    [{ to: console, correlation: "x request" }, "log.correlation"],
    [{ to: console, levels: "warn" }, "log.levels"],
    [{ level: "warn" }, "log"],
    [true, "log"],
  ])("%o is refused, and named", async (log, option) => {
    const error = await caught(
      Promise.resolve().then(() => new Client().extend({ log: log as never })),
      OptionsError,
    );
    expect(error.option).toBe(option);
  });
});

test("onClientError is told once of a 4xx, onServerError of a 5xx: the lesson's two lines", async () => {
  await using server = await serve({ "/gone": json({}, 410), "/down": json({}, 500), "/fine": json({}) });
  const told: string[] = [];
  await using client = new Client({
    baseUrl: server.origin,
    retry: quick,
    hooks: {
      onClientError: ({ response, attempts }) => void told.push(`log ${response.status} ${attempts}`),
      onServerError: ({ response, attempts }) => void told.push(`alert ${response?.status} ${attempts}`),
    },
  });
  for (const path of ["/gone", "/down", "/fine"]) await client.get(path);
  expect(told).toEqual(["log 410 1", "alert 500 2"]);
});
