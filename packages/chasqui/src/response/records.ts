import type { ChasquiError } from "../errors/chasqui-error.ts";

/** Cuts a body into records as its pieces come. */
export interface Cutter<T> {
  /** Takes the next piece of the body and gives the records that are complete now. */
  push(bytes: Uint8Array): readonly T[];
  /** The body is at its end: the records that it completes. */
  end(): readonly T[];
  /** What is wrong behind the records that were given. They are read first; then this is thrown. */
  readonly failure: ChasquiError | undefined;
}

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * The records of a body, as it comes. Leaving early ends the body.
 *
 * Not an async generator: a record that is there already costs a resolved promise, half of what a `yield` does, and
 * leaving before the first one frees the body, where a generator that never ran does not (P20).
 */
export class Records<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #cutter: Cutter<T>;
  readonly #adopt: (<E>(error: E) => E) | undefined;
  #ready: readonly T[] = [];
  #at = 0;
  #state: "open" | "drained" | "closed" = "open";
  /** Reads that are under way or wait for their turn: one at a time, however many ask. */
  #reads = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param adopt - Tells an error which call it came from. */
  constructor(chunks: AsyncIterable<Uint8Array>, cutter: Cutter<T>, adopt?: <E>(error: E) => E) {
    this.#cutter = cutter;
    this.#adopt = adopt;
    this.#source = chunks[Symbol.asyncIterator]();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#reads === 0) {
      const ready = this.#ready;
      if (this.#at < ready.length) return Promise.resolve({ done: false, value: ready[this.#at++] as T });
    }
    const read = this.#reads++ === 0 ? this.#read() : this.#turn.then(() => this.#read());
    this.#turn = read.catch(nothing);
    return read;
  }

  /** Records that are there, and may be had without waiting. */
  get ready(): number {
    return this.#ready.length - this.#at;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    await this.#close();
    return END;
  }

  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    await this.#close();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #read(): Promise<IteratorResult<T, undefined>> {
    try {
      for (;;) {
        // The index is within the array: what is read there is a record, be it undefined.
        if (this.#at < this.#ready.length) return { done: false, value: this.#ready[this.#at++] as T };
        const { failure } = this.#cutter;
        if (failure !== undefined && this.#state !== "closed") {
          await this.#close();
          throw this.#adopt?.(failure) ?? failure;
        }
        if (this.#state !== "open") return END;
        await this.#fill();
      }
    } finally {
      this.#reads--;
    }
  }

  async #fill(): Promise<void> {
    let result: IteratorResult<Uint8Array>;
    try {
      result = await this.#source.next();
    } catch (error) {
      this.#state = "closed";
      throw error;
    }
    // Closed meanwhile: what came is nobody's.
    if (this.#state === "closed") return;
    this.#at = 0;
    if (result.done !== true) {
      this.#ready = this.#cutter.push(result.value);
      return;
    }
    this.#state = "drained";
    this.#ready = this.#cutter.end();
  }

  async #close(): Promise<void> {
    const open = this.#state === "open";
    this.#state = "closed";
    this.#ready = [];
    if (open) await this.#source.return?.();
  }
}

function nothing(): void {}
