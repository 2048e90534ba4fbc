import type { BatchedBody } from "../response/batched-body.ts";
import { HeldMemory } from "./held-memory.ts";
import { readMemory } from "./read-memory.ts";

/** What a queue asks of the connection that fills it. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** The reader left: nothing more is wanted. */
  cancel(): void;
}

/** Bytes that may wait for the reader before the connection is paused. */
const HIGH_WATER = 512 * 1024;
/** Pieces that wait as they came. More are put together: an object for each takes a hundred times of a byte (S14). */
const MANY = 4096;

/**
 * Pieces of a body between the connection that brings them and the one reader that takes them, with backpressure.
 *
 * What has come while the reader was busy is one piece. To copy it costs less than to hand on piece by piece what the socket
 * gave, where that is 64 KiB at most, as over TLS: `pipeline()` waits for each to be written, which is two changes of threads. A
 * body of 1 GB that is piped into a file so changes threads 6 times a MiB instead of 36, and takes five sixths of the CPU.
 */
export class BodyQueue implements BatchedBody {
  /** Undefined when nothing more comes. */
  #flow: Flow | undefined;
  #held = new HeldMemory();
  #waiting: Uint8Array[] = [];
  #size = 0;
  #highWater = HIGH_WATER;
  #paused = false;
  #end: { readonly error: unknown } | "open" | "ended" = "open";
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;
  /** Of batches. What another body gave, before a save went on with this one, is not this one's to take back: who has it is not known. */
  readonly #given: WeakSet<Uint8Array> = new WeakSet();
  #gatherer: { readonly bytes: number; readonly enough: () => void } | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** Whether the connection was told to wait for the reader: its silence is then no fault of the server's. */
  get paused(): boolean {
    return this.#paused;
  }

  push(piece: Uint8Array): void {
    if (this.#end !== "open") return;
    // It may lie here for long, and the reader may keep it for longer.
    const chunk = this.#held.kept(piece);
    if (this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    // Without the new one: whoever brings it looks at it until this returns, and what is put together gives its memory back.
    if (this.#waiting.length >= MANY) this.#waiting = [together(this.#waiting, this.#size)];
    this.#waiting.push(chunk);
    this.#size += chunk.length;
    if (this.#gatherer !== undefined && this.#size >= this.#gatherer.bytes) this.#gathered();
    if (this.#size >= this.#highWater && !this.#paused) {
      this.#paused = true;
      this.#flow?.pause();
    }
  }

  end(): void {
    if (this.#end !== "open") return;
    this.#end = "ended";
    this.#reader?.resolve({ done: true, value: undefined });
    this.#over();
  }

  fail(error: unknown): void {
    if (this.#end !== "open") return;
    this.#end = { error };
    this.#reader?.reject(error);
    this.#over();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const waiting = this.#waiting;
    const [first] = waiting;
    if (first !== undefined) {
      const value = waiting.length === 1 ? first : together(waiting, this.#size);
      this.#waiting = [];
      this.#size = 0;
      this.#resumeBelow(this.#highWater);
      return { done: false, value };
    }
    if (this.#end === "ended") return { done: true, value: undefined };
    if (this.#end !== "open") throw this.#end.error;
    if (this.#reader !== undefined) {
      // Who asks again before the answer gets the piece behind it.
      await this.#reader.promise;
      return this.next();
    }
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  async batch(bytes: number, done?: readonly Uint8Array[]): Promise<readonly Uint8Array[] | undefined> {
    for (const piece of done ?? []) if (this.#given.delete(piece)) readMemory.takeBack(piece);
    // As much again may come while this is being written.
    this.#highWater = Math.max(HIGH_WATER, 2 * bytes);
    if (this.#size < bytes && this.#end === "open") {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#gatherer = { bytes, enough: resolve };
      // After it is said what is waited for: the connection may bring all the rest before this returns.
      this.#resumeBelow(bytes);
      await promise;
    }
    const batch = this.#waiting;
    if (batch.length > 0) {
      this.#waiting = [];
      this.#size = 0;
      this.#resumeBelow(bytes);
      for (const piece of batch) this.#given.add(piece);
      return batch;
    }
    if (this.#end !== "ended" && this.#end !== "open") throw this.#end.error;
    return undefined;
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const flow = this.#flow;
    this.#end = "ended";
    this.#waiting = [];
    this.#reader?.resolve({ done: true, value: undefined });
    this.#over();
    flow?.cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Nothing more comes: who keeps the response keeps neither what its body came in nor its connection. */
  #over(): void {
    this.#reader = undefined;
    this.#held = new HeldMemory();
    this.#flow = undefined;
    this.#gathered();
  }

  #gathered(): void {
    this.#gatherer?.enough();
    this.#gatherer = undefined;
  }

  #resumeBelow(bytes: number): void {
    if (!this.#paused || this.#size >= bytes) return;
    this.#paused = false;
    this.#flow?.resume();
  }
}

/** Not by `joined`, which fills what it makes with zeros before, nor by `Buffer.concat`, which may take memory that others are in. */
function together(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const all = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
    readMemory.takeBack(piece);
  }
  return all;
}
