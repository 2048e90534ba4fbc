import type { PageSpec, PageStyleName } from "./options.ts";

/**
 * How sure it is that a walk has every row:
 *
 * - `"given"`: `by` says how pages are asked for;
 * - `"detected"`: the first page or the request shows it, and no second page has come yet;
 * - `"proven"`: the second page brought other rows, or the server said that there is no more;
 * - `"assumed"`: nothing shows that there are more pages, and asking for a second one brought no other rows; or a page in the middle
 *   was shorter than another, and the server says nowhere how many rows there are;
 * - `"unknown"`: no page has been read.
 */
export type Confidence = "given" | "detected" | "proven" | "assumed" | "unknown";

/** How a walk goes from page to page, and why. Plain data. */
export interface Explanation {
  /** The style; undefined while it is not known. */
  readonly style: PageStyleName | undefined;
  /** The style as an explicit option. */
  readonly by: PageSpec | undefined;
  /** Why this style, in words. */
  readonly reason: string;
  readonly confidence: Confidence;
  /** Where the rows were found, as a dotted path; empty for the body, undefined where an option says it. */
  readonly rows: string | undefined;
  /** Whether the walk is at its end. */
  readonly ended: boolean;
  /** Pages read. */
  readonly pages: number;
  /** Rows read. */
  readonly rowsRead: number;
  /** Rows that were left out because their `primaryKey` had come before. */
  readonly duplicates: number;
  /** How many rows the server last said there are; undefined where it did not. */
  readonly total: number | undefined;
  /** Requests that looked for a second page where the first showed none. */
  readonly probes: readonly string[];
}
