import { jsonOf } from "./fingerprint.ts";

/** Rows of the first page that are remembered: to prove a style, not to tell every row from every other. */
const COMPARED = 1000;

/** The rows of a first page, to tell whether a second one is another. */
export class FirstPage {
  readonly #rows: ReadonlySet<string>;

  constructor(rows: readonly unknown[]) {
    this.#rows = new Set(rows.slice(0, COMPARED).map((row) => jsonOf(row)));
  }

  /** How many of these rows were on the first page. */
  shared(rows: readonly unknown[]): number {
    return rows.filter((row) => this.#rows.has(jsonOf(row))).length;
  }
}
