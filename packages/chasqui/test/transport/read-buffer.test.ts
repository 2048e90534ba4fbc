import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client } from "../../src/index.ts";
import { type Answer, serve } from "../peers/http-server.ts";
import { serveRaw } from "../peers/raw-server.ts";

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

test("a piece that is kept holds the memory that it came in, and not what all read into", async () => {
  await using server = await serve((response) => void response.end("x".repeat(100)));
  await using client = new Client();
  const held: number[] = [];
  for await (const { buffer } of client.get(server.origin).stream()) held.push(buffer.byteLength);
  expect(Math.max(...held)).toBeLessThan(4096);
});

/** A byte at a time, and with each of them 200 kB of an extension, which is no body (RFC 9112 7.1.1). */
async function padded(bytes: number): Promise<Awaited<ReturnType<typeof serveRaw>>> {
  const chunk = `1;padding=${"a".repeat(200_000)}\r\nx\r\n`;
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
  await using server = await padded(100);
  await using client = new Client();
  const kept: Uint8Array[] = [];
  for await (const piece of client.get(server.origin).stream()) kept.push(piece);
  expect(Buffer.concat(kept).toString()).toBe("x".repeat(100));
  let held = 0;
  for (const memory of new Set(kept.map(({ buffer }) => buffer))) held += memory.byteLength;
  // Of 20 MB that came.
  expect(held).toBeLessThan(4_000_000);
});

test("a body whose chunks are nearly all extension is read whole", async () => {
  await using server = await padded(100);
  await using client = new Client({ maxBytes: 100 });
  expect(await client.get(server.origin).text()).toBe("x".repeat(100));
});
