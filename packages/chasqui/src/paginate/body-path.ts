/** Whether a value is an object or an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/**
 * What stands at a dotted path, such as `"meta.next_cursor"`; undefined where nothing does. A key that has a dot in itself
 * (`@odata.nextLink`) is found too, at any depth. Own keys alone are looked at (S55).
 */
export function atPath(data: unknown, path: string): unknown {
  if (!isObject(data)) return undefined;
  if (Object.hasOwn(data, path)) return data[path];
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const key = path.slice(0, dot);
    if (!Object.hasOwn(data, key)) continue;
    const found = atPath(data[key], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
