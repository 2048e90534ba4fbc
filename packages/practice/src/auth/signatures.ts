/** The nonces of requests that were signed, for as long as their signatures are good. */
export class Signatures {
  readonly #seen = new Map<string, number>();

  /**
   * Whether a nonce comes for the first time; from then on it is remembered.
   *
   * @param until when it may be forgotten, and `now`, both in seconds
   */
  isNew(nonce: string, until: number, now: number): boolean {
    for (const [old, end] of this.#seen) {
      // They were remembered in the order of their ends.
      if (end > now) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(nonce)) return false;
    this.#seen.set(nonce, until);
    return true;
  }

  forget(): void {
    this.#seen.clear();
  }
}
