/**
 * Reads, piece by piece, what has yet to come: a response, or a module that reads one. Not a generator: one that nobody
 * has started does not run, and to leave it would leave the response open (P20).
 */
export class LateReader<T, S> implements AsyncIterableIterator<T, undefined> {
  readonly #source: Promise<S>;
  readonly #read: (source: S) => AsyncIterableIterator<T, undefined>;
  readonly #drop: (source: S) => Promise<unknown>;
  readonly #leaving: PromiseWithResolvers<void> = Promise.withResolvers();
  #arriving: Promise<void> | undefined;
  #pieces: AsyncIterator<T, undefined> | undefined;
  #left = false;

  /**
   * @param source - What has yet to come.
   * @param read - Reads it. What it gives is at its end once it has thrown or was left, and its `return` does not reject.
   * @param drop - Lets it go, unread.
   */
  constructor(
    source: Promise<S>,
    read: (source: S) => AsyncIterableIterator<T, undefined>,
    drop: (source: S) => Promise<unknown>,
  ) {
    this.#source = source;
    this.#read = read;
    this.#drop = drop;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // Handed on as it is: a promise of our own around every piece would cost as much as the piece.
    return this.#pieces === undefined || this.#left ? this.#late() : this.#pieces.next();
  }

  /** Never rejects: V8's `Array.fromAsync` calls it after an error, and again without end where it fails too. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#left = true;
    this.#leaving.resolve();
    try {
      if (this.#pieces !== undefined) await this.#pieces.return?.();
      // Nobody waits for what nobody wants: it is let go when it comes.
      else if (this.#arriving === undefined) this.#arrival().catch(() => {});
    } catch {
      // What failed has been told by next(), and is closed.
    }
    return { done: true, value: undefined };
  }

  /** The first piece, and those that are asked for before it is there. */
  async #late(): Promise<IteratorResult<T, undefined>> {
    try {
      if (!this.#left && this.#pieces === undefined) {
        this.#arriving ??= this.#arrival();
        // Who leaves does not wait for a server that is silent.
        await Promise.race([this.#arriving, this.#leaving.promise]);
      }
      if (this.#left || this.#pieces === undefined) return { done: true, value: undefined };
      return await this.#pieces.next();
    } catch (error) {
      // As a generator that has thrown: it is at its end.
      this.#left = true;
      throw error;
    }
  }

  async #arrival(): Promise<void> {
    const source = await this.#source;
    if (this.#left) {
      await this.#drop(source);
      return;
    }
    try {
      this.#pieces = this.#read(source)[Symbol.asyncIterator]();
    } catch (error) {
      // Whoever cannot read it will not: it would hold its connection for good. Not waited for, a source may be silent.
      this.#drop(source).catch(() => {});
      throw error;
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
