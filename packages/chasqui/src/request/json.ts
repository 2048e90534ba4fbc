/**
 * JSON as it is sent: compact, and exactly what was given. `JSON.stringify` writes NaN as `null`, a forgotten promise
 * as `{}` and a `Secret` as `***`, without a word; here that is found.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { isSecret } from "../secret.ts";
import { kindOf } from "./kind-of.ts";

/**
 * Writes a value as JSON. `toJSON` is honoured, a `Secret` is revealed.
 *
 * An ordinary value is walked once, by `JSON.stringify` itself. Only where the text holds one of the four things that
 * a lost value leaves behind, it is walked again to see whether one was lost. A function or symbol in an object leaves
 * nothing behind: it is left out as `JSON.stringify` does, as undefined is.
 *
 * @param value - Anything but undefined.
 * @throws OptionsError with the path of what JSON cannot hold: NaN, Infinity, a bigint, a circle, a Map, a promise,
 *   an Error or RegExp without fields of its own, a typed array, a function or symbol in an array.
 * @example
 * ```ts
 * stringifyJson({ name: "Añu", tags: [1, 2] }); // '{"name":"Añu","tags":[1,2]}'
 * stringifyJson({ price: Number.NaN }); // OptionsError: json: $.price is NaN, which JSON cannot hold
 * ```
 */
export function stringifyJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    return whyNot(value, cause);
  }
  if (text === undefined) refuse("$", kindOf(value));
  // Measured: a search is as fast as its first character is rare, so `***"` and not `"***"`.
  const suspect =
    text.includes("null") || text.includes("{}") || text.includes('***"') || text.includes('{"0":');
  return suspect && mayLose(value) ? stringifyChecked(value) : text;
}

/** Says where the value is that `JSON.stringify` threw at, or passes on what a `toJSON` threw. */
function whyNot(value: unknown, cause: unknown): never {
  if (cause instanceof RangeError) tooDeep(cause);
  try {
    stringifyChecked(value);
  } catch (error) {
    if (error instanceof OptionsError) throw error;
  }
  const said = cause instanceof Error ? cause.message.split("\n", 1)[0] : kindOf(cause);
  throw new OptionsError(`json cannot be written: ${said}`, { option: "json", cause });
}

function tooDeep(cause: RangeError): never {
  throw new OptionsError("json is nested too deep to be written", { option: "json", cause });
}

function refuse(path: string, what: string, hint?: string): never {
  const details = { option: "json" };
  throw new OptionsError(
    `json: ${path} is ${what}, which JSON cannot hold`,
    hint === undefined ? details : { ...details, hint },
  );
}

const BYTES = "give base64 or an array of numbers";

/** Objects that JSON writes as `{}` although there is something in them, and what to give instead. */
const LOST: ReadonlyMap<string, string> = new Map([
  ["Promise", "await it first"],
  ["Map", "give Object.fromEntries(map)"],
  ["Set", "give [...set]"],
  ["WeakMap", "give an object"],
  ["WeakSet", "give an array"],
  ["FormData", "send it as body"],
  ["URLSearchParams", "send it as body, or give Object.fromEntries(params)"],
  ["Headers", "give Object.fromEntries(headers)"],
  ["Blob", "send it with multipart, or its text"],
  ["File", "send it with multipart, or its text"],
  ["ArrayBuffer", BYTES],
  ["SharedArrayBuffer", BYTES],
  ["DataView", BYTES],
  ["Error", "give what is to be known of it: error.message"],
  ["DOMException", "give what is to be known of it: error.message"],
  ["RegExp", "give its source"],
  ["ReadableStream", "send it as body"],
]);

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** What to give instead of an object that JSON writes as `{}`, or as `{"0":…}` where it is a typed array. */
function insteadOf(value: object, keys: readonly string[]): string | undefined {
  if (ArrayBuffer.isView(value)) return BYTES;
  return keys.length === 0 ? LOST.get(tagOf(value)) : undefined;
}

/** What JSON writes as `null` in an array, though it is none, without a word. */
function isNoData(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}

/**
 * Whether a second, slower walk is needed: whether there is a number or Date that is none, a `Secret`, something of
 * `LOST`, a typed array, or a `toJSON` that may make one. Nulls and empty objects are ordinary; this keeps them cheap.
 */
function mayLose(root: unknown): boolean {
  const rest: unknown[] = [root];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value === "number") {
      if (!Number.isFinite(value)) return true;
    } else if (typeof value === "object" && value !== null) {
      if (Array.isArray(value)) {
        for (const inner of value) {
          if (isNoData(inner)) return true;
          if (
            typeof inner === "number" ? !Number.isFinite(inner) : typeof inner === "object" && inner !== null
          ) {
            rest.push(inner);
          }
        }
        continue;
      }
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) return true;
        continue;
      }
      if ("toJSON" in value) return true;
      const keys = Object.keys(value);
      if (insteadOf(value, keys) !== undefined) return true;
      for (const key of keys) {
        const inner: unknown = Reflect.get(value, key);
        if (
          typeof inner === "number" ? !Number.isFinite(inner) : typeof inner === "object" && inner !== null
        ) {
          rest.push(inner);
        }
      }
    }
  }
  return false;
}

/** Walks the value through a replacer, which sees what `toJSON` made, and knows where it is. */
function stringifyChecked(root: unknown): string {
  /** The objects that the walk is within, outermost first. */
  const within: { readonly value: object; readonly path: string }[] = [];
  const check = function (this: unknown, key: string, made: unknown): unknown {
    while (within.length > 0 && within.at(-1)?.value !== this) within.pop();
    const holder = within.at(-1);
    const path = holder === undefined ? "$" : holder.path + step(holder.value, key);
    const given: unknown = typeof this === "object" && this !== null ? Reflect.get(this, key) : made;
    if (isSecret(given)) return given.reveal();
    if (given instanceof Date && Number.isNaN(given.getTime())) refuse(path, "an invalid Date");
    if (typeof made === "number" && !Number.isFinite(made))
      refuse(path, String(made), "use null where a value is missing");
    if (typeof made === "bigint")
      refuse(path, `the bigint ${made}`, "give it as a string, or a stringifyJson that writes it");
    if (Array.isArray(this) && isNoData(made)) refuse(path, kindOf(made));
    if (typeof made !== "object" || made === null) return made;
    if (isSecret(made)) return made.reveal();
    const seen = within.find((outer) => outer.value === made);
    if (seen !== undefined) refuse(path, `${seen.path} again, a circle`);
    const hint = insteadOf(made, Object.keys(made));
    if (hint !== undefined) refuse(path, kindOf(made), hint);
    within.push({ value: made, path });
    return made;
  };
  try {
    return JSON.stringify(root, check);
  } catch (error) {
    if (error instanceof RangeError) tooDeep(error);
    throw error;
  }
}

function step(holder: object, key: string): string {
  if (Array.isArray(holder)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 40))}]`;
}
