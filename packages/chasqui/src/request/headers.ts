/**
 * The header lines of a message: names compare without case (RFC 9110 §5.1), spelling and order stay as given.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { printAs } from "../printing.ts";
import { isSecret, type Secret } from "../secret.ts";
import { checkHeaderName, checkHeaderValue } from "./field.ts";
import { kindOf } from "./kind-of.ts";
import { isIterable, type ObjectShape } from "./object-shape.ts";
import { redactHeaders } from "./redact.ts";

/**
 * One value of a header. A `Secret` is sent as what it holds and printed as `***`.
 *
 * @example
 * ```ts
 * import { type HeaderValue, secret } from "chasqui";
 * const value: HeaderValue = secret("k-123");
 * ```
 */
export type HeaderValue = string | Secret;

/**
 * What headers can be given as: our `Headers` or Fetch's, pairs, a Map, or an object. In an object an array makes one
 * line each, `undefined` says nothing, and `null` or an empty array removes a default.
 *
 * @example
 * ```ts
 * import type { HeadersInit } from "chasqui";
 * const headers: HeadersInit = { accept: "application/json", "x-tag": ["a", "b"], "user-agent": null };
 * ```
 */
export type HeadersInit =
  | Headers
  | Iterable<readonly [string, HeaderValue]>
  | { readonly [name: string]: HeaderValue | readonly HeaderValue[] | null | undefined }
  | ObjectShape;

/** Compares without case, and without making a string where the lengths already differ. */
function sameName(a: string, lower: string): boolean {
  return a.length === lower.length && (a === lower || a.toLowerCase() === lower);
}

/**
 * Header lines, in their order and spelling, found without regard to case.
 *
 * Unlike Fetch's `Headers` it keeps what was written and where, so that a request looks on the wire as it does in the
 * code. Printing it, as text, by `inspect` or as JSON, masks secrets.
 *
 * @example
 * ```ts
 * import { Headers } from "chasqui";
 *
 * const headers = new Headers({ Accept: "application/json", "X-Tag": ["a", "b"] });
 * headers.get("accept"); // "application/json"
 * headers.get("x-tag"); // "a, b"
 * headers.getAll("x-tag"); // ["a", "b"]
 * ```
 */
export class Headers implements Iterable<[string, string]> {
  #flat: string[] = [];
  /** Lower-case names whose values came as a `Secret`; undefined while there is none. Never changed: copies share it. */
  #secrets: ReadonlySet<string> | undefined;

  /** Lower-case names of query parameters that a URL among the lines must be printed without. */
  #secretParams: ReadonlySet<string> | undefined;

  static {
    printAs(Headers, (headers, show) => `Headers ${show(headers.toJSON())}`);
  }

  /**
   * @param init - The lines to start with.
   * @throws OptionsError where a name or value cannot stand in a header.
   */
  constructor(init?: HeadersInit) {
    if (init !== undefined && init !== null) this.#override(init);
  }

  /**
   * Wraps lines that a transport received or that were checked before. Nothing is checked and nothing copied.
   *
   * @param flat - `[name, value, name, value …]`. The object keeps this very array.
   * @param secretNames - Lower-case names whose values are not to be printed, besides those that are known as secrets.
   */
  static fromFlat(flat: string[], secretNames?: ReadonlySet<string>): Headers {
    const headers = new Headers();
    headers.#flat = flat;
    if (secretNames !== undefined) headers.#secrets = new Set(secretNames);
    return headers;
  }

  /** The lines as `[name, value, name, value …]` in wire spelling, for a transport. Not to be changed. */
  get flat(): readonly string[] {
    return this.#flat;
  }

  /**
   * The value of a header, several lines of it joined by `", "` (RFC 9110 §5.3), or null where there is none.
   *
   * `set-cookie` cannot be joined: the first line is returned, {@link getSetCookie} has them all. The lines of
   * `cookie` are joined by `"; "` (RFC 9113 §8.2.3).
   */
  get(name: string): string | null {
    const flat = this.#flat;
    const lower = name.toLowerCase();
    let found: string | null = null;
    for (let i = 0; i < flat.length; i += 2) {
      if (!sameName(flat[i] ?? "", lower)) continue;
      const value = flat[i + 1] ?? "";
      if (found === null) {
        if (lower === "set-cookie") return value;
        found = value;
      } else found += (lower === "cookie" ? "; " : ", ") + value;
    }
    return found;
  }

