import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { RequestOptions } from "../request/options.ts";
import type { Response } from "../response/response.ts";

/**
 * How the next page is asked for.
 *
 * - `"auto"`: as the first page shows: a `Link` header, a next URL or a cursor in the body, or the params of the request.
 * - `"page"` or `{ page, first }`: by number, in the param `page` names (`"page"`), from `first` (1).
 * - `"offset"` or `{ offset, limit, size }`: by the number of rows read, in the param `offset` names (`"offset"`); the size
 *   of a page, where `size` gives one, goes into the param `limit` names (`"limit"`).
 * - `"cursor"` or `{ cursor, param }`: by what stands at the path `cursor` in the body (`"next_cursor"`), sent in the param
 *   `param` (`"cursor"`).
 * - `"next"` or `{ next }`: by the URL at the path `next` in the body (`"next"`).
 * - `"link"`: by the `Link` header's `rel="next"` (RFC 8288).
 */
export type PageStyleOption =
  | "auto"
  | "page"
  | "offset"
  | "cursor"
  | "next"
  | "link"
  | { readonly page: string; readonly first?: number }
  | { readonly offset: string; readonly limit?: string; readonly size?: number }
  | { readonly cursor: string; readonly param?: string }
  | { readonly next: string };

/** The options of a walk over pages, besides those of its calls. */
export interface PaginateOptions
  extends Omit<RequestOptions, "stream" | "json" | "form" | "multipart" | "body"> {
  /** How the next page is asked for. Default `"auto"`. */
  readonly by?: PageStyleOption;
  /** Where the rows are: a dotted path such as `"data.items"`, or a function. Default: the body, or the list that it holds. */
  readonly rows?: string | ((data: unknown, response: Response) => readonly unknown[]);
  /** Checks each row. */
  readonly schema?: StandardSchemaV1;
  /** Most pages; more is a `PaginationError` of kind `max-pages`. Default 1,000. */
  readonly maxPages?: number;
  /** Whether a page may come that is the same as an earlier one. Default false: then it is a `PaginationError`. */
  readonly allowRepeats?: boolean;
}

/** One page. */
export interface Page<T> {
  /** Counted from 1. */
  readonly number: number;
  readonly rows: readonly T[];
  /** The body, as data. */
  readonly data: unknown;
  readonly response: Response;
}
