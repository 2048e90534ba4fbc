import { AsyncLocalStorage } from "node:async_hooks";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  BodyTooLargeError,
  type Call,
  Client,
  ConsumedBodyError,
  get,
  HttpError,
  NetworkError,
  OptionsError,
} from "../../src/index.ts";
import { TakenBody } from "../../src/response/taken-body.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { type Answer, serve } from "../peers/http-server.ts";

/** Pours without end, and tells when the other side has gone. */
function endless(piece: string | Uint8Array, headers: Record<string, string> = {}, status = 200): Answer {
  return (response) => {
    response.writeHead(status, headers);
    const pour = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", pour);
    pour();
  };
}

test("P1 lines come as the server writes them, not when it has ended", async () => {
  const next = [gate(), gate()];
  await using server = await serve(async (response) => {
    response.write("one\r\ntw");
    await next[0]?.opened;
    response.write("o\n\nfo");
    await next[1]?.opened;
    response.end("ur");
  });
  const lines = get(server.origin).lines();
  expect((await lines.next()).value).toBe("one");
  next[0]?.open();
  expect((await lines.next()).value).toBe("two");
  expect((await lines.next()).value).toBe("");
  next[1]?.open();
  expect((await lines.next()).value).toBe("four");
  expect((await lines.next()).done).toBe(true);
});

test("pieces of a coded body come as the server flushes them", async () => {
  const { createGzip } = await import("node:zlib");
  const more = gate();
  await using server = await serve(async (response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    const coder = createGzip();
    coder.pipe(response);
    coder.write("one\n");
    coder.flush();
    await more.opened;
    coder.end("two\n");
  });
  const lines = get(server.origin).lines();
  expect((await lines.next()).value).toBe("one");
  more.open();
  expect((await lines.next()).value).toBe("two");
  expect((await lines.next()).done).toBe(true);
});

describe("#121 stream({ chunkSize }) honours the size", () => {
  const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, at) => at & 0xff));
  /** Sends the bytes in pieces of 1, 2, 3 … bytes. */
  const uneven: Answer = async (response) => {
    for (let from = 0, size = 1; from < bytes.length; from += size, size++) {
      response.write(bytes.subarray(from, from + size));
      if (size % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };

  test.each([1, 7, 999, 1000, 10_000, 10_001])(
    "%i bytes a piece, the last the rest, and none is empty",
    async (chunkSize) => {
      await using server = await serve(uneven);
      const streamed = await get(server.origin, { stream: true });
      const buffered = await get(server.origin);
      for (const pieces of [
        get(server.origin).stream({ chunkSize }),
        streamed.stream({ chunkSize }),
        buffered.stream({ chunkSize }),
      ]) {
        const all = await Array.fromAsync(pieces);
        const rest = bytes.length % chunkSize;
        expect(all.map(({ length }) => length)).toEqual([
          ...Array(Math.floor(bytes.length / chunkSize)).fill(chunkSize),
          ...(rest === 0 ? [] : [rest]),
        ]);
        expect(Buffer.concat(all).equals(bytes)).toBe(true);
        // Each is the caller's to keep.
        for (const piece of all) expect(piece.buffer.byteLength).toBe(piece.length);
      }
    },
  );

  test("of nothing there is none, and a break is told where it is, after what was whole", async () => {
    await using none = await serve((response) => void response.writeHead(204).end());
    expect(await Array.fromAsync(get(none.origin).stream({ chunkSize: 10 }))).toEqual([]);
    await using server = await serve((response, _seen, request) => {
      response.write("0123456789abcde", () => request.socket.destroy());
    });
    const pieces = get(server.origin).stream({ chunkSize: 10 });
    expect(Buffer.from((await pieces.next()).value ?? []).toString()).toBe("0123456789");
    await caught(pieces.next(), NetworkError);
  });

  test("P20 left early, or never begun, it frees the connection", async () => {
    await using server = await serve(endless("line\n".repeat(1000)));
    await using client = new Client();
    for await (const _piece of client.get(server.origin).stream({ chunkSize: 3000 })) break;
    await client.get(server.origin).stream({ chunkSize: 3000 }).return?.();
    await (await client.get(server.origin, { stream: true })).stream({ chunkSize: 3000 }).return?.();
    await until(() => server.seen.length === 3 && server.open() === 0);
  });

  test.each([[0], [-1], [1.5], ["10"], [Number.POSITIVE_INFINITY], [null]])(
    "%j is refused, and leaves no connection",
    async (chunkSize) => {
      await using server = await serve(endless("line\n".repeat(1000)));
      await using client = new Client();
      const options: object = { chunkSize };
      const error = await caught(client.get(server.origin).stream(options).next(), OptionsError);
      expect(error.option).toBe("stream.chunkSize");
      await until(() => server.open() === 0);
    },
  );

  test("an option that does not exist is refused by name", async () => {
    await using server = await serve(uneven);
    const options: object = { size: 5 };
    const error = await caught(get(server.origin).stream(options).next(), OptionsError);
    expect(error.option).toBe("stream.size");
  });
});