  /** Lower-case names whose values came as a `Secret`, for whoever prints the lines. A copy: to change it unmasks nothing. */
  get secretNames(): ReadonlySet<string> | undefined {
    return this.#secrets === undefined ? undefined : new Set(this.#secrets);
  }

  /** Lower-case names of query parameters whose values came as a `Secret`, for whoever prints a `Location`, say. */
  get secretParams(): ReadonlySet<string> | undefined {
    return this.#secretParams;
  }

  /** Every line of a header by itself, in order; nothing is split. */
  getAll(name: string): string[] {
    const flat = this.#flat;
    const lower = name.toLowerCase();
    const values: string[] = [];
    for (let i = 0; i < flat.length; i += 2) {
      if (sameName(flat[i] ?? "", lower)) values.push(flat[i + 1] ?? "");
    }
    return values;
  }

  /** Every `set-cookie` line by itself. */
  getSetCookie(): string[] {
    return this.getAll("set-cookie");
  }

  /** Whether there is such a header. */
  has(name: string): boolean {
    return this.#find(name.toLowerCase()) !== -1;
  }

  /**
   * Puts a value where the header stood, further lines of it removed, or at the end.
   *
   * @throws OptionsError where name or value cannot stand in a header.
   */
  set(name: string, value: HeaderValue): void {
    checkHeaderName(name);
    const text = checkHeaderValue(name, value);
    const lower = name.toLowerCase();
    const at = this.#find(lower);
    if (at === -1) this.#flat.push(name, text);
    else {
      this.#flat[at] = name;
      this.#flat[at + 1] = text;
      this.#remove(lower, at + 2);
    }
    if (isSecret(value)) this.#markSecret(lower);
    else this.#unmarkSecret(lower);
  }

  /**
   * Adds a line at the end, beside the ones of that name.
   *
   * @throws OptionsError where name or value cannot stand in a header.
   */
  append(name: string, value: HeaderValue): void {
    checkHeaderName(name);
    this.#flat.push(name, checkHeaderValue(name, value));
    if (isSecret(value)) this.#markSecret(name.toLowerCase());
  }

  /** Removes every line of a header. */
  delete(name: string): void {
    const lower = name.toLowerCase();
    this.#remove(lower, 0);
    this.#unmarkSecret(lower);
  }

  /** The lines as pairs, in order: a repeated header comes repeatedly. */
  *entries(): IterableIterator<[string, string]> {
    const flat = this.#flat;
    for (let i = 0; i < flat.length; i += 2) yield [flat[i] ?? "", flat[i + 1] ?? ""];
  }

