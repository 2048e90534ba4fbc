/** One row of a resource: a JSON object. */
export type Row = Record<string, unknown>;

/** Whether a value is a JSON object (not an array, not null). */
export function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value at a dotted path (`address.geo.lat`, `tags[0]`), looking at own properties only, so that a query for
 * `constructor.name` finds nothing.
 */
export function valueAt(row: unknown, path: string): unknown {
  if (isRow(row) && Object.hasOwn(row, path)) return row[path];
  let value: unknown = row;
  for (const key of path.replaceAll(/\[(\w+)\]/g, ".$1").split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** What a value is compared as when a query compares by string: JavaScript's own rule, without calling into the row. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join(",");
  return typeof value === "object" ? "[object Object]" : String(value);
}
