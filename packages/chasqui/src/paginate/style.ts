import type { PaginationErrorKind } from "../errors/pagination-error.ts";
import type { Response } from "../response/response.ts";
import type { PageSpec, PageStyleName } from "./options.ts";
import type { Signs } from "./signs.ts";
import type { Totals } from "./total.ts";

/** What a page is asked with in place of what the first request says. */
export interface PageChanges {
  /** Params of the query. */
  readonly params?: Readonly<Record<string, string>>;
  /** Header fields. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields of the JSON body, by their dotted paths. */
  readonly body?: Readonly<Record<string, string | number>>;
}

/** What asks for a page: a URL of the server's own, or changes to the first request. */
export type PageRequest = { readonly url: string } | PageChanges;

/** What a style sees of the page that was just read. */
export interface PageSeen {
  readonly data: unknown;
  readonly response: Response;
  /** Its rows, as they were found. */
  readonly list: readonly unknown[];
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
  /** What the first page was asked with: the query, and the plain fields of a JSON body. */
  readonly asked: URLSearchParams;
  /** The JSON body that the first page was asked with; undefined where there was none. */
  readonly posted: unknown;
}

/** What is known after a page: how the next is asked for, that it was the last, or that neither can be told. */
export type Onward =
  | { readonly kind: "next"; readonly request: PageRequest }
  | {
      readonly kind: "end";
      /** What asks for the page behind it, where that this was all is said by a number alone, which may be too small. */
      readonly beyond?: PageRequest;
    }
  | {
      readonly kind: "lost";
      readonly why: Extract<PaginationErrorKind, "undetected" | "truncated">;
      readonly message: string;
      readonly hint: string;
      /** Whether the page said nothing at all, so that asking is worth a try. */
      readonly silent?: boolean;
    };

/** One way of asking for the next page. A walk has one of its own. */
export interface PageStyle {
  readonly name: PageStyleName;
  /** The same style as an explicit option; undefined where it is a function of the caller's. */
  readonly spec: PageSpec | undefined;
  /** What the first page is asked with, unless the caller's request says it already. */
  readonly first: PageChanges;
  /** The param that pages or rows are counted with; it has a whole number in the first request. */
  readonly counts?: string;
  /**
   * How many rows of the list stand before the first page, by what that was asked with; undefined where it cannot be told. Without
   * it the names of the params tell whether a walk began at the beginning.
   */
  skipped?(asked: URLSearchParams): number | undefined;
  /** What comes after a page. It is pure: it neither waits nor throws. */
  next(page: PageSeen): Onward;
  /**
   * Of a style in which the client counts: what asks for the page that comes so many after the one that `next()` would ask for,
   * where the server has said that there is one.
   */
  ahead?(page: PageSeen, by: number): PageRequest | undefined;
}

/** The server has said that this was the last page. */
export const END: Onward = { kind: "end" };

/** Where a cursor or a number goes: into the query, or into the JSON body. */
export type Place = "query" | "body";

/** A page is asked for with a value in its place. */
export function asking(place: Place, name: string, value: string | number): PageChanges {
  return place === "query" ? { params: { [name]: String(value) } } : { body: { [name]: value } };
}

/** The next page is asked for with other params. */
export function onwardWith(changes: PageChanges): Onward {
  return { kind: "next", request: changes };
}
