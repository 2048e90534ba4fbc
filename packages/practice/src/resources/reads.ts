import { type Answer, json } from "../answer/answer.ts";
import { cut } from "../query/cut.ts";
import { readQuery } from "../query/query.ts";
import { select } from "../query/select.ts";
import { Budget } from "../rows/budget.ts";
import type { Collection } from "../rows/collection.ts";
import type { World } from "../world.ts";
import { linkHeader } from "./links.ts";
import { keyOf } from "./names.ts";
import { allOf, related } from "./relations.ts";

/** A list: filtered, searched, sorted, cut, with what it is asked to bring along. */
export function list(world: World, collection: Collection, url: URL, params: URLSearchParams): Answer {
  const budget = new Budget();
  const query = readQuery(params, (path) => collection.has(path));
  const selection = select(collection, query, budget);
  const part = cut(query, selection.count);
  const headers = new Headers();
  if (part.counted) {
    headers.set("X-Total-Count", String(selection.count));
    headers.set("Access-Control-Expose-Headers", part.paged ? "X-Total-Count, Link" : "X-Total-Count");
  }
  const links = linkHeader(url, "_page", part.links);
  if (links !== "") headers.set("Link", links);
  const rows = selection.slice(part.from, part.to);
  return json(
    rows.map((row) => related(world, collection, row, query, budget)),
    200,
    headers,
  );
}

/** The children of a row, as a list. The children of a row that does not exist are none. */
export function listChildren(
  world: World,
  parent: string,
  id: string,
  children: Collection,
  url: URL,
): Answer {
  const key = keyOf(parent);
  if (!children.has(key)) return json([]);
  const params = new URLSearchParams(url.search);
  params.set(key, id);
  return list(world, children, url, params);
}

/** One row, or 404 and `{}`. */
export function one(world: World, collection: Collection, id: string, url: URL): Answer {
  const row = collection.get(id);
  if (!row) return json({}, 404);
  const query = readQuery(url.searchParams, () => false);
  return json(related(world, collection, row, query, new Budget()));
}

/** `/db`: every row of every resource. */
export function everything(world: World): Answer {
  const budget = new Budget();
  const rows = [...world.collections.values()].map(
    (collection) => [collection.name, allOf(collection, budget)] as const,
  );
  return json({ ...Object.fromEntries(rows), ...Object.fromEntries(world.singles) });
}
