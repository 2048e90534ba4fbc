import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { AbortError, bearer, Client, get, request, TimeoutError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { listenFull } from "../peers/full-listener.ts";
import { gate, until } from "../peers/gate.ts";
import { serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

/** A signal that counts who listens to it. */
class CountedSignal {
  readonly #stop = new AbortController();
  listeners = 0;

  get signal(): AbortSignal {
    const { signal } = this.#stop;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      this.listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.listeners--;
      remove(...args);
    };
    return signal;
  }

  abort(reason?: unknown): void {
    this.#stop.abort(reason);
  }
}

describe("a signal stops the call at once", () => {
  test("before it starts: nothing is sent", async () => {
    await using server = await serve((response) => void response.end());
    const reason = new Error("changed my mind");
    const error = await caught(get(server.origin, { signal: AbortSignal.abort(reason) }), AbortError);
    expect(error.cause).toBe(reason);
    expect(error.attempts).toBe(0);
    expect(server.connections()).toBe(0);
  });

  test("in the same breath in which the call was made", async () => {
    await using server = await serve((response) => void response.end());
    const stop = new AbortController();
    const call = get(server.origin, { signal: stop.signal });
    stop.abort();
    await caught(call, AbortError);
    expect(server.connections()).toBe(0);
  });

  test("while the connection is made", async () => {
    await using server = await listenFull();
    await using client = new Client({ clock: new ManualClock() });
    const stop = new AbortController();
    const call = client.get(server.origin, { signal: stop.signal });
    call.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await caught(call, AbortError);
  });

  test("in the queue, where it costs nobody a connection", async () => {
    const held = gate();
    await using server = await serve(async (response) => {
      await held.opened;
      response.end("ok");
    });
    await using client = new Client();
    const busy = Array.from({ length: 128 }, () => client.get(server.origin).text());
    await until(() => server.seen.length === 128);
    const stop = new AbortController();
    const queued = Array.from({ length: 200 }, () => client.get(server.origin, { signal: stop.signal }));
    const last = client.get(server.origin).text();
    const errors = queued.map((call) => caught(call, AbortError));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await Promise.all(errors);
    held.open();
    expect(new Set(await Promise.all([...busy, last]))).toEqual(new Set(["ok"]));
    expect(await client.get(server.origin).text()).toBe("ok");
    expect(server.seen.length).toBe(130);
    expect(server.connections()).toBe(128);
  });

  test("P4 in the wait before another attempt", async () => {
    await using server = await serve(
      (response) => void response.writeHead(503, { "retry-after": "30" }).end(),
    );
    const clock = new ManualClock();
    await using client = new Client({ clock });
    const stop = new AbortController();
    const call = client.get(server.origin, { signal: stop.signal });
    await Promise.race([call, clock.armed(30_000)]);
    await until(() => clock.waits.at(-1) === 30_000 && clock.pending === 1);
    stop.abort();
    expect((await caught(call, AbortError)).attempts).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test("while the headers are waited for: the server sees the end", async () => {
    await using server = await serve(() => {});
    const stop = new AbortController();
    const call = get(server.origin, { signal: stop.signal });
    await Promise.race([call, until(() => server.seen.length === 1)]);
    stop.abort();
    await caught(call, AbortError);
    await until(() => server.open() === 0);
  });

  test("in a body that is buffered", async () => {
    await using server = await serve((response) => void response.write("some"));
    const clock = new ManualClock();
    await using client = new Client({ clock });
    const stop = new AbortController();
    const call = client.get(server.origin, { signal: stop.signal });
    await Promise.race([call, clock.armed(30_000)]);
    stop.abort();
    await caught(call, AbortError);
    await until(() => server.open() === 0);
    expect(clock.pending).toBe(0);
  });

  test("#143 in a body that is streamed: the connection is closed, and the reader is told", async () => {
    await using server = await serve((response) => void response.write("one\n"));
    const stop = new AbortController();
    const lines = get(server.origin, { signal: stop.signal }).lines();
    expect((await lines.next()).value).toBe("one");
    const next = lines.next();
    stop.abort();
    await caught(next, AbortError);
    await until(() => server.open() === 0);
  });

  test.each([
    ["plain", "identity", (text: string) => Buffer.from(text)],
    ["coded", "gzip", (text: string) => gzipSync(text)],
  ])(
    "#143 in a streamed body that has come whole and waits for its reader (%s)",
    async (_how, coding, encode) => {
      const stop = new AbortController();
      await using server = await serve((response) => {
        response.setHeader("content-encoding", coding);
        response.end(encode("x".repeat(200_000)));
      });
      await using client = new Client({ baseUrl: server.origin });
      const response = await client.get("/", { stream: true, signal: stop.signal });
      const reader = response.stream()[Symbol.asyncIterator]();
      expect((await reader.next()).done).toBe(false);
      // The next call gets the connection when the first body has come to its end.
      while (server.connections() < 2 && server.seen.length < 2) await client.get("/");
      stop.abort();
      await caught(reader.next(), AbortError);
      expect(await reader.next()).toEqual({ done: true, value: undefined });
    },
  );

  test("P19 while a body is decoded: the work ends too", async () => {
    const stop = new AbortController();
    const body = Buffer.concat(Array<Buffer>(3900).fill(gzipSync("")));
    await using server = await serve((response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(body);
    });
    await using client = new Client({ baseUrl: server.origin });
    const call = client.get("/", { signal: stop.signal });
    call.catch(() => {});
    await until(() => server.seen.length > 0);
    stop.abort();
    await caught(call, AbortError);
    expect((await client.head("/")).status).toBe(200);
  });

  test("while a body goes out", async () => {
    await using server = await serve(() => {});
    const stop = new AbortController();
    let left = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield new Uint8Array(1024);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        left = true;
      }
    }
    const call = get(server.origin, { body: endless(), signal: stop.signal });
    await Promise.race([call, until(() => server.open() === 1)]);
    stop.abort();
    await caught(call, AbortError);
    await until(() => left && server.open() === 0);
  });

  test("in a token provider that never answers", async () => {
    await using server = await serve((response) => void response.end());
    const asked = gate();
    const auth = bearer(() => {
      asked.open();
      return new Promise<string>(() => {});
    });
    const stop = new AbortController();
    const call = get(server.origin, { auth, signal: stop.signal });
    await Promise.race([call, asked.opened]);
    stop.abort();
    await caught(call, AbortError);
    expect(server.connections()).toBe(0);
  });

  test("in a middleware that never answers", async () => {
    await using client = new Client({ use: [() => new Promise(() => {})] });
    const stop = new AbortController();
    const call = client.get("http://127.0.0.1:1/", { signal: stop.signal });
    const error = caught(call, AbortError);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await error;
  });
});

describe("what it ends in", () => {
  test("AbortSignal.timeout is a TimeoutError of phase signal", async () => {
    await using server = await serve(() => {});
    const error = await caught(get(server.origin, { signal: AbortSignal.timeout(20) }), TimeoutError);
    expect(error).toMatchObject({ phase: "signal", timeout: undefined });
    expect(error.cause).toBeInstanceOf(DOMException);
  });

  test("so it is in AbortSignal.any", async () => {
    await using server = await serve(() => {});
    const signal = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(20)]);
    expect(await caught(get(server.origin, { signal }), TimeoutError)).toMatchObject({ phase: "signal" });
  });

  test.each([["a word"], [undefined], [42], [new Error("why")]])(
    "the reason %j is the cause",
    async (reason) => {
      const stop = new AbortController();
      stop.abort(reason);
      const error = await caught(get("http://127.0.0.1:1/", { signal: stop.signal }), AbortError);
      expect(error.cause).toBe(stop.signal.reason);
      expect(error.request).toMatchObject({ method: "GET", url: "http://127.0.0.1:1/" });
    },
  );

  test("an answer that came before stays what it is", async () => {
    await using server = await serve((response) => void response.end("here"));
    const stop = new AbortController();
    const response = await get(server.origin, { signal: stop.signal });
    stop.abort();
    expect(await response.text()).toBe("here");
  });
});

