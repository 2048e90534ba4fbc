import { isObject } from "./body-path.ts";
import { isCounted } from "./detect.ts";
import { EdgeRows, type EdgeRowsState, isEdgeRows } from "./edge-rows.ts";
import { incompleteIn } from "./failure.ts";
import { hash, jsonOf } from "./fingerprint.ts";
import { fromBeginning } from "./pointed.ts";
import type { PageRequest, PageSeen, PageStyle } from "./style.ts";
import type { Walk } from "./walk.ts";

/** Why what looks like the end may not be taken for it. */
export interface Objection {
  readonly why: "truncated" | "shifted";
  readonly message: string;
  readonly hint: string;
}

/** What was read of a walk that is at its end. */
interface Read {
  readonly pages: number;
  readonly rows: number;
  /** Rows that were left out because they had come before. */
  readonly duplicates: number;
}

/** What a walk that goes on from a checkpoint has to know of what came before: plain data, null for what is not known. */
export interface TallyState {
  /** Rows of the list before the first page of the walk. */
  readonly skipped: number | null;
  /** How many rows the server last said there are. */
  readonly total: number | null;
  /** How many pages it last said there are. */
  readonly totalPages: number | null;
  /** The smallest of the numbers of rows that it named. */
  readonly leastRows: number | null;
  /** The smallest of the numbers of pages. */
  readonly leastPages: number | null;
  /** A print of the last row. */
  readonly lastRow: string | null;
  /** The first and last rows of the last pages; null where rows have no id. */
  readonly edges: EdgeRowsState | null;
  /** Rows of the last page. */
  readonly lastCount: number | null;
  /** Rows of the page that had the most. */
  readonly mostCount: number | null;
  /** The first page in the middle that was shorter than another. */
  readonly shortPage: number | null;
  /** In what way the list was seen to move. */
  readonly shifted: string | null;
  /** In what way the server said that it had not looked at all of the list. */
  readonly partial: string | null;
}

const NUMBERS = [
  "skipped",
  "total",
  "totalPages",
  "leastRows",
  "leastPages",
  "lastCount",
  "mostCount",
  "shortPage",
] as const;
const TEXTS = ["lastRow", "shifted", "partial"] as const;

export function isTally(value: unknown): value is TallyState {
  if (!isObject(value)) return false;
  const isWhole = (of: unknown): boolean => Number.isSafeInteger(of) && Number(of) >= 0;
  return (
    NUMBERS.every((name) => value[name] === null || isWhole(value[name])) &&
    TEXTS.every((name) => value[name] === null || typeof value[name] === "string") &&
    (value.edges === null || isEdgeRows(value.edges))
  );
}

const NOTHING: TallyState = {
  ...{ skipped: null, total: null, totalPages: null, leastRows: null, leastPages: null },
  ...{
    lastRow: null,
    edges: null,
    lastCount: null,
    mostCount: null,
    shortPage: null,
    shifted: null,
    partial: null,
  },
};

/** The same while the walk goes on. */
export interface TallyNotes extends Omit<TallyState, "lastRow" | "edges"> {
  readonly edges: EdgeRows;
  /** How many of them had been taken. */
  readonly marked: number;
  /** A print of the last row, which another walk made. */
  readonly lastRow: string | null;
  /** Or rows of the last page as JSON, the last of them its last row. It is looked for when it is needed, which is seldom. */
  readonly lastRows: string | null;
}

/** The notes, to be written down. */
export function tallyOf({ lastRows, edges, marked, ...notes }: TallyNotes): TallyState {
  const state = { ...notes, edges: edges.lastOf(marked) };
  return lastRows === null ? state : { ...state, lastRow: printOfLast(lastRows) };
}

function printOfLast(rows: string): string {
  const list: unknown = JSON.parse(rows);
  return hash(jsonOf(Array.isArray(list) ? list.at(-1) : undefined));
}

/**
 * Holds what has come against what the server says that there is, page by page: a number that was not reached, a list that moved
 * under the walk, a page that was cut short.
 */
