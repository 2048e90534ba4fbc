import { isObject } from "./body-path.ts";

/** A JSON value with fields set at their dotted paths. What is not on the way there is shared with the value that was given. */
export function withFields(value: unknown, fields: Readonly<Record<string, string | number>>): unknown {
  let changed = value;
  for (const [path, field] of Object.entries(fields)) changed = withField(changed, path.split("."), field);
  return changed;
}

function withField(value: unknown, [key, ...rest]: readonly string[], field: string | number): unknown {
  if (key === undefined) return field;
  const here = isObject(value) && !Array.isArray(value) ? value : {};
  const inner = Object.hasOwn(here, key) ? here[key] : undefined;
  // Not an assignment: `__proto__` in a path would not make a field (S56).
  return Object.fromEntries([
    ...Object.entries(here).filter(([name]) => name !== key),
    [key, withField(inner, rest, field)],
  ]);
}

/** The fields of a JSON body that it has already. */
export function hasField(value: unknown, path: string): boolean {
  let here = value;
  for (const key of path.split(".")) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return false;
    here = here[key];
  }
  return true;
}

/** The plain fields of a JSON body, as a query would have them. */
export function plainFields(value: unknown): readonly (readonly [name: string, value: string])[] {
  if (!isObject(value) || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    typeof field === "string" || typeof field === "number" ? [[name, String(field)] as const] : [],
  );
}
