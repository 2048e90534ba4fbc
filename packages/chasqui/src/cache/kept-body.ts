import { joined } from "../joined.ts";
import type { BatchedBody } from "../response/batched-body.ts";
import { batchOf } from "../response/batched-body.ts";

/** What becomes of a body that is kept while it is read. */
export interface Keeping {
  /** The most bytes that are kept; of a longer body none are. */
  readonly limit: number;
  /** Given the whole body, when it has been read to its end. */
  whole(bytes: Uint8Array): Promise<void>;
  /** Told, once, when nothing more will come, after `whole` or instead of it. */
  over(): void;
}

/** A streamed body that is kept as it is read. One that breaks off, or is left, is not. */
export class KeptBody implements BatchedBody {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #keeping: Keeping;
  #kept: Uint8Array[] | undefined = [];
  #size = 0;
  #ended = false;

  constructor(pieces: AsyncIterator<Uint8Array>, keeping: Keeping) {
    this.#pieces = pieces;
    this.#keeping = keeping;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const { done, value } = await this.#pieces.next();
      if (done === true) {
        await this.#end();
        return { done: true, value: undefined };
      }
      this.#keep(value);
      return { done: false, value };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  async batch(bytes: number, done?: readonly Uint8Array[]): Promise<readonly Uint8Array[] | undefined> {
    try {
      const batch = await batchOf(this.#pieces, bytes, done);
      if (batch === undefined) await this.#end();
      for (const piece of batch ?? []) this.#keep(piece);
      return batch;
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#leave();
    await this.#pieces.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #keep(piece: Uint8Array): void {
    if (this.#kept === undefined) return;
    this.#size += piece.length;
    if (this.#size > this.#keeping.limit) this.#kept = undefined;
    // A copy: the reader may write to its own, and a piece may be a small part of a large buffer.
    else this.#kept.push(new Uint8Array(piece));
  }

  async #end(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept !== undefined && !this.#ended) await this.#keeping.whole(joined(kept, this.#size));
    this.#leave();
  }

  #leave(): void {
    this.#kept = undefined;
    if (this.#ended) return;
    this.#ended = true;
    this.#keeping.over();
  }
}
