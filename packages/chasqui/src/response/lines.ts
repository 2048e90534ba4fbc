import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { type Cutter, Records } from "./records.ts";
import { type Decoder, newDecoder } from "./text.ts";

/**
 * Cuts text into lines as it comes in. `\n`, `\r\n` and `\r` end a line, also where `\r\n` is cut in two; blank lines
 * are lines; the end of the text ends the last line, and makes none of its own (#120).
 *
 * @example
 * ```ts
 * const splitter = new LineSplitter(1024);
 * splitter.push("a\r"); // ["a"]
 * splitter.push("\nb"); // []
 * splitter.flush(); // ["b"]
 * ```
 */
export class LineSplitter {
  readonly #maxRecord: number;
  readonly #lfOnly: boolean;
  /** The beginning of the line that is not complete, in the pieces that it came in: joined once, not each time. */
  #parts: string[] = [];
  #units = 0;
  #bytes = 0;
  #counted = 0;
  #afterCr = false;
  #overflow = false;

  /**
   * @param maxRecord - The most bytes of a line, in UTF-8 and without its end.
   * @param ends - `"lf"`: `\n` alone ends a line, and `\r` is a character like any other.
   */
  constructor(maxRecord: number, ends: "any" | "lf" = "any") {
    this.#maxRecord = maxRecord;
    this.#lfOnly = ends === "lf";
  }

  /** The error of a line that was longer than it may be. */
  get failure(): BodyTooLargeError | undefined {
    return this.#overflow ? new BodyTooLargeError(this.#maxRecord, "record") : undefined;
  }

  /** Whether a line was longer than it may be. The lines before it were given; all that follows throws. */
  get overflow(): boolean {
    return this.#overflow;
  }

  /**
   * Takes the next piece of text and gives the lines that are complete now.
   *
   * @throws {BodyTooLargeError} when a line was too long before.
   */
  push(text: string): string[] {
    this.#complain();
    let from = 0;
    if (this.#afterCr && text.length > 0) {
      this.#afterCr = false;
      if (text.charCodeAt(0) === LF) from = 1;
    }
    const plain = this.#lfOnly || !text.includes("\r", from);
    const lines = plain ? cutAtLf(text, from) : this.#cutAny(text, from);
    const rest = lines.pop() ?? "";

    if (lines.length > 0 && this.#parts.length > 0) {
      this.#hold(lines[0] ?? "");
      if (this.#overflow) return [];
      lines[0] = this.#parts.join("");
      this.#forget();
    }
    // Three bytes are the most that a unit of UTF-16 can become, so what is short cannot be too long.
    if (text.length * 3 > this.#maxRecord) {
      const tooLong = lines.findIndex((line) => utf8Length(line) > this.#maxRecord);
      if (tooLong >= 0) {
        this.#overflow = true;
        return lines.slice(0, tooLong);
      }
    }
    if (rest !== "") this.#hold(rest);
    return lines;
  }

  /**
   * The last line, where the text did not end with the end of one.
   *
   * @throws {BodyTooLargeError} when a line was too long before.
   */
  flush(): string[] {
    this.#complain();
    if (this.#parts.length === 0) return [];
    const last = this.#parts.join("");
    this.#forget();
    return [last];
  }

  #complain(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  #hold(part: string): void {
    this.#parts.push(part);
    this.#units += part.length;
    if (this.#units * 3 <= this.#maxRecord) return;
    // Each part is counted once, or a long line in many pieces would cost its square.
    for (; this.#counted < this.#parts.length; this.#counted++) {
      this.#bytes += utf8Length(this.#parts[this.#counted] ?? "");
    }
    if (this.#bytes > this.#maxRecord) {
      this.#overflow = true;
      this.#parts = [];
    }
  }

  #forget(): void {
    this.#parts = [];
    this.#units = 0;
    this.#bytes = 0;
    this.#counted = 0;
  }

  #cutAny(text: string, start: number): string[] {
    const lines: string[] = [];
    let from = start;
    let lf = text.indexOf("\n", from);
    let cr = text.indexOf("\r", from);
    while (lf >= 0 || cr >= 0) {
      const atCr = cr >= 0 && (lf < 0 || cr < lf);
      const end = atCr ? cr : lf;
      lines.push(text.slice(from, end));
      from = end + 1;
      if (atCr && from === text.length) this.#afterCr = true;
      if (atCr && lf === from) from++;
      // Each of the two is looked for again only where it was passed: the search stays linear.
      if (lf >= 0 && lf < from) lf = text.indexOf("\n", from);
      if (cr >= 0 && cr < from) cr = text.indexOf("\r", from);
    }
    lines.push(text.slice(from));
    return lines;
  }
}

const LF = 10;

function cutAtLf(text: string, from: number): string[] {
  return (from === 0 ? text : text.slice(from)).split("\n");
}

/** How many bytes a text is in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // Two units make a pair of four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** How lines are read. */
export interface LinesOptions {
  /** The most bytes of a line, counted in UTF-8 and without its end. */
  readonly maxRecord: number;
  /** A label of the Encoding Standard. Default `"utf-8"`. */
  readonly encoding?: string | undefined;
  /** Tells an error which call it came from. */
  readonly adopt?: (<E>(error: E) => E) | undefined;
}

/**
 * The lines of a body, as it comes. A byte order mark at the start is dropped; characters are never split.
 *
 * Leaving early ends the source.
 *
 * @param chunks - The body.
 * @param options - The limit and the encoding.
 * @throws {BodyTooLargeError} with `what` "record" when a line is longer than `maxRecord`; the lines before it come
 *   first.
 * @throws {OptionsError} when the encoding is not known.
 * @example
 * ```ts
 * for await (const line of lines(response.body, { maxRecord: 1024 })) console.log(line);
 * ```
 */
export function lines(chunks: AsyncIterable<Uint8Array>, options: LinesOptions): Records<string> {
  return new Records(chunks, new LineCutter(options), options.adopt);
}

class LineCutter implements Cutter<string> {
  readonly #decoder: Decoder;
  readonly #splitter: LineSplitter;

  constructor({ encoding = "utf-8", maxRecord }: LinesOptions) {
    this.#decoder = streamDecoder(encoding);
    this.#splitter = new LineSplitter(maxRecord);
  }

  get failure(): BodyTooLargeError | undefined {
    return this.#splitter.failure;
  }

  push(bytes: Uint8Array): string[] {
    return this.#splitter.push(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): string[] {
    const rest = this.#splitter.push(this.#decoder.decode());
    return this.#splitter.overflow ? rest : [...rest, ...this.#splitter.flush()];
  }
}

/**
 * A decoder of text that comes in pieces; it drops a byte order mark and splits no character.
 *
 * @throws {OptionsError} when the encoding is not known.
 */
export function streamDecoder(label: string): Decoder {
  const decoder = newDecoder(label);
  if (decoder !== undefined) return decoder;
  const message = `\`encoding\` is ${JSON.stringify(label.slice(0, 60))}, which is no known encoding`;
  throw new OptionsError(message, { option: "encoding" });
}
