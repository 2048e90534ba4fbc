/**
 * Where bytes that are sent come from: memory, a Blob, a stream, or a function that makes one. A body and a part of a
 * multipart body are made of the same, by the same rules.
 *
 * @module
 */
import { utf8Length } from "#platform";
import { ConsumedBodyError } from "../errors/consumed-body-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { piecesOf } from "./file-pieces.ts";
import { kindOf } from "./kind-of.ts";

/** Bytes that come by and by. Strings in it are sent as UTF-8. A Node `Readable` is one. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

/** What bytes can be made of. A function is asked for each sending, so that it can be repeated. */
export type ByteInit =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | ByteStream
  | (() => ByteStream | Blob | Uint8Array | string | Promise<ByteStream | Blob | Uint8Array | string>);

/** Bytes to be sent. */
export interface ByteSource {
  /** How many there are; undefined where nobody knows yet. */
  readonly length: number | undefined;
  /** Whether they can be had again. */
  readonly replayable: boolean;
  /** All of them, where they are in memory. */
  readonly content: string | Uint8Array | undefined;
  /** What a Blob says that it is. */
  readonly type: string | undefined;
  /** All of them as one Blob, where that needs no reading: what the runtime's own Fetch sends with its length. */
  asBlob?(): Blob | undefined;
  /**
   * @param taken - Whether all that was given so far is out of its reader's hands, so that its memory may be filled anew. Where
   *   there is none, each piece has memory of its own.
   * @throws ConsumedBodyError where they were had before and cannot be had again.
   */
  open(taken?: () => boolean): AsyncIterable<Uint8Array>;
}

const encoder = new TextEncoder();

/**
 * Makes a source of a value.
 *
 * @param value - What was given.
 * @param option - The option that it was given in, for messages.
 * @returns undefined where it is nothing that bytes can be made of.
 * @throws ConsumedBodyError where it is a stream that was read before.
 */
export function byteSource(value: unknown, option: string): ByteSource | undefined {
  if (typeof value === "string") return new MemorySource(value);
  if (isMaker(value)) return new MadeSource(value, option);
  if (typeof value !== "object" || value === null) return undefined;
  const bytes = bytesOf(value);
  if (bytes !== undefined) return new MemorySource(bytes);
  if (isBlob(value)) return new BlobSource(value);
  return isStream(value) ? new StreamSource(value, option) : undefined;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  // One of another realm, such as a test runner's.
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]"
    ? new Uint8Array(Object(value))
    : undefined;
}

/**
 * Whether a value is a Blob or File, of this realm or another.
 *
 * @param value - Anything.
 */
export function isBlob(value: unknown): value is Blob {
  if (typeof value !== "object" || value === null) return false;
  const tag = Object.prototype.toString.call(value);
  return (tag === "[object Blob]" || tag === "[object File]") && "stream" in value && "size" in value;
}

function isStream(value: object): value is ByteStream {
  return hasMethod(value, Symbol.asyncIterator) || hasMethod(value, "getReader");
}

function isMaker(value: unknown): value is () => unknown {
  return typeof value === "function";
}

function isIterable(stream: ByteStream): stream is AsyncIterable<Uint8Array | string> {
  return hasMethod(stream, Symbol.asyncIterator);
}

function hasMethod(value: object, name: string | symbol): boolean {
  return name in value && typeof Reflect.get(value, name) === "function";
}

/** What is in memory. A string stays one: Node's own way to encode it, into memory that small bodies share, is left to the transport. */
class MemorySource implements ByteSource {
  readonly replayable = true;
  readonly type = undefined;
  readonly #content: string | Uint8Array;
  #length: number | undefined;

  constructor(content: string | Uint8Array) {
    this.#content = content;
  }

  get content(): string | Uint8Array {
    return this.#content;
  }

  get length(): number {
    this.#length ??= typeof this.#content === "string" ? utf8Length(this.#content) : this.#content.byteLength;
    return this.#length;
  }

  async *open(): AsyncGenerator<Uint8Array> {
    const bytes = typeof this.#content === "string" ? encoder.encode(this.#content) : this.#content;
    if (bytes.byteLength > 0) yield bytes;
  }
}

