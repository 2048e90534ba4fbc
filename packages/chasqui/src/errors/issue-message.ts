/**
 * What a schema says of a value, without the value. Some schemas quote what they were given, such as valibot with
 * `Expected number but received "eyJ…"`, and an error's message ends up in a log.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";

/** What stands where a value stood. */
const GONE = "…";
/** The most values that are looked for: an object of more is quoted by no schema as a whole. */
const MOST = 1000;

/**
 * The message of an issue with each value of the data at its place replaced, as text and as JSON, quoted or not.
 *
 * @param issue - What the schema found.
 * @param data - What it checked.
 * @example
 * ```ts
 * withoutValues({ message: 'Expected number but received "abc"', path: ["id"] }, { id: "abc" });
 * // "Expected number but received …"
 * ```
 */
export function withoutValues(issue: StandardSchemaV1.Issue, data: unknown): string {
  const values = new Set<string>();
  collect(at(data, issue.path ?? []), values);
  // What a schema has made of the value before it looked (trimmed, say) stands beside the message, by either name.
  for (const name of ["input", "data"]) if (name in issue) collect(Reflect.get(issue, name), values);
  let message = issue.message.replace(/\s+/g, " ");
  // The longest first: a value may be a part of another.
  for (const value of [...values].sort((a, b) => b.length - a.length)) message = without(message, value);
  return message;
}

function at(data: unknown, path: NonNullable<StandardSchemaV1.Issue["path"]>): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    const key = typeof part === "object" ? part.key : part;
    if (value instanceof Map) value = value.get(key);
    // Own properties only: a getter of a prototype is no data.
    else value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}

/** The texts of a value and of all that is in it, the JSON of each among them. */
function collect(given: unknown, texts: Set<string>): void {
  const seen = new Set<unknown>();
  const open: unknown[] = [given];
  while (open.length > 0 && seen.size < MOST) {
    const value = open.pop();
    if (seen.has(value)) continue;
    seen.add(value);
    if (typeof value === "string") {
      for (const text of [value, value.trim()]) texts.add(flat(text)).add(flat(jsonOf(text)));
    } else if (typeof value === "number" || typeof value === "bigint") texts.add(String(value));
    else if (value instanceof Date || value instanceof URL) texts.add(String(value)).add(jsonOf(value));
    else if (typeof value === "object" && value !== null) {
      // Not spread into arguments, of which there are fewer than there may be rows.
      for (const inner of Object.values(value)) {
        if (open.push(inner) > MOST) break;
      }
    }
  }
  if (open.length === 0 && typeof given === "object" && given !== null) texts.add(flat(jsonOf(given)));
}

function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    // A circle, or a bigint: no schema quotes that as JSON either.
    return "";
  }
}

/** Long enough to be replaced wherever it stands; what is shorter may be a part of the schema's own words. */
const LONG = 6;

function without(message: string, value: string): string {
  if (value.trim() === "") return message;
  let rest = message;
  for (const quote of ['"', "'", "`"]) rest = rest.replaceAll(quote + value + quote, GONE);
  return value.length >= LONG ? rest.replaceAll(value, GONE) : withoutWord(rest, value);
}

/** Replaces a short value where no letter or digit adjoins it: not the `a` of "received". */
function withoutWord(message: string, value: string): string {
  let made = "";
  let from = 0;
  for (
    let found = message.indexOf(value);
    found !== -1;
    found = message.indexOf(value, found + value.length)
  ) {
    const end = found + value.length;
    if (isWord(message[found - 1]) || isWord(message[end])) continue;
    made += message.slice(from, found) + GONE;
    from = end;
  }
  return made + message.slice(from);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
