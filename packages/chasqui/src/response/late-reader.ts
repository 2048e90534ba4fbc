import type { Response } from "./response.ts";

/**
 * Reads, piece by piece, a response that has yet to come. Not a generator: one that nobody has started does not run, and
 * to leave it would leave the response open (P20).
 */
export class LateReader<T> implements AsyncIterableIterator<T, undefined> {
  readonly #response: Promise<Response>;
  readonly #read: (response: Response) => AsyncIterable<T>;
  #pieces: Promise<AsyncIterator<T>> | undefined;
  #left = false;

  constructor(response: Promise<Response>, read: (response: Response) => AsyncIterable<T>) {
    this.#response = response;
    this.#read = read;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#left) return { done: true, value: undefined };
    this.#pieces ??= this.#response.then((response) => this.#read(response)[Symbol.asyncIterator]());
    try {
      const { done, value } = await (await this.#pieces).next();
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
    try {
      if (this.#pieces !== undefined) await (await this.#pieces).return?.();
      // Nobody waits for a response that nobody wants: it is closed when it comes.
      else void this.#response.then((response) => response.close()).catch(() => {});
    } catch {
      // What failed has been told by next(), and is closed.
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
