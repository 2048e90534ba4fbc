/**
 * From bytes to text. UTF-8 is the default everywhere (D12), and its path the short one.
 *
 * @module
 */
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { OptionsError } from "../errors/options-error.ts";

/**
 * The charset that a `Content-Type` names, in lower case; undefined where it names none.
 *
 * @param contentType - The header's value.
 * @example
 * ```ts
 * charsetOf('text/html; charset="ISO-8859-1"'); // "iso-8859-1"
 * charsetOf("application/json"); // undefined
 * ```
 */
export function charsetOf(contentType: string | null | undefined): string | undefined {
  if (contentType === null || contentType === undefined) return undefined;
  const lower = contentType.toLowerCase();
  // Most have none; only what could have one is taken apart.
  if (!lower.includes("charset=")) return undefined;
  let at = lower.indexOf(";");
  while (at >= 0) {
    const equals = lower.indexOf("=", at);
    if (equals < 0) return undefined;
    const semicolon = lower.indexOf(";", at + 1);
    if (semicolon >= 0 && semicolon < equals) {
      at = semicolon;
      continue;
    }
    const end = endOfValue(lower, equals + 1);
    if (lower.slice(at + 1, equals).trim() === "charset") {
      const charset = unquoted(lower.slice(equals + 1, end).trim());
      if (charset !== "") return charset;
    }
    at = end < lower.length ? end : -1;
  }
  return undefined;
}

/** The index of the semicolon that ends a parameter's value, which may be quoted (RFC 9110 §5.6.6). */
function endOfValue(text: string, start: number): number {
  let at = start;
  if (text[at] === '"') {
    at++;
    while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  }
  const semicolon = text.indexOf(";", at);
  return semicolon < 0 ? text.length : semicolon;
}

function unquoted(value: string): string {
  const quote = value[0];
  // Single quotes are not of the grammar and are sent all the same.
  if (quote !== '"' && quote !== "'") return value;
  const end = value.indexOf(quote, 1);
  return value.slice(1, end < 0 ? value.length : end).replaceAll("\\", "");
}

/** What is used of a `TextDecoder`. */
export interface Decoder {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

/**
 * A new decoder of a label of the Encoding Standard, such as `"latin1"`; undefined for a label of none.
 */
export function newDecoder(label: string): Decoder | undefined {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label);
  } catch {
    return undefined;
  }
  return decoder.encoding === "windows-1252" && misreads1252(decoder) ? new Windows1252(decoder) : decoder;
}

/** Some Node 22 and 23 read windows-1252, which is also what `latin1` means, as ISO-8859-1: no `€`, no `“`. */
function misreads1252(decoder: TextDecoder): boolean {
  return decoder.decode(new Uint8Array([0x80])) !== "€";
}

const FROM_80_TO_9F = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

class Windows1252 implements Decoder {
  readonly #decoder: TextDecoder;

  constructor(decoder: TextDecoder) {
    this.#decoder = decoder;
  }

  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string {
    const text = this.#decoder.decode(bytes, options);
    return text.replaceAll(/[\x80-\x9f]/g, (each) => FROM_80_TO_9F[each.charCodeAt(0) - 0x80] ?? each);
  }
}

/** The decoder of a label that everybody shares: it keeps nothing between two calls of `decode(bytes)`. */
function decoderOf(label: string): Decoder | undefined {
  const known = decoders.get(label);
  if (known !== undefined) return known;
  const decoder = newDecoder(label);
  // Only labels that exist are kept, and there are some two hundred: no server can fill the memory.
  if (decoder !== undefined) decoders.set(label, decoder);
  return decoder;
}

const decoders = new Map<string, Decoder>();

const UTF_32 = /^utf-?32(?:le|be)?$/;

/**
 * The text of a body. A byte order mark tells more than the header and is removed; a charset that nobody knows is
 * UTF-8; bytes that are no text become U+FFFD.
 *
 * @param bytes - The whole body.
 * @param contentType - The `Content-Type`, for its charset.
 * @param forcedEncoding - The caller's `encoding`, which beats both (#113).
 * @throws {OptionsError} when `forcedEncoding` is not known.
 * @throws {BodyTooLargeError} when the text is longer than a string can be.
 * @example
 * ```ts
 * decodeText(new Uint8Array([0xe9]), "text/plain; charset=latin1"); // "é"
 * ```
 */
export function decodeText(
  bytes: Uint8Array,
  contentType: string | null | undefined,
  forcedEncoding?: string,
): string {
  try {
    return textOf(bytes, contentType, forcedEncoding);
  } catch (cause) {
    throw cause instanceof OptionsError ? cause : tooLong(bytes, cause);
  }
}

/** A decoder that replaces what is no text fails for one reason: V8 has strings of half a GiB at most. */
function tooLong({ length }: Uint8Array, cause: unknown): BodyTooLargeError {
  return new BodyTooLargeError(length, "body", {
    said: `The text of a response body of ${length} bytes is longer than a string can be`,
    hint: "Read it as it comes, with `stream()`, `lines()` or `ndjson()`, or `save()` it.",
    cause,
  });
}

