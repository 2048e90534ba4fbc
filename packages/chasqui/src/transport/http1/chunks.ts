import { HEADER_LIMIT } from "../network-failure.ts";
import { HeadTooLarge, MalformedResponse } from "./fault.ts";
import { checkCharacters, readFields } from "./field-line.ts";

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
/** Hexadecimal digits of a size that is less than 2^64, as it is for others on the way (RFC 9112 7.1). */
const MOST_DIGITS = 16;
/** Bytes that the extensions of one chunk may have: nobody uses any, and nothing is done with them. */
export const MOST_EXTENSIONS: number = 16 * 1024;
const TOKEN = "[!#$%&'*+\\-.^_`|~\\w]+";
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
/** RFC 9112 7.1.1, with the white space that recipients have to put up with, but before the first. */
const EXTENSIONS = new RegExp(
  `^;[\\t ]*${TOKEN}(?:[\\t ]*=[\\t ]*(?:${TOKEN}|${QUOTED}))?(?:[\\t ]*;[\\t ]*${TOKEN}(?:[\\t ]*=[\\t ]*(?:${TOKEN}|${QUOTED}))?)*$`,
);
/** They would change where the response ends, for whoever took them for its headers (RFC 9110 6.5.1). */
const NO_TRAILERS: readonly string[] = ["content-length", "transfer-encoding"];

type Place = "size" | "extensions" | "line feed" | "data" | "behind data" | "trailers" | "end";

/** Undoes the chunks of one body, wherever what comes is cut (RFC 9112 7.1). */
export class Chunks {
  #place: Place = "size";
  /** The size as far as it was read, or what has yet to come of the chunk. */
  #left = 0;
  #digits = 0;
  /** Whether a digit was there, be it a zero. */
  #hasSize = false;
  /** The extensions or the trailers, as far as they have come. */
  #text = "";
  #isCut = false;

  /** Whether the last of it has come. */
  get ended(): boolean {
    return this.#place === "end";
  }

  /**
   * Reads on, up to the end of the next piece of data.
   *
   * @returns where it has read up to. `length` is that of the piece that ends there; 0 where there is none, and more is needed.
   * @throws {MalformedResponse | HeadTooLarge}
   */
  read(bytes: Uint8Array, from: number, to: number): number {
    this.length = 0;
    let at = from;
    while (at < to) {
      switch (this.#place) {
        case "size":
          at = this.#readSize(bytes, at, to);
          break;
        case "extensions":
          at = this.#readExtensions(bytes, at, to);
          break;
        case "line feed":
          if (bytes[at++] !== LF) throw new MalformedResponse("a chunk's size without a line break");
          this.#begin();
          break;
        case "data": {
          const stop = Math.min(to, at + this.#left);
          this.length = stop - at;
          this.#left -= this.length;
          if (this.#left === 0) this.#place = "behind data";
          return stop;
        }
        case "behind data":
          at = this.#readBreak(bytes, at);
          break;
        case "trailers":
          at = this.#readTrailers(bytes, at, to);
          break;
        case "end":
          return at;
      }
    }
    return at;
  }

  /** Of the piece that was read last, in bytes. */
  length = 0;

  #readSize(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const byte = bytes[at++] ?? 0;
      const digit = hexadecimal(byte);
      if (digit >= 0) {
        this.#hasSize = true;
        this.#left = this.#left * 16 + digit;
        if (this.#left > 0 && ++this.#digits > MOST_DIGITS)
          throw new MalformedResponse("a chunk of 2^64 bytes or more");
        continue;
      }
      if (!this.#hasSize || (byte !== CR && byte !== SEMICOLON))
        throw new MalformedResponse("a chunk without a size");
      this.#hasSize = false;
      this.#digits = 0;
      this.#place = byte === CR ? "line feed" : "extensions";
      return byte === CR ? at : at - 1;
    }
    return at;
  }

  #readExtensions(bytes: Uint8Array, from: number, to: number): number {
    const end = bytes.indexOf(CR, from);
    const stop = end < 0 || end > to ? to : end;
    if (this.#text.length + stop - from > MOST_EXTENSIONS) {
      throw new MalformedResponse(`more than ${MOST_EXTENSIONS / 1024} KiB of extensions of a chunk`);
    }
    const more = latin1(bytes, from, stop);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(more))
      throw new MalformedResponse("extensions of a chunk that are none");
    this.#text += more;
    if (stop === to) return to;
    if (!EXTENSIONS.test(this.#text)) throw new MalformedResponse("extensions of a chunk that are none");
    this.#text = "";
    this.#place = "line feed";
    return stop + 1;
  }

  #begin(): void {
    this.#place = this.#left === 0 ? "trailers" : "data";
  }

  #readBreak(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== (this.#isCut ? LF : CR))
      throw new MalformedResponse("a chunk that is not as long as its size");
    this.#isCut = !this.#isCut;
    if (!this.#isCut) this.#place = "size";
    return at + 1;
  }

  /** They are looked at, and nothing is done with them. */
  #readTrailers(bytes: Uint8Array, from: number, to: number): number {
    if (this.#text === "" && bytes[from] === CR && from + 1 < to && bytes[from + 1] === LF) {
      this.#place = "end";
      return from + 2;
    }
    const before = this.#text.length;
    // The break of the last chunk's line ends the trailers, where there are none.
    const text = this.#text + latin1(bytes, from, Math.min(to, from + HEADER_LIMIT + 1));
    const end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n", Math.max(0, before - 3));
    if ((end < 0 ? text.length : end + 4) > HEADER_LIMIT) throw new HeadTooLarge();
    if (end < 0) {
      const first = before - (text[before - 1] === "\r" ? 1 : text[before - 1] === "\n" ? 2 : 0);
      checkCharacters(text.slice(first, text.endsWith("\r") ? -1 : undefined));
      this.#text = text;
      return to;
    }
    const trailers = text.slice(0, end);
    checkCharacters(trailers);
    const fields = readFields(trailers, 0);
    if (fields.some((name, index) => index % 2 === 0 && NO_TRAILERS.includes(name))) {
      throw new MalformedResponse("a length behind its body");
    }
    this.#text = "";
    this.#place = "end";
    return from + end + (end === 0 ? 2 : 4) - before;
  }
}

function hexadecimal(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", from, to);
}
