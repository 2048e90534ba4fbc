import { PaginationError, type PaginationErrorKind } from "../errors/pagination-error.ts";
import type { Response } from "../response/response.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { printOfText, SeenPages } from "./fingerprint.ts";
import { calling } from "./page-error.ts";
import type { PageCall, PageSource } from "./page-source.ts";
import { RowKeys } from "./row-keys.ts";
import { RowFinder } from "./rows.ts";
import type { PageRequest } from "./style.ts";
import type { Walk } from "./walk.ts";

const NO_KEYS: readonly never[] = [];

/** Pages in a row that may be empty while the server says that there is more. */
const MOST_BLANK = 100;

/** How far a walk has come, and what it has seen, so that it can tell when it goes in circles. */
export class Progress {
  readonly #walk: Walk;
  readonly #finder: RowFinder;
  /** Prints of what has been asked: some cursors are kilobytes long, and a walk may have millions of pages. */
  readonly #asked = new Set<number>();
  readonly #seen = new SeenPages();
  readonly #keys: RowKeys | undefined;
  /** What the walk would go on with, were it to end here. Made when it is read: most are not. */
  readonly #checkpoint: () => Checkpoint | undefined;
  /** Pages in a row without rows. */
  #blank = 0;
  /** Rows left out. */
  duplicates = 0;
  /** Pages read. */
  pages = 0;
  /** Rows read. */
  rows = 0;
  /** Rows of the first page. */
  firstCount = 0;

  constructor(walk: Walk, checkpoint: () => Checkpoint | undefined) {
    this.#walk = walk;
    this.#checkpoint = checkpoint;
    this.#finder = new RowFinder(walk.rows);
    this.#keys = walk.primaryKey === undefined ? undefined : new RowKeys(walk.primaryKey);
  }

  get finder(): RowFinder {
    return this.#finder;
  }

  /** Goes on from where another walk stopped. */
  resume(from: Checkpoint): void {
    this.pages = from.pages;
    this.rows = from.rows;
    this.firstCount = from.firstCount;
    this.duplicates = from.duplicates;
    this.#keys?.add(from.keys);
    this.#finder.resume(from.rowsAt, from.columns);
    this.#seen.add(from.seen);
  }

  /** Prints of the pages that have been read. */
  get seen(): SeenPages {
    return this.#seen;
  }

  /** Keys of the last page, for a checkpoint. */
  get keys(): readonly (string | number)[] {
    return this.#keys?.last ?? NO_KEYS;
  }

  /** Lines that were read together: those that have not come before. */
  addLines(rows: readonly unknown[]): readonly unknown[] {
    this.pages++;
    this.rows += rows.length;
    return this.#withoutKnown(rows);
  }

  /** The limits of the walk's own that are not of pages. */
  limit(source: PageSource): void {
    const { maxRows, maxDuration } = this.#walk;
    if (this.rows >= maxRows) {
      throw this.error("max-rows", `${this.rows} rows have been read, and there are more`, {
        hint: "`maxRows` says how many rows a walk may have; take() ends without an error.",
      });
    }
    if (maxDuration === Number.POSITIVE_INFINITY) return;
    const elapsed = source.elapsed();
    if (elapsed > maxDuration) {
      const seconds = `${Math.round(elapsed / 100) / 10} s`;
      throw this.error("max-duration", `The walk has taken ${seconds}, and is not at its end`, {
        hint: "`maxDuration` says how long a walk may take; `from: error.checkpoint` goes on.",
      });
    }
  }

  /** Before a page is asked for: not too many, not too long, and not the same question twice. */
  begin(call: PageCall, asks: PageRequest | undefined, source: PageSource): void {
    const { maxPages } = this.#walk;
    this.limit(source);
    if (this.pages >= maxPages) {
      throw this.error(
        "max-pages",
        `${maxPages} pages have been read, and the server has not said that this is all`,
        {
          hint: "`maxPages` says how many pages a walk may have: raise it if there are that many.",
        },
      );
    }
    const question = printOfText(call.question);
    if (this.#asked.has(question) && !this.#walk.allowRepeats) {
      const what = asks !== undefined && "url" in asks ? "next URL" : "cursor or page";
      const { url } = call.request.toJSON();
      throw this.error("repeated", `The server gave the same ${what} a second time: ${url}`, {
        hint: "To go on would never end. What was read before it is whole. Where the server goes on by itself (a scroll), `allowRepeats: true` lets it.",
      });
    }
    this.#asked.add(question);
  }

