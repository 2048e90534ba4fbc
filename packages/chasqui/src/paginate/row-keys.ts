import { atPath } from "./body-path.ts";

/** Keys that are remembered. Rows that move while pages are counted move by a few; to keep all would cost a million rows' memory. */
const REMEMBERED = 100_000;

/** Tells rows that came before by their keys. */
export class RowKeys {
  readonly #path: string;
  readonly #keys = new Set<unknown>();

  constructor(path: string) {
    this.#path = path;
  }

  /** The rows that have not come before; the index of a row that has no key where there is one. */
  fresh(rows: readonly unknown[]): { readonly rows: readonly unknown[] } | { readonly keyless: number } {
    const fresh: unknown[] = [];
    for (const [index, row] of rows.entries()) {
      const key = atPath(row, this.#path);
      if (key === undefined || key === null || typeof key === "object") return { keyless: index };
      if (this.#keys.has(key)) continue;
      this.#keys.add(key);
      fresh.push(row);
    }
    if (this.#keys.size > REMEMBERED) this.#forget();
    return { rows: fresh };
  }

  #forget(): void {
    for (const key of this.#keys) {
      if (this.#keys.size <= REMEMBERED) return;
      this.#keys.delete(key);
    }
  }
}
