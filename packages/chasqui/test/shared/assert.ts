/** What the shared tests say of values. There is nothing of a runtime in it, nor of a test runner. */

/** That two values hold the same. */
export function equal(actual: unknown, expected: unknown, what = "value"): void {
  if (same(actual, expected)) return;
  throw new Error(`${what}: ${shown(actual)} is not ${shown(expected)}`);
}

/** That a text fits, or holds a piece. */
export function fits(actual: unknown, expected: RegExp | string, what = "text"): void {
  const text = String(actual);
  if (typeof expected === "string" ? text.includes(expected) : expected.test(text)) return;
  throw new Error(`${what}: ${shown(text)} does not fit ${expected}`);
}

/** That an object has these fields, and perhaps more. */
export function has(actual: unknown, expected: Readonly<Record<string, unknown>>): void {
  if (typeof actual !== "object" || actual === null) throw new Error(`${shown(actual)} is no object`);
  for (const [name, value] of Object.entries(expected)) equal(Reflect.get(actual, name), value, name);
}

function shown(value: unknown): string {
  return value instanceof Error ? String(value) : (JSON.stringify(value) ?? String(value)).slice(0, 400);
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => same(Reflect.get(a, name), Reflect.get(b, name)));
}
