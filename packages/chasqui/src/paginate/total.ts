import type { PageLinks } from "../response/links.ts";
import { fieldOf, type Response } from "../response/response.ts";
import { atPath, isObject } from "./body-path.ts";
import { eachField } from "./envelope.ts";
import { connectionIn } from "./graphql.ts";
import { rangeOf } from "./range.ts";

/** How many rows and pages there are, as far as the server says. */
export interface Totals {
  readonly rows: number | undefined;
  readonly pages: number | undefined;
  /** The largest number of rows that is named, also where several are and differ; 0 where there is none. */
  readonly most: number;
}

/** Elasticsearch's is an object, `{ value, relation }`. */
const ROWS: ReadonlySet<string> = new Set([
  ...["total", "total_count", "totalCount", "total_results", "totalResults", "total_items", "totalItems"],
  ...[
    "total_elements",
    "totalSize",
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

/** The number of the last page, in the URL that a `Link` header has for it. */
const LAST_PAGE = /[?&](?:page|_page|page_number|pageNumber|p)=(?<page>\d{1,15})(?:[&#]|$)/;

const NONE: Totals = { rows: undefined, pages: undefined, most: 0 };

function whole(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/**
 * Whether `count` is that of all rows. Elsewhere it is that of one page, or the size that was asked for; beside `next` and
 * `previous` it is the total (Django REST framework, and who does as it does).
 */
function isEnvelopeOfCount(data: unknown): data is { readonly count: unknown } {
  return isObject(data) && ["count", "next", "previous"].every((key) => Object.hasOwn(data, key));
}

/** The paths beside the rows that have whole numbers, for who named one that is not there. */
export function wholeNumbersIn(data: unknown): readonly string[] {
  const paths: string[] = [];
  eachField(data, (_key, path, value) => {
    if (whole(value) !== undefined) paths.push(path);
  });
  return paths;
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
 * @param posted - The JSON body of the request: a connection of GraphQL has its number beside its nodes.
 */
export function readTotals(
  data: unknown,
  response: Response,
  where: string | false | undefined,
  posted: unknown,
  links: PageLinks | undefined,
): Totals {
  if (where === false) return NONE;
  if (where !== undefined) {
    const all = whole(atPath(data, where));
    return { rows: all, pages: undefined, most: all ?? 0 };
  }
  const rows = new Agreed();
  const pages = new Agreed();
  for (const name of ROW_HEADERS) rows.add(whole(fieldOf(response, name)));
  for (const name of PAGE_HEADERS) pages.add(whole(fieldOf(response, name)));
  if (links?.last !== undefined) pages.add(whole(LAST_PAGE.exec(links.last.url)?.groups?.page));
  rows.add(rangeOf(fieldOf(response, "content-range"))?.total);
  // A bare list has nothing beside its rows.
  if (!Array.isArray(data)) readBeside(data, posted, rows, pages);
  return { rows: rows.value, pages: pages.value, most: rows.most };
}

/** What a body says of them beside its rows. */
function readBeside(data: unknown, posted: unknown, rows: Agreed, pages: Agreed): void {
  const connection = isObject(posted) && typeof posted.query === "string" ? connectionIn(data) : undefined;
  if (connection !== undefined) rows.add(whole(atPath(data, `${connection}.totalCount`)));
  if (isEnvelopeOfCount(data)) rows.add(whole(data.count));
  eachField(data, (key, _path, value) => {
    if (ROWS.has(key)) rows.add(whole(isObject(value) ? atPath(value, "value") : value));
    else if (PAGES.has(key)) pages.add(whole(value));
  });
}
