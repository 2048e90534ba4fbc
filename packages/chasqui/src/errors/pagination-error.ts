import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/**
 * Why a walk over pages ended before its end was known: a limit, a page, cursor or URL that came twice, rows that were
 * not found where they should be, an answer that shows no way on and no end, pages that ended before the number of rows that
 * the server gives, or a next URL that may not be gone to.
 */
export type PaginationErrorKind = "max-pages" | "repeated" | "rows" | "undetected" | "incomplete" | "refused";

/** What a `PaginationError` is made of. */
export interface PaginationErrorDetails extends ErrorDetails {
  readonly pages: number;
  readonly rows: number;
}

/**
 * A walk over pages that does not know that it has everything. `pages` and `rows` say how far it came, `request` what it
 * asked for last, and `hint` what to do.
 *
 * @example
 * ```ts
 * import { Client, PaginationError } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010" });
 * try {
 *   await client.paginate("/paging/link/posts", { maxPages: 3 }).all();
 * } catch (error) {
 *   if (error instanceof PaginationError) console.log(error.kind, error.pages, error.rows); // max-pages 3 30
 * }
 * ```
 */
export class PaginationError extends ChasquiError {
  readonly code = "ERR_PAGINATION";
  /** Why the walk ended. */
  readonly kind: PaginationErrorKind;
  /** How many pages were read. */
  readonly pages: number;
  /** How many rows were read. */
  readonly rows: number;

  static {
    brandError(PaginationError, "PaginationError");
  }

  constructor(kind: PaginationErrorKind, message: string, details: PaginationErrorDetails) {
    super(message, details);
    this.kind = kind;
    this.pages = details.pages;
    this.rows = details.rows;
  }

  protected override facts(): Record<string, unknown> {
    return { kind: this.kind, pages: this.pages, rows: this.rows };
  }
}
