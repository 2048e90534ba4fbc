import { isObject } from "./body-path.ts";
import { hash, jsonOf } from "./fingerprint.ts";

/** Fields that tell a row from others, in most APIs. Rows that have none may be alike, and say nothing. */
const IDS: ReadonlySet<string> = new Set([
  ...["id", "_id", "@id", "uuid", "guid", "key", "slug", "sku", "number", "ts", "sha", "url", "href"],
]);
/** Rows that a checkpoint has: those of half as many pages. */
const KEPT = 64;

/** A row by its id, and a print of all of it. */
export type RowMark = readonly [id: string | number, print: string];

/** The first and last rows of pages, as a checkpoint has them. */
export interface EdgeRowsState {
  /** The field that tells rows from one another. */
  readonly key: string;
  readonly marks: readonly RowMark[];
}

export function isEdgeRows(value: unknown): value is EdgeRowsState {
  if (!isObject(value) || typeof value.key !== "string" || !Array.isArray(value.marks)) return false;
  return value.marks.every(
    (mark) => Array.isArray(mark) && mark.length === 2 && isId(mark[0]) && typeof mark[1] === "string",
  );
}

/**
 * The first and the last row of each page. Where rows are written at the front while pages are counted, later pages bring back rows
 * that have been read, up to the last of them, however many they move by: and so one of these.
 */
export class EdgeRows {
  #key: string | undefined;
  readonly #prints = new Map<unknown, string>();
  readonly #marks: RowMark[] = [];

  /** How many have been taken, to ask for the last of them later. */
  get count(): number {
    return this.#marks.length;
  }

  /** Takes the first and the last row of a page. */
  note(rows: readonly unknown[]): void {
    this.#note(rows[0]);
    if (rows.length > 1) this.#note(rows[rows.length - 1]);
  }

  #note(row: unknown): void {
    if (!isObject(row)) return;
    this.#key ??= Object.keys(row).find((name) => IDS.has(name.toLowerCase()));
    const id = this.#key === undefined ? undefined : row[this.#key];
    if (isId(id)) this.#take([id, hash(jsonOf(row))]);
  }

  /** Whether one of the rows was the first or the last of an earlier page. */
  areAmong(rows: readonly unknown[]): boolean {
    const key = this.#key;
    if (key === undefined) return false;
    for (const row of rows) {
      // To write every row as JSON would cost as much as to read it.
      const print = isObject(row) ? this.#prints.get(row[key]) : undefined;
      if (print !== undefined && hash(jsonOf(row)) === print) return true;
    }
    return false;
  }

  /** The last of them, as they were when so many had been taken; null where rows have no id. */
  lastOf(count: number): EdgeRowsState | null {
    const key = this.#key;
    return key === undefined ? null : { key, marks: this.#marks.slice(Math.max(0, count - KEPT), count) };
  }

  /** Takes those that another walk has taken. */
  resume({ key, marks }: EdgeRowsState): void {
    this.#key = key;
    for (const mark of marks) this.#take(mark);
  }

  #take(mark: RowMark): void {
    this.#prints.set(...mark);
    this.#marks.push(mark);
  }
}

function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
