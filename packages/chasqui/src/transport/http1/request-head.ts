import { OptionsError } from "../../errors/options-error.ts";
import type { DispatchOptions } from "../dispatch.ts";
import { LengthMismatch } from "./fault.ts";

/** What a request begins with, and what comes behind it. */
export interface RequestHead {
  /** What it was written of. */
  readonly asked: DispatchOptions;
  /** The head. Where the body comes in pieces it lacks the line that says so, and the empty one behind that. */
  readonly text: string;
  /** The body, where it is there: with no bytes where there is none. */
  readonly whole: string | Uint8Array;
  /** Of it, in bytes. */
  readonly length: number;
  /** The body, where it comes in pieces. */
  readonly pieces: AsyncIterable<Uint8Array> | undefined;
  /** How long they are together, where that is said; in chunks otherwise. */
  readonly announced: number | undefined;
  /** Whether the connection is to carry no other. */
  readonly isLast: boolean;
}

/** Methods whose requests say it when they have no body: a server waits for one (RFC 9110 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "QUERY", "PROPFIND", "PROPPATCH"]);

/** What a target is not: it would end the line, or be more than one target (RFC 9112 3.2). */
const NO_TARGET = /[^\x21-\xff]/;
/** What would not be written as it is, since a header carries Latin-1, or be more than what it was meant for. */
const UNFIT = /[^\t\r\n\x20-\xff]|\r(?!\n)/;

/**
 * Writes the head of a request (RFC 9112 3, 5).
 *
 * @param host - Of the URL, for a request that names none itself.
 * @throws {OptionsError} where it would be another than it was given as, or has a header that is not for a caller to set.
 * @throws {LengthMismatch} where its Content-Length is not that of the body.
 */
export function requestHead(asked: DispatchOptions, host: string): RequestHead {
  const { method, path, headers, body } = asked;
  let lines = "";
  let named: string | undefined;
  let announced: number | undefined;
  let isLast = false;
  let count = 3;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    // The length first: most headers need not be looked at further.
    switch (SPECIAL.has(name.length) ? name.toLowerCase() : "") {
      case "host":
        if (named !== undefined) refuse("it has two Host headers");
        named = value;
        continue;
      case "content-length":
        if (announced !== undefined) refuse("it has two Content-Length headers");
        announced = lengthOf(value);
        continue;
      case "connection":
        isLast ||= value.split(",").some((option) => option.trim().toLowerCase() === "close");
        continue;
      case "transfer-encoding":
      case "keep-alive":
      case "upgrade":
      case "expect":
        refuse(`the header ${name.toLowerCase()} is not for the caller to set`);
    }
    lines += `${name}: ${value}\r\n`;
    count++;
  }
  const isWhole = body === null || typeof body === "string" || body instanceof Uint8Array;
  const whole = isWhole ? (body ?? "") : "";
  const length = typeof whole === "string" ? Buffer.byteLength(whole) : whole.length;
  if (isWhole && announced !== undefined && announced !== length) {
    throw new LengthMismatch(`it has ${length} bytes, and ${announced} were announced`);
  }
  const end = length > 0 || WITH_BODY.has(method) ? `content-length: ${length}\r\n\r\n` : "\r\n";
  const connection = isLast ? "close" : "keep-alive";
  const text = `${method} ${path} HTTP/1.1\r\nhost: ${named ?? host}\r\nconnection: ${connection}\r\n${lines}`;
  // What comes here was looked at when it was given: this is for what may be wrong with that.
  if (NO_TARGET.test(path) || UNFIT.test(text) || countOf(text) !== count) {
    refuse("its head has a character that would end a line");
  }
  return {
    asked,
    text: isWhole ? text + end : text,
    whole,
    length,
    pieces: isWhole ? undefined : body,
    announced,
    isLast,
  };
}

/** Of the headers that are looked at. */
const SPECIAL: ReadonlySet<number> = new Set(
  ["host", "expect", "upgrade", "connection", "keep-alive", "content-length", "transfer-encoding"].map(
    ({ length }) => length,
  ),
);

function refuse(fault: string): never {
  throw new OptionsError(`The request cannot be sent: ${fault}`, { option: "headers" });
}

function lengthOf(value: string): number {
  return /^\d+$/.test(value) ? Number(value) : refuse("its Content-Length is no number");
}

/** How many line feeds a text has. */
function countOf(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