  /** The names, as they are spelled, one for each line. */
  *keys(): IterableIterator<string> {
    for (let i = 0; i < this.#flat.length; i += 2) yield this.#flat[i] ?? "";
  }

  /** The values, one for each line. */
  *values(): IterableIterator<string> {
    for (let i = 1; i < this.#flat.length; i += 2) yield this.#flat[i] ?? "";
  }

  /** Calls a function with each line. */
  forEach(callback: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this.entries()) callback(value, name, this);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  /** A copy that changes by itself. */
  clone(): Headers {
    const copy = Headers.fromFlat(this.#flat.slice());
    copy.#secrets = this.#secrets;
    copy.#secretParams = this.#secretParams;
    return copy;
  }

  /** The lines as an object with secrets masked: what `JSON.stringify` prints. */
  toJSON(): Record<string, string> {
    return redactHeaders(this);
  }

  /** @internal For requests and responses: a server repeats in its headers the query that it was sent. */
  static knowParams(headers: Headers, secretParams: ReadonlySet<string>): void {
    if (#secretParams in headers) headers.#secretParams = secretParams;
  }

  /** @internal For {@link mergeHeaders}: lines take the place of those of the same name. */
  static override(headers: Headers, own: HeadersInit): void {
    headers.#override(own);
  }

  #override(own: HeadersInit): void {
    checkHeadersInit(own);
    if (own instanceof Headers) this.#overrideByLines(own.#flat, own.#secrets);
    else if (isIterable(own)) {
      const lines: string[] = [];
      const secrets = new Set<string>();
      for (const pair of own) {
        const [name, value] = checkPair(pair);
        lines.push(name, checkHeaderValue(name, value));
        if (isSecret(value)) secrets.add(name.toLowerCase());
      }
      for (const lower of secretNamesOf(own)) secrets.add(lower);
      this.#overrideByLines(lines, secrets.size === 0 ? undefined : secrets);
    } else {
      for (const name of Object.keys(own)) {
        const value: unknown = Reflect.get(own, name);
        if (value === undefined) continue;
        if (typeof value === "string") this.set(name, value);
        else this.#replace(name, Array.isArray(value) ? value : value === null ? [] : [value]);
      }
    }
  }

  /** The first line of a name takes the place of the lines here; those after it are added. What a transport received is checked here. */
  #overrideByLines(lines: readonly string[], secrets: ReadonlySet<string> | undefined): void {
    if (this.#flat.length === 0) {
      for (let i = 0; i < lines.length; i += 2) this.append(lines[i] ?? "", lines[i + 1] ?? "");
    } else if (lines.length === 2) this.set(lines[0] ?? "", lines[1] ?? "");
    else {
      const replaced = new Set<string>();
      for (let i = 0; i < lines.length; i += 2) {
        const name = lines[i] ?? "";
        const lower = name.toLowerCase();
        if (replaced.has(lower)) this.append(name, lines[i + 1] ?? "");
        else {
          replaced.add(lower);
          this.set(name, lines[i + 1] ?? "");
        }
      }
    }
    if (secrets === undefined) return;
    if (this.#secrets === undefined) this.#secrets = secrets;
    else for (const lower of secrets) this.#markSecret(lower);
  }

  /** Lets any number of lines take the place of a header, none to remove it. */
  #replace(name: string, values: readonly unknown[]): void {
    checkHeaderName(name);
    const lower = name.toLowerCase();
    const lines: string[] = [];
    for (const value of values) lines.push(name, checkHeaderValue(name, value));
    const at = this.#find(lower);
    this.delete(name);
    if (at === -1) this.#flat.push(...lines);
    else this.#flat.splice(at, 0, ...lines);
    if (values.some(isSecret)) this.#markSecret(lower);
  }

  #find(lower: string): number {
    const flat = this.#flat;
    for (let i = 0; i < flat.length; i += 2) {
      if (sameName(flat[i] ?? "", lower)) return i;
    }
    return -1;
  }

  /** Removes the lines of a name from a place on. */
  #remove(lower: string, from: number): void {
    const flat = this.#flat;
    let to = from;
    for (let i = from; i < flat.length; i += 2) {
      const name = flat[i] ?? "";
      if (sameName(name, lower)) continue;
      if (to !== i) {
        flat[to] = name;
        flat[to + 1] = flat[i + 1] ?? "";
      }
      to += 2;
    }
    flat.length = to;
  }

  #markSecret(lower: string): void {
    if (this.#secrets?.has(lower) !== true) this.#secrets = new Set(this.#secrets).add(lower);
  }

  #unmarkSecret(lower: string): void {
    if (this.#secrets?.has(lower) !== true) return;
    const left = new Set(this.#secrets);
    left.delete(lower);
    this.#secrets = left;
  }
}

/**
 * Checks that a value may hold headers. What it holds is checked where it is read.
 *
 * @param value - What was given as headers.
 * @param option - The option that it was given in, for the message.
 * @throws OptionsError where it is no object.
 */
export function checkHeadersInit(value: unknown, option: string = "headers"): asserts value is HeadersInit {
  if (typeof value === "object" && value !== null) return;
  throw new OptionsError(`${option} must be an object, pairs or Headers, not ${kindOf(value)}`, {
    option,
    hint: "for example { accept: 'application/json' }",
  });
}

/** What a `Headers` of another copy of the library was given as a `Secret` (P13). */
function secretNamesOf(own: object): Iterable<string> {
  const names = "secretNames" in own ? own.secretNames : undefined;
  return names instanceof Set ? names : [];
}

function checkPair(pair: unknown): [name: string, value: unknown] {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new OptionsError(`headers: each pair must be [name, value], not ${kindOf(pair)}`, {
      option: "headers",
    });
  }
  const name: unknown = pair[0];
  checkHeaderName(name);
  return [name, pair[1]];
}

/**
 * Lays a call's headers over a client's: in place where the name is the same in any spelling, at the end where it is
 * new. `null` removes, `undefined` keeps. Neither side is changed.
 *
 * @param base - The client's headers.
 * @param own - The call's headers.
 * @throws OptionsError where a name or value cannot stand in a header.
 * @example
 * ```ts
 * const merged = mergeHeaders(new Headers({ Accept: "a", "X-Tag": "b" }), { accept: "c", "x-tag": null });
 * merged.flat; // ["accept", "c"]
 * ```
 */
export function mergeHeaders(base: Headers, own: HeadersInit | undefined): Headers {
  const merged = base.clone();
  if (own !== undefined && own !== null) Headers.override(merged, own);
  return merged;
}
