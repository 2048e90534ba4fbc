/**
 * The query of a URL, from whatever it was given as.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { isSecret, type Secret } from "../secret.ts";
import { kindOf } from "./kind-of.ts";
import { learnSecretParam } from "./sensitive-headers.ts";

/** One value of a parameter. `null` and `undefined` send nothing; a Date is sent as ISO 8601, a bigint as digits. */
export type ParamScalar = string | number | bigint | boolean | Date | Secret | null | undefined;

/** What a parameter can hold: a value, several, or, where `paramsStyle` says how, an object. */
export type ParamValue = ParamScalar | readonly ParamValue[] | { readonly [name: string]: ParamValue };

/**
 * What a query can be given as: an object, pairs, a Map, `URLSearchParams`, or a string, which is sent as it is but
 * for characters that no query may have.
 */
export type ParamsInit =
  | string
  | URLSearchParams
  | Iterable<readonly [string, ParamValue]>
  | { readonly [name: string]: ParamValue };

/** How an array is written: `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1&a[1]=2`, `a=1,2` or `a=[1,2]`. */
export type ArrayStyle = "repeat" | "brackets" | "indices" | "comma" | "json";

/** How an object is written: `a[k]=1`, `a.k=1` or `a={"k":1}`. */
export type ObjectStyle = "brackets" | "dots" | "json";

/**
 * How arrays and objects are written in a query.
 *
 * | style | `{ a: [1, 2] }` | `{ a: { k: 1 } }` |
 * |---|---|---|
 * | `repeat` (default) | `a=1&a=2` | an error |
 * | `comma` | `a=1,2` | an error |
 * | `brackets` | `a[]=1&a[]=2` | `a[k]=1` |
 * | `indices` | `a[0]=1&a[1]=2` | `a[k]=1` |
 * | `dots` | `a=1&a=2` | `a.k=1` |
 * | `json` | `a=[1,2]` | `a={"k":1}` |
 *
 * An object names the two by themselves. Brackets, braces and quotes are percent-encoded on the wire.
 */
export type ParamsStyle =
  | "repeat"
  | "comma"
  | "brackets"
  | "indices"
  | "dots"
  | "json"
  | { readonly arrays?: ArrayStyle; readonly objects?: ObjectStyle };

interface Styles {
  readonly arrays: ArrayStyle;
  readonly objects: ObjectStyle | undefined;
}

const STYLES: ReadonlyMap<unknown, Styles> = new Map<unknown, Styles>([
  ["repeat", { arrays: "repeat", objects: undefined }],
  ["comma", { arrays: "comma", objects: undefined }],
  ["brackets", { arrays: "brackets", objects: "brackets" }],
  ["indices", { arrays: "indices", objects: "brackets" }],
  ["dots", { arrays: "repeat", objects: "dots" }],
  ["json", { arrays: "json", objects: "json" }],
]);
const ARRAY_STYLES: ReadonlySet<unknown> = new Set<ArrayStyle>([
  "repeat",
  "brackets",
  "indices",
  "comma",
  "json",
]);
const OBJECT_STYLES: ReadonlySet<unknown> = new Set<ObjectStyle>(["brackets", "dots", "json"]);
const PLAIN: Styles = { arrays: "repeat", objects: undefined };

/** Deeper than any API asks for, and far from the depth at which a hostile object exhausts the stack (S60). */
const MAX_DEPTH = 16;

function stylesOf(style: ParamsStyle | undefined, option: string): Styles {
  if (style === undefined) return PLAIN;
  const known = STYLES.get(style);
  if (known !== undefined) return known;
  if (typeof style === "object" && style !== null) {
    const arrays = Object.hasOwn(style, "arrays") ? style.arrays : undefined;
    const objects = Object.hasOwn(style, "objects") ? style.objects : undefined;
    const good =
      (arrays === undefined || ARRAY_STYLES.has(arrays)) &&
      (objects === undefined || OBJECT_STYLES.has(objects));
    if (good) return { arrays: arrays ?? "repeat", objects };
  }
  const shown = typeof style === "string" ? JSON.stringify(style) : kindOf(style);
  throw new OptionsError(
    `${option}Style must be one of ${[...STYLES.keys()].join(", ")}, or { arrays: ${[...ARRAY_STYLES].join(" | ")}, objects: ${[...OBJECT_STYLES].join(" | ")} }, not ${shown}`,
    { option: `${option}Style` },
  );
}

