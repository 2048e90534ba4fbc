/**
 * An iterator whose results come in the order in which they were asked for, also by who does not wait for one before the next.
 * It is what an async generator would be, which costs each result three promises more.
 */
export abstract class InTurn<T> implements AsyncGenerator<T, void, undefined> {
  #last: Promise<unknown> = Promise.resolve();
  #under = 0;

  /** Makes the next result, and says `passOn()` at the end, whatever comes of it. */
  protected abstract make(): Promise<IteratorResult<T, undefined>>;

  /** Gives up what is under way, and says `passOn()` at the end. After it there are no results. */
  protected abstract leave(): Promise<IteratorResult<T, undefined>>;

  /** Whether nothing is being waited for. */
  protected get isFree(): boolean {
    return this.#under === 0;
  }

  protected passOn(): void {
    this.#under--;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#under++ === 0) return this.#begun(this.make());
    const make = (): Promise<IteratorResult<T, undefined>> => this.make();
    return this.#begun(this.#last.then(make, make));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    if (this.#under++ === 0) return this.#begun(this.leave());
    const leave = (): Promise<IteratorResult<T, undefined>> => this.leave();
    return this.#begun(this.#last.then(leave, leave));
  }

  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    await this.return();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #begun<R>(turn: Promise<R>): Promise<R> {
    this.#last = turn;
    return turn;
  }
}
