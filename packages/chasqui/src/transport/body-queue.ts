/** What a queue asks of the connection that fills it. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** The reader left: nothing more is wanted. */
  cancel(): void;
}

/** Bytes that may wait for the reader before the connection is paused. */
const HIGH_WATER = 256 * 1024;

/** Pieces of a body between the connection that brings them and the one reader that takes them, with backpressure. */
export class BodyQueue implements AsyncIterableIterator<Uint8Array> {
  readonly #flow: Flow;
  #waiting: Uint8Array[] = [];
  #size = 0;
  #paused = false;
  #end: { readonly error: unknown } | "open" | "ended" = "open";
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** Whether the connection was told to wait for the reader: its silence is then no fault of the server's. */
  get paused(): boolean {
    return this.#paused;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== "open") return;
    if (this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#waiting.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= HIGH_WATER && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
  }

  end(): void {
    if (this.#end !== "open") return;
    this.#end = "ended";
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  fail(error: unknown): void {
    if (this.#end !== "open") return;
    this.#end = { error };
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) {
      this.#size -= chunk.length;
      if (this.#paused && this.#size < HIGH_WATER / 2) {
        this.#paused = false;
        this.#flow.resume();
      }
      return { done: false, value: chunk };
    }
    if (this.#end === "ended") return { done: true, value: undefined };
    if (this.#end !== "open") throw this.#end.error;
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    const wasOpen = this.#end === "open";
    this.#end = "ended";
    this.#waiting = [];
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
    if (wasOpen) this.#flow.cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
