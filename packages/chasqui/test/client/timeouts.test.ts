import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import {
  Client,
  type ClientOptions,
  get,
  NetworkError,
  OptionsError,
  TimeoutError,
  type TimeoutOption,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { listenFull } from "../peers/full-listener.ts";
import { gate, until } from "../peers/gate.ts";
import { serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";
import { serveRaw } from "../peers/raw-server.ts";

interface Timed {
  readonly client: Client;
  readonly clock: ManualClock;
}

function timed(options: ClientOptions = {}): Timed {
  const clock = new ManualClock();
  return { client: new Client({ clock, retry: false, ...options }), clock };
}

/** Never answers. */
const silent = (): void => {};

describe("connect", () => {
  test("#137 #141 P1 ends the wait for a connection, and it is retried for any method", async () => {
    await using server = await listenFull();
    const { client, clock } = timed({ retry: 2, random: () => 0.5 });
    const call = client.post(server.origin, { json: {} });
    await clock.armed(10_000);
    clock.advance(10_000);
    await clock.armed(150);
    clock.advance(150);
    await clock.armed(10_000);
    clock.advance(10_000);
    const error = await caught(call, TimeoutError);
    expect(error).toMatchObject({ phase: "connect", timeout: 10_000, attempts: 2, elapsed: 20_150 });
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test("#137 is each call's own, and what one of them gives up the other keeps", async () => {
    await using server = await listenFull();
    const { client, clock } = timed();
    const short = client.get(server.origin, { timeout: { connect: "1s" } });
    const long = client.get(server.origin, { timeout: { connect: "5s" } });
    await Promise.all([clock.armed(1000), clock.armed(5000)]);
    clock.advance(1000);
    expect(await caught(short, TimeoutError)).toMatchObject({ phase: "connect", timeout: 1000 });
    clock.advance(4000);
    expect(await caught(long, TimeoutError)).toMatchObject({ phase: "connect", timeout: 5000 });
    await client.close();
  });

  test("#137 holds for a streamed body, whose connection undici begins a moment later", async () => {
    await using server = await listenFull();
    const { client, clock } = timed({ timeout: { connect: "2s" } });
    const call = client.post(server.origin, { body: new Blob(["data"]) });
    await clock.armed(2000);
    clock.advance(2000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "connect", timeout: 2000 });
    await client.close();
  });

  test("#142 has no part in a connection that is there", async () => {
    await using server = await serve((response) => void response.end("ok"));
    const { client, clock } = timed();
    await client.get(server.origin);
    const before = clock.waits.length;
    await client.get(server.origin, { timeout: { connect: 77 } });
    expect(server.connections()).toBe(1);
    expect(clock.waits.slice(before)).not.toContain(77);
    await client.close();
  });
});

describe("queue", () => {
  /** All 128 connections wait for their answers. */
  async function busy(client: Client, origin: string, seen: () => number): Promise<PromiseLike<unknown>[]> {
    const calls = Array.from({ length: 128 }, () => client.get(origin, { timeout: { headers: null } }));
    for (const call of calls) call.catch(() => {});
    await until(() => seen() === 128);
    return calls;
  }

  test("#137 ends the wait for a connection while all 128 are busy, and costs none of them", async () => {
    const held = gate();
    await using server = await serve(async (response) => {
      await held.opened;
      response.end("ok");
    });
    const { client, clock } = timed();
    const calls = await busy(client, server.origin, () => server.seen.length);
    const call = client.get(server.origin, { timeout: { queue: "3s", headers: null } });
    await clock.armed(3000);
    clock.advance(3000);
    const error = await caught(call, TimeoutError);
    expect(error).toMatchObject({ phase: "queue", timeout: 3000 });
    held.open();
    await Promise.all(calls);
    // What waited in the queue and was given up is not sent, and no connection was lost by it.
    expect(await client.get(server.origin).text()).toBe("ok");
    expect(server.seen.length).toBe(129);
    expect(server.connections()).toBe(128);
    await client.close();
  });

  test("is without limit by default: the limit for connecting is none for waiting", async () => {
    const held = gate();
    await using server = await serve(async (response) => {
      await held.opened;
      response.end("ok");
    });
    const { client, clock } = timed({ timeout: { connect: "1s", headers: null, idle: null } });
    const calls = await busy(client, server.origin, () => server.seen.length);
    const call = client.get(server.origin);
    await clock.armed(60_000);
    clock.advance(200_000);
    held.open();
    expect(await call.text()).toBe("ok");
    await Promise.all(calls);
    await client.close();
  });

  const large: Record<string, (response: ServerResponse) => void> = {
    "/large": (response) => void response.end(Buffer.alloc(16 * 1024 * 1024)),
    "/small": (response) => void response.end("ok"),
  };

  function unread({ client }: Timed, origin: string) {
    return client.get(`${origin}/large`, { timeout: { headers: null, idle: null } }).stream();
  }

  /** The error of a call in line, of which no one knows when the connections before it come to stand still. */
  async function endOf(call: PromiseLike<unknown>, clock: ManualClock): Promise<TimeoutError> {
    let error: TimeoutError | undefined;
    void caught(call, TimeoutError).then((thrown) => {
      error = thrown;
    });
    await until(() => {
      if (error === undefined) clock.advance(1000);
      return error !== undefined;
    });
    if (error === undefined) throw new Error("it did not end");
    return error;
  }

  test.each([1, 2])(
    "ends by default when nobody reads what holds all of %i connections for 60 s",
    async (connections) => {
      await using server = await serve(large);
      const made = timed({ connections });
      const { client, clock } = made;
      for (let count = 0; count < connections; count++) await unread(made, server.origin);
      const error = await endOf(client.get(`${server.origin}/small`), clock);
      expect(error).toMatchObject({ phase: "queue", timeout: 60_000, attempts: 0 });
      expect(error.elapsed).toBeGreaterThanOrEqual(60_000);
      expect(error.hint).toContain("a streamed response holds one until it is read or closed");
      expect(error.hint).toContain("`timeout.queue`");
      expect(clock.pending).toBe(0);
      await client.close();
    },
  );

  test("holds the process until it has ended, which connections that stand still do not", async () => {
    await using server = await serve(large);
    const ended = await run(`
      import { Client } from "../src/index.ts";
      const client = new Client({ connections: 1, retry: false, baseUrl: ${JSON.stringify(server.origin)} });
      const stream = client.get("/large").stream();
      const { error } = await client.get("/small", { timeout: { queue: "1.2s" } }).result();
      console.log(error.phase, stream !== undefined);
      await client.close();`);
    expect(ended).toMatchObject({ code: 0, stdout: "queue true\n" });
  });

  test("does not end so while one of them is read, though slowly", async () => {
    await using server = await serve(large);
    const made = timed({ connections: 2 });
    const { client, clock } = made;
    await unread(made, server.origin);
    const reader = (await unread(made, server.origin))[Symbol.asyncIterator]();
    await until(() => server.seen.length === 2);
    const call = client.get(`${server.origin}/small`);
    await clock.armed(60_000);
    for (let turn = 0; turn < 5; turn++) {
      clock.advance(40_000);
      await reader.next();
    }
    for (let next = await reader.next(); next.done !== true; ) next = await reader.next();
    expect(await call.text()).toBe("ok");
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test("counts anew from the last piece that was read", async () => {
    await using server = await serve(large);
    const made = timed({ connections: 1 });
    const { client, clock } = made;
    const reader = (await unread(made, server.origin))[Symbol.asyncIterator]();
    await until(() => server.seen.length === 1);
    // When this one has ended, the connection is known to stand still.
    await endOf(client.get(`${server.origin}/small`), clock);
    const call = client.get(`${server.origin}/small`);
    call.catch(() => {});
    await clock.armed(60_000);
    clock.advance(40_000);
    await reader.next();
    expect((await endOf(call, clock)).elapsed).toBeGreaterThanOrEqual(100_000);
    await client.close();
  });

  test("nor while one of them waits for its answer", async () => {
    const held = gate();
    await using server = await serve({
      ...large,
      "/slow": async (response) => {
        await held.opened;
        response.end("ok");
      },
    });
    const made = timed({ connections: 2, timeout: { headers: null } });
    const { client, clock } = made;
    await unread(made, server.origin);
    const slow = client.get(`${server.origin}/slow`);
    slow.catch(() => {});
    await until(() => server.seen.length === 2);
    const call = client.get(`${server.origin}/small`);
    await clock.armed(60_000);
    clock.advance(300_000);
    held.open();
    expect([await slow.text(), await call.text()]).toEqual(["ok", "ok"]);
    await client.close();
  });

  test.each<[string, TimeoutOption]>([
    ["a limit of the caller's", { queue: "10h" }],
    ["null", { queue: null }],
    ["no limits at all", null],
  ])("has no such limit with %s", async (_, timeout) => {
    await using server = await serve(large);
    const made = timed({ connections: 1 });
    const { client, clock } = made;
    const stream = await unread(made, server.origin);
    const call = client.get(`${server.origin}/small`, { timeout });
    await endOf(client.get(`${server.origin}/small`), clock);
    await stream[Symbol.asyncIterator]().return?.();
    expect(await call.text()).toBe("ok");
    await client.close();
  });

  test.each(["total", "attempt"] as const)(
    "a call that `%s` ends in line says so, and its trace shows nothing but the line",
    async (phase) => {
      await using server = await serve(silent);
      const { client, clock } = timed({ connections: 1, timeout: { headers: null } });
      const first = client.get(server.origin);
      first.catch(() => {});
      await until(() => server.seen.length === 1);
      const call = client.get(server.origin, { timeout: { [phase]: "3s" } });
      await clock.armed(3000);
      clock.advance(3000);
      const error = await caught(call, TimeoutError);
      expect(error).toMatchObject({ phase, timeout: 3000 });
      expect(error.hint).toMatch(/^It waited for a free connection\. All connections to this origin/);
      expect(error.trace?.events).toMatchObject([{ kind: "queue", duration: 3000 }]);
      expect(String(error.trace)).toMatch(
        /0 requests\n {2}queue {2}\|~{32}\| {2}3000 ms: in line for a connection/,
      );
      expect(error.attempts).toBe(0);
      await client.close();
    },
  );

  test("is none while the connection is being made", async () => {
    await using server = await listenFull();
    const { client, clock } = timed({ timeout: { queue: "1s", connect: "3s" } });
    const call = client.get(server.origin);
    await clock.armed(3000);
    clock.advance(1000);
    clock.advance(2000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "connect" });
    await client.close();
  });
});

describe("headers", () => {
  test("#137 P1 ends the wait for the headers, and is not retried: the work would be done twice", async () => {
    await using server = await serve(silent);
    const { client, clock } = timed({ retry: 3 });
    const call = client.get(server.origin);
    await until(() => server.seen.length === 1);
    clock.advance(60_000);
    expect(await caught(call, TimeoutError)).toMatchObject({
      phase: "headers",
      timeout: 60_000,
      attempts: 1,
      hint: expect.stringContaining("That is the default limit; `timeout.headers` sets another."),
    });
    await until(() => server.open() === 0);
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test.each<[string, ClientOptions["timeout"]]>([
    ["one duration", "30m"],
    ["the phase", { headers: "30m" }],
    ["one duration, and a phase that has nothing to do with it", { connect: "1s", headers: "30m" }],
  ])("P2 no other limit is below %s: 20 minutes of silence are what was asked for", async (_, timeout) => {
    const answer = gate();
    await using server = await serve(async (response) => {
      await answer.opened;
      response.end("at last");
    });
    const { client, clock } = timed({ timeout });
    const call = client.get(server.origin);
    await until(() => server.seen.length === 1);
    clock.advance(20 * 60_000);
    answer.open();
    expect(await call.text()).toBe("at last");
    await client.close();
  });

  test("#142 a later call on the same connection has its own", async () => {
    await using server = await serve((response, seen) => {
      if (seen.target === "/") response.end("ok");
    });
    const { client, clock } = timed();
    await client.get(server.origin, { timeout: { headers: "9s" } });
    const call = client.get(`${server.origin}/slow`, { timeout: { headers: "2s" } });
    await until(() => server.seen.length === 2);
    clock.advance(2000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "headers", timeout: 2000 });
    await client.close();
  });

  test("P2 an upload takes as long as it takes: the wait begins with its last piece", async () => {
    await using server = await serve((response, seen) => void response.end(String(seen.body.length)));
    const { client, clock } = timed({ timeout: { headers: "10s" } });
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < 8; piece++) {
        yield new Uint8Array(1000);
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(6000);
      }
    }
    expect(await client.post(server.origin, { body: slow() }).text()).toBe("8000");
    await client.close();
  });

  test("#137 P1 an upload that the server does not take is a silence too: the limit for writing", async () => {
    await using server = await serveRaw((socket) => void socket.pause());
    const { client, clock } = timed({ timeout: { headers: "10s" } });
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 65_536;
        yield new Uint8Array(65_536);
      }
    }
    const call = client.post(server.origin, { body: endless() });
    let before = -1;
    await until(() => {
      const stuck = sent > 0 && sent === before;
      before = sent;
      return stuck;
    });
    clock.advance(10_000);
    clock.advance(10_000);
    const error = await caught(call, TimeoutError);
    expect(error).toMatchObject({ phase: "headers" });
    expect(error.hint).toMatch(/still being sent: the server, .* had not taken all of it\.$/);
    await client.close();
  });

  test.each(["headers", "attempt", "total"] as const)(
    "a text that the server does not take is told of where time runs out: %s",
    async (phase) => {
      let reached = false;
      await using server = await serveRaw((socket) => {
        socket.pause();
        reached = true;
      });
      const { client, clock } = timed({ timeout: { headers: null, [phase]: "10s" } });
      const call = client.post(server.origin, { body: "x".repeat(20_000_000) });
      await until(() => reached);
      clock.advance(10_000);
      const error = await caught(call, TimeoutError);
      expect(error).toMatchObject({ phase });
      expect(error.hint).toMatch(/still being sent: the server, .* had not taken all of it\.$/);
      await client.close();
    },
  );

  test("a body whose source gives nothing more is told of, and one that is out is not", async () => {
    await using server = await serve(silent);
    const { client, clock } = timed({ timeout: { headers: "10s" } });
    let asked = false;
    async function* stalls(): AsyncGenerator<string> {
      yield "first";
      asked = true;
      await new Promise(() => {});
    }
    async function* ends(): AsyncGenerator<string> {
      yield "all";
    }
    const hintOf = async (body: AsyncIterable<string> | string, isSilent: () => boolean): Promise<string> => {
      const call = client.post(server.origin, { body });
      await until(isSilent);
      clock.advance(10_000);
      const { phase, hint } = await caught(call, TimeoutError);
      return `${phase}: ${hint}`;
    };
    expect(await hintOf(stalls(), () => asked)).toMatch(
      /^headers: .*still being sent: what it is read from had not given all of it\.$/,
    );
    expect(await hintOf(ends(), () => server.seen.length === 1)).not.toContain("body");
    expect(await hintOf("whole", () => server.seen.length === 2)).not.toContain("body");
    await client.close();
  });
});

describe("idle", () => {
  test("#138 P1 ends the wait for the next piece of a buffered body", async () => {
    await using server = await serve((response) => void response.writeHead(200).write("some"));
    const { client, clock } = timed();
    const call = client.get(server.origin);
    await clock.armed(30_000);
    clock.advance(30_000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "idle", timeout: 30_000 });
    await until(() => server.open() === 0);
    await client.close();
  });

  test("#138 is a gap and no deadline: each piece begins it anew", async () => {
    const pieces = [gate(), gate(), gate(), gate()];
    await using server = await serve(async (response) => {
      for (const piece of pieces) {
        response.write("x");
        await piece.opened;
      }
      response.end("!");
    });
    const { client, clock } = timed();
    const response = await client.get(server.origin, { stream: true });
    const reader = response.stream()[Symbol.asyncIterator]();
    for (const piece of pieces) {
      await reader.next();
      clock.advance(29_000);
      piece.open();
    }
    expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe("!");
    expect((await reader.next()).done).toBe(true);
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test("#138 a slow reader is no idle server", async () => {
    const size = 4 * 1024 * 1024;
    await using server = await serve((response) => void response.end(Buffer.alloc(size)));
    const { client, clock } = timed();
    const response = await client.get(server.origin, { stream: true });
    let read = 0;
    for await (const piece of response.stream()) {
      // Once for each quarter, so that the connection has been told to wait in between.
      if (Math.floor(read / (size / 4)) < Math.floor((read + piece.length) / (size / 4))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        clock.advance(100_000);
      }
      read += piece.length;
    }
    expect(read).toBe(size);
    await client.close();
  });

  test("a streamed body that stalls fails where it is read, after what had come", async () => {
    await using server = await serve((response) => void response.write("first\n"));
    const { client, clock } = timed({ timeout: { idle: "7s" } });
    const lines = client.get(server.origin).lines();
    expect((await lines.next()).value).toBe("first");
    const next = lines.next();
    clock.advance(7000);
    expect(await caught(next, TimeoutError)).toMatchObject({ phase: "idle", timeout: 7000 });
    await client.close();
  });

  test("S15 a body that nobody wants and that is said to be long is not waited for at all", async () => {
    await using server = await serve({
      "/from": (response) => {
        response.writeHead(302, { location: "/to", "content-length": "1000000000" }).flushHeaders();
      },
      "/to": (response) => void response.end("here"),
    });
    const { client } = timed();
    // The clock stands still.
    expect(await client.get(`${server.origin}/from`).text()).toBe("here");
    await client.close();
  });

  test("S15 a body that nobody wants is waited for a second, however it drips: then the next hop is gone to", async () => {
    await using server = await serve({
      "/from": (response) => void response.writeHead(302, { location: "/to" }).write("moved …"),
      "/to": (response) => void response.end("here"),
    });
    const { client, clock } = timed();
    const call = client.get(`${server.origin}/from`);
    await clock.armed(1000);
    clock.advance(1000);
    expect(await call.text()).toBe("here");
    await client.close();
  });
});

describe("a default limit that ends a call", () => {
  const told = (phase: string): string => `That is the default limit; \`timeout.${phase}\` sets another.`;

  test("says so where the caller gave another phase alone: connect", async () => {
    await using server = await listenFull();
    const { client, clock } = timed();
    const call = client.get(server.origin, { timeout: { total: "10m" } });
    await clock.armed(10_000);
    clock.advance(10_000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "connect", hint: told("connect") });
    await client.close();
  });

  test.each([false, true])("and idle, of a body that is streamed: %s", async (streamed) => {
    await using server = await serve((response) => void response.write("half"));
    const { client, clock } = timed();
    const call = client.get(server.origin, { timeout: { total: "10m" } });
    const text = streamed ? drained(call.stream()) : call.text();
    await clock.armed(30_000);
    clock.advance(30_000);
    expect(await caught(text, TimeoutError)).toMatchObject({ phase: "idle", hint: told("idle") });
    await client.close();
  });

  test("and not of one that the caller gave, though it is as long", async () => {
    await using server = await serve(silent);
    for (const timeout of [{ headers: "60s" }, "60s"] as const) {
      const { client, clock } = timed();
      const before = server.seen.length;
      const call = client.get(server.origin, { timeout });
      await until(() => server.seen.length > before);
      clock.advance(60_000);
      const error = await caught(call, TimeoutError);
      expect(error.hint ?? "").not.toContain("default");
      await client.close();
    }
  });
});

async function drained(body: AsyncIterable<unknown>): Promise<number> {
  let pieces = 0;
  for await (const _ of body) pieces++;
  return pieces;
}

describe("attempt and total", () => {
  test("#139 total caps connecting", async () => {
    await using server = await listenFull();
    const { client, clock } = timed({ timeout: "4s" });
    const call = client.get(server.origin);
    await clock.armed(10_000);
    clock.advance(4000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "total", timeout: 4000, elapsed: 4000 });
    await until(() => clock.pending === 0);
    await client.close();
  });

  test("#139 P1 total caps a body that keeps coming", async () => {
    let ended = false;
    await using server = await serve((response) => {
      const drip = setInterval(() => response.write("x"), 1);
      response.on("close", () => {
        clearInterval(drip);
        ended = true;
      });
    });
    const { client, clock } = timed({ timeout: "4s" });
    const call = client.get(server.origin);
    await clock.armed(30_000);
    clock.advance(4000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "total" });
    await until(() => ended);
    await client.close();
  });

  test("attempt is told from total", async () => {
    await using server = await serve(silent);
    const { client, clock } = timed({ timeout: { attempt: "3s", total: "9s" } });
    const call = client.get(server.origin);
    await until(() => server.seen.length === 1);
    clock.advance(3000);
    expect(await caught(call, TimeoutError)).toMatchObject({ phase: "attempt", timeout: 3000 });
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test.each([false, true])(
    "a phase that the call names stands against the client's one duration, streamed: %o",
    async (stream) => {
      await using server = await serve((response) => void response.write("x"));
      const { client, clock } = timed({ timeout: "10s" });
      const call = client.get(server.origin, { timeout: { idle: "2s" }, stream });
      const read = call.then((response) => response.text());
      read.catch(() => {});
      await clock.armed(2000);
      clock.advance(2000);
      expect(await caught(read, TimeoutError)).toMatchObject({ phase: "idle", timeout: 2000 });
      await client.close();
    },
  );

  test("#137 one duration bounds each pause of a streamed call, and not the whole of it", async () => {
    const more = gate();
    await using server = await serve(async (response) => {
      response.write("a\n");
      await more.opened;
      response.write("b\n");
    });
    const { client, clock } = timed({ timeout: "5s" });
    const lines = client.get(server.origin).lines();
    await lines.next();
    clock.advance(4000);
    more.open();
    expect((await lines.next()).value).toBe("b");
    clock.advance(4000);
    const next = lines.next();
    clock.advance(1000);
    expect(await caught(next, TimeoutError)).toMatchObject({ phase: "idle", timeout: 5000 });
    await client.close();
  });

  test("a total that is named so covers a streamed body too", async () => {
    await using server = await serve((response) => void response.write("a\n"));
    const { client, clock } = timed({ timeout: { total: "5s" } });
    const lines = client.get(server.origin).lines();
    await lines.next();
    clock.advance(5000);
    expect(await caught(lines.next(), TimeoutError)).toMatchObject({ phase: "total" });
    expect(clock.pending).toBe(0);
    await client.close();
  });
});

describe("the option", () => {
  test.each([
    [0],
    [-1],
    [true],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ["5"],
    ["5 s"],
    ["-5s"],
    [[1, 2]],
    [{ read: 5 }],
    [{ connect: 0 }],
    [{ total: "soon" }],
    [{ idle: false }],
  ])("#140 %j is refused before anything is sent, saying what is allowed", async (timeout) => {
    const options: object = { timeout };
    const error = await caught(get("http://127.0.0.1:1/", options), OptionsError);
    expect(error.option).toMatch(/^timeout/);
    expect(`${error.message} ${error.hint}`).toMatch(/duration|has no field "read", but connect/);
    expect(() => new Client(options)).toThrow(OptionsError);
  });

  test("#137 null is no limit at all", async () => {
    const answer = gate();
    await using server = await serve(async (response) => {
      await answer.opened;
      response.end("ok");
    });
    const { client, clock } = timed({ timeout: null });
    const call = client.get(server.origin);
    await until(() => server.seen.length === 1);
    expect(clock.waits).toEqual([]);
    answer.open();
    await call;
    await client.close();
  });

  test("one beyond what a timer can wait is told the longest that can be given", async () => {
    const error = await caught(get("http://127.0.0.1:9/", { timeout: "30000h" }), OptionsError);
    expect(error.message).toContain("a longer duration than a timer can wait");
    expect(error.hint).toBe('The longest that can be given is 2147483647 ms, "596h". null is no limit.');
  });

  test("a limit under 100 gets the hint that durations are milliseconds", async () => {
    await using server = await serve(silent);
    const { client, clock } = timed({ timeout: 30 });
    const call = client.get(server.origin);
    await clock.armed(30);
    clock.advance(30);
    expect((await caught(call, TimeoutError)).hint).toContain("milliseconds");
    await client.close();
  });
});

test("#129 a fault is told from a timeout", async () => {
  await using server = await serveRaw((socket) => socket.destroy());
  const { client, clock } = timed();
  const error = await caught(client.get(server.origin), NetworkError);
  expect(error).toMatchObject({ kind: "closed", request: { method: "GET", url: `${server.origin}/` } });
  expect(clock.pending).toBe(0);
  await client.close();
});

test.each<[unknown, string]>([
  [[3, 10], '{ connect: "3s", headers: "10s", idle: "10s" }'],
  [[3.05, 27], '{ connect: "3.05s", headers: "27s", idle: "27s" }'],
  [["500ms", null], '{ connect: "500ms", headers: null, idle: null }'],
  [[3], '{ connect: "3s", headers: "10s", idle: "10s" }'],
  [["x", {}], '{ connect: "3s", headers: "10s", idle: "10s" }'],
])("the pair of requests %o is told what it is here", async (timeout, said) => {
  const options = { timeout };
  const error = await caught(Reflect.apply(get, undefined, ["http://127.0.0.1:9/", options]), OptionsError);
  expect(error).toMatchObject({
    option: "timeout",
    hint: `Of requests' (connect, read) this is ${said}.`,
    attempts: 0,
  });
});
