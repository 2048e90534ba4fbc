import type { Response } from "../response/response.ts";
import { atPath } from "./body-path.ts";
import { eachField } from "./envelope.ts";

/** How many rows and pages there are, as far as the server says. */
export interface Totals {
  readonly rows: number | undefined;
  readonly pages: number | undefined;
  /** The largest number of rows that is named, also where several are and differ; 0 where there is none. */
  readonly most: number;
}

const ROWS: ReadonlySet<string> = new Set([
  ...["total", "total_count", "totalCount", "total_results", "totalResults", "total_items", "totalItems"],
  ...[
    "total_elements",
    "totalElements",
    "total_records",
    "totalRecords",
    "total_rows",
    "totalRows",
    "records",
  ],
  ...["@odata.count", "hydra:totalItems"],
]);
const PAGES: ReadonlySet<string> = new Set([
  ...["total_pages", "totalPages", "last_page", "lastPage", "page_count", "pageCount"],
]);
const ROW_HEADERS = ["x-total-count", "x-total", "x-wp-total"];
const PAGE_HEADERS = ["x-total-pages", "x-wp-totalpages"];

const NONE: Totals = { rows: undefined, pages: undefined, most: 0 };

function whole(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** Two that differ say nothing: `total` is the rows of one API and the pages of another. */
class Agreed {
  #value: number | undefined;
  #several = false;
  most = 0;

  add(value: number | undefined): void {
    if (value === undefined) return;
    this.most = Math.max(this.most, value);
    if (this.#value !== undefined && this.#value !== value) this.#several = true;
    this.#value = value;
  }

  get value(): number | undefined {
    return this.#several ? undefined : this.#value;
  }
}

/**
 * How many rows and pages the server says there are, in its headers or beside the rows.
 *
 * @param where - The path of the number of rows in the body; false where nothing that is said of totals is to be believed.
 */
export function readTotals(data: unknown, response: Response, where: string | false | undefined): Totals {
  if (where === false) return NONE;
  if (where !== undefined) {
    const all = whole(atPath(data, where));
    return { rows: all, pages: undefined, most: all ?? 0 };
  }
  const rows = new Agreed();
  const pages = new Agreed();
  for (const name of ROW_HEADERS) rows.add(whole(response.headers.get(name)));
  for (const name of PAGE_HEADERS) pages.add(whole(response.headers.get(name)));
  eachField(data, (key, _path, value) => {
    if (ROWS.has(key)) rows.add(whole(value));
    else if (PAGES.has(key)) pages.add(whole(value));
  });
  return { rows: rows.value, pages: pages.value, most: rows.most };
}
