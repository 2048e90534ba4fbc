import type { Condition, Operator } from "./condition.ts";
import { compilePattern } from "./pattern.ts";

/** What a read asks for, in words of its URL. */
export interface Query {
  readonly conditions: readonly Condition[];
  /** The text of `q`, in lower case; undefined when not asked. */
  readonly search: string | undefined;
  readonly sort: readonly { readonly path: string; readonly descending: boolean }[];
  readonly page: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly limit: string | undefined;
  readonly embed: readonly string[];
  readonly expand: readonly string[];
}

/** Parameters that are never filters; `callback` and `_` are what jQuery adds. */
const RESERVED = new Set(
  "q _start _end _page _limit _sort _order _embed _expand _delay run callback _".split(" "),
);
const SUFFIXES: Readonly<Record<string, Operator>> = { _gte: "gte", _lte: "lte", _ne: "ne", _like: "like" };

/**
 * Reads the parameters of a list. `has` says whether a field exists: a filter on an unknown field is ignored.
 *
 * @throws {Refusal} 400 for a `_like` that is not a pattern.
 */
export function readQuery(params: URLSearchParams, has: (path: string) => boolean): Query {
  const one = (name: string): string | undefined => params.get(name) || undefined;
  const orders = (one("_order") ?? "").split(",").map((order) => order.trim().toLowerCase());
  return {
    conditions: [...new Set(params.keys())]
      .filter((name) => !RESERVED.has(name))
      .map((name) => condition(name, params.getAll(name), has))
      .filter((found) => found !== undefined),
    search: one("q")?.toLowerCase(),
    sort: (one("_sort") ?? "")
      .split(",")
      .filter((path) => path !== "")
      .map((path, index) => ({ path: path.trim(), descending: orders[index] === "desc" })),
    page: one("_page"),
    start: one("_start"),
    end: one("_end"),
    limit: one("_limit"),
    embed: params.getAll("_embed"),
    expand: params.getAll("_expand"),
  };
}

function condition(
  name: string,
  values: readonly string[],
  has: (path: string) => boolean,
): Condition | undefined {
  const suffix = /_(?:gte|lte|ne|like)$/.exec(name)?.[0] ?? "";
  const operator = SUFFIXES[suffix];
  // A field whose own name ends in `_ne` is compared by that name, which the original cannot do.
  if (operator === undefined || has(name)) {
    return has(name) ? { path: name, operator: "eq", values, patterns: [] } : undefined;
  }
  const path = name.slice(0, -suffix.length);
  if (!has(path)) return undefined;
  const patterns = operator === "like" ? values.map((value) => compilePattern(value)) : [];
  return { path, operator, values, patterns };
}
