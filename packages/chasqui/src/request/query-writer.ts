/**
 * How values are written in a query and in a form.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { isSecret, type Secret } from "../secret.ts";
import { kindOf } from "./kind-of.ts";

/** One value of a parameter. `null` and `undefined` send nothing; a Date is sent as ISO 8601, a bigint as digits. */
export type ParamScalar = string | number | bigint | boolean | Date | Secret | null | undefined;

/** What a parameter can hold: a value, several, or, where `paramsStyle` says how, an object. */
export type ParamValue = ParamScalar | readonly ParamValue[] | { readonly [name: string]: ParamValue };

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
 *
 * @example
 * ```ts
 * import type { ParamsStyle } from "chasqui";
 * const style: ParamsStyle = { arrays: "comma", objects: "dots" }; // a=1,2&o.k=3
 * ```
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

function stylesOf(style: ParamsStyle | undefined): Styles {
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
    `paramsStyle must be one of ${[...STYLES.keys()].join(", ")}, or { arrays: ${[...ARRAY_STYLES].join(" | ")}, objects: ${[...OBJECT_STYLES].join(" | ")} }, not ${shown}`,
    { option: "paramsStyle" },
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

export const HALF: string =
  "has half of a surrogate pair in it, as a string cut in the middle of a character has";

/** Builds the query; the recursion over arrays and objects is here. */
export class QueryWriter {
  /** The query so far. */
  text: string = "";
  readonly #styles: Styles;
  readonly #option: string;
  /** Whether a `Secret` was met in what is being written as JSON. */
  #revealed = false;

  readonly #secretNames: Set<string> | undefined;

  /** @param secretNames - The lower-case names whose values came as a `Secret` are added to it. */
  constructor(style: ParamsStyle | undefined, option: string, secretNames?: Set<string> | undefined) {
    this.#secretNames = secretNames;
    this.#styles = stylesOf(style);
    this.#option = option;
  }

  /** Adds what is encoded already. */
  raw(pair: string): void {
    this.text = this.text === "" ? pair : `${this.text}&${pair}`;
  }

  /**
   * Adds a parameter, arrays and objects by the style.
   *
   * @throws OptionsError naming the key of a value that cannot be written.
   */
  add(name: string, value: unknown): void {
    this.#write(name, value, 0);
  }

  #write(name: string, value: unknown, depth: number): void {
    if (value === undefined || value === null) return;
    if (typeof value === "string") this.#pair(name, this.#encode(name, value));
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
        this.#write(name, value, depth + 1);
      } else this.#write(style === "indices" ? `${name}[${index}]` : `${name}[]`, value, depth + 1);
      index++;
    }
  }

  #object(name: string, value: unknown, depth: number): void {
    if (!isPlain(value)) {
      const hint = "give a string, number, bigint, boolean or Date, or an array of them";
      this.#fail(name, `is ${kindOf(value)}, which ${this.#what} cannot hold`, hint);
    }
    const style = this.#styles.objects;
    if (style === "json") {
      this.#json(name, value);
      return;
    }
    if (style === undefined) {
      const hint = this.#hint("brackets (a[k]=1), dots (a.k=1) or json");
      this.#fail(name, `is an object, and ${this.#what} has no one way to write it`, hint);
    }
    for (const [key, inner] of Object.entries(value)) {
      this.#write(style === "dots" ? `${name}.${key}` : `${name}[${key}]`, inner, depth + 1);
    }
  }

  #json(name: string, value: unknown): void {
    this.#revealed = false;
    const text = JSON.stringify(this.#jsonValue(name, value, 0));
    if (this.#revealed) this.#markSecret(name);
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
    if (!isPlain(value)) this.#fail(name, `holds ${kindOf(value)}, which ${this.#what} cannot hold`);
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
          this.#markSecret(name);
          return value.reveal();
        }
        if (value instanceof Date) {
          if (Number.isNaN(value.getTime())) this.#fail(name, "is an invalid Date");
          return value.toISOString();
        }
        return undefined;
      default:
        return this.#fail(name, `is ${kindOf(value)}, which ${this.#what} cannot hold`);
    }
  }

  #markSecret(name: string): void {
    this.#secretNames?.add(name.toLowerCase());
  }

  #nested(name: string, value: unknown): never {
    const what = Array.isArray(value) ? "an array" : kindOf(value);
    const hint = this.#hint("brackets, indices or json");
    return this.#fail(name, `is an array that holds ${what}`, hint);
  }

  get #what(): string {
    return this.#option === "form" ? "a form" : "a query";
  }

  /** A query has an option for its style, a form has none. */
  #hint(styles: string): string {
    if (this.#option === "params") return `name how with paramsStyle: ${styles}`;
    return "write the names out, as the API wants them: { 'a[k]': 1 }";
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
    this.raw(`${this.#encode(name, name)}=${encoded}`);
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

/** Whether a value is an object literal, of this realm or another, or made by `Object.create(null)`. */
export function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === null || proto === Object.prototype || Object.getPrototypeOf(proto) === null;
}
