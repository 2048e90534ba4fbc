import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../duration.ts";
import type { RequestOptions } from "../request/options.ts";
import type { Response } from "../response/response.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** Where the value goes that asks for the next page: the query (default), or the JSON body, by a dotted path. */
export interface InBody {
  /** `"query"` (default) or `"body"`. */
  readonly in?: "query" | "body" | undefined;
}

/** By number: `?page=1`, `?page=2` …, from the number that the request's own params have. */
export interface ByPage extends InBody {
  /** The param that takes the number. */
  readonly page: string;
  /** The number of the API's first page. Default 1, or 0 where the request begins with it. */
  readonly first?: number | undefined;
}

/** By rows passed over: `?offset=0`, `?offset=20` …, from the offset that the request's own params have. */
export interface ByOffset extends InBody {
  /** The param that takes the number of rows. */
  readonly offset: string;
  /** The param that takes the size of a page. Default `"limit"`. */
  readonly limit?: string | undefined;
  /** The size to ask for, unless the request's own params say it. Default: the API's. */
  readonly size?: number | undefined;
}

/** By a cursor in the body. */
export interface ByCursor extends InBody {
  /** The dotted path of the cursor in the body, such as `"meta.next_cursor"`. */
  readonly cursor: string;
  /** The param that takes it. Default `"cursor"`. */
  readonly param?: string | undefined;
}

/** By a cursor in a header of the response. */
export interface ByHeader extends InBody {
  /** The name of the header, such as `"X-Next-Cursor"`. */
  readonly header: string;
  /** The param that takes it. Default `"cursor"`. */
  readonly param?: string | undefined;
}

/** By the id of the last row. */
export interface ByLastId extends InBody {
  /** The field of the row that has it, as a dotted path. */
  readonly lastId: string;
  /** The param that takes it. Default `"starting_after"`. */
  readonly param?: string | undefined;
}

/** By a URL in the body. */
export interface ByNext {
  /** The dotted path of the URL in the body, such as `"links.next"`; an object there gives its `href`, `url`, `uri` or `link`. */
  readonly next: string;
}

/** By a `Range` header in a unit of the server's own (RFC 9110 14.1): `Range: items=0-24`. */
export interface ByRange {
  /** The unit. */
  readonly range: string;
  /** Rows to ask for at a time. Default: the first page without a range, and then as many as it had. */
  readonly size?: number | undefined;
}

/** By a GraphQL connection: `pageInfo.endCursor` goes into a variable of the query. */
export interface ByConnection {
  /** The dotted path of the connection in the answer, such as `"data.posts"`. Default: the one that there is. */
  readonly connection?: string | undefined;
  /** The variable of the query that takes the cursor. Default `"after"`. */
  readonly variable: string;
}

/** What a function in `by` is told of the page that was just read. */
export interface PageTold {
  /** The body, as data. */
  readonly data: unknown;
  readonly response: Response;
  /** Its rows. */
  readonly rows: readonly unknown[];
  /** Counted from 1. */
  readonly number: number;
  /** Rows of all pages so far. */
  readonly rowsRead: number;
}

/**
 * Says what the next page is asked with: a URL, absolute or relative to the page; params, headers or fields of the JSON body (by
 * dotted paths) in place of those of the first request; undefined (or null, false, an empty string) at the end.
 */
export type NextPage = (page: PageTold) =>
  | string
  | {
      readonly params?: Readonly<Record<string, string | number>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: Readonly<Record<string, string | number>>;
    }
  | null
  | undefined
  | false;

/** A style of paging, said in full: it can be written as JSON, and given as `by`. */
export type PageSpec =
  | "link"
  | "lines"
  | "single"
  | ByPage
  | ByOffset
  | ByCursor
  | ByHeader
  | ByLastId
  | ByNext
  | ByRange
  | ByConnection;

/** What a style of paging is called. */
export type PageStyleName =
  | "page"
  | "offset"
  | "cursor"
  | "last-id"
  | "next"
  | "link"
  | "range"
  | "graphql"
  | "lines"
  | "single"
  | "function";

