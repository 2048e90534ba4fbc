import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Page } from "./options.ts";
import { RowIterator } from "./row-iterator.ts";

/** What a loop begins with: gives the pages one after the other. It throws where an option is bad. */
export type StartWalk<T> = () => Promise<{ next(): Promise<Page<T> | undefined> }>;

/**
 * A walk over the pages of an API, to its end: loop over the rows, or over the `pages()`, or take `all()` of them.
 *
 * It ends where the server says that there is no more: an empty page, no cursor, no next URL, the total reached. Anything
 * else that stops it is an error, never a silent end. A page that fails is the error of its call (`HttpError`, `TimeoutError`
 * …), with the number of the page in its message.
 *
 * Nothing is sent until it is looped over. Each loop is a walk of its own, from the first page; several may run at once.
 * Leaving a loop early asks for no further page.
 *
 * @throws {PaginationError} (from the loop) when there are more than `maxPages`, when a page, cursor or URL comes twice, when
 * rows cannot be found, when the first page shows neither a way on nor an end, when the pages end before the total that the
 * server gives, or when a next URL may not be followed.
 * @throws {OptionsError} (from the loop) when an option is bad.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010" });
 * const posts = client.paginate<{ id: number }>("/posts", { params: { _page: 1, _limit: 10 } });
 * for await (const post of posts) if (post.id === 3) break;
 * console.log((await posts.all()).length); // 100
 * ```
 */
export class Paginator<T> implements AsyncIterable<T> {
  readonly #start: StartWalk<T>;

  constructor(start: StartWalk<T>) {
    this.#start = start;
  }

  /** The rows, one by one. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new RowIterator(this.pages());
  }

  /**
   * The pages that have rows.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * for await (const page of client.paginate("/paging/page/users", { by: "page", params: { per_page: 5 } }).pages()) {
   *   console.log(page.number, page.rows.length, page.response.status); // 1 5 200, 2 5 200
   * }
   * ```
   */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    const pages = await this.#start();
    for (;;) {
      const page = await pages.next();
      if (page === undefined) return;
      if (page.rows.length > 0) yield page;
    }
  }

  /**
   * All rows, in one list.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * console.log((await client.paginate("/paging/link/comments").all()).length); // 500
   * ```
   */
  async all(): Promise<T[]> {
    return this.take(Number.POSITIVE_INFINITY);
  }

  /**
   * The first `count` rows, or as many as there are. Pages beyond them are not asked for.
   *
   * @param count a whole number from 0, or Infinity
   * @throws {OptionsError} when it is none.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * console.log((await client.paginate("/paging/offset/posts", { by: "offset" }).take(15)).length); // 15, of two pages
   * ```
   */
  async take(count: number): Promise<T[]> {
    if (count !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(count) && count >= 0)) {
      throw new OptionsError(
        `take() was given ${kindOf(count)}; it takes a whole number from 0, or Infinity`,
        {
          option: "take",
        },
      );
    }
    const rows: T[] = [];
    if (count === 0) return rows;
    for await (const page of this.pages()) {
      for (const row of page.rows) {
        rows.push(row);
        if (rows.length === count) return rows;
      }
    }
    return rows;
  }

  /**
   * The first row; undefined where there is none. No page beyond the one that has it is asked for.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * console.log((await client.paginate<{ id: number }>("/paging/link/posts").first())?.id); // 1
   * ```
   */
  async first(): Promise<T | undefined> {
    const [row] = await this.take(1);
    return row;
  }
}
