/**
 * Structured fields (RFC 9651), as far as headers of limits need them: lists of items and dictionaries of items, each with
 * parameters. Strict: a field that breaks the grammar anywhere has no value at all (4.2).
 *
 * @module
 */

/** What an item or a parameter is. A String and a Token are both text, a Byte Sequence is its base64, a Date its seconds. */
export type BareItem = number | string | boolean;

/** An item with its parameters. */
export interface Item {
  readonly value: BareItem;
  readonly params: ReadonlyMap<string, BareItem>;
}

/** A longer field is none: nobody's quotas take that many bytes. */
const LONGEST = 8192;

const KEY = /[a-z*][a-z0-9_.*-]*/y;
const NUMBER = /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/y;
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const TOKEN = /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y;
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y;
const BOOLEAN = /\?([01])/y;
const DATE = /@(-?\d{1,15})(?![\d.])/y;

/**
 * The items of a List; undefined where the field is malformed or has an Inner List in it.
 *
 * @param text - All lines of the field, joined with commas.
 * @example
 * ```ts
 * parseList('"hour";q=1000;w=3600, "day";q=5000;w=86400')?.length; // 2
 * ```
 */
export function parseList(text: string): readonly Item[] | undefined {
  const items: Item[] = [];
  return membersOf(text, (scan) => {
    const item = scan.item();
    if (item !== undefined) items.push(item);
    return item !== undefined;
  })
    ? items
    : undefined;
}

/**
 * The members of a Dictionary; undefined where the field is malformed or has an Inner List in it. Of a key that is there twice
 * the last counts.
 *
 * @example
 * ```ts
 * parseDictionary("limit=100, remaining=50, reset=5")?.get("reset")?.value; // 5
 * ```
 */
export function parseDictionary(text: string): ReadonlyMap<string, Item> | undefined {
  const members = new Map<string, Item>();
  return membersOf(text, (scan) => {
    const key = scan.match(KEY)?.[0];
    if (key === undefined) return false;
    const item = scan.skip("=") ? scan.item() : scan.flagged();
    if (item === undefined) return false;
    members.delete(key);
    members.set(key, item);
    return true;
  })
    ? members
    : undefined;
}

/** Reads what is between commas; false where anything is malformed. */
function membersOf(text: string, member: (scan: Scan) => boolean): boolean {
  if (text.length > LONGEST) return false;
  const scan = new Scan(withoutSpaces(text));
  if (scan.ended) return true;
  for (;;) {
    if (!member(scan)) return false;
    scan.blank();
    if (scan.ended) return true;
    if (!scan.skip(",")) return false;
    scan.blank();
    // A comma at the end.
    if (scan.ended) return false;
  }
}

/** The text without the spaces around it. Not by a pattern: to look for ` +$` takes the square of the spaces within. */
function withoutSpaces(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === " ") start++;
  while (end > start && text[end - 1] === " ") end--;
  return text.slice(start, end);
}

class Scan {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at === this.#text.length;
  }

  blank(): void {
    this.match(/[ \t]*/y);
  }

  skip(char: string): boolean {
    const there = this.#text[this.#at] === char;
    if (there) this.#at++;
    return there;
  }

  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  item(): Item | undefined {
    const value = this.#bare();
    return value === undefined ? undefined : this.#withParams(value);
  }

  /** A member that is no more than its key is true. */
  flagged(): Item | undefined {
    return this.#withParams(true);
  }

  #withParams(value: BareItem): Item | undefined {
    const params = new Map<string, BareItem>();
    while (this.skip(";")) {
      this.match(/ */y);
      const key = this.match(KEY)?.[0];
      if (key === undefined) return undefined;
      const param = this.skip("=") ? this.#bare() : true;
      if (param === undefined) return undefined;
      params.set(key, param);
    }
    return { value, params };
  }

  #bare(): BareItem | undefined {
    const number = this.match(NUMBER);
    if (number !== undefined) return Number(number[0]);
    const [, text] = this.match(STRING) ?? [];
    if (text !== undefined) return text.replace(/\\(.)/g, "$1");
    const token = this.match(TOKEN);
    if (token !== undefined) return token[0];
    const [, bytes] = this.match(BYTES) ?? [];
    if (bytes !== undefined) return bytes;
    const [, flag] = this.match(BOOLEAN) ?? [];
    if (flag !== undefined) return flag === "1";
    const [, date] = this.match(DATE) ?? [];
    return date === undefined ? undefined : Number(date);
  }
}
