import { parseContentEncoding } from "../response/content-encoding-chain.ts";

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** What the standard of `DecompressionStream` has for a coding, and what some runtimes have besides. */
const FORMATS: Readonly<Record<string, string>> = {
  gzip: "gzip",
  deflate: "deflate",
  br: "brotli",
  zstd: "zstd",
};

/** Undoes the content codings of a body that Fetch left as it was; one that the runtime does not know, and all below it, stays on. */
export function decodeBody(body: Bytes, contentEncoding: string): Bytes {
  let decoded = body;
  for (const coding of parseContentEncoding(contentEncoding).toReversed()) {
    const undo = coding === "deflate" ? inflate : decompression(FORMATS[coding]);
    if (undo === undefined) break;
    decoded = typeof undo === "function" ? undo(decoded) : decoded.pipeThrough(undo);
  }
  return decoded;
}

function decompression(format: string | undefined): DecompressionStream | undefined {
  if (format === undefined) return undefined;
  try {
    return Reflect.construct(DecompressionStream, [format]);
  } catch {
    return undefined;
  }
}

/** Servers send `deflate` with the head of zlib, as RFC 9110 §8.4.1.2 says, and without. */
function inflate(body: Bytes): Bytes {
  let first: Promise<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>> | undefined;
  const open = async (): Promise<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>> => {
    const source = body.getReader();
    const head = await source.read();
    const [a = 0, b = 0] = head.value ?? [];
    const zlib = (a & 0x0f) === 8 && (a * 256 + b) % 31 === 0;
    const whole: Bytes = new ReadableStream({
      start(controller) {
        if (head.value !== undefined) controller.enqueue(head.value);
        if (head.done) controller.close();
      },
      async pull(controller) {
        const { done, value } = await source.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => source.cancel(reason),
    });
    return whole.pipeThrough(new DecompressionStream(zlib ? "deflate" : "deflate-raw")).getReader();
  };
  return new ReadableStream({
    async pull(controller) {
      first ??= open();
      const { done, value } = await (await first).read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      if (first === undefined) await body.cancel(reason);
      else await (await first).cancel(reason);
    },
  });
}
