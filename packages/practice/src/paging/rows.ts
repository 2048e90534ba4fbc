import { readQuery } from "../query/query.ts";
import { type Selection, select } from "../query/select.ts";
import { Refusal } from "../refusal.ts";
import type { Ask } from "../route.ts";
import { Budget } from "../rows/budget.ts";
import type { World } from "../world.ts";

/** The most rows of a page; a client that asks for more gets this many, as real APIs have it. */
const LARGEST_PAGE = 100;
const USUAL_PAGE = 10;

/** What the paging styles walk over: the rows of a resource, with the filters of the ordinary lists. */
export function rowsToPage(ask: Ask, world: World, own: readonly string[]): Selection {
  const name = ask.req.param("resource") ?? "";
  const collection = world.collections.get(name);
  if (!collection) throw new Refusal(404, `there is no resource ${JSON.stringify(name)} to page through`);
  const params = new URL(ask.req.url).searchParams;
  for (const key of own) params.delete(key);
  return select(
    collection,
    readQuery(params, (path) => collection.has(path)),
    new Budget(),
  );
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