function textOf(
  bytes: Uint8Array,
  contentType: string | null | undefined,
  forcedEncoding: string | undefined,
): string {
  if (forcedEncoding !== undefined) return decodeForced(bytes, forcedEncoding);
  const [first = 0, second = 0] = bytes;
  if (first === 0xff && second === 0xfe) return decodeAs(bytes, "utf-16le") ?? utf8(bytes);
  if (first === 0xfe && second === 0xff) return decodeAs(bytes, "utf-16be") ?? utf8(bytes);
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return utf8(bytes);
  const charset = charsetOf(contentType);
  if (charset === undefined || charset === "utf-8") return utf8(bytes);
  return decodeAs(bytes, charset) ?? utf8(bytes);
}

function decodeForced(bytes: Uint8Array, encoding: string): string {
  const text = decodeAs(bytes, encoding.trim().toLowerCase());
  if (text !== undefined) return text;
  throw new OptionsError(
    `\`encoding\` is ${JSON.stringify(encoding.slice(0, 60))}, which is no known encoding`,
    {
      option: "encoding",
      hint: 'Give a label of the Encoding Standard, such as "utf-8", "latin1", "windows-1252", "shift_jis".',
    },
  );
}

function decodeAs(bytes: Uint8Array, label: string): string | undefined {
  if (UTF_32.test(label)) {
    const marked = bytes[0] === 0xff && bytes[1] === 0xfe;
    return utf32(bytes, label.endsWith("le") || (marked && !label.endsWith("be")));
  }
  return decoderOf(label)?.decode(bytes);
}

/**
 * The text of a JSON body, whatever its charset says: UTF-8, UTF-16 or UTF-32, with a byte order mark or without
 * (#114). JSON begins with a character of ASCII, so the zeros among the first four bytes tell (RFC 4627 §3).
 *
 * @throws {BodyTooLargeError} when the text is longer than a string can be.
 * @example
 * ```ts
 * decodeJson(new Uint8Array([0x5b, 0, 0x5d, 0])); // "[]", which was UTF-16
 * ```
 */
export function decodeJson(bytes: Uint8Array): string {
  try {
    return jsonTextOf(bytes);
  } catch (cause) {
    throw tooLong(bytes, cause);
  }
}

function jsonTextOf(bytes: Uint8Array): string {
  // By index: to take an array of bytes apart by a pattern goes through its iterator.
  const { 0: b0 = 1, 1: b1 = 1, 2: b2 = 1, 3: b3 = 1 } = bytes;
  // The usual case: no zero, and no mark of UTF-16 or UTF-32.
  if (b0 !== 0 && b1 !== 0 && b0 < 0xfe) return utf8(bytes);
  if (b0 === 0xff && b1 === 0xfe) return b2 === 0 && b3 === 0 ? utf32(bytes, true) : utf16(bytes, true);
  if (b0 === 0xfe && b1 === 0xff) return utf16(bytes, false);
  if (b0 === 0) return b1 === 0 ? utf32(bytes, false) : utf16(bytes, false);
  if (b1 === 0) return b2 === 0 && b3 === 0 ? utf32(bytes, true) : utf16(bytes, true);
  return utf8(bytes);
}

const UTF_8 = new TextDecoder();

/**
 * On Node, `utf8Slice` is what `Buffer.toString` ends in: 0.2 µs for a kilobyte, where TextDecoder takes 0.5. Found
 * by looking and not by import, since a browser has no Buffer.
 */
const utf8Slice: ((this: Uint8Array, start: number, end: number) => string) | undefined = findUtf8Slice();

function findUtf8Slice(): typeof utf8Slice {
  const buffer: unknown = Reflect.get(globalThis, "Buffer");
  if (typeof buffer !== "function") return undefined;
  const slice: unknown = Reflect.get(buffer.prototype, "utf8Slice");
  if (typeof slice !== "function") return undefined;
  // Deno and Bun have Buffers of their own: what does not decode as the standard does is not used.
  const probe = new Uint8Array([0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x82, 0xff]);
  try {
    if (slice.call(probe, 0, probe.length) !== UTF_8.decode(probe)) return undefined;
  } catch {
    return undefined;
  }
  return function (start, end) {
    return slice.call(this, start, end);
  };
}

function utf8(bytes: Uint8Array): string {
  if (utf8Slice === undefined) return UTF_8.decode(bytes);
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return utf8Slice.call(bytes, marked ? 3 : 0, bytes.length);
}

function utf16(bytes: Uint8Array, littleEndian: boolean): string {
  return decoderOf(littleEndian ? "utf-16le" : "utf-16be")?.decode(bytes) ?? utf8(bytes);
}

/** By hand: the Encoding Standard has no UTF-32. */
function utf32(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 4);
  let text = "";
  let points: number[] = [];
  for (let at = 0; at < whole; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (at === 0 && point === 0xfeff) continue;
    const valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    points.push(valid ? point : 0xfffd);
    // As many arguments as every engine takes.
    if (points.length === 4096) {
      text += String.fromCodePoint(...points);
      points = [];
    }
  }
  text += String.fromCodePoint(...points);
  return whole === bytes.length ? text : `${text}\ufffd`;
}
