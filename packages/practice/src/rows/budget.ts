import { Refusal } from "../refusal.ts";

/** The most generated rows that one answer may look at. */
const ROWS_PER_ANSWER = 100_000;

/** Counts the generated rows of one answer. A server that made a million rows for one question would hang for all others. */
export class Budget {
  #left = ROWS_PER_ANSWER;

  /** @throws {Refusal} 400 when the answer needs more rows than it may look at. */
  spend(rows: number, what: string): void {
    this.#left -= rows;
    if (this.#left < 0) {
      const limit = ROWS_PER_ANSWER.toLocaleString("en");
      throw new Refusal(
        400,
        `${what} needs more than ${limit} generated rows; ask for fewer with _page, _limit, or a filter on an id`,
      );
    }
  }
}
