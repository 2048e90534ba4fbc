import { tellPartial } from "../errors/chasqui-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { keepPartial } from "../errors/pagination-error.ts";
import { printAs } from "../printing.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Explanation } from "./explanation.ts";
import type { Page, PageSpec, PaginateOptions } from "./options.ts";
import { PageIterator } from "./page-iterator.ts";
import { type AnyWalk, Pages, type StartWalk } from "./pages.ts";
import { RowIterator } from "./row-iterator.ts";

/** What a walk goes by, as options that can be written as JSON. */
export type WalkSpec = Pick<PaginateOptions, "by" | "rows"> & { readonly by: PageSpec };

const NOTHING_KNOWN: Explanation = {
  style: undefined,
  by: undefined,
  reason: "no page has been read",
  confidence: "unknown",
  rows: undefined,
  ended: false,
  pages: 0,
  rowsRead: 0,
  duplicates: 0,
  total: undefined,
  probes: [],
};

/**
 * A walk over the pages of an API, to its end: loop over the rows, or over the `pages()`, or take `all()` of them.
 *
 * It ends where the server says that there is no more: an empty page, no cursor, no next URL, the total reached. Anything
 * else that stops it is an error, never a silent end; `explain()` says how sure that is. A page that fails is the error of its call (`HttpError`, `TimeoutError`
 * …), with the number of the page in its message.
 *
 * Nothing is sent until it is looped over. Each loop is a walk of its own, from the first page; several may run at once.
 * Leaving a loop early asks for no further page.
 *
 * @throws {PaginationError} (from the loop) when there are more than `maxPages`, when a page, cursor or URL comes twice, when
 * rows cannot be found, when the first page shows neither a way on nor an end, when the pages end before the total that the
 * server gives, when rows come twice, when an answer says that it failed, or when a next URL may not be followed.
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
  /** The walk that was begun last. */
  #walk: AnyWalk<T> | undefined;
  /** Whether it was left, or stands, within a page. */
  #isWithin: () => boolean = () => false;

  static {
    // What `console.log` prints: how far the walk that was begun last has come.
    printAs(Paginator, (paginator) => {
      if (paginator.#walk === undefined) return "Paginator (not begun)";
      const { style = "unknown", pages, rowsRead, ended } = paginator.#walk.explain();
      return `Paginator { style: ${style}, pages: ${pages}, rows: ${rowsRead}, ended: ${ended} }`;
    });
  }

  constructor(start: StartWalk<T>) {
    this.#start = start;
  }

  /** The rows, one by one. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    const rows: RowIterator<T> = new RowIterator(this.#begin(() => rows.isWithin));
    return rows;
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
  pages(): AsyncGenerator<Page<T>, void, undefined> {
    return new PageIterator(this.#begin(() => false));
  }

  /** @param isWithin - Whether rows of the page that was given last are still to be read. */
  #begin(isWithin: () => boolean): Pages<T> {
    return new Pages(async () => {
      const walk = await this.#start();
      this.#walk = walk;
      this.#isWithin = isWithin;
      return walk;
    });
  }

  /**
   * How the walk that was begun last goes from page to page, why, and how sure it is that it has everything.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * const posts = client.paginate("/paging/link/posts");
   * await posts.all();
   * console.log(posts.explain().style, posts.explain().confidence); // link proven
   * ```
   */
  explain(): Explanation {
    return this.#walk?.explain() ?? NOTHING_KNOWN;
  }

  /**
   * The options that the walk that was begun last goes by, to be written down and given to the next: then nothing is detected
   * any more. Undefined before its first page, and where a function says what comes next.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * const posts = client.paginate("/paging/token/posts");
   * await posts.all();
   * console.log(JSON.stringify(posts.spec)); // {"by":{"cursor":"nextPageToken","param":"pageToken"},"rows":"items"}
   * ```
   */
  get spec(): WalkSpec | undefined {
    const { by, rows } = this.explain();
    if (by === undefined) return undefined;
    return { by, ...(rows === undefined || rows === "" ? {} : { rows }) };
  }

  /**
   * Where the walk that was begun last stands: behind the last page that was read to its end. Plain data: write it down as JSON,
   * and go on with `from`. Undefined before the first page, which is where a walk begins that is given it.
   *
   * A page of `pages()` is read when it is given. In a loop over rows it is read with its last row, so that a walk that is left within
   * a page, by `take()` too, goes on with that page again: rows may come twice, and none is lost.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * const posts = client.paginate("/paging/cursor/posts");
   * await posts.take(10);
   * const from = JSON.parse(JSON.stringify(posts.checkpoint));
   * console.log((await client.paginate("/paging/cursor/posts", { from }).all()).length); // 90
   * ```
   */
  get checkpoint(): Checkpoint | undefined {
    return this.#isWithin() ? this.#walk?.before : this.#walk?.checkpoint;
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
    let isWithin = false;
    const pages = this.#begin(() => isWithin);
    try {
      for (let page = await pages.next(); page !== undefined; page = await pages.next()) {
        const room = count - rows.length;
        for (const row of room < page.rows.length ? page.rows.slice(0, room) : page.rows) rows.push(row);
        isWithin = room < page.rows.length;
        if (rows.length === count) break;
      }
    } catch (error) {
      keepPartial(error, rows);
      tellPartial(error, rows);
      throw error;
    } finally {
      await pages.end();
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
