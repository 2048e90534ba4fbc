import { appendFile, mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallerError, Client, type ClientOptions, fileFrom, put, type RequestOptions } from "chasqui";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filePieces } from "../../src/platform/file-pieces.ts";
import { caught } from "../peers/caught.ts";
import { certificates } from "../peers/certificates.ts";
import { serve } from "../peers/http-server.ts";
import { numbered } from "../peers/versioned-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chasqui-upload-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([0, 1, 262_144, 262_145, 1_000_003])(
  "#41 a file of %d bytes is sent as it is, with its length",
  async (size) => {
    const path = join(folder, `of-${size}`);
    await writeFile(path, numbered(size));
    await using server = await serve((response) => response.end() && undefined);
    const file = await fileFrom(path);
    await put(server.origin, { body: file });
    expect(server.last().body).toEqual(Buffer.from(numbered(size)));
    expect(server.last().headers["content-length"]).toBe(String(size));
    await put(server.origin, { body: file.slice(10, 300_000) });
    expect(server.last().body).toEqual(Buffer.from(numbered(size)).subarray(10, 300_000));
  },
);

test("P6 a file is sent again from its beginning by a retry and a redirect", async () => {
  const path = join(folder, "again");
  await writeFile(path, numbered(700_000));
  let turn = 0;
  await using server = await serve((response) => {
    turn++;
    if (turn === 1) response.writeHead(503).end();
    else if (turn === 2) response.writeHead(307, { location: "/there" }).end();
    else response.end();
  });
  await put(server.origin, { body: await fileFrom(path), retry: { backoff: { base: 0 } } });
  expect(server.seen.map(({ body }) => body.length)).toEqual([700_000, 700_000, 700_000]);
});

test.each([
  ["has grown", (path: string) => appendFile(path, "more")],
  ["was written anew", (path: string) => utimes(path, new Date(1000), new Date(1000))],
  ["is gone", (path: string) => rm(path)],
])("a file that %s since it was named is not sent: its length was announced", async (_, change) => {
  const path = join(folder, "changed");
  await writeFile(path, numbered(1000));
  await using server = await serve((response) => response.end() && undefined);
  await using client = new Client({ baseUrl: server.origin, retry: false });
  const file = await fileFrom(path);
  await change(path);
  const error = await caught(client.put("/", { multipart: { file } }), CallerError);
  expect(error.message).toContain("changed");
  expect(server.seen.length).toBe(0);
});

describe("the memory that a file is read into", () => {
  const PIECE = 262_144;
  const SIZE = 12 * PIECE + 5;
  const content = Buffer.from(numbered(SIZE));

  async function wholeFile(): Promise<string> {
    const path = join(folder, "memory");
    await writeFile(path, content);
    return path;
  }

  test("is two pieces in turn, where all that was given has been taken", async () => {
    const path = await wholeFile();
    const memories = new Set<ArrayBufferLike>();
    const copies: Buffer[] = [];
    for await (const piece of filePieces(path, await stat(path), () => true)) {
      memories.add(piece.buffer);
      copies.push(Buffer.from(piece));
    }
    expect(memories.size).toBe(2);
    expect(Buffer.concat(copies).equals(content)).toBe(true);
  });

  test.each([
    ["for each piece where nothing is said", undefined],
    ["for each piece where none has been taken", () => false],
  ])("is new %s", async (_, taken) => {
    const path = await wholeFile();
    const pieces: Uint8Array[] = [];
    for await (const piece of filePieces(path, await stat(path), taken)) pieces.push(piece);
    expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(13);
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
  });

  /** What a server reads that stops for some turns of the loop after each piece. */
  async function slowly(request: IncomingMessage): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece);
      for (let turn = 0; turn < 3; turn++) await new Promise((next) => setImmediate(next));
    }
    return Buffer.concat(pieces);
  }

  test.each<[string, "http" | "https", ClientOptions, (path: string) => Promise<RequestOptions>]>([
    ["over http", "http", {}, async (path) => ({ body: await fileFrom(path) })],
    ["over https", "https", {}, async (path) => ({ body: await fileFrom(path) })],
    ["as a part of a form", "http", {}, async (path) => ({ multipart: { file: await fileFrom(path) } })],
    ["of a function, chunked", "https", {}, async (path) => ({ body: () => fileFrom(path) })],
    ["counted", "http", {}, async (path) => ({ body: await fileFrom(path), onProgress: () => {} })],
    [
      "through a middleware that holds two pieces back",
      "http",
      {
        wire: [
          (request, next) => {
            const { body } = request;
            return next(body === undefined ? request : request.with({ body: () => heldBack(body.open()) }));
          },
        ],
      },
      async (path) => ({ body: await fileFrom(path) }),
    ],
  ])("is not written over before it is sent: %s", async (_, scheme, options, call) => {
    const path = await wholeFile();
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    const answer: RequestListener = (request, response) => {
      void slowly(request).then((body) => {
        resolve(body);
        response.end();
      });
    };
    const { ca, localhost } = await certificates();
    const server = scheme === "http" ? createServer(answer) : createSecureServer(localhost, answer);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    try {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      await using client = new Client({
        baseUrl: `${scheme}://127.0.0.1:${port}`,
        tls: { ca: ca.cert },
        ...options,
      });
      const sent = client.put("/", await call(path));
      const body = await promise;
      await sent;
      expect(body.includes(content)).toBe(true);
    } finally {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  });
});

/** Gives each piece only after the two behind it have been asked for. */
async function* heldBack(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const held: Uint8Array[] = [];
  for await (const piece of pieces) {
    held.push(piece);
    const first = held.length > 2 ? held.shift() : undefined;
    if (first !== undefined) yield first;
  }
  yield* held;
}
