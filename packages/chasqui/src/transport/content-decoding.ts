/**
 * Undoing the content codings of a response on Node. Every path has the same limits (S14, S16, P19).
 *
 * @module
 */
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { type BatchedBody, batchOf } from "../response/batched-body.ts";
import { inMemory } from "../response/body-memory.ts";
import { CodedBytes } from "./coded-bytes.ts";
import { decompress, PIECE, undecodable } from "./decompress.ts";
import { gunzip } from "./gzip.ts";
import { isOneFrame, unzstd, ZSTD_LIMITS } from "./zstd.ts";

type Coding = "gzip" | "deflate" | "br" | "zstd";

/** Up to this many bytes are decoded at once, on the spot: a trip to the thread pool costs more than the work. */
const SYNC_INPUT = 64 * 1024;
/** And up to this many may come of it: a bomb is stopped here and goes on off the thread, within its limit. */
const SYNC_OUTPUT = 1024 * 1024;

/** What may follow the end of the coded data before the connection is given up instead of read to its end. */
const MOST_GARBAGE = 64 * 1024;

/**
 * Decodes a body that is there as a whole: on the spot where it is small, off the thread where it is not.
 *
 * @param bytes - The body as it was received.
 * @param encodings - Its codings in the order in which they were applied, as `parseContentEncoding` gives them. One
 *   that is not known here, and all below it, stays on (#117).
 * @param maxBytes - The most decoded bytes.
 * @param onStart - Given, where the work goes on off the thread, how to leave it; what the promise then
 *   gives is of no use.
 * @throws {DecodeError} when the body is damaged or cut short; the promise rejects with it.
 * @throws {BodyTooLargeError} when there are more than `maxBytes`; the promise rejects with it.
 */
export function decodeBuffered(
  bytes: Uint8Array,
  encodings: readonly string[],
  maxBytes: number,
  onStart?: (leave: () => void) => void,
): Uint8Array | Promise<Uint8Array> {
  const codings = toUndo(encodings);
  let decoded = bytes;
  for (const [index, coding] of codings.entries()) {
    // No bytes are no bytes under any coding (#117): a 204, or a server that sends nothing and says gzip.
    if (decoded.length === 0) return decoded;
    const limit = limitOf(index, codings, maxBytes);
    const next = decodeAtOnce(decoded, coding, limit);
    if (next === "elsewhere") {
      const pieces = decodeStreamed(once(bytes), encodings, maxBytes);
      onStart?.(() => void pieces.return());
      return collect(pieces);
    }
    if (next === "too large" || next.length > limit) throw new BodyTooLargeError(maxBytes);
    decoded = next;
  }
  if (decoded.length > maxBytes) throw new BodyTooLargeError(maxBytes);
  return decoded;
}

/**
 * Decodes a body as it comes. What is read is inflated and no more, and leaving early frees the source, also when
 * nothing was read at all.
 *
 * Reading throws the errors of `decodeBuffered`; those of the source pass through as they are.
 *
 * @param source - The body as it is received. It is read once.
 * @param encodings - See `decodeBuffered`.
 * @param maxBytes - The most decoded bytes.
 * @param over - Told once, when nothing more will be read.
 */
export function decodeStreamed(
  source: AsyncIterable<Uint8Array>,
  encodings: readonly string[],
  maxBytes: number,
  over: () => void = () => {},
): DecodedStream {
  return new DecodedStream(source, toUndo(encodings), maxBytes, over);
}

/** The codings to undo, first to last: the last one applied comes first, and an unknown one ends the list. */
function toUndo(encodings: readonly string[]): Coding[] {
  const codings: Coding[] = [];
  for (const name of encodings.toReversed()) {
    if (name !== "gzip" && name !== "deflate" && name !== "br" && name !== "zstd") break;
    codings.push(name);
  }
  return codings;
}

/**
 * What a layer may come to. Each has a limit, since five layers make a gigabyte of every byte. An inner layer is
 * coded itself and may be a little larger than what it holds: all four codings add less than 1 in 1024 and a frame.
 */
function limitOf(index: number, codings: readonly Coding[], maxBytes: number): number {
  return index === codings.length - 1 ? maxBytes : maxBytes + maxBytes / 1024 + SYNC_INPUT;
}

/** The bytes decoded, or that there are more than the limit, or that this is nothing to be done on the spot. */
function decodeAtOnce(
  bytes: Uint8Array,
  coding: Coding,
  limit: number,
): Uint8Array | "too large" | "elsewhere" {
  if (bytes.length > SYNC_INPUT) return "elsewhere";
  if (coding === "zstd" && !isOneFrame(bytes)) return "elsewhere";
  // zlib takes no limit of 0.
  const options = { maxOutputLength: Math.max(1, Math.min(limit, SYNC_OUTPUT)) };
  try {
    if (coding === "gzip") return gunzipSync(bytes, options);
    if (coding === "br") return brotliDecompressSync(bytes, options);
    if (coding === "zstd") return zstdDecompressSync(bytes, { ...options, params: ZSTD_LIMITS });
    return isZlib(bytes) ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      return limit <= SYNC_OUTPUT ? "too large" : "elsewhere";
    }
    // The end of gzip is judged by `gunzip`, which knows garbage from damage.
    if (coding === "gzip") return "elsewhere";
    throw undecodable(coding, error);
  }
}