/** What `encodeURIComponent` leaves and the form encoding does not; all else is the same in both. */
const FORM_EXTRA = /[!'()~]|%20/g;
const FORM_SAFE = /^[\w.*-]*$/;

/**
 * Encodes a name or value as `application/x-www-form-urlencoded` (WHATWG URL §5.2): a space is `+`, a `%` always
 * `%25`. Nothing is taken to be encoded already (S59).
 *
 * @param text - The name or value.
 * @throws URIError where the text has half of a surrogate pair in it, as a string cut by `slice` may.
 * @example
 * ```ts
 * formEncode("a b&c"); // "a+b%26c"
 * ```
 */
export function formEncode(text: string): string {
  if (FORM_SAFE.test(text)) return text;
  return encodeURIComponent(text).replace(FORM_EXTRA, (found) =>
    found === "%20" ? "+" : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const HALF = "has half of a surrogate pair in it, as a string cut in the middle of a character has";

/** Percent-encodes what may not stand in a query as it is, and a `%` that starts no escape. The rest is left alone. */
function fixQuery(text: string, option: string): string {
  if (!text.isWellFormed()) {
    throw new OptionsError(`${option} ${HALF}`, { option });
  }
  // RFC 3986 §3.4, and beyond it what browsers and servers agree to leave alone.
  return text
    .replace(/%(?![0-9A-Fa-f]{2})/g, "%25")
    .replace(/[^!$%&'()*+,\-./0-9:;=?@A-Z[\\\]^_`a-z{|}~]+/g, encodeURIComponent);
}

/** A piece of a query that was given as text, to be sent as it is. */
class RawPair {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a client's and a call's params make together. */
class MergedParams implements Iterable<readonly [string, ParamValue]> {
  readonly entries: readonly Entry[];
  constructor(entries: readonly Entry[]) {
    this.entries = entries;
  }
  /** For whoever reads them as pairs; here the entries are read, and text is left as it is. */
  *[Symbol.iterator](): Generator<readonly [string, ParamValue]> {
    for (const [name, value] of this.entries) {
      yield [name, value instanceof RawPair ? decoded(value.text.slice(value.text.indexOf("=") + 1)) : value];
    }
  }
}

/** What a form-encoded text says. Escapes that are no UTF-8 stay as they are written. */
function decoded(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** A name and its value, which is checked when it is written. */
type Entry = readonly [name: string, value: ParamValue | RawPair];

/** The entries of any form, in order. */
function entriesOf(init: ParamsInit, option: string): Iterable<Entry> {
  if (typeof init === "string") return rawEntries(init, option);
  if (typeof init !== "object" || init === null) badForm(init, option);
  if (init instanceof MergedParams) return init.entries;
  if (Symbol.iterator in init && typeof init[Symbol.iterator] === "function") return pairs(init, option);
  // A Date, a Blob or a promise has no own keys, and would send nothing without a word.
  if (!isPlain(init) && Object.prototype.toString.call(init) !== "[object Object]") badForm(init, option);
  // Object.entries sees own keys only (S55).
  return Object.entries(init);
}

function badForm(init: unknown, option: string): never {
  throw new OptionsError(
    `${option} must be an object, pairs, a Map, URLSearchParams or a string, not ${kindOf(init)}`,
    { option },
  );
}

function* pairs(init: Iterable<unknown>, option: string): Generator<Entry> {
  for (const pair of init) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new OptionsError(`${option}: each pair must be [name, value], not ${kindOf(pair)}`, { option });
    }
    const name: unknown = pair[0];
    if (typeof name !== "string") {
      throw new OptionsError(`${option}: a name must be a string, not ${kindOf(name)}`, { option });
    }
    yield [name, pair[1]];
  }
}

function rawEntries(text: string, option: string): Entry[] {
  const entries: Entry[] = [];
  for (const piece of (text.startsWith("?") ? text.slice(1) : text).split("&")) {
    if (piece === "") continue;
    const fixed = fixQuery(piece, option);
    const equals = fixed.indexOf("=");
    entries.push([decoded(equals === -1 ? fixed : fixed.slice(0, equals)), new RawPair(fixed)]);
  }
  return entries;
}

/**
 * Lays a call's params over a client's. The call's key wins, for every form in which either side was given; a key
 * keeps the place that it had at the client. `null` removes the client's, `undefined` keeps it. Names are compared as
 * they are written: unlike headers, params have case.
 *
 * @param client - The client's params.
 * @param call - The call's params.
 * @returns What {@link serializeParams} takes, and this function again.
 * @throws OptionsError where one of them has no form that params may have.
 * @example
 * ```ts
 * serializeParams(mergeParams({ key: "k", page: 1 }, "page=2")); // "key=k&page=2"
 * ```
 */
export function mergeParams(
  client: ParamsInit | undefined,
  call: ParamsInit | undefined,
): ParamsInit | undefined {
  if (client === undefined || client === null) return call ?? undefined;
  if (call === undefined || call === null) return client;
  const own = new Map<string, Entry[]>();
  for (const entry of entriesOf(call, "params")) {
    if (entry[1] === undefined) continue;
    const known = own.get(entry[0]);
    if (known === undefined) own.set(entry[0], [entry]);
    else known.push(entry);
  }
  const merged: Entry[] = [];
  const placed = new Set<string>();
  for (const entry of entriesOf(client, "params")) {
    const winning = own.get(entry[0]);
    if (winning === undefined) merged.push(entry);
    else if (!placed.has(entry[0])) {
      placed.add(entry[0]);
      merged.push(...winning);
    }
  }
  for (const [name, entries] of own) if (!placed.has(name)) merged.push(...entries);
  return new MergedParams(merged);
}

/**
 * Writes params as a query, without its `?`: in the order given, form-encoded, nothing sorted.
 *
 * @param params - The params in any form.
 * @param style - How arrays and objects are written. Default: arrays repeat the key, an object is an error.
 * @param option - The option that they were given in, for messages.
 * @throws OptionsError naming the key of a value that cannot be written: NaN, an invalid Date, an object without a
 *   style, one nested too deep, half a character.
 * @example
 * ```ts
 * serializeParams({ q: "a b", tag: ["x", "y"], page: undefined }); // "q=a+b&tag=x&tag=y"
 * serializeParams({ where: { age: 3 } }, "brackets"); // "where%5Bage%5D=3"
 * ```
 */
export function serializeParams(
  params: ParamsInit | undefined,
  style?: ParamsStyle | undefined,
  option: string = "params",
): string {
  if (params === undefined || params === null) return "";
  const writer = new QueryWriter(stylesOf(style, option), option);
  if (typeof params === "string") {
    return fixQuery(params.startsWith("?") ? params.slice(1) : params, option);
  }
  for (const [name, value] of entriesOf(params, option)) writer.write(name, value, 0);
  return writer.text;
}

/** Builds the query; the recursion over arrays and objects is here. */
class QueryWriter {
  text = "";
  readonly #styles: Styles;
  readonly #option: string;
  /** Whether a `Secret` was met in what is being written as JSON. */
  #revealed = false;

  constructor(styles: Styles, option: string) {
    this.#styles = styles;
    this.#option = option;
  }

  write(name: string, value: unknown, depth: number): void {
    if (value === undefined || value === null) return;
    if (typeof value === "string") this.#pair(name, this.#encode(name, value));
    else if (value instanceof RawPair) this.#join(value.text);
    else {
      const text = this.#scalar(name, value);
      if (text !== undefined) this.#pair(name, this.#encode(name, text));
      else if (depth >= MAX_DEPTH) this.#fail(name, `is nested more than ${MAX_DEPTH} deep`);
      else if (Array.isArray(value)) this.#array(name, value, depth);
      else this.#object(name, value, depth);
    }
  }

  #array(name: string, values: readonly unknown[], depth: number): void {
    const style = this.#styles.arrays;
    if (style === "json") {
      this.#json(name, values);
      return;
    }
    if (style === "comma") {
      const parts: string[] = [];
      for (const value of values) {
        if (value === undefined || value === null) continue;
        // The comma between is bare, the comma within `%2C`: the two can be told apart (RFC 6570 §3.2.8 does the same).
        parts.push(this.#encode(name, this.#scalar(name, value) ?? this.#nested(name, value)));
      }
      if (parts.length > 0) this.#pair(name, parts.join(","));
      return;
    }
    let index = 0;
    for (const value of values) {
      if (value === undefined || value === null) continue;
      if (style === "repeat") {
        if (typeof value === "object" && this.#scalar(name, value) === undefined) this.#nested(name, value);
        this.write(name, value, depth + 1);
      } else this.write(style === "indices" ? `${name}[${index}]` : `${name}[]`, value, depth + 1);
      index++;
    }
  }

  #object(name: string, value: unknown, depth: number): void {
    if (!isPlain(value)) {
      const hint = "give a string, number, bigint, boolean or Date, or an array of them";
      this.#fail(name, `is ${kindOf(value)}, which a query cannot hold`, hint);
    }
    const style = this.#styles.objects;
    if (style === "json") {
      this.#json(name, value);
      return;
    }
    if (style === undefined) {
      const hint = `name how with ${this.#option}Style: brackets (a[k]=1), dots (a.k=1) or json`;
      this.#fail(name, "is an object, and a query has no one way to write it", hint);
    }
    for (const [key, inner] of Object.entries(value)) {
      this.write(style === "dots" ? `${name}.${key}` : `${name}[${key}]`, inner, depth + 1);
    }
  }

  #json(name: string, value: unknown): void {
    this.#revealed = false;
    const text = JSON.stringify(this.#jsonValue(name, value, 0));
    if (this.#revealed) learnSecretParam(name);
    this.#pair(name, this.#encode(name, text));
  }

  /** What is to be written as JSON: secrets revealed, dates and bigints as in the rest of a query. */
  #jsonValue(name: string, value: unknown, depth: number): unknown {
    if (value === null || value === undefined || typeof value === "boolean" || typeof value === "string")
      return value;
    if (depth >= MAX_DEPTH) this.#fail(name, `is nested more than ${MAX_DEPTH} deep`);
    if (Array.isArray(value)) return value.map((inner) => this.#jsonValue(name, inner, depth + 1));
    const text = this.#scalar(name, value);
    if (text !== undefined) return typeof value === "number" ? value : text;
    if (!isPlain(value)) this.#fail(name, `holds ${kindOf(value)}, which a query cannot hold`);
    const made = Object.entries(value).map(([key, inner]) => [
      key,
      this.#jsonValue(`${name}.${key}`, inner, depth + 1),
    ]);
    return Object.fromEntries(made);
  }

  /** The text of a value that is one; undefined for arrays and objects. */
  #scalar(name: string, value: unknown): string | undefined {
    switch (typeof value) {
      case "string":
        return value;
      case "number":
        if (!Number.isFinite(value)) this.#fail(name, `is ${value}`, "leave it out with undefined");
        return String(value);
      case "boolean":
      case "bigint":
        return String(value);
      case "object":
        if (isSecret(value)) {
          this.#revealed = true;
          learnSecretParam(name);
          return value.reveal();
        }
        if (value instanceof Date) {
          if (Number.isNaN(value.getTime())) this.#fail(name, "is an invalid Date");
          return value.toISOString();
        }
        return undefined;
      default:
        return this.#fail(name, `is ${kindOf(value)}, which a query cannot hold`);
    }
  }

  #nested(name: string, value: unknown): never {
    const what = Array.isArray(value) ? "an array" : kindOf(value);
    const hint = `name how with ${this.#option}Style: brackets, indices or json`;
    return this.#fail(name, `is an array that holds ${what}`, hint);
  }

  #encode(name: string, text: string): string {
    try {
      return formEncode(text);
    } catch {
      return this.#fail(
        name,
        "has half of a surrogate pair in it, as a string cut in the middle of a character has",
      );
    }
  }

  #pair(name: string, encoded: string): void {
    this.#join(`${this.#encode(name, name)}=${encoded}`);
  }

  #join(pair: string): void {
    this.text = this.text === "" ? pair : `${this.text}&${pair}`;
  }

  #fail(name: string, what: string, hint?: string): never {
    const details = { option: this.#option };
    const shown = JSON.stringify(name.slice(0, 60));
    throw new OptionsError(
      `${this.#option}: ${shown} ${what}`,
      hint === undefined ? details : { ...details, hint },
    );
  }
}

function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === null || proto === Object.prototype || Object.getPrototypeOf(proto) === null;
}

/**
 * Adds a query to a URL: behind the one that is there already, in front of a fragment.
 *
 * @param url - A URL, absolute or not.
 * @param query - What {@link serializeParams} wrote; empty adds nothing.
 * @example
 * ```ts
 * appendParams("/posts?page=1#top", "limit=3"); // "/posts?page=1&limit=3#top"
 * ```
 */
export function appendParams(url: string, query: string): string {
  if (query === "") return url;
  const hash = url.indexOf("#");
  const head = hash === -1 ? url : url.slice(0, hash);
  const mark = head.indexOf("?");
  const glue = mark === -1 ? "?" : mark === head.length - 1 || head.endsWith("&") ? "" : "&";
  return head + glue + query + (hash === -1 ? "" : url.slice(hash));
}
