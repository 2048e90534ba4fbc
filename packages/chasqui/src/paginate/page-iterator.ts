import { printAs } from "../printing.ts";
import { InTurn } from "./in-turn.ts";
import type { Page } from "./options.ts";
import type { Pages } from "./pages.ts";

/** The pages of a walk for a loop. */
export class PageIterator<T> extends InTurn<Page<T>> {
  static {
    printAs(PageIterator, () => "The pages of a walk (read them with for await)");
  }

  readonly #pages: Pages<T>;

  constructor(pages: Pages<T>) {
    super();
    this.#pages = pages;
  }

  protected async make(): Promise<IteratorResult<Page<T>, undefined>> {
    try {
      const value = await this.#pages.next();
      return value === undefined ? { done: true, value } : { done: false, value };
    } finally {
      this.passOn();
    }
  }

  protected end(): Promise<void> {
    return this.#pages.end();
  }
}
