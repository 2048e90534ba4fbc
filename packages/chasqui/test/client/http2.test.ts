import { createHash, randomBytes } from "node:crypto";
import { constants, type ServerHttp2Stream } from "node:http2";
import { beforeAll, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/clock.ts";
import { AbortError, Client, type ClientOptions, NetworkError, TimeoutError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Certificates, certificates } from "../peers/certificates.ts";
import { gate, until } from "../peers/gate.ts";
import { json, serve } from "../peers/http-server.ts";
import { serveHttp2 } from "../peers/http2-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";
import { data, headOf, ok, reset, serveRawHttp2 } from "../peers/raw-http2.ts";

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_HTTP_1_1_REQUIRED,
  NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_REFUSED_STREAM,
  NGHTTP2_SETTINGS_TIMEOUT,
} = constants;

let all: Certificates;
beforeAll(async () => {
  all = await certificates();
});

function clientOf(options: ClientOptions = {}): Client {
  return new Client({ http2: true, retry: false, tls: { ca: all.ca.cert }, ...options });
}

async function drained(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const { length } of body) size += length;
  return size;
}

function answer(stream: ServerHttp2Stream, text = "ok"): void {
  stream.respond({ ":status": 200, "content-type": "text/plain" });
  stream.end(text);
}

const many = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("what is spoken", () => {
  test("HTTP/2 where it is asked for and the server speaks it", async () => {
    const heads: unknown[] = [];
    await using server = await serveHttp2((stream, headers) => {
      heads.push(headers);
      let body = "";
      stream.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      stream.on("end", () => answer(stream, body));
    });
    await using client = clientOf();
    const response = await client.post(`${server.origin}/a?b=1`, { json: { c: 2 }, headers: { "X-D": "3" } });
    expect(await response.text()).toBe('{"c":2}');
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(heads).toMatchObject([
      {
        ":method": "POST",
        ":path": "/a?b=1",
        ":authority": server.origin.slice(8),
        ":scheme": "https",
        "content-length": "7",
        "content-type": "application/json",
        "x-d": "3",
      },
    ]);
  });

  test("HTTP/1.1 where the server does not, with as many connections as there are calls", async () => {
    let version = "";
    const wall = gate();
    await using server = await serve(
      async (response, _seen, request) => {
        version = request.httpVersion;
        await wall.opened;
        response.end("ok");
      },
      { tls: { ...all.localhost } },
    );
    await using client = clientOf();
    const calls = many(5).map(() => client.get(server.origin).text());
    await until(() => server.seen.length >= 5);
    wall.open();
    expect(await Promise.all(calls)).toEqual(many(5).map(() => "ok"));
    expect(version).toBe("1.1");
    expect(server.connections()).toBe(5);
  });

  test("a server that speaks nothing else is told of with the option that speaks it", async () => {
    await using server = await serveHttp2((stream) => answer(stream));
    const options = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ca: all.ca.cert } as const;
    for (const tls of [{ ca: all.ca.cert }, options]) {
      await using client = clientOf({ http2: false, tls });
      const error = await caught(client.get(server.origin), NetworkError);
      expect(error.kind).toBe("tls");
      expect(error.hint).toContain("`http2: true`");
    }
    await using client = clientOf();
    expect(await client.get(server.origin).text()).toBe("ok");
  });

  test("HTTP/1.1 where it is not asked for, and over http", async () => {
    const versions: string[] = [];
    await using plain = await serve((response, _seen, { httpVersion }) => {
      versions.push(httpVersion);
      response.end();
    });
    await using both = await serveHttp2(() => {}, { allowHTTP1: true });
    await using client = clientOf();
    await client.get(plain.origin);
    // Nobody answers HTTP/1.1 there: a server of HTTP/2 alone refuses the connection.
    await caught(client.get(both.origin, { http2: false, timeout: { headers: 300 } }), TimeoutError);
    expect(versions).toEqual(["1.1"]);
    expect(both.seen).toEqual([]);
  });

  test("a name in the Host header is the authority that is asked for", async () => {
    let authority: unknown;
    await using server = await serveHttp2(
      (stream, headers) => {
        authority = headers[":authority"];
        answer(stream);
      },
      { ...all.wrongHost },
    );
    await using client = clientOf();
    await client.get(server.origin, { headers: { host: "elsewhere.example" } });
    expect(authority).toBe("elsewhere.example");
  });
});

