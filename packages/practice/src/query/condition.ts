import { type Row, textOf, valueAt } from "../rows/row.ts";
import type { Pattern } from "./pattern.ts";

/** How a field is compared. */
export type Operator = "eq" | "ne" | "gte" | "lte" | "like";

/** One parameter of a query that filters: `title_like=qui`. */
export interface Condition {
  readonly path: string;
  readonly operator: Operator;
  /** The values of the parameter, which may be repeated. */
  readonly values: readonly string[];
  /** The compiled values of `_like`. */
  readonly patterns: readonly Pattern[];
}

/**
 * Whether a row meets a condition, as json-server 0.17 has it: a row without the field never does, values are compared as
 * strings (`_gte` and `_lte` as numbers where the row has a number), a repeated parameter is OR, a repeated `_ne` AND.
 */
export function meets(row: Row, condition: Condition): boolean {
  const value = valueAt(row, condition.path);
  if (value === undefined || value === null) return false;
  const text = textOf(value);
  switch (condition.operator) {
    case "eq":
      return condition.values.includes(text);
    case "ne":
      return !condition.values.includes(text);
    case "like":
      return condition.patterns.some((pattern) => pattern.test(text));
    case "gte":
      return condition.values.some((bound) =>
        typeof value === "string" ? bound <= value : Number(bound) <= Number(value),
      );
    case "lte":
      return condition.values.some((bound) =>
        typeof value === "string" ? bound >= value : Number(bound) >= Number(value),
      );
  }
}