/** A Blob, perhaps on disk. It is read when it is sent and can be read again; a slice of one is its own length (#41). */
class BlobSource implements ByteSource {
  readonly replayable = true;
  readonly content = undefined;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  get length(): number {
    return this.#blob.size;
  }

  get type(): string | undefined {
    return this.#blob.type === "" ? undefined : this.#blob.type;
  }

  /** Without its type: that is a header, and the caller's to decide. */
  asBlob(): Blob {
    return this.#blob.slice();
  }

  open(taken?: () => boolean): AsyncIterable<Uint8Array> {
    const open = piecesOf(this.#blob);
    return open === undefined ? chunksOf(this.#blob.stream(), "body") : open(taken);
  }
}

/** Streams that were opened. One that was read gives nothing the second time, and would be sent as an empty body (#42). */
const opened = new WeakSet<object>();

/** A stream that can be read once, from where it stands (#41). */
class StreamSource implements ByteSource {
  readonly length = undefined;
  readonly replayable = false;
  readonly content = undefined;
  readonly type = undefined;
  readonly #stream: ByteStream;
  readonly #option: string;
  #open = false;

  constructor(stream: ByteStream, option: string) {
    this.#stream = stream;
    this.#option = option;
    if (isSpent(stream)) consumed(option);
    // A Node stream that fails while nobody listens, as one of a file that does not exist while the call still waits
    // in a queue, ends the process. The error is not lost: whoever iterates the stream afterwards is thrown it.
    if (hasMethod(stream, "on")) Reflect.apply(Reflect.get(stream, "on"), stream, ["error", () => {}]);
  }

  open(): AsyncIterable<Uint8Array> {
    if (this.#open || isSpent(this.#stream)) consumed(this.#option);
    this.#open = true;
    return chunksOf(this.#stream, this.#option);
  }
}

/** What a function makes, made anew at each sending. */
class MadeSource implements ByteSource {
  readonly length = undefined;
  readonly replayable = true;
  readonly content = undefined;
  readonly type = undefined;
  readonly #make: () => unknown;
  readonly #option: string;

  constructor(make: () => unknown, option: string) {
    this.#make = make;
    this.#option = option;
  }

  async *open(taken?: () => boolean): AsyncGenerator<Uint8Array> {
    const made: unknown = await this.#make();
    const source = typeof made === "function" ? undefined : byteSource(made, this.#option);
    if (source === undefined) {
      throw new OptionsError(
        `${this.#option}: the function must make a stream, Blob, bytes or string, not ${kindOf(made)}`,
        {
          option: this.#option,
        },
      );
    }
    yield* source.open(taken);
  }
}

function consumed(option: string): never {
  throw new ConsumedBodyError(`${option}: the stream was read before, and it can be read once`, {
    hint: `give ${option} as a function that makes a new stream, and it can be sent again`,
  });
}

function isSpent(stream: ByteStream): boolean {
  if (opened.has(stream)) return true;
  const flag = (name: string): unknown => (name in stream ? Reflect.get(stream, name) : undefined);
  if (flag("locked") === true || flag("readableEnded") === true) return true;
  // A stream that failed is destroyed too, and then its own error is the one to be told.
  return flag("destroyed") === true && !flag("errored");
}

async function* chunksOf(stream: ByteStream, option: string): AsyncGenerator<Uint8Array> {
  const itself: object = stream;
  const iterable: AsyncIterable<unknown> = isIterable(stream) ? stream : readerOf(stream);
  const iterator = iterable[Symbol.asyncIterator]();
  // An object that makes an iterator each time can be used for another call; a stream or a generator cannot.
  if (iterator === itself || hasMethod(stream, "getReader") || hasMethod(stream, "pipe")) opened.add(stream);
  for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : bytesOf(chunk);
    if (bytes === undefined) {
      throw new OptionsError(`${option}: a stream's chunks must be bytes or strings, not ${kindOf(chunk)}`, {
        option,
      });
    }
    // An empty chunk would end a chunked body (RFC 9112 §7.1).
    if (bytes.byteLength > 0) yield bytes;
  }
}

/** For the browsers whose ReadableStream cannot be iterated. */
async function* readerOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}
