/**
 * What a value is, in the words of an error message: its kind and shape, never the contents of an object, because
 * those may be secrets.
 *
 * @param value - Anything.
 * @example
 * ```ts
 * kindOf(123); // "the number 123"
 * kindOf({ a: 1, b: 2 }); // "an object with the keys a, b"
 * kindOf(new Map()); // "a Map"
 * ```
 */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "string":
      return "a string";
    case "number":
    case "boolean":
      return `the ${typeof value} ${String(value)}`;
    case "bigint":
      return `the bigint ${value}n`;
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
    default:
      try {
        return kindOfObject(value);
      } catch {
        // A getter that throws, or a proxy that was revoked: the slip that is to be told is another one.
        return "an object";
      }
  }
}

function kindOfObject(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (name !== "Object") return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
  if (typeof value !== "object" || value === null) return name;
  const proto: unknown = Object.getPrototypeOf(value);
  if (typeof proto === "object" && proto !== null && proto !== Object.prototype) {
    const made: unknown = Reflect.get(proto, "constructor");
    if (typeof made === "function" && made.name !== "") return `an instance of ${made.name}`;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty object";
  const shown = keys.slice(0, 5).join(", ");
  return `an object with the keys ${shown}${keys.length > 5 ? ", …" : ""}`;
}