describe("one connection", () => {
  test("carries calls at once, and those after them", async () => {
    const wall = gate();
    await using server = await serveHttp2(async (stream, headers) => {
      await wall.opened;
      answer(stream, String(headers[":path"]));
    });
    await using client = clientOf();
    const calls = many(50).map((index) => client.get(`${server.origin}/${index}`).text());
    await until(() => server.seen.length >= 50);
    wall.open();
    expect(await Promise.all(calls)).toEqual(many(50).map((index) => `/${index}`));
    for (const index of many(3)) await client.get(`${server.origin}/later/${index}`);
    expect(server.sessions()).toBe(1);
  });

  test("carries as many at a time as the server says", async () => {
    await using server = await serveHttp2((stream) => void setImmediate(() => answer(stream)), {
      settings: { maxConcurrentStreams: 3 },
    });
    await using client = clientOf();
    const texts = await Promise.all(many(40).map(() => client.get(server.origin).text()));
    expect(texts).toEqual(many(40).map(() => "ok"));
    expect(server.most()).toBeLessThanOrEqual(3);
    expect(server.sessions()).toBe(1);
  });

  test("a call that is given up while it waits for room on the connection was not sent: its trace and its error say so", async () => {
    const wall = gate();
    await using server = await serveHttp2(
      async (stream) => {
        await wall.opened;
        answer(stream);
      },
      { settings: { maxConcurrentStreams: 1 } },
    );
    const clock = new ManualClock();
    await using client = clientOf({ clock });
    const first = client.get(server.origin);
    await until(() => server.seen.length === 1);
    const controller = new AbortController();
    const second = caught(client.get(server.origin, { signal: controller.signal }), AbortError);
    // Both wait for their headers: the connection is there, and the second is on it.
    await until(() => clock.pending === 2);
    controller.abort();
    const { attempts, trace } = await second;
    expect(attempts).toBe(0);
    expect(String(trace)).toContain("ms, 0 requests\n  queue");
    wall.open();
    expect((await first).status).toBe(200);
    expect(server.seen).toHaveLength(1);
  });

  test("#112 is not shared with calls of other options", async () => {
    await using server = await serveHttp2((stream) => answer(stream));
    await using client = clientOf();
    await client.get(server.origin);
    await client.get(server.origin, { tls: { minVersion: "TLSv1.3" } });
    await client.get(server.origin);
    expect(server.sessions()).toBe(2);
  });

  test("P25 brings large bodies both ways, side by side, as they were", async () => {
    // 40 MB on their way at a time, of which Node keeps at most 10 for a session.
    await using server = await serveHttp2((stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    await using client = clientOf();
    const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
    await Promise.all(
      many(20).map(async (index) => {
        const sent = randomBytes(2_000_000 + index);
        const back = await client.post(server.origin, { body: sent }).bytes();
        expect(digest(back)).toBe(digest(sent));
      }),
    );
    expect(server.sessions()).toBe(1);
  });

  test("a streamed upload and a streamed download go through it", async () => {
    await using server = await serveHttp2((stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    await using client = clientOf();
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (const index of many(200)) yield Buffer.alloc(10_000, index);
    }
    await using response = await client.put(server.origin, { body: chunks(), stream: true });
    let size = 0;
    for await (const piece of response.body ?? []) size += piece.length;
    expect(size).toBe(2_000_000);
  });

  test("a call that is given up ends its stream, and not those beside it", async () => {
    let closed = 0;
    const wall = gate();
    await using server = await serveHttp2((stream, headers) => {
      if (headers[":path"] === "/given-up") stream.on("close", () => closed++);
      else wall.opened.then(() => answer(stream));
    });
    await using client = clientOf();
    const controller = new AbortController();
    const beside = client.get(`${server.origin}/beside`).text();
    const givenUp = caught(
      client.get(`${server.origin}/given-up`, { signal: controller.signal }),
      AbortError,
    );
    await until(() => server.seen.length >= 2);
    controller.abort();
    await givenUp;
    await until(() => closed >= 1);
    wall.open();
    expect(await beside).toBe("ok");
    expect((await client.get(`${server.origin}/after`)).status).toBe(200);
    expect(server.sessions()).toBe(1);
  });

  test.each<[string, (stream: ServerHttp2Stream) => void, givenUp: boolean]>([
    ["is given up", () => {}, true],
    ["is answered before its end", (stream) => answer(stream), false],
    ["is reset", (stream) => stream.close(NGHTTP2_INTERNAL_ERROR), false],
  ])("an upload that %s lets go of the caller's stream", async (_what, act, givenUp) => {
    await using server = await serveHttp2(act);
    await using client = clientOf();
    const closed = gate();
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        // Once it is under way: a stream that was never begun has nothing to let go of.
        if (givenUp) setImmediate(() => controller.abort());
        for (;;) yield Buffer.alloc(100_000);
      } finally {
        closed.open();
      }
    }
    await client
      .post(server.origin, { body: endless(), signal: controller.signal })
      .then(undefined, () => {});
    await closed.opened;
  });

  test("a stream that its reader leaves frees its place", async () => {
    const closed = gate();
    await using server = await serveHttp2((stream) => {
      stream.on("close", () => closed.open());
      stream.respond({ ":status": 200 });
      stream.write("a");
    });
    await using client = clientOf();
    const response = await client.get(server.origin, { stream: true });
    for await (const _piece of response.body ?? []) break;
    await closed.opened;
  });

  test("is made once for all who wait; where it cannot be made, all are told, each by itself", async () => {
    const server = await serveHttp2(() => {});
    await server.close();
    await using client = clientOf();
    const errors = await Promise.all(many(20).map(() => caught(client.get(server.origin), NetworkError)));
    expect(new Set(errors.map(({ kind }) => kind))).toEqual(new Set(["refused"]));
    expect(new Set(errors).size).toBe(20);
  });
});

describe("P25 #137 nothing waits without end", () => {
  test("a response that does not come ends in a TimeoutError of phase headers, and the connection goes on", async () => {
    const clock = new ManualClock();
    await using server = await serveHttp2((stream, headers) => {
      if (headers[":path"] !== "/silent") answer(stream);
    });
    await using client = clientOf({ clock });
    await client.get(server.origin);
    const failed = caught(client.get(`${server.origin}/silent`), TimeoutError);
    await until(() => server.seen.length >= 2);
    clock.advance(60_000);
    expect((await failed).phase).toBe("headers");
    expect((await client.get(server.origin)).status).toBe(200);
    expect(server.sessions()).toBe(1);
  });

  test("a body in memory that the server does not take is told of in it, and one that it took is not", async () => {
    const clock = new ManualClock();
    await using server = await serveHttp2((stream) => void stream.pause());
    await using client = clientOf({ clock });
    for (const [size, told] of [
      [1024 * 1024, true],
      [10, false],
    ] as const) {
      const failed = caught(client.post(server.origin, { body: Buffer.alloc(size) }), TimeoutError);
      await until(() => server.seen.length === (told ? 1 : 2));
      clock.advance(60_000);
      const { phase, hint = "" } = await failed;
      expect([phase, hint.endsWith("The request body was still being sent.")]).toEqual(["headers", told]);
    }
  });

  test("a server that takes no streams at all ends in one too", async () => {
    const clock = new ManualClock();
    await using server = await serveHttp2((stream) => answer(stream), {
      settings: { maxConcurrentStreams: 0 },
    });
    await using client = clientOf({ clock, timeout: { queue: null } });
    const first = client.get(server.origin).then(undefined, (error: unknown) => error);
    const second = client.get(server.origin).then(undefined, (error: unknown) => error);
    await clock.armed(60_000);
    await until(() => clock.pending >= 2);
    clock.advance(60_000);
    expect(await first).toMatchObject({ code: "ERR_TIMEOUT", phase: "headers" });
    // In place of the first the second may have been begun, and is given its own time.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    expect(await second).toMatchObject({ code: "ERR_TIMEOUT", phase: "headers" });
  });

  test("a stream that waits for its reader is no stream that all others wait for: one more has room beside it", async () => {
    const clock = new ManualClock();
    await using server = await serveHttp2((stream, headers) => {
      stream.respond({ ":status": 200 });
      stream.end(headers[":path"] === "/large" ? Buffer.alloc(4 * 1024 * 1024) : "ok");
    });
    await using client = clientOf({ clock, connections: 1, baseUrl: server.origin, timeout: { idle: null } });
    const stream = await client.get("/large").stream();
    await until(() => server.seen.length === 1);
    const calls = many(120).map(() => client.get("/small").text());
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["ok"]));
    clock.advance(200_000);
    expect(await drained(stream)).toBe(4 * 1024 * 1024);
  });

  test("a body that stalls ends in one of phase idle", async () => {
    const clock = new ManualClock();
    await using server = await serveHttp2((stream) => {
      stream.respond({ ":status": 200 });
      stream.write("half");
    });
    await using client = clientOf({ clock });
    const failed = caught(client.get(server.origin), TimeoutError);
    await clock.armed(30_000);
    clock.advance(30_000);
    expect((await failed).phase).toBe("idle");
  });

  test("the last byte that was announced begins the wait anew too: the end of a stream comes by itself", async () => {
    const clock = new ManualClock();
    let stream: ServerHttp2Stream | undefined;
    await using server = await serveHttp2((opened) => {
      stream = opened;
      opened.respond({ ":status": 200, "content-length": "4" });
    });
    await using client = clientOf({ clock });
    let came = 0;
    const text = client
      .get(server.origin, {
        onProgress: ({ bytes }) => {
          came = bytes;
        },
      })
      .text();
    await clock.armed(30_000);
    clock.advance(20_000);
    stream?.write("all!");
    await until(() => came === 4);
    clock.advance(20_000);
    stream?.end();
    expect(await text).toBe("all!");
  });

  test("closing the client ends every stream", async () => {
    await using server = await serveHttp2(() => {});
    const client = clientOf();
    const failed = Promise.all(many(5).map(() => caught(client.get(server.origin), AbortError)));
    await until(() => server.seen.length >= 5);
    await client.close();
    expect(await failed).toHaveLength(5);
  });

  test("an idle connection does not hold the process", async () => {
    await using server = await serveHttp2((stream) => answer(stream));
    const ended = await run(`
      import { Client } from "../src/index.ts";
      const client = new Client({ http2: true, tls: { ca: ${JSON.stringify(all.ca.cert)} } });
      console.log((await client.get(${JSON.stringify(server.origin)})).status);`);
    expect(ended).toMatchObject({ code: 0, stdout: "200\n" });
  });
});

