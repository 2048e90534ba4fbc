import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import {
  bearer,
  type Call,
  CallerError,
  Client,
  type ClientOptions,
  HttpError,
  NetworkError,
  type RetryEvent,
  type RetryOptions,
  TimeoutError,
  type Trace,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { type Answer, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { serveRaw } from "../peers/raw-server.ts";

/** Fails so many times, then answers with how often it was asked and what it was sent. */
function failing(times: number, status = 503, headers: Record<string, string> = {}): Answer {
  let asked = 0;
  return (response, seen) => {
    asked++;
    if (asked <= times) response.writeHead(status, headers).end("not now");
    else response.end(JSON.stringify({ asked, body: seen.body.toString() }));
  };
}

interface Watched {
  readonly client: Client;
  readonly clock: ManualClock;
  readonly retries: RetryEvent[];
}

function watched(options: ClientOptions = {}): Watched {
  const clock = new ManualClock();
  const retries: RetryEvent[] = [];
  const hooks = { onRetry: (event: RetryEvent) => void retries.push(event) };
  return { client: new Client({ clock, random: () => 0.5, hooks, ...options }), clock, retries };
}

/** Waits for each of the delays to be asked for, exactly, and lets it pass. */
async function waitOut(
  clock: ManualClock,
  call: PromiseLike<unknown>,
  delays: readonly number[],
): Promise<void> {
  for (const delay of delays) {
    const early = Promise.resolve(call).then(() =>
      Promise.reject(new Error(`ended without a wait of ${delay} ms`)),
    );
    await Promise.race([clock.armed(delay), early]);
    early.catch(() => {});
    clock.advance(delay);
  }
}

describe("what is sent again", () => {
  test.each(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])("#146 %s is", async (method) => {
    await using server = await serve(failing(1));
    const { client, clock } = watched();
    const call = client.request(method, server.origin);
    await waitOut(clock, call, [150]);
    expect((await call).status).toBe(200);
    expect(server.seen.length).toBe(2);
    await client.close();
  });

  test.each(["POST", "PATCH", "PURGE"])(
    "#146 #147 %s is not, once the server has answered",
    async (method) => {
      await using server = await serve(failing(1));
      const { client, retries } = watched();
      expect((await client.request(method, server.origin)).status).toBe(503);
      expect(server.seen.length).toBe(1);
      expect(retries).toEqual([]);
      await client.close();
    },
  );

  test("#146 methods: null sends any", async () => {
    await using server = await serve(failing(1));
    const { client, clock } = watched({ retry: { methods: null } });
    const call = client.post(server.origin, { json: { a: 1 } });
    await waitOut(clock, call, [150]);
    expect(await call.json()).toEqual({ asked: 2, body: '{"a":1}' });
    await client.close();
  });

  test.each([408, 425, 429, 500, 502, 503, 504])("#148 %i is", async (status) => {
    await using server = await serve(failing(1, status));
    const { client, clock } = watched();
    const call = client.get(server.origin);
    await waitOut(clock, call, [150]);
    expect((await call).status).toBe(200);
    await client.close();
  });

  test.each([400, 401, 403, 404, 409, 413, 501, 505])(
    "#148 #149 %i is not, with Retry-After neither",
    async (status) => {
      await using server = await serve(failing(1, status, { "retry-after": "1" }));
      const { client } = watched();
      expect((await client.get(server.origin)).status).toBe(status);
      expect(server.seen.length).toBe(1);
      await client.close();
    },
  );

  test("#147 a POST whose connection broke after it was written is not", async () => {
    await using server = await serveRaw((socket) => socket.destroy());
    const { client, retries } = watched();
    const error = await caught(client.post(server.origin, { json: {} }), NetworkError);
    expect(error.attempts).toBe(1);
    expect(retries).toEqual([]);
    await client.close();
  });

  test("#147 #141 #156 a POST is, when the connection was refused: nothing was written", async () => {
    const server = await serve(failing(0));
    const { origin } = server;
    await server.close();
    const { client, clock, retries } = watched();
    const call = client.post(origin, { json: {} });
    await waitOut(clock, call, [150, 300]);
    const error = await caught(call, NetworkError);
    // #156: what is raised when they are used up is the last fault itself, and says how often it was tried.
    expect(error.kind).toBe("refused");
    expect(error.attempts).toBe(3);
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
    expect(retries.map(({ reason }) => reason)).toEqual([
      "network fault (refused)",
      "network fault (refused)",
    ]);
    await client.close();
  });

  test("a body that breaks half way is, as any other failure", async () => {
    await using server = await serveRaw((socket, _head, turn) => {
      const connection = turn === 2 ? "close" : "keep-alive";
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: ${connection}\r\n\r\nhe`);
      if (turn <= 2) socket.end();
      else socket.write("llo");
    });
    const { client, clock, retries } = watched();
    const call = client.get(server.origin);
    await waitOut(clock, call, [150, 300]);
    expect(await call.text()).toBe("hello");
    expect(retries.map(({ reason }) => reason)).toEqual(["network fault (closed)", "network fault (closed)"]);
    await client.close();
  });

  test("P14 a connection that the server closed while it was idle costs a GET no attempt, and a POST its only one", async () => {
    await using server = await serveRaw((socket, _head, turn) => {
      if (turn === 2 || turn === 4) socket.destroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    const { client, retries } = watched();
    await client.get(server.origin);
    expect(await client.get(server.origin).text()).toBe("ok");
    expect(retries).toEqual([]);
    const error = await caught(
      client
        .post(server.origin, { retry: false })
        .then(() => Promise.reject(new NetworkError("closed", "none"))),
      NetworkError,
    );
    expect(error.kind).toBe("closed");
    await client.close();
  });

  test("retry: false is one attempt, retry: 1 too", async () => {
    await using server = await serve(failing(9));
    const { client } = watched();
    await client.get(server.origin, { retry: false });
    await client.get(server.origin, { retry: 1 });
    expect(server.seen.length).toBe(2);
    await client.close();
  });
});

describe("how long is waited", () => {
  test("#144 #154 drawn from 0 to 300 ms, then to twice as much, anew in each call", async () => {
    await using server = await serve({ "/a": failing(3), "/b": failing(3) });
    const { client, clock, retries } = watched({ retry: 4, random: () => 0.25 });
    for (const path of ["/a", "/b"]) {
      const call = client.get(server.origin + path);
      await waitOut(clock, call, [75, 150, 300]);
      expect((await call).status).toBe(200);
    }
    expect(retries.map(({ attempt, delay }) => [attempt, delay])).toEqual([
      [1, 75],
      [2, 150],
      [3, 300],
      [1, 75],
      [2, 150],
      [3, 300],
    ]);
    await client.close();
  });

  test.each([
    ["2", 2000],
    [" 59 ", 59_000],
    // The clock of the test stands at 00:00:01 of this Thursday.
    ["Thu, 01 Jan 2026 00:00:12 GMT", 11_000],
    ["Thursday, 01-Jan-26 00:00:12 GMT", 11_000],
    ["Thu Jan  1 00:00:12 2026", 11_000],
    // Passed, shorter than the backoff, or nonsense: the backoff.
    ["Wed, 31 Dec 2025 00:00:00 GMT", 150],
    ["0", 150],
    ["-1", 150],
    ["1.5", 150],
    ["soon", 150],
  ])("#150 #151 #153 Retry-After %j is %i ms", async (value, delay) => {
    await using server = await serve(failing(1, 429, { "retry-after": value }));
    const { client, clock } = watched();
    const call = client.get(server.origin);
    await waitOut(clock, call, [delay]);
    expect((await call).status).toBe(200);
    await client.close();
  });

  test("#152 a Retry-After beyond maxWait is no retry, rather than one that comes too early", async () => {
    await using server = await serve(failing(1, 429, { "retry-after": "61" }));
    const { client, retries } = watched();
    expect((await client.get(server.origin)).status).toBe(429);
    expect(retries).toEqual([]);
    await client.close();
  });

  test("#152 maxWait is the caller's to raise", async () => {
    await using server = await serve(failing(1, 429, { "retry-after": "61" }));
    const { client, clock } = watched({ retry: { maxWait: "2m" } });
    const call = client.get(server.origin);
    await waitOut(clock, call, [61_000]);
    expect((await call).status).toBe(200);
    await client.close();
  });

  test("#153 retryAfter: false leaves it to the backoff", async () => {
    await using server = await serve(failing(1, 429, { "retry-after": "7" }));
    const { client, clock } = watched({ retry: { retryAfter: false } });
    const call = client.get(server.origin);
    await waitOut(clock, call, [150]);
    await call;
    await client.close();
  });

  test("#155 begins anew after a redirect, while the attempts are counted over the call", async () => {
    await using server = await serve({ "/a": flaky(1, redirectTo("/b")), "/b": failing(9) });
    const { client, clock, retries } = watched();
    const call = client.get(`${server.origin}/a`);
    await waitOut(clock, call, [150, 150]);
    expect((await call).status).toBe(503);
    expect(retries.length).toBe(2);
    await client.close();
  });
});

/** Fails so many times, then answers as another does. */
function flaky(times: number, then: Answer): Answer {
  let asked = 0;
  return (response, seen, request) => {
    if (++asked <= times) response.writeHead(503).end();
    else return then(response, seen, request);
  };
}

describe("what comes of it", () => {
  test("#156 the last answer is returned, and raises as any other", async () => {
    await using server = await serve(failing(9));
    const { client, clock } = watched();
    const call = client.get(server.origin);
    await waitOut(clock, call, [150, 300]);
    const response = await call;
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("not now");
    const error = await caught(Promise.reject(response.statusError()), HttpError);
    expect(error.attempts).toBe(3);
    await client.close();
  });

  test("#157 the history of attempts goes to onRetry and to the log", async () => {
    await using server = await serve(failing(2, 503, { "retry-after": "3" }));
    const lines: string[] = [];
    const log = {
      debug: (line: string) => void lines.push(`debug ${line}`),
      info: () => {},
      warn: (line: string) => void lines.push(`warn ${line}`),
      error: () => {},
    };
    const { client, clock, retries } = watched({ log });
    const call = client.get(server.origin);
    await waitOut(clock, call, [3000, 3000]);
    await call;
    const url = `${server.origin}/`;
    expect(lines).toEqual([
      expect.stringMatching(/^debug GET .* → 503 \(\d+ ms, attempt 1\)$/),
      `warn GET ${url}: attempt 1 failed (status 503, Retry-After 3 s), next in 3000 ms`,
      expect.stringMatching(/→ 503 \(\d+ ms, attempt 2\)$/),
      `warn GET ${url}: attempt 2 failed (status 503, Retry-After 3 s), next in 3000 ms`,
      expect.stringMatching(/→ 200 \(\d+ ms, attempt 3\)$/),
    ]);
    expect(
      retries.map(({ request, attempt, delay, reason }) => [request.url, attempt, delay, reason]),
    ).toEqual([
      [url, 1, 3000, "status 503, Retry-After 3 s"],
      [url, 2, 3000, "status 503, Retry-After 3 s"],
    ]);
    await client.close();
  });

  test("#159 the connection of an answer that is thrown away serves the next attempt", async () => {
    await using server = await serve(failing(2));
    const { client, clock } = watched();
    const call = client.get(server.origin);
    await waitOut(clock, call, [150, 300]);
    await call;
    expect(server.connections()).toBe(1);
    await client.close();
  });

  test("retry.when decides, of a good answer too, and what it throws is the caller's", async () => {
    await using server = await serve(failing(1, 202));
    const { client, clock } = watched({ retry: { when: ({ status }) => status === 202 || undefined } });
    const call = client.get(server.origin);
    await waitOut(clock, call, [150]);
    expect((await call).status).toBe(200);
    const slip = new RangeError("a slip");
    const when = (): boolean => {
      throw slip;
    };
    await expect(client.get(server.origin, { retry: { when } })).rejects.toBe(slip);
    // The connection in the middle of whose answer it was thrown is gone; the idle one may stay.
    await until(() => server.open() <= 1);
    await client.close();
  });

  test("#148 statuses may name a good one", async () => {
    await using server = await serve(failing(1, 202));
    const { client, clock } = watched({ retry: { statuses: [202] } });
    const call = client.get(server.origin);
    await waitOut(clock, call, [150]);
    expect((await call).status).toBe(200);
    await client.close();
  });

  test("retry.when and a body's function run in the context of the caller, not of whoever opened the connection", async () => {
    await using server = await serve(failing(1, 404));
    const context = new AsyncLocalStorage<string>();
    const told: unknown[] = [];
    const when = (): undefined => void told.push(context.getStore());
    const { client } = watched({ retry: { when } });
    await context.run("first", () => client.get(server.origin));
    const body = async function* (): AsyncGenerator<string> {
      told.push(context.getStore());
      yield "a";
      told.push(context.getStore());
    };
    await context.run("second", () => client.put(server.origin, { body }));
    expect(told).toEqual(["first", "second", "second", "second"]);
    expect(server.connections()).toBeLessThanOrEqual(2);
    await client.close();
  });
});

describe("bodies", () => {
  test("P7 a body is made once, however often it is sent: by retries, redirects and an answered 401", async () => {
    const statuses = [503, 307, 401, 503];
    await using server = await serve((response) => {
      response.writeHead(statuses.shift() ?? 200, { location: "/", "retry-after": "0" }).end("{}");
    });
    let made = 0;
    const data = {
      toJSON: () => {
        made++;
        return { made };
      },
    };
    const options = { auth: bearer(() => "t"), retry: { attempts: 9, backoff: { base: 0 } } };
    for (const body of [{ json: data }, { json: 1, stringifyJson: () => JSON.stringify(data) }]) {
      statuses.splice(0, 9, 503, 307, 401, 503);
      const seen = server.seen.length;
      await using client = new Client(options);
      await client.put(server.origin, body);
      expect(new Set(server.seen.slice(seen).map((entry) => entry.body.toString())).size).toBe(1);
      expect(server.seen.length - seen).toBe(5);
    }
    expect(made).toBe(2);
  });

  test("#158 P6 a function that makes the body is asked again, and again it is whole", async () => {
    await using server = await serve(failing(2));
    let made = 0;
    async function* body(): AsyncGenerator<string> {
      made++;
      yield "one ";
      yield "two";
    }
    const { client, clock } = watched();
    const call = client.put(server.origin, { body: () => body() });
    await waitOut(clock, call, [150, 300]);
    expect(await call.json()).toEqual({ asked: 3, body: "one two" });
    expect(server.seen.map((seen) => seen.body.toString())).toEqual(["one two", "one two", "one two"]);
    expect(made).toBe(3);
    await client.close();
  });

  test("#158 a Blob and a multipart of blobs are sent again", async () => {
    await using server = await serve({ "/blob": failing(1), "/parts": failing(1) });
    const { client, clock } = watched();
    const blob = client.put(`${server.origin}/blob`, { body: new Blob(["hello"]) });
    await waitOut(clock, blob, [150]);
    expect(await blob.json()).toMatchObject({ body: "hello" });
    const parts = client.put(`${server.origin}/parts`, { multipart: { file: new File(["data"], "a.txt") } });
    await waitOut(clock, parts, [150]);
    expect(await parts.json()).toMatchObject({ body: expect.stringContaining("data") });
    await client.close();
  });

  test("#158 #42 a stream that can be read once is not sent a second time", async () => {
    await using server = await serve(failing(1));
    const { client, retries } = watched();
    async function* once(): AsyncGenerator<string> {
      yield "one";
    }
    expect((await client.put(server.origin, { body: once() })).status).toBe(503);
    expect(server.seen.map((seen) => seen.body.toString())).toEqual(["one"]);
    expect(retries).toEqual([]);
    await client.close();
  });

  test("#158 a stream that can be read once is sent after a refusal: nobody had opened it", async () => {
    const first = await serve(failing(0));
    const { origin } = first;
    await first.close();
    const { client, clock, retries } = watched();
    async function* once(): AsyncGenerator<string> {
      yield "whole";
    }
    const call = client.post(origin, { body: once() });
    await Promise.race([clock.armed(150), call]);
    const late = await serveRawOn(Number(new URL(origin).port));
    clock.advance(150);
    expect(await call.text()).toBe("whole");
    expect(retries.length).toBe(1);
    await client.close();
    await late.close();
  });

  test("a body that throws ends the call with the caller's error, and is not retried", async () => {
    await using server = await serve(failing(0));
    const { client, retries } = watched();
    const slip = new RangeError("the disk is full");
    async function* broken(): AsyncGenerator<string> {
      yield "one";
      throw slip;
    }
    const error = await caught(client.put(server.origin, { body: () => broken() }), CallerError);
    expect(error.cause).toBe(slip);
    expect(retries).toEqual([]);
    await client.close();
  });
});

/** A server on a port that was free a moment ago, which echoes the body. */
async function serveRawOn(port: number): Promise<{ close(): Promise<void> }> {
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => request.pipe(response));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe("the time of the whole call", () => {
  test("P3 nothing is written back into the options: they may be frozen, and used again", async () => {
    await using server = await serve(failing(2));
    const freeze = <T extends object>(value: T): T => {
      for (const inner of Object.values(value))
        if (typeof inner === "object" && inner !== null) freeze(inner);
      return Object.freeze(value);
    };
    const options = freeze({
      timeout: { attempt: "6s", total: "60s" },
      retry: { attempts: 3, backoff: { base: 0 }, limits: { status: 2 } },
      headers: { "x-mine": "1" },
      params: { a: [1] },
      redirect: { max: 2 },
      json: { n: [1] },
      cookies: { c: "1" },
      hooks: { onRetry: [() => {}] },
    } as const);
    const before = JSON.stringify(options);
    await using client = new Client({ baseUrl: server.origin });
    for (let turn = 0; turn < 2; turn++) expect((await client.put("/", options)).status).toBe(200);
    expect(JSON.stringify(options)).toBe(before);
  });

  test("#160 a wait that outlasts the total is not begun: the answer that came is the answer", async () => {
    await using server = await serve(failing(1, 503, { "retry-after": "10" }));
    const { client, retries } = watched({ timeout: { total: "9s" } });
    const response = await client.get(server.origin);
    expect(response.status).toBe(503);
    expect(retries).toEqual([]);
    expect(response.statusError()?.hint).toBe(
      "It was not tried again: `timeout.total` leaves no room for the wait of 10000 ms before the next attempt.",
    );
    await client.close();
  });

  test("#160 nor after a fault: the fault is the error", async () => {
    const server = await serve(failing(0));
    const { origin } = server;
    await server.close();
    const { client } = watched({ timeout: 100 });
    const error = await caught(client.get(origin), NetworkError);
    expect(error.attempts).toBe(1);
    expect(error.hint).toContain("`timeout.total` leaves no room for the wait");
    await client.close();
  });

  test("#160 #139 P3 waits and attempts count: the total ends the call in the second attempt", async () => {
    await using server = await serve((response) => {
      if (server.seen.length === 1) response.writeHead(503, { "retry-after": "5" }).end();
    });
    const { client, clock } = watched({ timeout: { total: "9s", attempt: "6s" } });
    const call = client.get(server.origin);
    await waitOut(clock, call, [5000]);
    // The attempt has a timer of its own, new for each: it would run to 11 s.
    await until(() => server.seen.length === 2);
    clock.advance(4000);
    const error = await caught(call, TimeoutError);
    expect(error.phase).toBe("total");
    expect(error.attempts).toBe(2);
    expect(error.elapsed).toBe(9000);
    await until(() => clock.pending === 0);
    await client.close();
  });

  test("P3 an attempt that takes too long is followed by another with the whole of its time", async () => {
    await using server = await serve((response) => {
      if (server.seen.length > 1) response.end("ok");
    });
    const { client, clock, retries } = watched({ timeout: { attempt: "2s" } });
    const call = client.get(server.origin);
    await Promise.race([call, until(() => server.seen.length === 1)]);
    clock.advance(2000);
    await waitOut(clock, call, [150]);
    expect(await call.text()).toBe("ok");
    expect(retries.map(({ reason }) => reason)).toEqual(["timeout (attempt)"]);
    expect(clock.waits.filter((ms) => ms === 2000).length).toBe(2);
    await client.close();
  });

  test("#160 P4 nothing is sent after an abort in the wait", async () => {
    await using server = await serve(failing(9));
    const { client, clock } = watched();
    const stop = new AbortController();
    const call: Call = client.get(server.origin, { signal: stop.signal });
    await Promise.race([clock.armed(150), call]);
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: "ERR_ABORTED", attempts: 1 });
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(server.seen.length).toBe(1);
    await client.close();
  });
});

test("#149 Retry-After is obeyed though the body, which nobody reads, is cut short", async () => {
  await using server = await serveRaw((socket, _head, turn) => {
    if (turn > 1) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    else socket.end("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\nshort");
  });
  const { client, clock, retries } = watched({ baseUrl: server.origin });
  await using _client = client;
  const call = client.get("/").text();
  await waitOut(clock, call, [7000]);
  expect(await call).toBe("ok");
  expect(retries).toMatchObject([{ delay: 7000, reason: expect.stringContaining("503") }]);
});

describe("exchanges side by side, of a middleware that asks again before it has an answer", () => {
  test("#139 the limit of an attempt ends that attempt alone", async () => {
    const asked = [gate(), gate()];
    const answer = gate();
    let turn = 0;
    await using server = await serve(async (response) => {
      const own = turn++;
      asked[own]?.open();
      if (own === 0) return;
      await answer.opened;
      response.end("second");
    });
    const clock = new ManualClock();
    const firstEnded = gate();
    await using client = new Client({
      baseUrl: server.origin,
      clock,
      retry: false,
      timeout: { attempt: 5000 },
      wire: [
        async (request, next) => {
          const first = next(request);
          first.catch(() => firstEnded.open());
          await asked[0]?.opened;
          clock.advance(3000);
          return Promise.any([first, next(request)]);
        },
      ],
    });
    const call = client.get("/").text();
    await asked[1]?.opened;
    clock.advance(2500);
    await firstEnded.opened;
    answer.open();
    expect(await call).toBe("second");
  });

  test("#146 a POST that one of them wrote is not sent again because another could not", async () => {
    const over = gate();
    await using server = await serve(async (response) => {
      await over.opened;
      response.destroy();
    });
    await using client = new Client({
      retry: { attempts: 3, backoff: { base: 0 } },
      wire: [
        async (request, next) => {
          const first = next(request);
          first.catch(() => {});
          await until(() => server.seen.length > 0);
          return next(request.with({ origin: "http://127.0.0.1:1" })).finally(() => over.open());
        },
      ],
    });
    const error = await caught(client.post(`${server.origin}/`, { json: {} }), NetworkError);
    expect(error.kind).toBe("refused");
    expect(error.attempts).toBe(2);
  });
});

describe("#145 separate counters total/connect/read/redirect/status", () => {
  /** Fails by the word of each turn, then answers. */
  async function asked(words: readonly string[], retry: RetryOptions, redirect = {}): Promise<string[]> {
    const left = [...words];
    await using server = await serve((response, seen, request) => {
      const word = left.shift();
      if (word === "read") response.destroy();
      else if (word === "redirect") redirectTo(`/${left.length}`)(response, seen, request);
      else if (word === undefined) response.end("{}");
      else response.writeHead(Number(word)).end();
    });
    await using client = new Client({
      baseUrl: server.origin,
      retry: { backoff: { base: 0 }, ...retry },
      redirect,
    });
    const { error, response } = await client.get("/").result();
    return [String(server.seen.length), error?.code ?? String(response?.status)];
  }

  test.each<[string, readonly string[], RetryOptions, string, string]>([
    [
      "one count for all where nothing else is said",
      ["read", "503", "500"],
      { attempts: 3 },
      "3",
      "ERR_HTTP",
    ],
    ["redirects are not counted in it", ["read", "redirect", "503", "redirect"], { attempts: 3 }, "5", "200"],
    [
      "status: its limit ends it",
      ["503", "503", "503"],
      { attempts: 9, limits: { status: 1 } },
      "2",
      "ERR_HTTP",
    ],
    ["status: none at all", ["503"], { limits: { status: 0 } }, "1", "ERR_HTTP"],
    ["read: its limit ends it", ["read", "read"], { attempts: 9, limits: { read: 1 } }, "2", "ERR_NETWORK"],
    [
      "read and status apart",
      ["503", "read", "503"],
      { attempts: 9, limits: { read: 1, status: 2 } },
      "4",
      "200",
    ],
    ["the total is smaller", ["503", "503", "503"], { attempts: 2, limits: { status: 9 } }, "2", "ERR_HTTP"],
    [
      "it counts over the hops of a call",
      ["503", "redirect", "503"],
      { attempts: 9, limits: { status: 1 } },
      "3",
      "ERR_HTTP",
    ],
  ])("%s", async (_, words, retry, requests, outcome) => {
    expect(await asked(words, retry)).toEqual([requests, outcome]);
  });

  test("redirect: its limit ends the call, whatever is left of the attempts", async () => {
    expect(await asked(["redirect", "redirect", "redirect"], { attempts: 9 }, { max: 2 })).toEqual([
      "3",
      "ERR_REDIRECT",
    ]);
  });

  test("connect: its limit ends it, before a byte was written", async () => {
    const server = await serve(failing(0));
    const { origin } = server;
    await server.close();
    const { client, clock } = watched({ retry: { attempts: 9, limits: { connect: 2, read: 0, status: 0 } } });
    const call = client.post(origin, { json: {} });
    await waitOut(clock, call, [150, 300]);
    expect(await caught(call, NetworkError)).toMatchObject({ kind: "refused", attempts: 3 });
    await client.close();
  });
});

test("#157 the history of attempts is exposed: method, URL, error, status and Location of each", async () => {
  const ways: Answer[] = [
    (response) => void response.destroy(),
    redirectTo("/b", 303),
    (response) => void response.writeHead(503).end(),
  ];
  await using server = await serve((response, seen, request) => {
    const way = ways.shift();
    if (way === undefined) response.end("{}");
    else return way(response, seen, request);
  });
  await using client = new Client({ retry: { backoff: { base: 0 }, methods: null } });
  const history = ({ trace }: { readonly trace: Trace | undefined }): unknown[] =>
    (trace?.events ?? []).flatMap((event) =>
      event.kind === "exchange"
        ? [
            [
              event.attempt,
              event.method,
              event.url,
              event.status,
              event.responseHeaders?.location,
              event.error,
            ],
          ]
        : [],
    );
  const [a, b] = [`${server.origin}/a?token=***`, `${server.origin}/b`];
  const response = await client.post(`${server.origin}/a?token=s3cret`, { json: {} });
  expect(history(response)).toEqual([
    [1, "POST", a, undefined, undefined, "NetworkError: closed"],
    [2, "POST", a, 303, "/b", undefined],
    [3, "GET", b, 503, undefined, undefined],
    [4, "GET", b, 200, undefined, undefined],
  ]);
  const gone = new URL(server.origin);
  await server.close();
  const error = await caught(client.get(gone), NetworkError);
  expect(history(error)).toEqual(
    [1, 2, 3].map((attempt) => [attempt, "GET", gone.href, undefined, undefined, "NetworkError: refused"]),
  );
});
