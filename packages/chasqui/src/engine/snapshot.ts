import { Headers } from "../request/headers.ts";

/** Options that are data, which a caller may change for the next call as soon as this one is made. */
const DATA = ["params", "path", "headers", "cookies", "json", "form", "multipart", "body", "allowOrigins"];

/**
 * Options as they are now: what is read when the engine has come must be what was given. What is no data is taken as it is:
 * an `Auth` or a logger may have a state of its own.
 */
export function snapshotOptions<O extends object | undefined>(options: O): O {
  if (typeof options !== "object" || options === null) return options;
  const copy = { ...options };
  for (const name of DATA) {
    if (Object.hasOwn(copy, name)) Reflect.set(copy, name, snapshot(Reflect.get(copy, name), new Map()));
  }
  return copy;
}

/** A copy of plain data, and of what Fetch has for data; all else is taken as it is. */
function snapshot(value: unknown, copies: Map<unknown, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (value instanceof Headers) return value.clone();
  if (value instanceof URLSearchParams) return new URLSearchParams(value);
  if (value instanceof globalThis.Headers) return new globalThis.Headers(value);
  if (value instanceof FormData) {
    const form = new FormData();
    for (const [name, entry] of value) form.append(name, entry);
    return form;
  }
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const entry of value) list.push(snapshot(entry, copies));
    return list;
  }
  if (value instanceof Map) return new Map([...value].map((pair) => [pair[0], snapshot(pair[1], copies)]));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const object: Record<string, unknown> = {};
  copies.set(value, object);
  for (const [name, entry] of Object.entries(value)) {
    // Defined and not assigned: `__proto__` is a name like any other.
    Object.defineProperty(object, name, {
      value: snapshot(entry, copies),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}
