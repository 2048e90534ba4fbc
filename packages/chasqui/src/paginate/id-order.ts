/** Whether the numbers by which rows are known rise, or fall, from page to page of one walk. */
export class IdOrder {
  /** 1 up, -1 down, 0 not known yet; undefined where pages have not all gone on in one direction. */
  #direction: number | undefined = 0;
  #last: number | undefined;

  /** The last number of the page before; undefined before the second page. */
  get last(): number | undefined {
    return this.#last;
  }

  /** From here on nothing is said to go on: what came before is not known. */
  forget(): void {
    this.#direction = undefined;
  }

  /**
   * Whether a page goes on where the one before has stopped, in the direction of all pages so far.
   *
   * @param first - The number of its first row, and of its last.
   */
  goesOn(first: unknown, last: unknown): boolean {
    const [before, direction] = [this.#last, this.#direction];
    this.#direction = undefined;
    if (direction === undefined || typeof first !== "number" || typeof last !== "number") return false;
    const within = Math.sign(last - first);
    const between = before === undefined ? 0 : Math.sign(first - before);
    const onward = direction || between || within;
    if (before !== undefined && (between === 0 || between !== onward)) return false;
    if (within !== 0 && within !== onward) return false;
    this.#last = last;
    this.#direction = onward;
    return true;
  }
}
