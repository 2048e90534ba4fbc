function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * What stands at a dotted path, such as `"meta.next_cursor"`; undefined where nothing does. A key that has a dot in itself
 * (`@odata.nextLink`) is found too.
 */
export function atPath(data: unknown, path: string): unknown {
  if (isRecord(data) && Object.hasOwn(data, path)) return data[path];
  let at: unknown = data;
  for (const key of path.split(".")) {
    if (!isRecord(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
