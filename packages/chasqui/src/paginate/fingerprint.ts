import { isObject } from "./body-path.ts";
import { IdOrder } from "./id-order.ts";

/** Rows of a page that are compared, of a page that has no more, all: where they differ from one another, and where not. */
const FEW = 4;
const MANY = 32;
/** Pages whose prints a checkpoint has. */
const REMEMBERED = 32;

/**
 * Tells equal pages of one walk, however their bodies differ beside the rows.
 *
 * To write all rows of each page as JSON again costs a third of what it costs to fetch and parse it. So pages are held
 * to be the same if they have as many rows, and 4 of them, spread evenly from the first to the last, are the same; 32 where
 * not all of the 4 differ from one another, since rows with hardly anything in them are alike by chance. An equal page is
 * never missed. Different ones that are alike in all that come of rows of which whole pages are alike as well;
 * `allowRepeats` is for those.
 *
 * As long as the ids of rows rise or fall from page to page no page can be an earlier one, and none of its rows is written but
 * the last: such a page is known by the ids of those 4, should it come again when the ids have gone back.
 */
export class SeenPages {
  readonly #prints = new Set<string>();
  /** The last of them, so that a checkpoint does not go through all. */
  readonly #recent: string[] = [];
  #count = 0;
  #last = "";
  readonly #order = new IdOrder();
  /** Whether pages have been taken by their ids. */
  #byIds = false;
  /** Of pages in order, how many rows each has, and the ids that tell it. No print is made of them before one is asked for. */
  #inOrder: unknown[] = [];

  /** Whether these rows are those of an earlier page. */
  isRepeat(rows: readonly unknown[]): boolean {
    const isSecond = this.#order.last !== undefined;
    // One page in order says little of the next: the first one is known by all that it has.
    if (this.#order.goesOn(idOf(rows[0]), idOf(rows[rows.length - 1])) && isSecond) {
      this.#last = jsonOf([rows[rows.length - 1]]);
      this.#byIds = true;
      this.#count++;
      this.#inOrder.push(rows.length);
      for (let at = 0; at < FEW; at++) this.#inOrder.push(idOf(rows[placeOf(at, FEW, rows.length)]));
      return false;
    }
    this.#printAll();
    const text = comparedOf(rows);
    this.#last = text;
    const print = printOf(rows.length, text);
    if (this.#prints.has(print) || this.#hasIdsOf(rows)) return true;
    this.#note(print);
    return false;
  }

  /** Whether they are, without taking them for seen. */
  has(rows: readonly unknown[]): boolean {
    this.#printAll();
    return this.#prints.has(printOf(rows.length, comparedOf(rows))) || this.#hasIdsOf(rows);
  }

  #hasIdsOf(rows: readonly unknown[]): boolean {
    return this.#byIds && this.#prints.has(idPrintOf(rows));
  }

  /** What was compared of the page that was compared last: some of its rows as JSON, the last of them its last row. */
  get last(): string {
    return this.#last;
  }

  /** How many prints have been taken, to ask for the last of them later. */
  get count(): number {
    return this.#count;
  }

  /** The prints of the last pages, for a checkpoint: as they were when so many had been taken. */
  lastOf(count: number): readonly string[] {
    this.#printAll();
    const end = this.#recent.length - (this.#count - count);
    return this.#recent.slice(Math.max(0, end - REMEMBERED), end);
  }

  /** Takes pages for seen by their prints. */
  add(prints: readonly string[]): void {
    this.#printAll();
    this.#order.forget();
    this.#byIds = true;
    for (const print of prints) this.#note(print);
  }

  #printAll(): void {
    const pages = this.#inOrder;
    if (pages.length === 0) return;
    this.#inOrder = [];
    this.#count -= pages.length / (FEW + 1);
    for (let at = 0; at < pages.length; at += FEW + 1) {
      const size = Number(pages[at]);
      this.#note(idPrint(size, pages.slice(at + 1, at + 1 + Math.min(FEW, size))));
    }
  }

  #note(print: string): void {
    this.#prints.add(print);
    this.#count++;
    // More than a checkpoint has: it may be that of the page before.
    if (this.#recent.push(print) === 3 * REMEMBERED) this.#recent.splice(0, REMEMBERED);
  }
}

/** The number that tells a row from others, if it has one. */
function idOf(row: unknown): unknown {
  if (!isObject(row)) return undefined;
  return Object.hasOwn(row, "id") ? row.id : Object.hasOwn(row, "_id") ? row._id : undefined;
}