/** "deflate" means zlib (RFC 1950), and half of the servers send bare deflate (RFC 1951): the first bytes tell. */
function isZlib(bytes: Uint8Array): boolean {
  const [method = 0, flags = 0] = bytes;
  return (method & 0x0f) === 8 && method >> 4 <= 7 && ((method << 8) | flags) % 31 === 0;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    all.push(piece);
    size += piece.length;
  }
  return all.length === 1 && all[0] !== undefined ? all[0] : inMemory(size, () => Buffer.concat(all, size));
}

/** Where the pieces of a decoded body come from. */
interface Pieces {
  next(): Promise<IteratorResult<Uint8Array, undefined>>;
  batch(bytes: number, done: readonly Uint8Array[] | undefined): Promise<readonly Uint8Array[] | undefined>;
  /** Frees the source at once, whatever is being waited for. */
  leave(): Promise<void>;
}

/** A body without a coding: its pieces are handed on and counted. Most large bodies are such, so no generator stands between. */
class PlainPieces implements Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #maxBytes: number;
  #size = 0;

  constructor(source: AsyncIterable<Uint8Array>, maxBytes: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return { done: true, value: undefined };
      this.#count(value);
      if (value.length > 0) return { done: false, value };
    }
  }

  async batch(
    bytes: number,
    done: readonly Uint8Array[] | undefined,
  ): Promise<readonly Uint8Array[] | undefined> {
    const batch = await batchOf(this.#source, bytes, done);
    for (const piece of batch ?? []) this.#count(piece);
    return batch;
  }

  async leave(): Promise<void> {
    await this.#source.return?.();
  }

  #count(piece: Uint8Array): void {
    this.#size += piece.length;
    if (this.#size <= this.#maxBytes) return;
    this.leave().catch(() => {});
    throw new BodyTooLargeError(this.#maxBytes);
  }
}

class CodedPieces implements Pieces {
  readonly #source: CodedBytes;
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;

  constructor(source: AsyncIterable<Uint8Array>, codings: readonly Coding[], maxBytes: number) {
    this.#source = new CodedBytes(source);
    this.#pieces = undo(this.#source, codings, maxBytes);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { done, value } = await this.#pieces.next();
    return done === true || value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  batch(bytes: number): Promise<readonly Uint8Array[] | undefined> {
    return batchOf(this.#pieces, bytes);
  }

  async leave(): Promise<void> {
    // First, and not by way of the generator: that one answers only after a `next` that may be waiting forever.
    await this.#source.close();
    await this.#pieces.return();
  }
}

/** A generator that nobody has started does not run its `finally`; this frees the source all the same (P20). */
export class DecodedStream implements BatchedBody {
  readonly #pieces: Pieces;
  /** Undefined when it has been told: it knows the connection, and what came first. */
  #over: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #left = false;
  #ended = false;

  constructor(
    source: AsyncIterable<Uint8Array>,
    codings: readonly Coding[],
    maxBytes: number,
    over: () => void,
  ) {
    this.#pieces =
      codings.length === 0 ? new PlainPieces(source, maxBytes) : new CodedPieces(source, codings, maxBytes);
    this.#over = over;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      if (!this.#left) {
        const piece = await this.#pieces.next();
        if (!this.#left && piece.done !== true) return piece;
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#finish();
    return { done: true, value: undefined };
  }

  async batch(bytes: number, done?: readonly Uint8Array[]): Promise<readonly Uint8Array[] | undefined> {
    try {
      if (!this.#left) {
        const batch = await this.#pieces.batch(bytes, done);
        if (!this.#left && batch !== undefined) return batch;
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#finish();
    return undefined;
  }

  /** Never rejects: what is left has nothing to say any more. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#left = true;
    this.#end();
    try {
      await this.#pieces.leave();
    } catch {
      // A source that cannot be left in peace is left all the same.
    }
    return { done: true, value: undefined };
  }

  /** Ends it here and now: what has come and was not read is not read any more, and reading throws this once. */
  fail(error: unknown): void {
    if (this.#left || this.#ended) return;
    this.#failure = { error };
    void this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #failed(error: unknown): void {
    // What was being read when the reader left ends in the middle, which is no fault of the body's.
    if (this.#left) return;
    this.#end();
    throw error;
  }

  #finish(): void {
    this.#end();
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    throw failure.error;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#over?.();
    this.#over = undefined;
  }
}

async function* undo(
  source: CodedBytes,
  codings: readonly Coding[],
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let pieces: AsyncGenerator<Uint8Array, void, undefined> | undefined;
  for (const [index, coding] of codings.entries()) {
    const coded = pieces === undefined ? source : new CodedBytes(pieces);
    pieces = limited(layer(coded, coding), limitOf(index, codings, maxBytes), maxBytes);
  }
  if (pieces !== undefined) yield* pieces;
}

async function* limited(
  pieces: AsyncIterable<Uint8Array>,
  limit: number,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw new BodyTooLargeError(maxBytes);
    yield piece;
  }
}

async function* layer(source: CodedBytes, coding: Coding): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const start = await source.peek(2);
    if (start.length === 0) return;
    if (coding === "gzip") yield* gunzip(source);
    else if (coding === "zstd") yield* unzstd(source);
    else {
      const decoder =
        coding === "br"
          ? createBrotliDecompress({ chunkSize: PIECE })
          : (isZlib(start) ? createInflate : createInflateRaw)({ chunkSize: PIECE });
      yield* decompress(decoder, coding, () => source.next());
    }
    await source.skip(MOST_GARBAGE);
  } finally {
    await source.close();
  }
}
