import type { Budget } from "../rows/budget.ts";
import type { Collection, Segment } from "../rows/collection.ts";
import type { Row } from "../rows/row.ts";
import { meets } from "./condition.ts";
import type { Query } from "./query.ts";
import { contains } from "./search.ts";
import { sorted } from "./sort.ts";

/** The rows that a query selects, before any of them is cut off. */
export interface Selection {
  readonly count: number;
  slice(from: number, to: number): Row[];
}

/**
 * Selects rows. As long as conditions on ids are all there is, no row is made before it is asked for; a search, a sort or
 * another condition looks at every row that is left.
 *
 * @throws {Refusal} 400 when that means too many generated rows.
 */
export function select(collection: Collection, query: Query, budget: Budget): Selection {
  const { segments, rest } = collection.narrow(query.conditions);
  const count = segments.reduce((sum, segment) => sum + length(segment), 0);
  const slice = (from: number, to: number, what: string) =>
    take(collection, segments, from, to, budget, what);
  const { search, sort } = query;
  if (rest.length === 0 && search === undefined && sort.length === 0) {
    return { count, slice: (from, to) => slice(from, to, `a list of ${collection.name}`) };
  }
  const why =
    search !== undefined ? "a search with q" : sort.length > 0 ? "sorting" : `a filter on ${rest[0]?.path}`;
  let rows = slice(0, count, `${why} in ${count.toLocaleString("en")} ${collection.name}`);
  rows = rows.filter((row) => rest.every((condition) => meets(row, condition)));
  if (search !== undefined) rows = rows.filter((row) => contains(row, search));
  if (sort.length > 0) rows = sorted(rows, sort);
  return { count: rows.length, slice: (from, to) => rows.slice(from, to) };
}

function length(segment: Segment): number {
  return "row" in segment ? 1 : segment.to - segment.from;
}

function take(
  collection: Collection,
  segments: readonly Segment[],
  from: number,
  to: number,
  budget: Budget,
  what: string,
): Row[] {
  if (collection.base.generated) budget.spend(Math.max(0, to - from), what);
  const rows: Row[] = [];
  let passed = 0;
  for (const segment of segments) {
    const size = length(segment);
    const [first, last] = [Math.max(0, from - passed), Math.min(size, to - passed)];
    if ("row" in segment) {
      if (first < last) rows.push(segment.row);
    } else {
      for (let i = first; i < last; i++) rows.push(collection.base.at(segment.from + i));
    }
    passed += size;
    if (passed >= to) break;
  }
  return rows;
}
