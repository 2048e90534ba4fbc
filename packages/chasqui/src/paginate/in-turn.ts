/**
 * An iterator whose results come in the order in which they were asked for, also by who does not wait for one before the next.
 * It is what an async generator would be, which costs each result three promises more.
 */
export abstract class InTurn<T> implements AsyncGenerator<T, void, undefined> {
  /** Turns that are under way, or wait. */
  #turns = 0;
  readonly #waiting: (() => void)[] = [];

  /** Makes the next result, and says `passOn()` at the end, whatever comes of it. */
  protected abstract make(): Promise<IteratorResult<T, undefined>>;

  /** Gives up what is under way. After it there are no results. */
  protected abstract end(): Promise<void>;

  /** Whether nothing is being waited for. */
  protected get isFree(): boolean {
    return this.#turns === 0;
  }

  /** The turn is over: that of who has waited longest begins. */
  protected passOn(): void {
    this.#turns--;
    this.#waiting.shift()?.();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#turns++ === 0) return this.make();
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.make())));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    if (this.#turns++ === 0) return this.#leave();
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#leave())));
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

  async #leave(): Promise<IteratorResult<T, undefined>> {
    try {
      await this.end();
      return { done: true, value: undefined };
    } finally {
      this.passOn();
    }
  }
}
