import { atPath } from "./body-path.ts";
import { isInexact } from "./cursor-value.ts";

/** Keys that are remembered. Rows that move while pages are counted move by a few; to keep all would cost a million rows' memory. */
const REMEMBERED = 100_000;
/** Keys that a checkpoint has: those of the last page, and of as many before it as make so many. */
const KEPT = 200;
/** But of a page of more than these the last. */
const MOST_KEPT = 1000;

/** Tells rows that came before by their keys. */
export class RowKeys {
  readonly #path: string;
  readonly #keys = new Set<unknown>();
  #recent: (string | number)[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** The rows that have not come before; the index of a row that has no key, or one that lost digits, where there is one. */
  fresh(
    rows: readonly unknown[],
  ): { readonly rows: readonly unknown[] } | { readonly bad: number; readonly inexact: boolean } {
    const fresh: unknown[] = [];
    const kept = Math.min(Math.max(rows.length, KEPT), MOST_KEPT);
    // A new list: the one before is that of a checkpoint.
    this.#recent = this.#recent.slice(-kept);
    for (const [index, row] of rows.entries()) {
      const key = atPath(row, this.#path);
      // Two that differ in the digits that were lost would be one.
      const inexact = isInexact(key);
      if (inexact || key === undefined || key === null || typeof key === "object")
        return { bad: index, inexact };
      if (typeof key === "string" || typeof key === "number") this.#recent.push(key);
      if (this.#keys.has(key)) continue;
      this.#keys.add(key);
      fresh.push(row);
    }
    if (this.#recent.length > kept) this.#recent.splice(0, this.#recent.length - kept);
    if (this.#keys.size > REMEMBERED) this.#forget();
    return { rows: fresh };
  }

  /** Keys of the last rows, for a checkpoint: a row that moves while nobody reads comes again on the next page. */
  get last(): readonly (string | number)[] {
    return this.#recent;
  }

  /** Takes rows for seen by their keys. */
  add(keys: readonly (string | number)[]): void {
    for (const key of keys) this.#keys.add(key);
    this.#recent.push(...keys);
  }

  /** Whether all of them have come before. */
  has(rows: readonly unknown[]): boolean {
    return rows.every((row) => this.#keys.has(atPath(row, this.#path)));
  }

  #forget(): void {
    for (const key of this.#keys) {
      if (this.#keys.size <= REMEMBERED) return;
      this.#keys.delete(key);
    }
  }
}