test("#121 characters are never split, and there are no empty pieces", async () => {
  const text = "Añu 🏔\n".repeat(100);
  await using server = await serve(async (response) => {
    for (const byte of Buffer.from(text)) {
      response.write(Buffer.of(byte));
      if (byte === 0x8f) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  expect(await Array.fromAsync(get(server.origin).lines())).toEqual(text.trimEnd().split("\n"));
  for await (const piece of get(server.origin).stream()) expect(piece.length).toBeGreaterThan(0);
});

describe("#127 P20 what is left early frees its connection:", () => {
  const ways: [string, (call: Call) => Promise<unknown>][] = [
    [
      "lines(), by break",
      async (call) => {
        for await (const _line of call.lines()) break;
      },
    ],
    [
      "lines(), by a throw in the loop",
      async (call) => {
        for await (const _line of call.lines()) throw new RangeError("mine");
      },
    ],
    [
      "stream(), by break",
      async (call) => {
        for await (const _piece of call.stream()) break;
      },
    ],
  ];
  test.each(ways)("%s", async (_how, leave) => {
    await using server = await serve(endless("line\n".repeat(1000)));
    await using client = new Client();
    await leave(client.get(server.origin)).catch(() => {});
    await until(() => server.open() === 0);
  });

  const responses: [string, (response: Awaited<Call>) => unknown][] = [
    ["close()", (response) => response.close()],
    ["body.cancel(), unread", (response) => response.body?.cancel()],
    [
      "body.cancel(), while a piece is waited for",
      async (response) => {
        const reader = response.body?.getReader();
        for (let pieces = 0; pieces < 20; pieces++) await reader?.read();
        await reader?.cancel();
      },
    ],
    ["stream(), never begun", (response) => response.stream()[Symbol.asyncIterator]().return?.()],
    ["lines(), never begun", (response) => response.lines().return?.()],
    [
      "a Node stream of it, destroyed",
      async (response) => {
        const stream = Readable.from(response.stream());
        stream.once("data", () => stream.destroy());
        await new Promise((resolve) => stream.once("close", resolve));
      },
    ],
    [
      "a reader that waits for a silent server",
      async (response) => {
        const pieces = response.stream()[Symbol.asyncIterator]();
        const waiting = (async () => {
          for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next());
        })();
        await pieces.return?.();
        await waiting;
      },
    ],
  ];
  test.each(responses)("%s", async (_how, leave) => {
    await using server = await serve(endless("line\n".repeat(1000)));
    await using client = new Client();
    await leave(await client.get(server.origin, { stream: true }));
    await until(() => server.open() === 0);
  });

  test("a call's lines and pieces that are left before the loop has begun", async () => {
    await using server = await serve(endless("line\n".repeat(1000)));
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/").lines().return?.();
    await client.get("/").stream().return?.();
    await until(() => server.connections() > 0 && server.open() === 0);
  });

  test.each<[string, (call: Call) => AsyncIterableIterator<unknown>]>([
    ["lines", (call) => call.lines()],
    ["pieces", (call) => call.stream()],
  ])(
    "a call's %s while a server is silent: at once, the read that waits too, and what comes is closed",
    async (_what, read) => {
      const answer = gate();
      await using server = await serve(async (response) => {
        await answer.opened;
        response.write("late\n");
      });
      await using client = new Client({ baseUrl: server.origin });
      const pieces = read(client.get("/"));
      const waiting = pieces.next();
      await until(() => server.seen.length > 0);
      expect(await pieces.return?.()).toEqual({ done: true, value: undefined });
      expect(await waiting).toEqual({ done: true, value: undefined });
      answer.open();
      await until(() => server.open() === 0);
    },
  );

  test("#127 leaving never rejects, whatever a transport's body does when it is left", async () => {
    const response = new TakenBody(
      {
        next: async () => ({ done: false, value: new Uint8Array(1) }),
        return: () => Promise.reject(new Error("the source cannot be left")),
      },
      () => {},
      (error) => error,
    );
    await response.next();
    expect(await response.return()).toEqual({ done: true, value: undefined });
  });

  test("a predicate that raises below 400 leaves no stream open", async () => {
    await using server = await serve(endless("line\n".repeat(1000)));
    await using client = new Client({ baseUrl: server.origin, raise: ({ status }) => status === 200 });
    await caught(client.get("/").lines().next(), HttpError);
    await until(() => server.open() === 0);
  });

  test("await using", async () => {
    await using server = await serve(endless("line\n"));
    await using client = new Client();
    {
      await using response = await client.get(server.origin, { stream: true });
      expect(response.status).toBe(200);
    }
    await until(() => server.open() === 0);
  });

  test("a coded body, unread and in the middle", async () => {
    const coded = gzipSync(Buffer.alloc(1024 * 1024));
    await using server = await serve(endless(coded, { "content-encoding": "gzip" }));
    await using client = new Client();
    await (await client.get(server.origin, { stream: true })).close();
    for await (const _piece of client.get(server.origin).stream()) break;
    await until(() => server.open() === 0);
  });
});

test("#127 #135 a body that was read to its end gives its connection to the next call", async () => {
  await using server = await serve((response) => void response.end("x".repeat(300_000)));
  await using client = new Client();
  for (let turn = 0; turn < 5; turn++) {
    let size = 0;
    for await (const piece of client.get(server.origin).stream()) size += piece.length;
    expect(size).toBe(300_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(server.connections()).toBe(1);
});

test("a reader who is slow holds the server back, and no more than a little is kept", async () => {
  let sent = 0;
  await using server = await serve((response) => {
    const pour = (): void => {
      while (!response.destroyed) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return;
      }
    };
    response.on("drain", pour);
    pour();
  });
  await using client = new Client();
  const response = await client.get(server.origin, { stream: true });
  const pieces = response.stream()[Symbol.asyncIterator]();
  await pieces.next();
  let before = -1;
  await until(() => {
    const stands = sent === before;
    before = sent;
    return stands;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const held = sent;
  await new Promise((resolve) => setTimeout(resolve, 50));
  // What is in flight is in the buffers of the kernel and in a quarter of a mebibyte of ours.
  expect(sent).toBe(held);
  // And it goes on when the reader does.
  for (let read = 0; read < held + 1_000_000; ) read += (await pieces.next()).value?.length ?? Number.NaN;
  expect(sent).toBeGreaterThan(held);
  await response.close();
});

describe("a bad status of a call that streams", () => {
  test("raises when data are asked for, with the body", async () => {
    await using server = await serve((response) => {
      response.writeHead(422, { "content-type": "application/problem+json" }).end('{"title":"No"}');
    });
    const error = await caught(get(server.origin).lines().next(), HttpError);
    expect(error.status).toBe(422);
    expect(error.problem).toEqual({ title: "No" });
  });

  test("has the first MiB of a body that has no end, and the connection is free", async () => {
    await using server = await serve(endless("0123456789abcdef".repeat(4096), {}, 400));
    await using client = new Client();
    const error = await caught(client.get(server.origin).stream().next(), HttpError);
    expect(error.text.length).toBe(1024 * 1024);
    expect(error.text.startsWith("0123456789abcdef0")).toBe(true);
    await until(() => server.open() === 0);
  });

  test("is whole for those who ask for it in spite of its status", async () => {
    const body = Buffer.alloc(3 * 1024 * 1024, "0123456789");
    await using server = await serve((response) => void response.writeHead(400).end(body));
    const response = await get(server.origin, { stream: true });
    expect(response.status).toBe(400);
    const read: Uint8Array[] = [];
    for await (const piece of response.stream()) read.push(piece);
    expect(Buffer.concat(read).equals(body)).toBe(true);
  });

  test("is left alone with raise: false", async () => {
    await using server = await serve((response) => void response.writeHead(404).end("a\nb"));
    expect(await Array.fromAsync(get(server.origin, { raise: false }).lines())).toEqual(["a", "b"]);
  });

  test("S16 its body counts decoded, and has the caller's maxBytes", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await using server = await serve((response) => {
      response.writeHead(500, { "content-encoding": "gzip" }).end(bomb);
    });
    const error = await caught(get(server.origin, { retry: false }).lines().next(), HttpError);
    expect(error.text.length).toBe(1024 * 1024);
    await caught(get(server.origin, { retry: false, maxBytes: 1000 }).lines().next(), BodyTooLargeError);
  });
});

test("a line may be as long as maxRecord and no longer; those before it came", async () => {
  await using server = await serve((response) => void response.end(`short\n${"x".repeat(1001)}\nnever\n`));
  const lines = get(server.origin, { maxRecord: 1000 }).lines();
  expect((await lines.next()).value).toBe("short");
  expect(await caught(lines.next(), BodyTooLargeError)).toMatchObject({ limit: 1000, what: "record" });
});

test("a break in the middle of a stream is an error there, and no other attempt begins", async () => {
  await using server = await serve((response, _seen, request) => {
    response.write("one\n", () => request.socket.destroy());
  });
  const lines = get(server.origin).lines();
  expect((await lines.next()).value).toBe("one");
  await expect(lines.next()).rejects.toMatchObject({ code: "ERR_NETWORK", request: { method: "GET" } });
  expect(server.seen.length).toBe(1);
});

test("a nested call inside a loop goes on, whatever waits outside", async () => {
  await using server = await serve({
    "/list": (response) => void response.end("1\n2\n3\n"),
    "/1": (response) => void response.end("one"),
    "/2": (response) => void response.end("two"),
    "/3": (response) => void response.end("three"),
  });
  await using client = new Client({ baseUrl: server.origin });
  const found: string[] = [];
  for await (const line of client.get("/list").lines()) found.push(await client.get(`/${line}`).text());
  expect(found).toEqual(["one", "two", "three"]);
});

test("the caller's async context is there after an await and in a loop, on a connection that another opened", async () => {
  await using server = await serve((response) => void response.end("a\nb\n"));
  await using client = new Client({ baseUrl: server.origin });
  const context = new AsyncLocalStorage<number>();
  await context.run(-1, () => client.get("/"));
  const seen = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      context.run(index, async () => {
        const found: (number | undefined)[] = [];
        await client.get("/");
        found.push(context.getStore());
        for await (const _line of client.get("/").lines()) found.push(context.getStore());
        await client.get("/").then(() => found.push(context.getStore()));
        return found;
      }),
    ),
  );
  for (const [index, found] of seen.entries()) expect(found).toEqual([index, index, index, index]);
});

test("#122 a response that is closed while it is read gives an error and not its beginning", async () => {
  const wrote = gate();
  await using server = await serve((response) => {
    response.write("the beginning", () => wrote.open());
  });
  const response = await get(server.origin, { stream: true });
  const text = response.text();
  text.catch(() => {});
  await wrote.opened;
  await response.close();
  await caught(text, ConsumedBodyError);
});