describe("P21 nobody listens to the signal any more", () => {
  test("after a call that ended well, one listener having been there", async () => {
    await using server = await serve((response) => void response.end("ok"));
    const counted = new CountedSignal();
    const { signal } = counted;
    const call = get(server.origin, { signal });
    await call;
    expect(counted.listeners).toBe(0);
    await get(server.origin, { signal })
      .json()
      .catch(() => {});
    expect(counted.listeners).toBe(0);
  });

  test.each<[string, (origin: string, signal: AbortSignal) => Promise<unknown>]>([
    ["failed", (_origin, signal) => get("http://127.0.0.1:1/", { signal, retry: false })],
    ["was streamed to its end", (origin, signal) => Array.fromAsync(get(origin, { signal }).lines())],
    [
      "was streamed and left",
      async (origin, signal) => {
        for await (const _line of get(origin, { signal }).lines()) break;
      },
    ],
    [
      "was streamed and closed",
      async (origin, signal) => (await get(origin, { signal, stream: true })).close(),
    ],
    [
      "was streamed, and its body cancelled unread",
      async (origin, signal) => (await get(origin, { signal, stream: true })).body?.cancel(),
    ],
    [
      "was streamed, and its stream left unread",
      async (origin, signal) => {
        const body = (await get(origin, { signal, stream: true })).stream();
        await body[Symbol.asyncIterator]().return?.();
      },
    ],
    [
      "was streamed, and its lines left unread",
      async (origin, signal) => (await get(origin, { signal, stream: true })).lines().return?.(),
    ],
  ])("after one that %s", async (_how, act) => {
    await using server = await serve((response) => void response.end("a\n".repeat(200_000)));
    const counted = new CountedSignal();
    await act(server.origin, counted.signal).catch(() => {});
    expect(counted.listeners).toBe(0);
  });
});

