import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CallerError, Client, fileFrom, get, OptionsError, type Progress, post, put } from "chasqui";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { type Gate, gate } from "../peers/gate.ts";
import { startHttpProxy } from "../peers/http-proxy.ts";
import { serve } from "../peers/http-server.ts";
import { serveRaw } from "../peers/raw-server.ts";
import { numbered, serveFile } from "../peers/versioned-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-progress-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quick = { attempts: 3, backoff: { base: 0 } } as const;

function recorder(): { readonly told: Progress[]; readonly onProgress: (progress: Progress) => void } {
  const told: Progress[] = [];
  return { told, onProgress: (progress) => void told.push(progress) };
}

/** A Blob whose last bytes, or its end alone, come when the gate opens. */
class LateBlob extends Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #wait: Gate;
  readonly #at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, wait: Gate, at = bytes.length) {
    super([bytes]);
    this.#bytes = bytes;
    this.#wait = wait;
    this.#at = at;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const [bytes, wait, at] = [this.#bytes, this.#wait, this.#at];
    async function* late(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for (let from = 0; from < at; from += 100_000) yield bytes.subarray(from, Math.min(from + 100_000, at));
      await wait.opened;
      if (at < bytes.length) yield bytes.subarray(at);
    }
    return ReadableStream.from(late());
  }
}

/** Bytes never fall within an attempt, and the last call, and no other, says that it is the last. */
function expectOrdered(told: readonly Progress[]): void {
  for (const [at, { bytes, attempt }] of told.entries()) {
    const before = told[at - 1];
    if (before !== undefined && before.attempt === attempt)
      expect(bytes).toBeGreaterThanOrEqual(before.bytes);
  }
  expect(told.filter(({ done }) => done)).toEqual(told.slice(-1));
}

describe("a download", () => {
  test("through a proxy is told of as any other", async () => {
    await using server = await serveFile(numbered(100_000));
    await using proxy = await startHttpProxy();
    const { told, onProgress } = recorder();
    // What is on the loopback itself goes by no proxy of the environment; by one that is named it does.
    await get(server.origin, { proxy: { all: proxy.url }, onProgress });
    expect(proxy.seen).toHaveLength(1);
    expect(told.at(-1)).toMatchObject({ bytes: 100_000, done: true });
    expectOrdered(told);
  });

  test.each(["buffered", "streamed", "saved"])(
    "that is %s is told of, piece by piece, to its end",
    async (how) => {
      await using server = await serveFile(numbered(1_000_000));
      const { told, onProgress } = recorder();
      const call = get(server.origin, { onProgress });
      if (how === "buffered") await call.bytes();
      else if (how === "streamed")
        for await (const piece of call.stream()) expect(piece.length).toBeGreaterThan(0);
      else await call.save(join(folder, "saved"));
      expect(told.length).toBeGreaterThan(2);
      expectOrdered(told);
      expect(told.at(-1)).toEqual({
        direction: "download",
        bytes: 1_000_000,
        total: 1_000_000,
        done: true,
        attempt: 1,
      });
      expect(told.every(({ total }) => total === 1_000_000)).toBe(true);
    },
  );

  test("that comes coded is counted as it is on the wire, as its length is", async () => {
    const coded = gzipSync(numbered(300_000));
    await using server = await serve((response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": coded.length }).end(coded);
    });
    const { told, onProgress } = recorder();
    expect((await get(server.origin, { onProgress }).bytes()).length).toBe(300_000);
    expect(told.at(-1)).toMatchObject({ bytes: coded.length, total: coded.length, done: true });
  });

  test("whose length nobody said has a total when it is done, and one without a body has 0", async () => {
    await using server = await serve((response, { target }) => {
      if (target === "/204") response.writeHead(204).end();
      else response.write("first", () => response.end("second"));
    });
    const { told, onProgress } = recorder();
    await get(server.origin, { onProgress });
    expect(told[0]?.total).toBeUndefined();
    expect(told.at(-1)).toMatchObject({ bytes: 11, total: 11, done: true });
    await get(`${server.origin}/204`, { onProgress });
    expect(told.at(-1)).toMatchObject({ bytes: 0, total: 0, done: true });
  });

  test("that is retried or redirected begins anew, under another attempt; what is thrown away is not told of", async () => {
    let turn = 0;
    await using server = await serve((response) => {
      turn++;
      if (turn === 1) response.writeHead(503).end("not yet");
      else if (turn === 2) response.writeHead(302, { location: "/there" }).end("moved");
      else response.end("here");
    });
    const { told, onProgress } = recorder();
    await get(server.origin, { onProgress, retry: quick });
    expectOrdered(told);
    expect(told.map(({ attempt }) => attempt)).toEqual([3, 3]);
  });

  test("P25 that is gone on with counts from the beginning of the file", async () => {
    await using server = await serveFile(numbered(1_000_000), { cuts: [600_000] });
    const { told, onProgress } = recorder();
    await get(server.origin, { onProgress, retry: quick }).save(join(folder, "resumed"));
    expect(told.find(({ attempt }) => attempt === 2)?.bytes).toBeGreaterThan(600_000);
    expect(told.every(({ total }) => total === 1_000_000)).toBe(true);
    expect(told.at(-1)).toMatchObject({ bytes: 1_000_000, done: true, attempt: 2 });
  });
});

