import { gzipSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import { BodyTooLargeError, Client, type Response } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Answer, serve } from "../peers/http-server.ts";

const SIZE = 3 * 1024 * 1024;
const BODY = Buffer.alloc(SIZE, "0123456789");

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The system has memory for pieces, and none for all of the body. */
function withoutMemory(): void {
  const refuse = (size: number): void => {
    if (size === SIZE) throw new RangeError("Array buffer allocation failed");
  };
  const { allocUnsafe, concat } = Buffer;
  vi.spyOn(Buffer, "allocUnsafe").mockImplementation((size) => {
    refuse(size);
    return allocUnsafe(size);
  });
  vi.spyOn(Buffer, "concat").mockImplementation((pieces, size) => {
    refuse(size ?? 0);
    return concat(pieces, size);
  });
}

const ways: readonly (readonly [string, Answer])[] = [
  [
    "whose length is announced",
    (response) => void response.writeHead(200, { "content-length": SIZE }).end(BODY),
  ],
  [
    "without a length",
    (response) => {
      response.write(BODY.subarray(0, 1000));
      response.end(BODY.subarray(1000));
    },
  ],
  [
    "that is coded",
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(BODY)),
  ],
];

test.each<[string, boolean, (response: Response) => Promise<unknown>]>([
  ["a copy of a body", false, (response) => response.bytes()],
  ["a streamed body that is read whole", true, (response) => response.text()],
])("%s that there is no memory for says so, of its call", async (_, stream, read) => {
  await using server = await serve((response) => void response.end(BODY));
  await using client = new Client({ baseUrl: server.origin });
  const response = await client.get("/", { stream });
  class Refused extends Uint8Array {
    constructor(...given: ConstructorParameters<typeof Uint8Array>) {
      super(...given);
      if (this.length === SIZE) throw new RangeError("Array buffer allocation failed");
    }
  }
  vi.stubGlobal("Uint8Array", Refused);
  const error = await caught(read(response), BodyTooLargeError);
  expect(error).toMatchObject({ limit: SIZE, attempts: 1 });
  expect(error.message).toContain(server.origin);
});

test.each(ways)(
  "a body %s that there is no memory for says so, and the next call goes on",
  async (_, answer) => {
    await using server = await serve({ "/large": answer, "/": (response) => void response.end("small") });
    await using client = new Client({ baseUrl: server.origin, retry: false });
    withoutMemory();
    const error = await caught(client.get("/large").bytes(), BodyTooLargeError);
    expect(error).toMatchObject({ limit: SIZE, what: "body", attempts: 1 });
    expect(error.message).toMatch(/^There is no memory for a response body of 3145728 bytes in one piece/);
    expect(error.hint).toContain("`stream()`");
    let streamed = 0;
    for await (const piece of client.get("/large").stream()) streamed += piece.length;
    expect(streamed).toBe(SIZE);
    expect(await client.get("/").text()).toBe("small");
  },
);