describe("P25 what a server says no with", () => {
  test.each<[string, number, string]>([
    ["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR, "reset"],
    ["PROTOCOL_ERROR", NGHTTP2_PROTOCOL_ERROR, "protocol"],
    ["REFUSED_STREAM", NGHTTP2_REFUSED_STREAM, "reset"],
  ])("RST_STREAM %s is a NetworkError", async (_name, code, kind) => {
    await using server = await serveHttp2((stream) => stream.close(code));
    await using client = clientOf();
    const error = await caught(client.get(server.origin), NetworkError);
    expect(error.kind).toBe(kind);
  });

  test.each<[string, number, RegExp]>([
    ["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR, /^The server failed at this request; the connection goes on/],
    ["ENHANCE_YOUR_CALM", NGHTTP2_ENHANCE_YOUR_CALM, /`throttle`/],
    ["REFUSED_STREAM", NGHTTP2_REFUSED_STREAM, /did not process the request \(RFC 9113 8\.7\)/],
    ["SETTINGS_TIMEOUT", NGHTTP2_SETTINGS_TIMEOUT, /^The server ended this request alone/],
  ])(
    "RST_STREAM %s is told of as the end of the request's stream, on a kept connection too",
    async (name, code, hint) => {
      await using server = await serveHttp2((stream, headers) =>
        headers[":path"] === "/fine" ? answer(stream) : stream.close(code),
      );
      await using client = clientOf();
      const host = server.origin.slice(8);
      for (const _ of many(2)) {
        const error = await caught(client.post(`${server.origin}/bad`), NetworkError);
        expect(error.message).toBe(
          `${host} reset the stream of the request (${name}) for POST ${server.origin}/bad`,
        );
        expect(error.hint).toMatch(hint);
        expect([error.kind, error.unprocessed]).toEqual(["reset", name === "REFUSED_STREAM"]);
        expect(await client.get(`${server.origin}/fine`).text()).toBe("ok");
      }
      expect(server.sessions()).toBe(1);
    },
  );

  test("RST_STREAM HTTP_1_1_REQUIRED and PROTOCOL_ERROR say which option speaks HTTP/1.1", async () => {
    for (const code of [NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_PROTOCOL_ERROR]) {
      await using server = await serveHttp2((stream) => stream.close(code));
      await using client = clientOf();
      const error = await caught(client.get(server.origin), NetworkError);
      expect(error.message).toMatch(/^The stream of the request to \S+ was reset \(\w+\)/);
      expect([error.kind, error.hint]).toEqual(["protocol", expect.stringContaining("`http2: false`")]);
    }
  });

  test("RST_STREAM CANCEL before an answer is no end of the connection", async () => {
    await using server = await serveHttp2((stream) => stream.close(NGHTTP2_CANCEL));
    await using client = clientOf();
    const error = await caught(client.post(server.origin), NetworkError);
    expect(error.kind).toBe("closed");
    expect(error.message).toContain("ended the stream of the request before the response was complete");
    expect(error.hint).toBeUndefined();
  });

  test.each([0, 1, 3])(
    "a large body whose stream was refused after %i pieces comes whole the next time",
    async (pieces) => {
      const body = Buffer.alloc(300_000, "0123456789abcdef");
      let refused = false;
      await using server = await serveHttp2((stream) => {
        const received: Buffer[] = [];
        const isFirst = !refused;
        refused = true;
        if (isFirst && pieces === 0) stream.close(NGHTTP2_REFUSED_STREAM);
        stream.on("data", (piece: Buffer) => {
          received.push(piece);
          if (isFirst && received.length === pieces) stream.close(NGHTTP2_REFUSED_STREAM);
        });
        stream.on("end", () => {
          if (!isFirst) answer(stream, String(Buffer.concat(received).equals(body)));
        });
      });
      await using client = clientOf({ retry: { attempts: 2, backoff: { base: 1 } } });
      expect(await client.post(server.origin, { body }).text()).toBe("true");
    },
  );

  test("RST_STREAM REFUSED_STREAM says that it was not processed: any method is tried again, as often as `retry` says", async () => {
    let refusals = 0;
    await using server = await serveHttp2((stream) => {
      if (refusals-- > 0) stream.close(NGHTTP2_REFUSED_STREAM);
      else answer(stream);
    });
    const asked: unknown[] = [];
    const when = (info: unknown): undefined => void asked.push(info);
    await using client = clientOf({ retry: { attempts: 3, backoff: { base: 0 }, when } });
    // undici sends each once more by itself.
    refusals = 4;
    expect(await client.post(server.origin, { json: { a: 1 } }).text()).toBe("ok");
    expect(asked[0]).toMatchObject({ method: "POST", requestWritten: false });
    refusals = 100;
    const error = await caught(client.post(server.origin, { json: { a: 1 } }), NetworkError);
    expect(error).toMatchObject({ attempts: 3, unprocessed: true });
    const none = await caught(
      client.post(server.origin, { retry: { limits: { connect: 0 } } }),
      NetworkError,
    );
    expect(none.attempts).toBe(1);
    refusals = 100;
    // A body that can be opened once was opened.
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a");
    }
    const streamed = await caught(client.post(server.origin, { body: pieces() }), NetworkError);
    expect(streamed).toMatchObject({ attempts: 1, unprocessed: true });
    expect(streamed.hint).toContain("Give `body` as a function");
  });

  test("RST_STREAM is retried where that is safe", async () => {
    let turn = 0;
    await using server = await serveHttp2((stream) => {
      turn++;
      if (turn === 1) stream.close(NGHTTP2_INTERNAL_ERROR);
      else answer(stream);
    });
    await using client = clientOf({ retry: { attempts: 2, backoff: { base: 0 } } });
    expect(await client.get(server.origin).text()).toBe("ok");
    turn = 0;
    expect(await caught(client.post(server.origin), NetworkError)).toMatchObject({
      kind: "reset",
      attempts: 1,
    });
  });

  test("RST_STREAM in the middle of a body is no whole body", async () => {
    await using server = await serveHttp2((stream) => {
      stream.respond({ ":status": 200 });
      stream.write("half", () => stream.destroy(new Error("broken")));
    });
    await using client = clientOf();
    expect((await caught(client.get(server.origin), NetworkError)).kind).toMatch(/^(reset|closed)$/);
  });

  test.each<[string, number]>([
    ["NO_ERROR", NGHTTP2_NO_ERROR],
    ["CANCEL", NGHTTP2_CANCEL],
    ["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR],
    ["REFUSED_STREAM", NGHTTP2_REFUSED_STREAM],
  ])(
    "#128 P25 RST_STREAM %s before the end of a body is no whole body, and after it takes nothing away",
    async (name, code) => {
      let isWhole = false;
      await using server = await serveRawHttp2((socket, stream) => {
        // In one packet: what has ended has ended, though it is known with the reset.
        socket.write(Buffer.concat([ok(stream), data(stream, "half", isWhole), reset(stream, code)]));
      });
      await using client = clientOf();
      const said = `reset the stream of the request (${name}) before the response was complete`;
      for (const act of [
        () => client.get(server.origin).text(),
        () => client.post(server.origin, { body: "a" }).text(),
        async () => drained(await client.get(server.origin).stream()),
      ]) {
        isWhole = false;
        const error = await caught<NetworkError>(act(), NetworkError);
        expect(error.message).toContain(said);
        expect([error.kind, error.unprocessed]).toEqual(["reset", false]);
        isWhole = true;
        expect(await act()).toBeOneOf(["half", 4]);
      }
    },
  );

  test.each<[what: string, ...fields: [string, string][]]>([
    ["a status of two digits", [":status", "99"]],
    ["a status below 100", [":status", "099"]],
    ["a status of four digits", [":status", "1000"]],
    ["a status that is a word", [":status", "abc"]],
    ["a transfer coding", [":status", "200"], ["transfer-encoding", "gzip"]],
    ["chunks", [":status", "200"], ["transfer-encoding", "chunked"]],
    ["two lengths", [":status", "200"], ["content-length", "2"], ["content-length", "3"]],
  ])("#128 S67 %s is refused: the frames say where a body ends", async (_what, ...fields) => {
    let isRight = false;
    await using server = await serveRawHttp2((socket, stream) => {
      const head = isRight ? headOf(stream, [":status", "200"], ["x-a", "b"]) : headOf(stream, ...fields);
      socket.write(Buffer.concat([head, data(stream, "ok", true)]));
    });
    await using client = clientOf();
    const error = await caught<NetworkError>(client.get(server.origin), NetworkError);
    expect(["protocol", "reset"]).toContain(error.kind);
    isRight = true;
    const response = await client.get(server.origin);
    expect([response.headers.get("x-a"), await response.text()]).toEqual(["b", "ok"]);
  });

  test("a body that is shorter than its Content-Length is not whole", async () => {
    await using server = await serveHttp2((stream) => {
      stream.respond({ ":status": 200, "content-length": "10" });
      stream.end("short");
    });
    await using client = clientOf();
    expect(await caught(client.get(server.origin), NetworkError)).toMatchObject({ kind: "closed" });
  });

  test("GOAWAY: what is under way ends well, and what comes next has a new connection", async () => {
    const wall = gate();
    await using server = await serveHttp2((stream, headers, session) => {
      if (headers[":path"] !== "/first") return answer(stream);
      session.goaway();
      wall.opened.then(() => answer(stream, "first"));
    });
    await using client = clientOf();
    const first = client.get(`${server.origin}/first`).text();
    await until(() => server.seen.length >= 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await client.get(`${server.origin}/second`).text()).toBe("ok");
    wall.open();
    expect(await first).toBe("first");
    expect(server.sessions()).toBe(2);
  });

  test("a connection that breaks fails what was on it, each with its own error, and GETs are tried again", async () => {
    let broken = false;
    await using server = await serveHttp2((stream, _headers, session) => {
      if (broken) return answer(stream);
      if (server.seen.length < 5) return;
      broken = true;
      session.destroy();
    });
    await using client = clientOf({ retry: { attempts: 2, backoff: { base: 0 } } });
    const texts = await Promise.all(many(5).map(() => client.get(server.origin).text()));
    expect(texts).toEqual(many(5).map(() => "ok"));
    expect(server.sessions()).toBeGreaterThan(1);
  });
});

test("P14 a kept connection that is closed is replaced without a word", async () => {
  await using server = await serveHttp2((stream, headers, session) => {
    if (headers[":path"] === "/break") session.destroy();
    else answer(stream);
  });
  await using client = clientOf();
  await client.get(server.origin);
  const error = await caught(client.post(`${server.origin}/break`), NetworkError);
  expect(error.kind).toMatch(/^(closed|reset)$/);
  expect((await client.get(server.origin)).status).toBe(200);
});

test("HTTP/1.1 and HTTP/2 calls of one client live side by side", async () => {
  await using one = await serve(json("one"), { tls: { ...all.localhost } });
  await using two = await serveHttp2((stream) => answer(stream, "two"));
  await using client = clientOf();
  const texts = await Promise.all(
    many(10).map((index) => client.get(index % 2 === 0 ? one.origin : two.origin).text()),
  );
  expect(texts).toEqual(many(10).map((index) => (index % 2 === 0 ? '"one"' : "two")));
});

test("P20 a call that is given up at any moment while its connection is made leaves none, and nothing that nobody listens to", async () => {
  await using server = await serveHttp2((stream) => answer(stream));
  let calls = 0;
  let onCall: () => void = () => {};
  const clock: Clock = {
    ...systemClock,
    now: () => {
      calls++;
      onCall();
      return systemClock.now();
    },
  };
  await using first = clientOf({ clock });
  expect(await first.get(server.origin).text()).toBe("ok");
  await first.close();
  const moments = calls;
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on("uncaughtException", note);
  expect(moments).toBeGreaterThan(5);
  for (let moment = 1; moment <= moments; moment++) {
    // Some steps take no look at the clock: a few jobs later is another moment.
    for (const jobs of [0, 1, 2, 3, 4, 5, 6, 8]) {
      const controller = new AbortController();
      const stop = async (): Promise<void> => {
        for (let job = 0; job < jobs; job++) await undefined;
        controller.abort();
      };
      calls = 0;
      onCall = () => {
        if (calls === moment) void stop();
      };
      const client = clientOf({ clock });
      const call = client.get(server.origin, { signal: controller.signal }).text();
      const outcome: unknown = await call.catch((error: unknown) => error);
      onCall = () => {};
      if (outcome !== "ok") expect(outcome).toBeInstanceOf(AbortError);
      expect(await client.get(server.origin).text()).toBe("ok");
      await client.close();
    }
  }
  await until(() => server.open() === 0);
  process.off("uncaughtException", note);
  expect(uncaught).toEqual([]);
});
