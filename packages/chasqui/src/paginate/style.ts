import type { PaginationErrorKind } from "../errors/pagination-error.ts";
import type { Response } from "../response/response.ts";
import type { Signs } from "./signs.ts";
import type { Totals } from "./total.ts";

/** What asks for a page: a URL of the server's own, or params in place of those of the first request. */
export type PageRequest = { readonly url: string } | { readonly params: Readonly<Record<string, string>> };

/** What a style sees of the page that was just read. */
export interface PageSeen {
  readonly data: unknown;
  readonly response: Response;
  /** What the page says outright of whether there is more. */
  readonly signs: Signs;
  /** How many rows and pages the server says there are. */
  readonly totals: Totals;
  /** Rows of this page. */
  readonly count: number;
  /** Rows of the first page: the size of a page, where there is more than one. */
  readonly firstCount: number;
  /** Rows of all pages so far, this one included. */
  readonly rows: number;
  /** Pages so far, this one included. */
  readonly pages: number;
  /** The query that the first page was asked with. */
  readonly asked: URLSearchParams;
}

/** What is known after a page: how the next is asked for, that it was the last, or that neither can be told. */
export type Onward =
  | { readonly kind: "next"; readonly request: PageRequest }
  | { readonly kind: "end" }
  | {
      readonly kind: "lost";
      readonly why: Extract<PaginationErrorKind, "undetected" | "incomplete">;
      readonly message: string;
      readonly hint: string;
    };

/** One way of asking for the next page. A walk has one of its own. */
export interface PageStyle {
  /** What the first page is asked with, unless the caller's request says it already. */
  readonly first: Readonly<Record<string, string>>;
  /** The param that pages or rows are counted with; it has a whole number in the first request. */
  readonly counts?: string;
  /** What comes after a page. It is pure: it neither waits nor throws. */
  next(page: PageSeen): Onward;
}

/** The server has said that this was the last page. */
export const END: Onward = { kind: "end" };

/** The next page is asked for with other params. */
export function withNext(params: Readonly<Record<string, string>>): Onward {
  return { kind: "next", request: { params } };
}
