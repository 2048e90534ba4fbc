/** Above this number starts that lie close together are kept as one. */
const MOST = 256;

/**
 * How many were started within the last window of time, so that there are never more than `limit` in any of them, wherever it
 * begins. No server of that limit refuses who keeps to this, whether it counts in fixed windows, in sliding ones or by tokens.
 */
export class WindowLog {
  readonly limit: number;
  /** Milliseconds. */
  readonly window: number;
  /** First start, last start and number of each entry, from `#head` on, in the order of time. */
  readonly #entries: { readonly first: number; last: number; count: number }[] = [];
  #head = 0;
  #count = 0;

  constructor(limit: number, window: number) {
    this.limit = limit;
    this.window = window;
  }

  /** How many may start now. */
  remaining(now: number): number {
    this.#forget(now);
    return this.limit - this.#count;
  }

  /** In how many milliseconds one that is counted is not counted any more; 0 where there is none. */
  next(now: number): number {
    this.#forget(now);
    const oldest = this.#entries[this.#head];
    return oldest === undefined ? 0 : oldest.last + this.window - now;
  }

  add(now: number, count: number = 1): void {
    this.#count += count;
    const last = this.#entries.at(-1);
    const grain = this.limit > MOST ? this.window / MOST : 0;
    if (last !== undefined && this.#entries.length > this.#head && now - last.first < grain) {
      last.count += count;
      // Later than it was for the first ones of them: too few are started rather than too many.
      last.last = now;
    } else this.#entries.push({ first: now, last: now, count });
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#entries[this.#head];
      if (oldest === undefined || oldest.last + this.window > now) break;
      this.#count -= oldest.count;
      this.#head++;
    }
    if (this.#head > MOST) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