  /** The rows of a page that is only looked at; undefined where it says that it failed. */
  look(data: unknown, response: Response): readonly unknown[] | undefined {
    const found = calling(() => this.#finder.find(data, response), "`rows`");
    if ("rows" in found) return found.rows;
    return found.failed === true ? undefined : [];
  }

  /** Whether these are the rows of a page that was read. */
  isKnown(rows: readonly unknown[]): boolean {
    return this.#seen.has(rows) || this.#keys?.has(rows) === true;
  }

  /**
   * After a page came: its rows, and that they are not those of an earlier one.
   *
   * @param because - Why pages are asked for as they are, where that was only found.
   */
  take(data: unknown, response: Response, because?: string): readonly unknown[] {
    const number = this.pages + 1;
    const rows =
      response.status === 204 || response.status === 416 ? [] : this.#rowsOf(data, response, number);
    if (rows.length > 0 && this.#seen.isRepeat(rows) && !this.#walk.allowRepeats) {
      throw this.error("repeated", `Page ${number} has the same rows as an earlier one`, {
        hint:
          because === undefined
            ? "Does the server know the param that asks for a page? `allowRepeats: true` lets equal pages be."
            : `It was asked for as it was because ${because}: say with \`by\` where pages are asked for in another way.`,
      });
    }
    this.#blank = rows.length === 0 ? this.#blank + 1 : 0;
    if (this.#blank > MOST_BLANK && !this.#walk.allowRepeats) {
      throw this.error(
        "repeated",
        `${MOST_BLANK} pages in a row had no rows, and the server says that there is more`,
        {
          hint: "To go on may never end. Where it is so that rows are few and far between, `allowRepeats: true` lets such pages be.",
        },
      );
    }
    if (number === 1) this.firstCount = rows.length;
    this.pages = number;
    this.rows += rows.length;
    return rows;
  }

  /** Those of the rows that have not come before, by their keys. */
  fresh(rows: readonly unknown[]): readonly unknown[] {
    const fresh = this.#withoutKnown(rows);
    if (rows.length > 0 && fresh.length === 0 && !this.#walk.allowRepeats) {
      throw this.error("repeated", `Page ${this.pages} has no row that had not come before`, {
        hint: "To go on would never end. What was read before it is whole.",
      });
    }
    return fresh;
  }

  #withoutKnown(rows: readonly unknown[]): readonly unknown[] {
    if (this.#keys === undefined) return rows;
    const found = this.#keys.fresh(rows);
    if ("bad" in found) {
      const { primaryKey } = this.#walk;
      const row = `Row ${found.bad + 1} of page ${this.pages}`;
      throw found.inexact
        ? this.error(
            "rows",
            `${row} has a number of more digits than JavaScript keeps for its \`${primaryKey}\``,
            {
              hint: "It may not tell the row from others: name another field, or give a `parseJson` that reads such numbers as text or bigint.",
            },
          )
        : this.error("rows", `${row} has no \`${primaryKey}\``, {
            hint: "`primaryKey` names a field that every row has.",
          });
    }
    this.duplicates += rows.length - found.rows.length;
    return found.rows;
  }

  error(
    kind: PaginationErrorKind,
    message: string,
    details: { readonly hint?: string; readonly response?: Response } = {},
  ): PaginationError {
    const { pages, rows } = this;
    return new PaginationError(kind, `${message} (${counted(pages, "page")}, ${counted(rows, "row")} read)`, {
      ...details,
      pages,
      rows,
      checkpoint: this.#checkpoint(),
    });
  }

  #rowsOf(data: unknown, response: Response, page: number): readonly unknown[] {
    const found = calling(() => this.#finder.find(data, response), "`rows`");
    if ("rows" in found) return found.rows;
    const kind = found.failed === true ? "failed" : "rows";
    throw this.error(kind, `${found.problem}, on page ${page}`, { hint: found.hint, response });
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
