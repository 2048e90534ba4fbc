import { type Row, valueAt } from "../rows/row.ts";
import type { Query } from "./query.ts";

/** The rows in the order asked for; rows that compare equal keep their order. */
export function sorted(rows: readonly Row[], by: Query["sort"]): Row[] {
  // Each row's keys are looked up once, not once a comparison.
  const keyed = rows.map((row) => ({ row, keys: by.map(({ path }) => valueAt(row, path)) }));
  keyed.sort((a, b) => {
    for (const [index, { descending }] of by.entries()) {
      const order = compare(a.keys[index], b.keys[index]);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

/** Numbers by size, text by code unit, then null, then what is missing. */
function compare(left: unknown, right: unknown): number {
  const rank = (value: unknown) => (value === undefined ? 2 : value === null ? 1 : 0);
  const ranks = rank(left) - rank(right);
  if (ranks !== 0 || rank(left) > 0) return ranks;
  const [a, b] = [comparable(left), comparable(right)];
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === "number" ? -1 : 1;
}

function comparable(value: unknown): number | string {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
