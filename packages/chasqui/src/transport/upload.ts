import type { AsyncResource } from "node:async_hooks";
import type { Body } from "../request/body.ts";
import type { Connection } from "./connection.ts";

/** Bytes of an upload over HTTP/2 that are handed over at a time. */
const PIECE = 32 * 1024;

/**
 * Node counts what a session of HTTP/2 has yet to write, and beyond 10 MB it refuses streams, those among them whose response
 * has just begun: a few large uploads side by side would end each other. In pieces they are written as the server takes them.
 */
export function inPieces(content: string | Uint8Array): Uint8Array | BodyPieces {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return bytes.length <= PIECE ? bytes : new BodyPieces(bytes);
}

/** A body that is in memory and goes out in pieces. */
export class BodyPieces implements AsyncIterable<Uint8Array> {
  readonly #bytes: Uint8Array;
  #taken = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all of it was given to the connection, which has asked for more since. */
  get ended(): boolean {
    return this.#taken >= this.#bytes.length;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    while (!this.ended) {
      yield this.#bytes.subarray(this.#taken, this.#taken + PIECE);
      this.#taken += PIECE;
    }
  }
}

/** A body that is opened when it is written, so that one that can be read once is whole if the connection never came. */
export class Upload implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #body: Body;
  readonly #caller: AsyncResource | undefined;
  readonly #taken: () => boolean;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #left = false;

  /** @param taken - Whether the connection has written all that it was given. */
  constructor(body: Body, caller: AsyncResource | undefined, taken: () => boolean) {
    this.#body = body;
    this.#caller = caller;
    this.#taken = taken;
  }

  /** Whether all of it was given to the connection, or no more of it will be. */
  get ended(): boolean {
    return this.#left;
  }

  [Symbol.asyncIterator](): this {
    this.#chunks = this.#body.open(this.#taken)[Symbol.asyncIterator]();
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunks = this.#chunks;
    if (this.#left || chunks === undefined) return { done: true, value: undefined };
    const next = this.#caller?.runInAsyncScope(() => chunks.next()) ?? chunks.next();
    const { done, value } = await next;
    if (done !== true) return { done: false, value };
    this.#left = true;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#left) {
      this.#left = true;
      await this.#chunks?.return?.();
    }
    return { done: true, value: undefined };
  }

  /** The exchange is over: over HTTP/2 undici would wait for a stream that has ended, and never let go of the body. */
  leave(): void {
    // Whatever closing it throws has nobody to go to any more.
    this.return().catch(() => {});
  }
}

/**
 * What a call that ran out of time before the headers came has waited for, where that was its own body.
 *
 * @param pieces - What the body goes out in; undefined where it went out with its head.
 */
export function hintWhileSending(
  connection: Connection,
  pieces: Upload | BodyPieces | undefined,
): string | undefined {
  const isOut = pieces?.ended ?? true;
  if (connection.multiplexed) return isOut ? undefined : "The request body was still being sent.";
  if (!connection.hasWritten) {
    return "The request body was still being sent: the server, or what is on the way to it, had not taken all of it.";
  }
  return isOut
    ? undefined
    : "The request body was still being sent: what it is read from had not given all of it.";
}
