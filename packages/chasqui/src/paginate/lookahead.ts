import type { Response } from "../response/response.ts";
import type { PageCall } from "./page-source.ts";

/** Pages that are fetched before they are asked for. What is not asked for in the end is given up. */
export class Lookahead {
  readonly #pages = new Map<string, Promise<Response>>();
  readonly #abort = new AbortController();

  /** Pages that are under way or wait to be taken. */
  get size(): number {
    return this.#pages.size;
  }

  /** Whether this page is on its way. */
  has(call: PageCall): boolean {
    return this.#pages.has(call.question);
  }

  /** Fetches a page, for whoever takes it. */
  fetch(call: PageCall): void {
    const question = call.question;
    if (this.#pages.has(question)) return;
    const page = call.send(this.#abort.signal);
    // It is told when the page is taken; until then it is not an unhandled failure.
    page.catch(() => {});
    this.#pages.set(question, page);
  }

  /** The page, if it is on its way. */
  take(call: PageCall): Promise<Response> | undefined {
    const question = call.question;
    const page = this.#pages.get(question);
    this.#pages.delete(question);
    return page;
  }

  /** Gives up all that is under way. */
  stop(): void {
    this.#pages.clear();
    this.#abort.abort();
  }
}
