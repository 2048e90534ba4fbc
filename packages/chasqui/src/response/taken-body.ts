import { type BatchedBody, batchOf } from "./batched-body.ts";

/**
 * The one reader of a streamed body. Not a generator: one that nobody has started does not run its `finally`, and one
 * that waits for a silent server cannot be left (P20).
 */
export class TakenBody implements BatchedBody {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #over: () => void;
  readonly #adopt: (error: unknown) => unknown;
  #failed = false;

  /**
   * @param chunks - The body.
   * @param over - Told when nothing more will be read; perhaps more than once.
   * @param adopt - Given what reading throws, gives what is thrown on.
   */
  constructor(chunks: AsyncIterator<Uint8Array>, over: () => void, adopt: (error: unknown) => unknown) {
    this.#chunks = chunks;
    this.#over = over;
    this.#adopt = adopt;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    // As a generator that has thrown: it is at its end.
    if (this.#failed) return { done: true, value: undefined };
    try {
      const { done, value } = await this.#chunks.next();
      if (done !== true) return { done: false, value };
      this.#over();
      return { done: true, value: undefined };
    } catch (error) {
      this.#failed = true;
      this.#over();
      throw this.#adopt(error);
    }
  }

  async batch(bytes: number, done?: readonly Uint8Array[]): Promise<readonly Uint8Array[] | undefined> {
    try {
      const batch = await batchOf(this.#chunks, bytes, done);
      if (batch === undefined) this.#over();
      return batch;
    } catch (error) {
      this.#failed = true;
      this.#over();
      throw this.#adopt(error);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#over();
    try {
      await this.#chunks.return?.();
    } catch {
      // It is left either way, and V8's `Array.fromAsync` would call this without end if it rejected.
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A web stream over pieces, which are opened when it is first read or left. */
export function webStream(open: () => AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= open();
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        chunks ??= open();
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A body that is there, in one piece; an empty one in none. */
export async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined, undefined> {
  if (bytes.length > 0) yield bytes;
}
