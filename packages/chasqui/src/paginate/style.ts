import type { Response } from "../response/response.ts";

/** What asks for a page: a URL of its own, or params beside those of the walk. */
export type PageRequest =
  | { readonly url: string }
  | { readonly params: Readonly<Record<string, string | number>> };

/** What a style sees of the page that was just read. */
export interface PageSeen {
  readonly data: unknown;
  readonly response: Response;
  /** Rows of this page. */
  readonly count: number;
  /** Rows of all pages so far, this one included. */
  readonly rows: number;
  /** Pages so far, this one included. */
  readonly pages: number;
}

/** One way of asking for the next page. */
export interface PageStyle {
  /** What the first page is asked with. */
  readonly first: PageRequest;
  /** What the next page is asked with; undefined at the end. */
  next(page: PageSeen): PageRequest | undefined;
}
