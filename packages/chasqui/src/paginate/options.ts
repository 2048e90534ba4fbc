import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { RequestOptions } from "../request/options.ts";
import type { Response } from "../response/response.ts";

/** By number: `?page=1`, `?page=2` …, from the number that the request's own params have. */
export interface ByPage {
  /** The param that takes the number. */
  readonly page: string;
  /** The number of the API's first page. Default 1, or 0 where the request begins with it. */
  readonly first?: number | undefined;
}

/** By rows passed over: `?offset=0`, `?offset=20` …, from the offset that the request's own params have. */
export interface ByOffset {
  /** The param that takes the number of rows. */
  readonly offset: string;
  /** The param that takes the size of a page. Default `"limit"`. */
  readonly limit?: string | undefined;
  /** The size to ask for, unless the request's own params say it. Default: the API's. */
  readonly size?: number | undefined;
}

/** By a cursor in the body. */
export interface ByCursor {
  /** The dotted path of the cursor in the body, such as `"meta.next_cursor"`. */
  readonly cursor: string;
  /** The param that takes it. Default `"cursor"`. */
  readonly param?: string | undefined;
}

/** By a URL in the body. */
export interface ByNext {
  /** The dotted path of the URL in the body, such as `"links.next"`; an object there gives its `href`, `url` or `link`. */
  readonly next: string;
}

/**
 * How the next page is asked for.
 *
 * - `"auto"`: as the first page shows: a `Link` header, a next URL or a cursor in the body; where it shows none, by the number
 *   that the request's own params have (`page`, `_page`, `offset`, `_start`, `skip` …). What shows neither a way on nor an
 *   end is an error.
 * - `"page"` is `{ page: "page" }`, `"offset"` is `{ offset: "offset" }`, `"cursor"` is `{ cursor: "next_cursor" }`, `"next"` is
 *   `{ next: "next" }`.
 * - `"link"`: the `Link` header's `rel="next"` (RFC 8288).
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010" });
 * const todos = client.paginate("/todos", { by: { page: "_page" }, params: { _limit: 50 } });
 * console.log((await todos.all()).length); // 200
 * ```
 */
export type PageStyleOption =
  | "auto"
  | "page"
  | "offset"
  | "cursor"
  | "next"
  | "link"
  | ByPage
  | ByOffset
  | ByCursor
  | ByNext;

/** Where the rows of a page are: a dotted path, or a function that gives all of them. */
export type RowsOption =
  | string
  | ((data: unknown, response: Response) => readonly unknown[] | null | undefined);

/**
 * The options of a walk over pages, besides those of its calls: what those say of timeouts and retries holds for each page.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010" });
 * const pages = client.paginate<{ id: number }>("/paging/cursor/posts", { rows: "data", params: { limit: 50 }, maxPages: 10 });
 * for await (const page of pages.pages()) console.log(page.number, page.rows.length); // 1 50, 2 50
 * ```
 */
export interface PaginateOptions
  extends Omit<
    RequestOptions,
    "stream" | "json" | "form" | "multipart" | "body" | "stringifyJson" | "raise" | "maxRecord"
  > {
  /** How the next page is asked for. Default `"auto"`. */
  readonly by?: PageStyleOption | undefined;
  /**
   * Where the rows are: a dotted path such as `"data.items"`, or a function that gives all rows of the page (a filter belongs
   * into the loop: offsets and totals count what the server sent). Default: the body, or the list that it holds.
   */
  readonly rows?: RowsOption | undefined;
  /**
   * Where the body says how many rows there are in all, as a dotted path; false where nothing that the server says of totals
   * is to be believed. Default: `X-Total-Count` and its like, or `total`, `total_pages` and theirs in the body.
   */
  readonly total?: string | false | undefined;
  /** Checks each row and types it: a Standard Schema (zod, valibot, arktype …). */
  readonly schema?: StandardSchemaV1 | undefined;
  /** The most pages; a walk that has read them and is not at its end is a `PaginationError`. Default 1,000; Infinity for all. */
  readonly maxPages?: number | undefined;
  /** Whether a page may come that has the same rows as an earlier one. Default false: then it is a `PaginationError`. */
  readonly allowRepeats?: boolean | undefined;
}

/** One page. */
export interface Page<T> {
  /** Counted from 1, in the order in which they were read. */
  readonly number: number;
  /** Its rows, checked by the schema where there is one. */
  readonly rows: readonly T[];
  /** The body, as data. */
  readonly data: unknown;
  /** The response, with its headers. */
  readonly response: Response;
}
