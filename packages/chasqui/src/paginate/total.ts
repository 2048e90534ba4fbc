import { atPath } from "./body-path.ts";
import type { PageSeen } from "./style.ts";

const ROWS = [
  "total",
  "total_count",
  "totalCount",
  "total_results",
  "totalResults",
  "meta.total",
  "pagination.total",
];
const PAGES = [
  "total_pages",
  "totalPages",
  "last_page",
  "lastPage",
  "meta.total_pages",
  "meta.last_page",
  "pagination.total_pages",
];

function numberAt(data: unknown, paths: readonly string[]): number | undefined {
  for (const path of paths) {
    const value = atPath(data, path);
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  }
  return undefined;
}

/** How many rows the server says there are, in `X-Total-Count` or the body. */
export function totalRows({ data, response }: Pick<PageSeen, "data" | "response">): number | undefined {
  const header = response.headers.get("x-total-count");
  if (header !== null && /^\d{1,15}$/.test(header)) return Number(header);
  return numberAt(data, ROWS);
}

/** How many pages the server says there are. */
export function totalPages({ data }: Pick<PageSeen, "data">): number | undefined {
  return numberAt(data, PAGES);
}