/** What tells a page by the ids of its rows. */
function idPrintOf(rows: readonly unknown[]): string {
  return idPrint(rows.length, spread(rows, FEW).map(idOf));
}

function idPrint(size: number, ids: readonly unknown[]): string {
  return `${size} ids ${ids.join()}`;
}

function printOf(count: number, text: string): string {
  return `${count} ${hash(text)}`;
}

/** What is compared of the rows, as JSON. */
function comparedOf(rows: readonly unknown[]): string {
  const few = spread(rows, FEW);
  // Most rows differ in what they begin with, which is their id: that costs less to find out than to write each as JSON.
  const enough = rows.length <= FEW || allDiffer(few.map(beginningOf)) || allDiffer(few.map(jsonOf));
  return jsonOf(enough ? few : spread(rows, MANY));
}

function spread(rows: readonly unknown[], count: number): readonly unknown[] {
  const length = Math.min(count, rows.length);
  const found: unknown[] = [];
  for (let at = 0; at < length; at++) found.push(rows[placeOf(at, count, rows.length)]);
  return found;
}

/** Where the rows stand that are spread over a list: all of a short one, else evenly from its first to its last. */
function placeOf(at: number, count: number, length: number): number {
  return length <= count ? at : Math.round((at * (length - 1)) / (count - 1));
}

/** Few enough that each is compared with each. */
function allDiffer(values: readonly unknown[]): boolean {
  return values.every((value, at) => values.indexOf(value) === at);
}

/** The first value of a row, where it can be compared; else nothing. */
function beginningOf(row: unknown): unknown {
  if (!isObject(row)) return row;
  for (const key in row) {
    // Own keys come first.
    const value = Object.hasOwn(row, key) ? row[key] : undefined;
    return isObject(value) ? undefined : value;
  }
  return undefined;
}

/** A row, or a list of them, as text, to be compared. */
export function jsonOf(row: unknown): string {
  try {
    return JSON.stringify(row) ?? "";
  } catch {
    // A `parseJson` of the caller's may make bigints.
    return JSON.stringify(row, (_key, value) => (typeof value === "bigint" ? `${value}n` : value)) ?? "";
  }
}

const encoder = new TextEncoder();
/** Where short texts are encoded: a new array for each takes three times as long. */
const SCRATCH = 64 * 1024;
const scratch = new Uint8Array(SCRATCH);
const scratchView = new DataView(scratch.buffer);
/** Bytes of UTF-8 that a unit of UTF-16 takes at most. */
const WIDEST = 3;

/**
 * MurmurHash3's mixing of words of four bytes, in two lanes of 32 bits that differ, and the length: a word at a time takes
 * a third of what a character at a time does. Two of a million pages are not alike by chance. Not for security.
 */
export function hash(text: string): string {
  const short = text.length * WIDEST <= SCRATCH;
  const bytes = short ? scratch : encoder.encode(text);
  const view = short ? scratchView : new DataView(bytes.buffer);
  const length = short ? encoder.encodeInto(text, scratch).written : bytes.length;
  const whole = length & ~3;
  let first = 0x9747b28c | 0;
  let second = 0x811c9dc5 | 0;
  for (let at = 0; at < length; at += 4) {
    let word = at < whole ? view.getInt32(at, true) : tail(bytes, at, length);
    word = Math.imul(word, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    first ^= Math.imul(word, 0x1b873593);
    first = (first << 13) | (first >>> 19);
    first = (Math.imul(first, 5) + 0xe6546b64) | 0;
    second = Math.imul(second ^ word, 0x85ebca6b);
    second ^= second >>> 15;
  }
  return `${(first >>> 0).toString(36)}.${(second >>> 0).toString(36)}.${length}`;
}

/** The last one to three bytes as a word. */
function tail(bytes: Uint8Array, from: number, length: number): number {
  let word = 0;
  for (let at = length - 1; at >= from; at--) word = (word << 8) | (bytes[at] ?? 0);
  return word;
}

/**
 * A print of a text in 53 bits, two lanes of FNV-1a's multiply and exclusive or. By chance two of a million texts are alike once in
 * twenty thousand walks. Not for security: who makes two alike ends a walk over his own pages.
 */
export function printOfText(text: string): number {
  let first = 0x811c9dc5 | 0;
  let second = 0x9747b28c | 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x85ebca6b);
    second ^= second >>> 13;
  }
  return (first >>> 0) * 2 ** 21 + (second >>> 11);
}
