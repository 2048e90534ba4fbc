/**
 * The query of a URL, from whatever it was given as.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "./kind-of.ts";
import { isIterable, type ObjectShape } from "./object-shape.ts";
import { HALF, isPlain, type ParamsStyle, type ParamValue, QueryWriter } from "./query-writer.ts";

export type { ArrayStyle, ObjectStyle, ParamScalar, ParamsStyle, ParamValue } from "./query-writer.ts";
export { formEncode } from "./query-writer.ts";

/**
 * What a query can be given as: an object, pairs, a Map, `URLSearchParams`, or a string, which is sent as it is but
 * for characters that no query may have.
 *
 * @example
 * ```ts
 * import type { ParamsInit } from "chasqui";
 * const params: ParamsInit = { q: "a b", tag: ["x", "y"], since: new Date(0), page: undefined };
 * // q=a+b&tag=x&tag=y&since=1970-01-01T00%3A00%3A00.000Z
 * ```
 */
export type ParamsInit =
  | string
  | URLSearchParams
  | Iterable<readonly [string, ParamValue]>
  | { readonly [name: string]: ParamValue }
  | ObjectShape;

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
  if (isIterable(init)) return pairs(init, option);
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
 * @param secretNames - The lower-case names whose values came as a `Secret` are added to it.
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
  secretNames?: Set<string> | undefined,
): string {
  if (params === undefined || params === null) return "";
  const writer = new QueryWriter(style, option, secretNames);
  if (typeof params === "string") {
    return fixQuery(params.startsWith("?") ? params.slice(1) : params, option);
  }
  for (const [name, value] of entriesOf(params, option)) {
    if (value instanceof RawPair) writer.raw(value.text);
    else writer.add(name, value);
  }
  return writer.text;
}

/**
 * Params as a client keeps them, for all of its calls: looked at once, so that what no call could send is told where it was written. What
 * can be read once, as a generator can, is read here.
 *
 * @throws OptionsError as {@link serializeParams} does.
 */
export function keptParams(
  params: ParamsInit | undefined,
  style: ParamsStyle | undefined,
): ParamsInit | undefined {
  let kept = params;
  if (typeof params === "object" && params !== null && isOnce(params)) kept = [...params];
  serializeParams(kept ?? "", style);
  return kept;
}

/** Whether it is its own iterator: what was read of it is gone. */
function isOnce(params: object): params is Iterable<readonly [string, ParamValue]> {
  return isIterable(params) && Object.is(params[Symbol.iterator](), params);
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