test.each([
  ["GET", 204],
  ["GET", 304],
  ["HEAD", 200],
  ["GET", 200],
])(
  "P21 a streamed %s answered %i without a body has none, and nobody listens any more",
  async (method, status) => {
    await using server = await serve((response) => {
      response.writeHead(status, status === 200 ? { "content-length": "0" } : {}).end();
    });
    const counted = new CountedSignal();
    const response = await request(method, server.origin, { stream: true, signal: counted.signal });
    expect(response.body).toBeNull();
    expect(counted.listeners).toBe(0);
  },
);

describe("closing the client", () => {
  test("#127 ends what is under way, at once and with no further attempt", async () => {
    await using server = await serve(() => {});
    const retried: unknown[] = [];
    const alarms: unknown[] = [];
    const client = new Client({
      hooks: {
        onRetry: (event) => void retried.push(event),
        onServerError: (event) => void alarms.push(event),
      },
    });
    const call = client.get(server.origin);
    const error = caught(call, AbortError);
    await until(() => server.seen.length === 1);
    await client.close();
    expect((await error).message).toMatch(
      /^The client was closed while the request was under way for GET http/,
    );
    expect(retried).toEqual([]);
    expect(alarms).toEqual([]);
  });

  test("#127 ends what waits in the queue, and bodies that are being read", async () => {
    await using server = await serve((response) => void response.write("one\n"));
    const client = new Client();
    const streams = Array.from({ length: 128 }, () => client.get(server.origin).lines());
    await Promise.all(streams.map((lines) => lines.next()));
    const queued = caught(client.get(server.origin), AbortError);
    await new Promise((resolve) => setImmediate(resolve));
    const reading = streams.map((lines) => caught(lines.next(), AbortError));
    await client.close();
    await Promise.all([queued, ...reading]);
    await until(() => server.open() === 0);
  });
});

test("#127 P20 P21 after 10,000 aborted requests, in every phase, no listener, timer or socket is left", async () => {
  const program = fileURLToPath(new URL("../peers/abort-many.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=chasqui-source", program], {
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const { before, ...report } = JSON.parse(stdout);
  expect(report).toEqual({
    aborted: {
      unsent: 1000,
      queued: 2000,
      connecting: 1000,
      headers: 1000,
      redirected: 500,
      upload: 500,
      buffered: 1000,
      streamed: 1000,
      backoff: 1500,
      credentials: 500,
    },
    listeners: 0,
    open: 0,
    after: before,
    warnings: [],
  });
}, 120_000);
