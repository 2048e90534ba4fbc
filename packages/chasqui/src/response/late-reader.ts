import type { Response } from "./response.ts";

/**
 * Reads, piece by piece, a response that has yet to come. Not a generator: one that nobody has started does not run, and
 * to leave it would leave the response open (P20).
 */
export class LateReader<T> implements AsyncIterableIterator<T, undefined> {
  readonly #response: Promise<Response>;
  readonly #read: (response: Response) => AsyncIterable<T>;
  readonly #leaving: PromiseWithResolvers<void> = Promise.withResolvers();
  #arriving: Promise<void> | undefined;
  #pieces: AsyncIterator<T> | undefined;
  #left = false;

  constructor(response: Promise<Response>, read: (response: Response) => AsyncIterable<T>) {
    this.#response = response;
    this.#read = read;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      if (!this.#left && this.#pieces === undefined) {
        this.#arriving ??= this.#arrival();
        // Who leaves does not wait for a server that is silent.
        await Promise.race([this.#arriving, this.#leaving.promise]);
      }
      if (this.#left || this.#pieces === undefined) return { done: true, value: undefined };
      const { done, value } = await this.#pieces.next();
      return done === true ? { done, value: undefined } : { done: false, value };
    } catch (error) {
      // As a generator that has thrown: it is at its end.
      this.#left = true;
      throw error;
    }
  }

  /** Never rejects: V8's `Array.fromAsync` calls it after an error, and again without end where it fails too. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#left = true;
    this.#leaving.resolve();
    try {
      if (this.#pieces !== undefined) await this.#pieces.return?.();
      // Nobody waits for a response that nobody wants: it is closed when it comes.
      else if (this.#arriving === undefined) this.#arrival().catch(() => {});
    } catch {
      // What failed has been told by next(), and is closed.
    }
    return { done: true, value: undefined };
  }

  async #arrival(): Promise<void> {
    const response = await this.#response;
    if (this.#left) await response.close();
    else this.#pieces = this.#read(response)[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
