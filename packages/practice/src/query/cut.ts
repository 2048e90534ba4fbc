import type { Query } from "./query.ts";

/** The rows of an answer, and what its headers say about the others. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  /** Whether `X-Total-Count` is sent. */
  readonly counted: boolean;
  /** Whether the answer is one of pages; then `links` are sent if there are any. */
  readonly paged: boolean;
  readonly links: Readonly<Partial<Record<"first" | "prev" | "next" | "last", number>>>;
}

/** Decides which of `count` rows a query gets, in json-server 0.17's order: `_page`, else `_end`, else `_limit`. */
export function cut(query: Query, count: number): Cut {
  if (query.page !== undefined) return cutPage(query.page, query.limit, count);
  const counted = query.end !== undefined || query.limit !== undefined;
  const start = whole(query.start) ?? 0;
  if (query.end !== undefined)
    return { ...bounds(start, whole(query.end) ?? 0, count), counted, paged: false, links: {} };
  if (query.limit !== undefined) {
    return { ...bounds(start, start + (whole(query.limit) ?? 0), count), counted, paged: false, links: {} };
  }
  // `_start` alone is ignored.
  return { from: 0, to: count, counted, paged: false, links: {} };
}

function cutPage(asked: string, limit: string | undefined, count: number): Cut {
  const page = Math.max(1, whole(asked) ?? 1);
  const size = whole(limit) ?? 0;
  const perPage = size >= 1 ? size : 10;
  const { from, to } = bounds((page - 1) * perPage, page * perPage, count);
  const shared = { from, to, counted: true, paged: true };
  // Past the end, and where everything fits on one page, there is nowhere to go.
  if (from >= to || to - from === count) return { ...shared, links: {} };
  const links = {
    first: 1,
    ...(page > 1 ? { prev: page - 1 } : {}),
    ...(page * perPage < count ? { next: page + 1 } : {}),
    last: Math.ceil(count / perPage),
  };
  return { ...shared, links };
}

/** Array.prototype.slice's rule: a negative number counts from the end. */
function bounds(start: number, end: number, count: number): { from: number; to: number } {
  const place = (value: number) => (value < 0 ? Math.max(0, count + value) : Math.min(value, count));
  const from = place(start);
  return { from, to: Math.max(from, place(end)) };
}

function whole(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? "", 10);
  return Number.isNaN(value) ? undefined : value;
}
