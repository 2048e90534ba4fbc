import { isObject } from "./body-path.ts";
import { hash, jsonOf } from "./fingerprint.ts";
import { IdOrder } from "./id-order.ts";

/** Fields that tell a row from others, in most APIs. Rows that have none may be alike, and say nothing. */
const IDS: ReadonlySet<string> = new Set([
  ...["id", "_id", "@id", "uuid", "guid", "key", "slug", "sku", "number", "ts", "sha", "url", "href"],
]);
/** Rows that a checkpoint has: those of half as many pages. */
const KEPT = 64;

/** A row by its id, and a print of all of it; empty where the ids of a list in order tell its rows by themselves. */
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
 *
 * As long as ids rise or fall from page to page nothing can have come back, and no row is looked at but those. The last row of the
 * page before is then for `Tally` to know, which has all of it.
 */
export class EdgeRows {
  #key: string | undefined;
  readonly #prints = new Map<unknown, string>();
  readonly #marks: RowMark[] = [];
  /** Ids of rows in order that come behind the marks, of which none is made before it is asked for. */
  #inOrder: (string | number)[] = [];
  readonly #order = new IdOrder();

  /** How many have been taken, to ask for the last of them later. */
  get count(): number {
    return this.#marks.length + this.#inOrder.length;
  }

  /** Takes the rows of a page: whether one of them was the first or the last of an earlier one. */
  take(rows: readonly unknown[]): boolean {
    const [first] = rows;
    if (!isObject(first)) return false;
    this.#key ??= Object.keys(first).find((name) => IDS.has(name.toLowerCase()));
    const key = this.#key;
    if (key === undefined) return false;
    const last = rows[rows.length - 1];
    const before = this.#order.last;
    const inOrder = this.#order.goesOn(first[key], isObject(last) ? last[key] : undefined);
    const found = !inOrder && this.#isOneAmong(rows, key, before);
    // One page in order says little of the next.
    const byId = inOrder && before !== undefined;
    this.#note(first, key, byId);
    if (rows.length > 1) this.#note(last, key, byId);
    return found;
  }

  /** The last of them, as they were when so many had been taken; null where rows have no id. */
  lastOf(count: number): EdgeRowsState | null {
    const key = this.#key;
    this.#markAll();
    return key === undefined ? null : { key, marks: this.#marks.slice(Math.max(0, count - KEPT), count) };
  }

  /** Takes those that another walk has taken. */
  resume({ key, marks }: EdgeRowsState): void {
    this.#key = key;
    this.#order.forget();
    this.#markAll();
    for (const mark of marks) this.#mark(mark);
  }

  #markAll(): void {
    const ids = this.#inOrder;
    if (ids.length === 0) return;
    this.#inOrder = [];
    for (const id of ids) this.#mark([id, ""]);
  }

  /** @param before - The last id of the page before: one that differs may follow it, where ids are those of several rows. */
  #isOneAmong(rows: readonly unknown[], key: string, before: number | undefined): boolean {
    this.#markAll();
    for (const row of rows) {
      const id = isObject(row) ? row[key] : undefined;
      const print = this.#prints.get(id);
      if (print === undefined) continue;
      // To write every row as JSON would cost as much as to read it.
      if (print === "" ? id !== before : hash(jsonOf(row)) === print) return true;
    }
    return false;
  }

  #note(row: unknown, key: string, byId: boolean): void {
    const id = isObject(row) ? row[key] : undefined;
    if (!isId(id)) return;
    if (byId) this.#inOrder.push(id);
    else this.#mark([id, hash(jsonOf(row))]);
  }

  #mark(mark: RowMark): void {
    this.#prints.set(...mark);
    this.#marks.push(mark);
  }
}

function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