describe("an upload", () => {
  const TO_ITS_END = { direction: "upload", bytes: 1_000_000, total: 1_000_000, done: true, attempt: 1 };

  test("of a file is told of, piece by piece, to its end", async () => {
    const path = join(folder, "sent");
    await writeFile(path, numbered(1_000_000));
    await using server = await serve((response) => response.end() && undefined);
    const { told, onProgress } = recorder();
    await put(server.origin, { body: await fileFrom(path), onProgress });
    const sent = told.filter(({ direction }) => direction === "upload");
    expect(sent.length).toBeGreaterThan(2);
    expectOrdered(sent);
    expect(sent.at(-1)).toEqual(TO_ITS_END);
  });

  test("is told of to its end before the answer is, though what it is read from ends later", async () => {
    const wait = gate();
    await using server = await serve((response) => response.end("answer") && undefined);
    const { told, onProgress } = recorder();
    // The server has all of it, and answers, before anybody has said that this was all.
    await put(server.origin, { body: new LateBlob(numbered(1_000_000), wait), onProgress });
    expect(server.last().body.length).toBe(1_000_000);
    const before = told.slice();
    wait.open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(before);
    const sent = told.filter(({ direction }) => direction === "upload");
    expectOrdered(sent);
    expect(sent.at(-1)).toEqual(TO_ITS_END);
    expect(told.findIndex(({ done }) => done)).toBe(sent.length - 1);
  });

  test("that is answered before all of it was sent is not said to be done", async () => {
    const wait = gate();
    await using server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    });
    const { told, onProgress } = recorder();
    await using client = new Client();
    const body = new LateBlob(numbered(10_000), wait, 5_000);
    expect(await client.put(server.origin, { body, onProgress }).text()).toBe("ok");
    wait.open();
    await new Promise((resolve) => setImmediate(resolve));
    const sent = told.filter(({ direction }) => direction === "upload");
    expect(sent.filter(({ done }) => done)).toEqual([]);
    expect(sent.every(({ bytes }) => bytes < 10_000)).toBe(true);
  });

  test("of a form counts what is around the file, as its length does", async () => {
    await using server = await serve((response) => response.end() && undefined);
    const { told, onProgress } = recorder();
    const file = new Blob([numbered(10_000)]);
    await post(server.origin, { multipart: { file }, onProgress });
    const last = told.findLast(({ direction }) => direction === "upload");
    expect(last).toMatchObject({
      bytes: server.last().body.length,
      total: server.last().body.length,
      done: true,
    });
  });

  test("from memory goes out as one", async () => {
    await using server = await serve((response) => response.end() && undefined);
    const { told, onProgress } = recorder();
    await post(server.origin, { body: "añu", onProgress });
    expect(told.filter(({ direction }) => direction === "upload")).toEqual([
      { direction: "upload", bytes: 4, total: 4, done: true, attempt: 1 },
    ]);
  });

  test("of a stream has no total until it is done", async () => {
    await using server = await serve((response) => response.end() && undefined);
    const { told, onProgress } = recorder();
    const body = (): ReadableStream<Uint8Array> => ReadableStream.from([numbered(10), numbered(20)]);
    await post(server.origin, { body, onProgress });
    expect(
      told.filter(({ direction }) => direction === "upload").map(({ bytes, total }) => [bytes, total]),
    ).toEqual([
      [10, undefined],
      [30, undefined],
      [30, 30],
    ]);
  });
});

describe("what is told", () => {
  test.each(["upload", "download"])(
    "is the caller's: what it throws at an %s ends the call, once",
    async (at) => {
      await using server = await serve((response) => response.end("answer") && undefined);
      const cause = new Error("of the caller");
      const error = await caught(
        post(server.origin, {
          body: () => ReadableStream.from([numbered(10)]),
          retry: { ...quick, methods: null },
          onProgress: ({ direction }) => {
            if (direction === at) throw cause;
          },
        }),
        CallerError,
      );
      expect(error.message).toContain("onProgress");
      expect(error.cause).toBe(cause);
      expect(error.attempts).toBe(1);
    },
  );

  test("runs in the caller's own async context, on a connection that another opened", async () => {
    const store = new AsyncLocalStorage<string>();
    await using server = await serve((response) => response.end("answer") && undefined);
    await using client = new Client({ baseUrl: server.origin });
    await store.run("first", () => client.get("/"));
    const seen = new Set<string | undefined>();
    await store.run("second", () =>
      client.put("/", {
        body: () => ReadableStream.from([numbered(10)]),
        onProgress: () => seen.add(store.getStore()),
      }),
    );
    expect(server.connections()).toBe(1);
    expect([...seen]).toEqual(["second"]);
  });

  test("is of a call, and a function", async () => {
    expect(() => new Client(Object.assign({ stack: true }, { onProgress: () => {} }))).toThrow(OptionsError);
    await caught(get("http://127.0.0.1:1", Object.assign({}, { onProgress: "yes" as never })), OptionsError);
  });
});
