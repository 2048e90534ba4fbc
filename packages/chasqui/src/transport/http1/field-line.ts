/**
 * The lines of a head, and those behind the last chunk (RFC 9112 5).
 *
 * @module
 */
import { isToken } from "../../request/field.ts";
import { MalformedResponse } from "./fault.ts";

/** What may not be in a head: control characters, line breaks that are half of one, and lines that go on (RFC 9112 2.2, 5.2). */
const UNFIT = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?<!\r)\n|\n(?=[\t ])/;

/** A line break that is half of one. */
const BREAK = /\r(?!\n)|(?<!\r)\n/;

/** Names as servers write them, and their lower case: there are few, and each comes with every response. */
const names = new Map<string, string>();
const MOST_NAMES = 256;
/** Characters from which on a part of a text is a view of it. */
const PART = 13;
const LONGEST_NAME = 40;

/**
 * Refuses what is in no head.
 *
 * @param text - Whole lines, without the last line break.
 */
export function checkCharacters(text: string): void {
  if (UNFIT.test(text)) throw new MalformedResponse(faultAt(text, text.search(UNFIT)));
}

/** Refuses a line that is not one. What else a server writes for a reason is its own affair: nobody is to act on it (RFC 9112 4). */
export function checkStatusLine(text: string): void {
  if (BREAK.test(text)) throw new MalformedResponse("a bare CR or LF in its status line");
}

function faultAt(text: string, at: number): string {
  const code = text.charCodeAt(at);
  if (code === 13) return "a bare CR in its headers";
  if (code === 10)
    return text[at - 1] === "\r" ? "a header that goes on in another line" : "a bare LF in its headers";
  return `the character U+${code.toString(16).toUpperCase().padStart(4, "0")} in its headers`;
}

/** The lower case of a name, which has to be a token. */
function nameOf(raw: string): string {
  const known = names.get(raw);
  if (known !== undefined) return known;
  if (!isToken(raw)) throw new MalformedResponse("a header whose name is none");
  if (names.size >= MOST_NAMES || raw.length > LONGEST_NAME) return raw.toLowerCase();
  // Copies: a part of a text keeps all of it.
  const name = copied(raw.toLowerCase());
  names.set(copied(raw), name);
  return name;
}

/** A text that keeps nothing else; V8 copies parts that are as short as that by itself. */
export function copied(text: string): string {
  if (text.length < PART) return text;
  return Buffer.from(text, "latin1").toString("latin1");
}

/**
 * Reads the lines of a text, whose characters were looked at, up to its end; the last has no line break.
 *
 * @returns name, value, name, value … with names in lower case.
 */
export function readFields(text: string, from: number): string[] {
  const fields: string[] = [];
  let at = from;
  while (at < text.length) {
    let stop = text.indexOf("\r\n", at);
    if (stop < 0) stop = text.length;
    const colon = text.indexOf(":", at);
    if (colon < 0 || colon >= stop) throw new MalformedResponse("a header without a colon");
    const name = nameOf(text.slice(at, colon));
    let first = colon + 1;
    let last = stop;
    while (first < last && isBlank(text.charCodeAt(first))) first++;
    while (last > first && isBlank(text.charCodeAt(last - 1))) last--;
    fields.push(name, text.slice(first, last));
    at = stop + 2;
  }
  return fields;
}

/** RFC 9110 5.6.3: white space around a value is no part of it. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
