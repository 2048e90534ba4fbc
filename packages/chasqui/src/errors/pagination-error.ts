import type { Checkpoint } from "../paginate/checkpoint.ts";
import type { Response } from "../response/response.ts";
import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/**
 * Why a walk over pages ended before its end was known:
 *
 * - `"max-pages"`, `"max-rows"`, `"max-duration"`: a limit of the walk's own;
 * - `"repeated"`: a page, cursor or URL came twice;
 * - `"rows"`: rows were not found where they should be;
 * - `"failed"`: an answer with a good status says in its body that something went wrong, as GraphQL's `errors` do;
 * - `"undetected"`: an answer shows no way on and no end;
 * - `"truncated"`: pages ended before the number of rows that the server gives, or the one page that came is as full as it was
 *   asked to be;
 * - `"shifted"`: rows were written or deleted while pages were counted, so some may have been missed or come twice;
 * - `"refused"`: a next URL that may not be gone to.
 */
export type PaginationErrorKind =
  | "max-pages"
  | "max-rows"
  | "max-duration"
  | "repeated"
  | "rows"
  | "failed"
  | "undetected"
  | "truncated"
  | "shifted"
  | "refused";

/** What a `PaginationError` is made of. */
export interface PaginationErrorDetails extends ErrorDetails {
  readonly pages: number;
  readonly rows: number;
  readonly checkpoint?: Checkpoint | undefined;
  readonly response?: Response | undefined;
}

/** Hands an error the rows that a list was to be made of; for `paginator.ts`. */
export let keepPartial: (error: unknown, rows: readonly unknown[]) => void;

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
  // Private, and so not printed: rows are data that no log wants.
  readonly #checkpoint: Checkpoint | undefined;
  readonly #response: Response | undefined;
  #partial: readonly unknown[] = [];

  static {
    brandError(PaginationError, "PaginationError");
    keepPartial = (error, rows) => {
      if (error instanceof PaginationError && #partial in error) error.#partial = rows;
    };
  }

  constructor(kind: PaginationErrorKind, message: string, details: PaginationErrorDetails) {
    super(message, details);
    this.kind = kind;
    this.pages = details.pages;
    this.rows = details.rows;
    this.#checkpoint = details.checkpoint;
    this.#response = details.response;
  }

  /** Where to go on from, with `paginate(url, { from })`; undefined where no page was read. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** The page that it is about, where one came that has no rows to be found or says that it failed; undefined elsewhere. */
  get response(): Response | undefined {
    return this.#response;
  }

  /** The rows that `all()` or `take()` had read; empty in a loop, which was given them. */
  get partial(): readonly unknown[] {
    return this.#partial;
  }

  protected override facts(): Record<string, unknown> {
    return { kind: this.kind, pages: this.pages, rows: this.rows };
  }
}
