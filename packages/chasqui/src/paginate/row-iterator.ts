import { printAs } from "../printing.ts";
import { InTurn } from "./in-turn.ts";
import type { Pages } from "./pages.ts";

const NONE: readonly never[] = [];

/** The rows of pages, one by one. Those of a page that is there cost a promise each, and nothing besides. */
export class RowIterator<T> extends InTurn<T> {
  static {
    printAs(RowIterator, () => "The rows of a walk (read them with for await)");
  }

  readonly #pages: Pages<T>;
  #rows: readonly T[] = NONE;
  /** The next of the rows, and how many of them may be had without waiting. */
  #at = 0;
  #end = 0;
  #leftWithin = false;

  constructor(pages: Pages<T>) {
    super();
    this.#pages = pages;
  }

  override next(): Promise<IteratorResult<T, undefined>> {
    const at = this.#at;
    if (at >= this.#end || !this.isFree) return super.next();
    this.#at = at + 1;
    // The index is within the list, and what stands there may itself be undefined.
    return Promise.resolve({ done: false, value: this.#rows[at] as T });
  }

  /** Whether the page that was begun last has rows that have not been given. */
  get isWithin(): boolean {
    return this.#leftWithin || this.#at < this.#end;
  }

  protected async make(): Promise<IteratorResult<T, undefined>> {
    try {
      if (this.#at >= this.#end) {
        // While the next page comes, the memory of this one can be had for it.
        this.#rows = NONE;
        const page = await this.#pages.next();
        if (page === undefined) return { done: true, value: undefined };
        this.#rows = page.rows;
        this.#at = 0;
        this.#end = page.rows.length;
      }
      return { done: false, value: this.#rows[this.#at++] as T };
    } finally {
      this.passOn();
    }
  }

  /** Rows that were asked for before it come first: none that a checkpoint takes for given is thrown away. */
  protected async end(): Promise<void> {
    this.#leftWithin = this.isWithin;
    this.#end = 0;
    await this.#pages.end();
  }
}
