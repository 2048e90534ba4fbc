import type { Condition } from "../query/condition.ts";
import type { Query } from "../query/query.ts";
import { select } from "../query/select.ts";
import type { Budget } from "../rows/budget.ts";
import type { Collection } from "../rows/collection.ts";
import { type Row, textOf } from "../rows/row.ts";
import type { World } from "../world.ts";
import { keyOf, singular } from "./names.ts";

const EVERYTHING: Query = {
  conditions: [],
  search: undefined,
  sort: [],
  page: undefined,
  start: undefined,
  end: undefined,
  limit: undefined,
  embed: [],
  expand: [],
};

/** The rows of `children` that belong to a row of `parent`. */
export function childrenOf(parent: Collection, id: string, children: Collection, budget: Budget): Row[] {
  const key = keyOf(parent.name);
  if (!children.has(key)) return [];
  const condition: Condition = { path: key, operator: "eq", values: [id], patterns: [] };
  const found = select(children, { ...EVERYTHING, conditions: [condition] }, budget);
  return found.slice(0, found.count);
}

/** All rows of a resource. */
export function allOf(collection: Collection, budget: Budget): Row[] {
  const found = select(collection, EVERYTHING, budget);
  return found.slice(0, found.count);
}

/** The row with the children and parents that `_embed` and `_expand` name. Names that are no resource add nothing. */
export function related(world: World, collection: Collection, row: Row, query: Query, budget: Budget): Row {
  if (query.embed.length === 0 && query.expand.length === 0) return row;
  const whole = { ...row };
  for (const name of query.embed) {
    const children = world.collections.get(name);
    if (children) whole[name] = childrenOf(collection, textOf(row.id), children, budget);
  }
  for (const name of query.expand) {
    const parents = [...world.collections.values()].find((one) => singular(one.name) === name);
    const parent = parents?.get(textOf(row[`${name}Id`]));
    if (parents?.base.generated) budget.spend(1, `expanding ${name}`);
    if (parent) whole[name] = parent;
  }
  return whole;
}
