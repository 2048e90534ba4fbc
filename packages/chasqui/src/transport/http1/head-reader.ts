import { HEADER_LIMIT } from "../network-failure.ts";
import { HeadTooLarge, MalformedResponse } from "./fault.ts";
import { checkCharacters, checkStatusLine } from "./field-line.ts";
import { ResponseHead } from "./response-head.ts";

/** Most heads are shorter: what is behind one is not to be decoded with it. */
const MOST_HEADS = 2048;
const CR = 0x0d;
const LF = 0x0a;
const END = "\r\n\r\n";
/** What every status line begins with. */
const BEGINNING = "HTTP/";
/** The first two bytes of an alert of TLS: the type of the record, and the first byte of its version (RFC 8446 5.1). */
const TLS_ALERT = "\x15\x03";

/**
 * Finds the head of a response in what comes, be it whole or cut anywhere. What cannot become one is refused as soon as that can be
 * seen, and no more of it is kept than a head may have.
 */
export class HeadReader {
  /** What came of a head that is not whole yet. */
  #held: Buffer | undefined;
  #size = 0;
  /** Whether its status line is whole. */
  #isPastStatus = false;

  /** The head, once it is whole; what is behind it begins at `end`. */
  head: ResponseHead | undefined;

  /**
   * Reads on.
   *
   * @returns where it has read up to. `head` is there when it is whole, and undefined where more is needed.
   * @throws {MalformedResponse | HeadTooLarge}
   */
  read(bytes: Buffer, from: number, to: number): number {
    this.head = undefined;
    let at = from;
    if (this.#held === undefined) {
      at = afterEmptyLines(bytes, from, to);
      if (at === to) return to;
      const end = bytes.toString("latin1", at, Math.min(to, at + MOST_HEADS)).indexOf(END);
      if (end > 0) {
        // By itself: its parts would keep what is behind it.
        this.head = ResponseHead.read(bytes.toString("latin1", at, at + end));
        return at + end + END.length;
      }
    }
    return this.#gather(bytes, at, to);
  }

  #gather(bytes: Buffer, from: number, to: number): number {
    const before = this.#size;
    // Of a body that comes with it nothing is kept: one that is longer than a head may be is looked at no further.
    const size = Math.min(before + to - from, HEADER_LIMIT + 1);
    const held = this.#room(size);
    bytes.copy(held, before, from, from + size - before);
    this.#size = size;
    if (before === 1 && held[0] === CR && held[1] === LF) {
      // An empty line that was cut in two.
      this.#forget();
      return this.read(bytes, from + 1, to);
    }
    // The end may have begun in what was there.
    const end = held.subarray(0, size).indexOf(END, Math.max(0, before - END.length + 1), "latin1");
    if (end < 0 ? size > HEADER_LIMIT : end + END.length > HEADER_LIMIT) throw new HeadTooLarge();
    if (end >= 0) return this.#whole(held, end, from - before);
    this.#check(held, before);
    return to;
  }

  /** @param offset - Where the first byte of the head would be in what was given last. */
  #whole(held: Buffer, end: number, offset: number): number {
    const text = held.toString("latin1", 0, end);
    this.#forget();
    this.head = ResponseHead.read(text);
    return offset + end + END.length;
  }

  /** Refuses what no more bytes can make a head of. */
  #check(held: Buffer, before: number): void {
    const beginning = held.toString("latin1", 0, Math.min(this.#size, BEGINNING.length));
    const isCut = this.#size === 1 && held[0] === CR;
    if (!BEGINNING.startsWith(beginning) && !isCut) {
      throw new MalformedResponse("no status line of HTTP/1.1", { isTls: beginning.startsWith(TLS_ALERT) });
    }
    // A line break may be cut in two, at its beginning and at its end.
    const last = this.#size - (held[this.#size - 1] === CR ? 1 : 0);
    const first = before - (held[before - 1] === CR ? 1 : held[before - 1] === LF ? 2 : 0);
    const more = held.toString("latin1", first, last);
    const line = this.#isPastStatus ? 0 : more.indexOf("\r\n");
    checkStatusLine(line < 0 ? more : more.slice(0, line));
    if (line < 0) return;
    this.#isPastStatus = true;
    checkCharacters(more.slice(line));
  }

  #room(size: number): Buffer {
    if (this.#held !== undefined && this.#held.length >= size) return this.#held;
    const grown = Buffer.allocUnsafeSlow(Math.max(MOST_HEADS, 2 * size));
    this.#held?.copy(grown, 0, 0, this.#size);
    this.#held = grown;
    return grown;
  }

  #forget(): void {
    this.#held = undefined;
    this.#size = 0;
    this.#isPastStatus = false;
  }
}

/** RFC 9112 2.2: empty lines before a message are passed over. */
function afterEmptyLines(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}
