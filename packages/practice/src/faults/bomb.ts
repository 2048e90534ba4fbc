import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { query, type Route } from "../route.ts";
import { amount } from "./count.ts";

const PIECE = new Uint8Array(256 * 1024);
/** The most bytes that come out of it. */
const LARGEST = 2 ** 40;

/** `/faults/bomb`: a small body that becomes a large one when it is unpacked. */
export const bomb: Route = {
  methods: ["GET"],
  path: "/faults/bomb",
  topic: "Faults",
  summary: "A gzip body of zeros, a thousand times as large when it is unpacked",
  params: [query("size", "bytes when unpacked (64 MiB)")],
  handle: (ask) => {
    const size = Math.min(Math.floor(amount(ask, "size", 64 * 1024 * 1024)), LARGEST);
    const headers = new Headers({
      "Content-Type": "application/octet-stream",
      "Content-Encoding": "gzip",
      "Cache-Control": "no-store, no-transform",
    });
    return { status: 200, headers, body: zeros(size) };
  },
};

/** It is packed as it is read, so that a bomb of a tebibyte costs nobody who leaves. */
function zeros(size: number): ReadableStream<Uint8Array> {
  function* pieces(): Generator<Uint8Array> {
    for (let left = size; left > 0; left -= PIECE.length)
      yield PIECE.subarray(0, Math.min(left, PIECE.length));
  }
  // Who leaves ends the reading as well: that is all there is to an error here.
  const packed = pipeline(Readable.from(pieces()), createGzip({ level: 9 }), () => undefined);
  const reading = packed[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await reading.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await reading.return?.();
    },
  });
}
