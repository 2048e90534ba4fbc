import { readQuery } from "../query/query.ts";
import { type Selection, select } from "../query/select.ts";
import { Refusal } from "../refusal.ts";
import type { Ask } from "../route.ts";
import { Budget } from "../rows/budget.ts";
import type { Row } from "../rows/row.ts";
import type { World } from "../world.ts";
import { stamped } from "./updated-at.ts";

/** The most rows of a page; a client that asks for more gets this many, as real APIs have it. */
const LARGEST_PAGE = 100;
const USUAL_PAGE = 10;

/** What the paging styles walk over: the rows of a resource, with the filters of the ordinary lists and an `updated_at`. */
export function rowsToPage(ask: Ask, world: World, name: string, own: readonly string[]): Selection {
  const collection = world.collections.get(name);
  if (!collection) throw new Refusal(404, `there is no resource ${JSON.stringify(name)} to page through`);
  const params = new URL(ask.req.url).searchParams;
  for (const key of own) params.delete(key);
  const since = params.get("updated_at_gte");
  const byTime = params.get("_sort") === "updated_at";
  if (byTime) params.delete("_sort");
  const tick = wholeOf(ask, "tick", 0, 0);
  const found = select(
    collection,
    readQuery(params, (path) => collection.has(path)),
    new Budget(),
  );
  const stamp = (row: Row): Row => stamped(row, tick);
  if (since === null && !byTime)
    return { count: found.count, slice: (from, to) => found.slice(from, to).map(stamp) };
  let rows = found.slice(0, found.count).map(stamp);
  if (since !== null) rows = rows.filter(({ updated_at: at }) => String(at) >= since);
  if (byTime) rows.sort((a, b) => (String(a.updated_at) < String(b.updated_at) ? -1 : 1));
  return { count: rows.length, slice: (from, to) => rows.slice(from, to) };
}

/** A whole number of a parameter, or the fallback where it is none or too small. */
export function wholeOf(ask: Ask, name: string, least: number, fallback: number): number {
  const value = Number(ask.req.query(name) || Number.NaN);
  return Number.isSafeInteger(value) && value >= least ? value : fallback;
}

/** How many rows a page is to have. */
export function pageSize(ask: Ask, name: string): number {
  return Math.min(wholeOf(ask, name, 1, USUAL_PAGE), LARGEST_PAGE);
}
