import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { Client, type Response, type Transport } from "../../src/index.ts";
import { ReadMemory } from "../../src/transport/read-memory.ts";
import { type Answer, serve } from "../peers/http-server.ts";
import { serveRaw } from "../peers/raw-server.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const LENGTH = 4 * 1024 * 1024;
const NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7];

/** A body that is like no other, and nowhere like itself. */
function bodyOf(n: number): Buffer {
  const body = Buffer.alloc(LENGTH);
  for (let i = 0; i < LENGTH; i += 4) body.writeUInt32LE((i * 2654435761 + n) % 2 ** 32, i);
  return body;
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** In odd pieces, so that the reads of many connections come between each other. */
const inPieces: Answer = (response, { target }) => {
  const body = bodyOf(Number(target.slice(1)));
  response.writeHead(200, { "content-length": LENGTH });
  let from = 0;
  const send = (): void => {
    const to = Math.min(from + 77_777, LENGTH);
    response.write(body.subarray(from, to), () => (to < LENGTH ? setImmediate(send) : response.end()));
    from = to;
  };
  send();
};

/** Read by a reader that is slower than its connection. */
async function slowly(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  for await (const piece of stream) {
    kept.push(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Buffer.concat(kept);
}

test.each([
  ["TCP", undefined],
  ["a Unix socket", join(tmpdir(), `chasqui-${randomUUID()}.sock`)],
])("many bodies at a time over %s are each what was sent", async (_name, path) => {
  await using server = await serve(inPieces, path === undefined ? {} : { path });
  await using client = new Client({ baseUrl: server.origin, unixSocket: path });
  const expected = NUMBERS.map((n) => digest(bodyOf(n)));
  const whole = NUMBERS.map(async (n) => digest(await client.get(`/${n}`).bytes()));
  const streamed = NUMBERS.map(async (n) => digest(await slowly(client.get(`/${n}`).stream())));
  expect(await Promise.all(whole)).toEqual(expected);
  expect(await Promise.all(streamed)).toEqual(expected);
});

/** At full speed, so that a read brings as much as it can. */
const atOnce: Answer = (response, { target }) => {
  response.writeHead(200, { "content-length": LENGTH });
  response.end(bodyOf(Number(target.slice(1))));
};

test("what is saved and what is put together give their memory back, and what was handed on keeps its own", async () => {
  await using server = await serve(atOnce);
  await using client = new Client({ baseUrl: server.origin });
  const folder = await mkdtemp(join(tmpdir(), "chasqui-reads-"));
  try {
    const expected = NUMBERS.map((n) => digest(bodyOf(n)));
    const kept = NUMBERS.map((n) => Array.fromAsync(client.get(`/${n}`).stream()));
    const saved = NUMBERS.map((n) => client.get(`/${n}`).save(join(folder, String(n))));
    const whole = NUMBERS.map((n) => client.get(`/${n}`).bytes());
    const pieces = await Promise.all(kept);
    await Promise.all(saved);
    expect((await Promise.all(whole)).map(digest)).toEqual(expected);
    expect(pieces.map((all) => digest(Buffer.concat(all)))).toEqual(expected);
    for (const n of NUMBERS) expect(digest(await readFile(join(folder, String(n))))).toBe(expected[n]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("memory that is read into", () => {
  const SIZE = 1024;

  /** All that a socket reads into such memory of a body that is sent at once, a piece at a time. */
  async function read(memory: ReadMemory, n: number, onPiece: (piece: Uint8Array) => void): Promise<void> {
    await using server = await serveRaw((socket) => void socket.end(bodyOf(n)));
    const { hostname, port } = new URL(server.origin);
    const reads = memory.reading();
    const receive = (bytes: Buffer, length: number, isLent: boolean): void =>
      onPiece(isLent ? Buffer.from(bytes.subarray(0, length)) : bytes);
    reads.giveTo({ receive });
    const socket = connect({ host: hostname, port: Number(port), onread: reads.onread });
    socket.write("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
    await once(socket, "close");
  }

  test("is given back once, and is another piece's then: who kept the piece sees nothing", async () => {
    const memory = new ReadMemory(SIZE);
    const kept: { readonly piece: Uint8Array; readonly was: string }[] = [];
    const left: Uint8Array[] = [];
    const reader = async (n: number): Promise<string> => {
      const all = createHash("sha256");
      let count = 0;
      await read(memory, n, (piece) => {
        all.update(piece);
        if (count++ % 3 === 0) kept.push({ piece, was: digest(piece) });
        else if (piece.length === SIZE) {
          memory.takeBack(piece);
          memory.takeBack(piece);
          left.push(piece);
        }
      });
      return all.digest("hex");
    };
    const sent = [0, 1, 2].map((n) => digest(bodyOf(n)));
    expect(await Promise.all([reader(0), reader(1), reader(2)])).toEqual(sent);
    expect(left.length).toBeGreaterThan(1000);
    expect(left.filter(({ length }) => length > 0)).toEqual([]);
    expect(kept.filter(({ piece, was }) => digest(piece) !== was)).toEqual([]);
  });

  test("is not given back by a part of a piece, nor taken from elsewhere", async () => {
    const memory = new ReadMemory(SIZE);
    const parts: Uint8Array[] = [];
    await read(memory, 0, (piece) => {
      const part = piece.subarray(0, SIZE - 1);
      memory.takeBack(part);
      parts.push(part);
    });
    const foreign = Buffer.alloc(SIZE, 1);
    memory.takeBack(foreign);
    expect([...parts, foreign].filter(({ length }) => length === 0)).toEqual([]);
  });
});

test("a piece that is kept holds the memory that it came in, and not what all read into", async () => {
  await using server = await serve((response) => void response.end("x".repeat(100)));
  await using client = new Client();
  const held: number[] = [];
  for await (const { buffer } of client.get(server.origin).stream()) held.push(buffer.byteLength);
  expect(Math.max(...held)).toBeLessThan(4096);
});

/** A byte at a time, and with each of them 16 kB of an extension, which is no body (RFC 9112 7.1.1). */
async function padded(bytes: number): Promise<Awaited<ReturnType<typeof serveRaw>>> {
  const chunk = `1;padding=${"a".repeat(16_000)}\r\nx\r\n`;
  return serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    let left = bytes;
    const send = (): void => {
      if (left-- > 0) socket.write(chunk, send);
      else socket.end("0\r\n\r\n");
    };
    send();
  });
}

test("S14 the pieces of a body whose chunks are nearly all extension hold little of it", async () => {
  await using server = await padded(1000);
  await using client = new Client();
  const kept: Uint8Array[] = [];
  for await (const piece of client.get(server.origin).stream()) kept.push(piece);
  expect(Buffer.concat(kept).toString()).toBe("x".repeat(1000));
  let held = 0;
  for (const memory of new Set(kept.map(({ buffer }) => buffer))) held += memory.byteLength;
  // Of 16 MB that came.
  expect(held).toBeLessThan(4_000_000);
});

test("a body whose chunks are nearly all extension is read whole", async () => {
  await using server = await padded(100);
  await using client = new Client({ maxBytes: 100 });
  expect(await client.get(server.origin).text()).toBe("x".repeat(100));
});

test("a large piece behind thousands of tiny ones that wait for their reader is no end of the connection", async () => {
  const tiny = 4094;
  const large = Buffer.alloc(0x600000, 2);
  await using server = await serveRaw((socket, _head, turn) => {
    // The first body has the system make room for many bytes at a time.
    if (turn === 1) {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${16 * LENGTH}\r\n\r\n`);
      socket.write(Buffer.alloc(16 * LENGTH));
      return;
    }
    socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"1\r\na\r\n".repeat(tiny)}`);
    setTimeout(() => {
      socket.write(`${(large.length + 1).toString(16)}\r\nb`);
      setTimeout(() => {
        socket.write(large);
        socket.write("\r\n0\r\n\r\n");
      }, 50);
    }, 50);
  });
  await using client = new Client({ baseUrl: server.origin, retry: false });
  expect(await client.get("/").bytes()).toHaveLength(16 * LENGTH);
  const stream = (await client.get("/", { stream: true })).stream();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const sizes = (await Array.fromAsync(stream)).map(({ length }) => length);
  expect(sizes.reduce((all, size) => all + size)).toBe(tiny + 1 + large.length);
});

test("what a caller's own transport keeps of a body stays its own, where a save goes on with another body", async () => {
  const body = Buffer.alloc(6 * LENGTH, 3);
  await using server = await serve((response, { headers }) => {
    const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? -1);
    response.setHeader("etag", '"1"');
    if (from >= 0) {
      response.setHeader("content-range", `bytes ${from}-${body.length - 1}/${body.length}`);
      response.writeHead(206, { "content-length": body.length - from }).end(body.subarray(from));
      return;
    }
    response.writeHead(200, { "content-length": body.length });
    response.write(body.subarray(0, 4 * LENGTH), () => setTimeout(() => response.destroy(), 50));
  });
  const kept: { readonly piece: Uint8Array; readonly length: number }[] = [];
  async function* keeping(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      kept.push({ piece, length: piece.length });
      yield piece;
    }
  }
  await using inner = new Client({ retry: false });
  const transport: Transport = {
    send: async (exchange) => {
      const at = exchange.headers.findIndex((name) => name.toLowerCase() === "range");
      const headers = at < 0 ? {} : { range: exchange.headers[at + 1] ?? "" };
      const response = await inner.get(exchange.origin + exchange.target, { headers, stream: true });
      const { status, statusText } = response;
      const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
      const head = { status, statusText, header, headers: response.headers };
      exchange.onHead(head);
      return { head, body: status === 200 ? keeping(response.stream()) : response.stream() };
    },
    close: async () => {},
  };
  await using client = new Client({ transport, retry: { backoff: { base: 1 } } });
  const folder = await mkdtemp(join(tmpdir(), "chasqui-reads-"));
  try {
    const { path } = await client.get(server.origin).save(join(folder, "whole"));
    expect(digest(await readFile(path))).toBe(digest(body));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.filter(({ piece, length }) => piece.length !== length)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("a response that is kept holds none of the memory that its streamed body came in, when that was", () => {
  const COUNT = 20;
  const body = bodyOf(1);

  test.each<[string, (response: Response, giveUp: AbortController) => Promise<unknown>]>([
    ["read", (response) => digested(response.stream())],
    [
      "left",
      async (response) => {
        for await (const _ of response.stream()) return;
      },
    ],
    [
      "given up",
      async (response, giveUp) => {
        await response.stream().next();
        giveUp.abort();
      },
    ],
  ])("%s", async (_name, end) => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-length": LENGTH }).end(body);
    });
    await using client = new Client({ baseUrl: server.origin });
    const held = async (): Promise<number> => {
      for (let times = 0; times < 5; times++) {
        await turn();
        collectGarbage();
      }
      return process.memoryUsage().arrayBuffers;
    };
    await client.get("/1").bytes();
    const before = await held();
    const kept: Response[] = [];
    for (let count = 0; count < COUNT; count++) {
      const giveUp = new AbortController();
      const response = await client.get("/1", { stream: true, signal: giveUp.signal });
      await end(response, giveUp);
      kept.push(response);
    }
    await expect.poll(() => server.open()).toBeLessThan(2);
    expect(((await held()) - before) / kept.length).toBeLessThan(100_000);
  });

  async function digested(pieces: AsyncIterable<Uint8Array>): Promise<string> {
    const all = createHash("sha256");
    for await (const piece of pieces) all.update(piece);
    return all.digest("hex");
  }
});

test("S14 a header that is kept holds none of the headers beside it", async () => {
  await using server = await serveRaw((socket, _head, count) => {
    const etag = `etag: "${String(count).padStart(24, "0")}"`;
    socket.write(
      `HTTP/1.1 200 OK\r\n${etag}\r\nx-beside: ${"x".repeat(1400)}\r\ncontent-length: 2\r\n\r\nok`,
    );
  });
  await using client = new Client({ baseUrl: server.origin });
  const etag = async (): Promise<string> => (await client.get("/")).headers.get("etag") ?? "";
  for (let warm = 0; warm < 200; warm++) await etag();
  const held = async (): Promise<number> => {
    for (let times = 0; times < 5; times++) {
      await turn();
      collectGarbage();
    }
    return process.memoryUsage().heapUsed;
  };
  const kept: string[] = [];
  const before = await held();
  for (let times = 0; times < 3000; times++) kept.push(await etag());
  expect(((await held()) - before) / kept.length).toBeLessThan(500);
  expect(new Set(kept).size).toBe(3000);
});