/**
 * How the next page is asked for.
 *
 * - `"auto"`: as the first page shows: a `Link` header, a next URL or a cursor in the body or a header, a `Content-Range` of rows, a
 *   GraphQL connection; where it shows none, by the number that the request's own params have (`page`, `_page`, `offset`, `_start`,
 *   `skip` …). Where neither says anything the second page is asked for in the usual ways, and other rows decide.
 * - `"page"` is `{ page: "page" }`, `"offset"` is `{ offset: "offset" }`, `"cursor"` is `{ cursor: "next_cursor" }`, `"token"` is
 *   `{ cursor: "nextPageToken", param: "pageToken" }`, `"last-id"` is `{ lastId: "id" }`, `"next"` is `{ next: "next" }`, `"range"`
 *   is `{ range: "items" }`, `"graphql"` is `{ variable: "after" }`.
 * - `"link"`: the `Link` header's `rel="next"` (RFC 8288).
 * - `"lines"`: JSON Lines, read as they come, as one endless page.
 * - `"single"`: there is one page, and nothing is asked for behind it.
 * - A function says itself what comes next.
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
  | "token"
  | "last-id"
  | "next"
  | "range"
  | "graphql"
  | PageSpec
  | NextPage;

/** A map of records as rows: `{ "EUR": 0.9 }` is `{ key: "EUR", value: 0.9 }`, and a record has its key beside its fields. */
export interface MapRows {
  /** The dotted path of the map; an empty string where it is the body. */
  readonly map: string;
}

/** A list of lists as rows, as a spreadsheet gives them: each becomes a record by the names of its columns. */
export interface TableRows {
  /** The dotted path of the list; an empty string where it is the body. */
  readonly table: string;
  /** The names of the columns. Default: the first list of the first page. */
  readonly columns?: readonly string[] | undefined;
}

/** Where the rows of a page are: a dotted path, a map or a table of them, or a function that gives all of them. */
export type RowsOption =
  | string
  | MapRows
  | TableRows
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
  extends Omit<RequestOptions, "stream" | "form" | "multipart" | "body" | "raise"> {
  /** The method. Default GET, and POST where there is `json`. A page is read, so it is retried whatever its method. */
  readonly method?: string | undefined;
  /** How the next page is asked for. Default `"auto"`. */
  readonly by?: PageStyleOption | undefined;
  /**
   * Where the rows are: a dotted path such as `"data.items"`, `{ map }` or `{ table }`, or a function that gives all rows of the
   * page (a filter belongs into the loop: offsets and totals count what the server sent). Default: the body, or the list that it
   * holds.
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
  /** The most rows; a walk that has read them and is not at its end is a `PaginationError`. Default Infinity. */
  readonly maxRows?: number | undefined;
  /** The longest that a walk may take; one that is not at its end then is a `PaginationError`. Default: no limit. */
  readonly maxDuration?: Duration | undefined;
  /**
   * Whether a page may come that has the same rows as an earlier one, or be asked for in the same way (a scroll, whose cursor stays), or
   * more than a hundred pages in a row have none. Default false: then it is a `PaginationError`.
   */
  readonly allowRepeats?: boolean | undefined;
  /**
   * The field of a row that tells it from all others, as a dotted path. A row whose key came among the last 100,000 is left out and
   * counted in `page.duplicates`: where rows are written while one reads, pages by number or offset overlap.
   */
  readonly primaryKey?: string | undefined;
  /** Whether a first page that shows no way on is all that is wanted: nothing further is asked for. Default false. */
  readonly single?: boolean | undefined;
  /** Whether a list that only seems to be complete (`explain().confidence` is `"assumed"`) is an error. Default false. */
  readonly strict?: boolean | undefined;
  /** Whether the next page is fetched while this one is used. Default false: nothing is asked for that may not be wanted. */
  readonly prefetch?: boolean | undefined;
  /**
   * How many pages are fetched at a time, and delivered in order, where pages are counted and the server says how many there are.
   * Default 1.
   */
  readonly concurrency?: number | undefined;
  /** Where an earlier walk of the same request stopped: its `paginator.checkpoint`. */
  readonly from?: Checkpoint | undefined;
}

/** One page. */
export interface Page<T> {
  /** Counted from 1, in the order in which they were read. */
  readonly number: number;
  /** Its rows, checked by the schema where there is one. */
  readonly rows: readonly T[];
  /** How many of its rows were left out, because their `primaryKey` had come before. */
  readonly duplicates: number;
  /** The body, as data. */
  readonly data: unknown;
  /** The response, with its headers. */
  readonly response: Response;
}