export class Tally {
  readonly #walk: Walk;
  readonly #edges = new EdgeRows();
  #state: TallyNotes = { ...NOTHING, lastRows: null, edges: this.#edges, marked: 0 };
  /** What the last row begins with, which is mostly its id; no key where that cannot be compared, or another walk read it. */
  #key: string | undefined;
  #value: unknown;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** Goes on from where another walk stopped. */
  resume(from: TallyState): void {
    if (from.edges !== null) this.#edges.resume(from.edges);
    this.#state = { ...from, lastRows: null, edges: this.#edges, marked: this.#edges.count };
  }

  get state(): TallyNotes {
    return this.#state;
  }

  /**
   * Takes in a page, and how it was asked for.
   *
   * @param fresh - Those of its rows that have not been left out for their key.
   * @param compared - Rows of it as JSON, the last of them its last: the caller may change the rows themselves.
   */
  notice(
    { data, totals, list, count, pages, rows: rowsRead, asked }: PageSeen,
    fresh: readonly unknown[],
    compared: string,
    style: PageStyle | undefined,
    asks: PageRequest | undefined,
  ): void {
    const before = this.#state;
    // Behind the last page some servers call the whole list empty.
    const rows = count === 0 && totals.rows === 0 ? undefined : totals.rows;
    const inPages = count === 0 && totals.pages === 0 ? undefined : totals.pages;
    const total = rows ?? before.total;
    const totalPages = inPages ?? before.totalPages;
    const skipped = before.skipped ?? skippedBy(style, asked) ?? null;
    let { shifted, shortPage } = before;
    const read = (skipped ?? 0) + rowsRead;
    const shrank =
      shrunk(before.total, total, read, "rows") ?? shrunk(before.totalPages, totalPages, pages, "pages");
    if (shrank !== undefined && isMoving(style, asks)) shifted ??= shrank;
    const mostCount = Math.max(before.mostCount ?? 0, count);
    if (count > 0) {
      if (before.lastCount !== null && before.lastCount < mostCount && isCutToSize(style))
        shortPage ??= pages - 1;
      const isBack = this.#edges.take(fresh) || this.#isAmong(fresh);
      if (isBack && !this.#walk.allowRepeats)
        shifted ??= `Page ${pages} has a row of an earlier page again, so rows have come twice`;
    }
    const comparable = count > 0 && this.#begin(list[count - 1]);
    this.#state = {
      skipped,
      total,
      totalPages,
      leastRows: least(before.leastRows, rows),
      leastPages: least(before.leastPages, inPages),
      lastRow: count > 0 ? null : before.lastRow,
      edges: this.#edges,
      marked: this.#edges.count,
      lastRows: comparable ? compared : count > 0 ? null : before.lastRows,
      lastCount: count,
      mostCount,
      shortPage,
      shifted,
      partial: before.partial ?? this.#partialOf(data, pages),
    };
  }

