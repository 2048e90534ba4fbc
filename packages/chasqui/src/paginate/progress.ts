import { PaginationError, type PaginationErrorKind } from "../errors/pagination-error.ts";
import type { Response } from "../response/response.ts";
import { SeenPages } from "./fingerprint.ts";
import { calling } from "./page-error.ts";
import type { PageCall } from "./page-source.ts";
import { RowFinder } from "./rows.ts";
import type { PageRequest } from "./style.ts";
import type { Walk } from "./walk.ts";

/** How far a walk has come, and what it has seen, so that it can tell when it goes in circles. */
export class Progress {
  readonly #walk: Walk;
  readonly #finder: RowFinder;
  readonly #asked = new Set<string>();
  readonly #seen = new SeenPages();
  /** Pages read. */
  pages = 0;
  /** Rows read. */
  rows = 0;
  /** Rows of the first page. */
  firstCount = 0;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#finder = new RowFinder(walk.rows);
  }

  /** Before a page is asked for: not too many, and not the same question twice. */
  begin(call: PageCall, asks: PageRequest | undefined): void {
    const { maxPages } = this.#walk;
    if (this.pages >= maxPages) {
      throw this.error(
        "max-pages",
        `${maxPages} pages have been read, and the server has not said that this is all`,
        {
          hint: "`maxPages` says how many pages a walk may have: raise it if there are that many.",
        },
      );
    }
    const { method, origin, target } = call.request;
    const question = `${method} ${origin}${target}`;
    if (this.#asked.has(question)) {
      const what = asks !== undefined && "url" in asks ? "next URL" : "cursor or page";
      const { url } = call.request.toJSON();
      throw this.error("repeated", `The server gave the same ${what} a second time: ${url}`, {
        hint: "To go on would never end. What was read before it is whole.",
      });
    }
    this.#asked.add(question);
  }

  /** After a page came: its rows, and that they are not those of an earlier one. */
  take(data: unknown, response: Response): readonly unknown[] {
    const number = this.pages + 1;
    const rows = response.status === 204 ? [] : this.#rowsOf(data, response, number);
    if (rows.length > 0 && !this.#walk.allowRepeats && this.#seen.isRepeat(rows)) {
      throw this.error("repeated", `Page ${number} has the same rows as an earlier one`, {
        hint: "Does the server know the param that asks for a page? `allowRepeats: true` lets equal pages be.",
      });
    }
    if (number === 1) this.firstCount = rows.length;
    this.pages = number;
    this.rows += rows.length;
    return rows;
  }

  error(
    kind: PaginationErrorKind,
    message: string,
    details: { readonly hint?: string } = {},
  ): PaginationError {
    const { pages, rows } = this;
    return new PaginationError(kind, `${message} (${counted(pages, "page")}, ${counted(rows, "row")} read)`, {
      ...details,
      pages,
      rows,
    });
  }

  #rowsOf(data: unknown, response: Response, page: number): readonly unknown[] {
    const found = calling(() => this.#finder.find(data, response), "`rows`");
    if ("rows" in found) return found.rows;
    throw this.error("rows", `${found.problem}, on page ${page}`, { hint: found.hint });
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