  #partialOf(data: unknown, page: number): string | null {
    const key = this.#walk.total === false ? undefined : incompleteIn(data);
    return key === undefined ? null : `Page ${page} says \`${key}: true\``;
  }

  /** Keeps what a row begins with; false where it has nothing. */
  #begin(row: unknown): boolean {
    this.#key = undefined;
    if (!isObject(row)) return false;
    // Own keys come first.
    for (const key in row) {
      if (!Object.hasOwn(row, key)) return false;
      const value = row[key];
      if (!isObject(value)) {
        this.#key = key;
        this.#value = value;
      }
      return true;
    }
    return false;
  }

  /** Whether the last row of the page before has come again. */
  #isAmong(list: readonly unknown[]): boolean {
    const { lastRow, lastRows } = this.#state;
    if (lastRow === null && lastRows === null) return false;
    let print = lastRow;
    const key = this.#key;
    const value = this.#value;
    for (const row of list) {
      // To write every row as JSON would cost as much as to read it: most differ in what they begin with.
      if (!isObject(row) || (key !== undefined && row[key] !== value)) continue;
      print ??= printOfLast(lastRows ?? "[]");
      if (hash(jsonOf(row)) === print) return true;
    }
    return false;
  }

  /** Whether a page in the middle may have lacked rows: it was shorter than another, and the server names no number of rows. */
  get mayLack(): boolean {
    return this.#state.shortPage !== null && this.#state.leastRows === null;
  }

  /** At the end: why it may not be all. Undefined where nothing speaks against it. */
  objection(read: Read, style: PageStyle | undefined, asked: URLSearchParams): Objection | undefined {
    const { shifted, shortPage, partial } = this.#state;
    if (partial !== null) {
      return {
        why: "truncated",
        message: `${partial}: the server has not looked at all of the list`,
        hint: "Ask again, or for less at a time. `total: false` leaves it out of account.",
      };
    }
    if (shifted !== null) {
      return {
        why: "shifted",
        message: shifted,
        hint: "Walk by a cursor or by ids where the API has them, or again when it is quiet; `primaryKey` leaves out rows that come twice, and `total: false` leaves the server's number out of account.",
      };
    }
    const short = this.#short(read, style, asked);
    if (short !== undefined) return short;
    if (this.mayLack && this.#walk.strict) {
      return {
        why: "truncated",
        message: `Page ${shortPage} was shorter than another, and not the last, so rows may have been left out of it`,
        hint: "The server says nowhere how many rows there are; without `strict` this is taken for all of them.",
      };
    }
    return undefined;
  }

  #short(
    { pages, rows, duplicates }: Read,
    style: PageStyle | undefined,
    asked: URLSearchParams,
  ): Objection | undefined {
    // One page, because the caller says so; or what the caller's own function says is the end.
    if (style?.name === "single" || style?.name === "function") return undefined;
    const skipped = this.#state.skipped ?? skippedBy(style, asked);
    if (skipped === undefined) return undefined;
    const different = rows - duplicates;
    const { leastRows, leastPages } = this.#state;
    if (leastRows !== null && skipped + different < leastRows) {
      const moved = duplicates > 0 && skipped + rows >= leastRows;
      return {
        why: "truncated",
        message: moved
          ? `The server says that there are ${leastRows} rows, and ${different} different ones have come`
          : `The pages are at their end, but the server says that there are ${leastRows} rows`,
        hint: moved
          ? "The pages overlap, and end before all of it has come: walk by a cursor or by ids where the API has them."
          : "Some APIs give no more than so many rows of a list, or leave some out: ask for less of it at a time. If the number means something else, `total: false` leaves it out of account.",
      };
    }
    // That the rows are all there says more than how they were laid out.
    if (leastRows !== null || leastPages === null || skipped > 0 || pages >= leastPages) return undefined;
    return {
      why: "truncated",
      message: `The pages are at their end, but the server says that there are ${leastPages} of them`,
      hint: "Some APIs give no more than so many pages of a list: ask for less of it at a time. If the number means something else, `total: false` leaves it out of account.",
    };
  }
}

/** How many rows of the list stand before the first that was asked for; undefined where that cannot be told. */
function skippedBy(style: PageStyle | undefined, asked: URLSearchParams): number | undefined {
  if (style?.skipped !== undefined) return style.skipped(asked);
  return fromBeginning(asked) ? 0 : undefined;
}

/** A number that has been passed was never that of all: some APIs call the rows of each page the total. */
function shrunk(before: number | null, now: number | null, read: number, what: string): string | undefined {
  if (before === null || now === null || now >= before || read > before) return undefined;
  return `The list shrank from ${before} to ${now} ${what} while it was read, so rows may have been missed`;
}

/** Whether rows that come or go move the others to other pages. A cursor or an id stays with its row; a number does not. */
function isMoving(style: PageStyle | undefined, asks: PageRequest | undefined): boolean {
  if (style?.counts !== undefined || style?.name === "range") return true;
  return asks !== undefined && "url" in asks && isCounted(asks.url);
}

/** Whether pages are cut to one size. Rows that are asked for by their number come as many as there are. */
function isCutToSize(style: PageStyle | undefined): boolean {
  return style !== undefined && !["offset", "range", "function"].includes(style.name);
}

function least(before: number | null, now: number | undefined): number | null {
  if (now === undefined) return before;
  return before === null ? now : Math.min(before, now);
}
