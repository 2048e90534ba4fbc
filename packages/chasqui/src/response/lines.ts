import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { OptionsError } from "../errors/options-error.ts";
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
  /** The beginning of the line that is not complete, in the pieces that it came in: joined once, not each time. */
  #parts: string[] = [];
  #units = 0;
  #bytes = 0;
  #counted = 0;
  #afterCr = false;
  #overflow = false;

  /** @param maxRecord - The most bytes of a line, in UTF-8 and without its end. */
  constructor(maxRecord: number) {
    this.#maxRecord = maxRecord;
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
    const lines = text.includes("\r", from) ? this.#cutAny(text, from) : cutAtLf(text, from);
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
    if (this.#overflow) throw new BodyTooLargeError(this.#maxRecord, "record");
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

function utf8Length(text: string): number {
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
export function lines(
  chunks: AsyncIterable<Uint8Array>,
  options: LinesOptions,
): AsyncGenerator<string, void, undefined> {
  return new Lines(chunks, options);
}

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * Not an async generator: a line that is there already costs a resolved promise, half of what a `yield` does, and
 * leaving before the first line frees the source, where a generator that never ran does not (P20).
 */
class Lines implements AsyncGenerator<string, void, undefined> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #splitter: LineSplitter;
  readonly #decoder: Decoder;
  readonly #options: LinesOptions;
  #ready: string[] = [];
  #at = 0;
  #state: "open" | "drained" | "closed" = "open";
  /** Reads that are under way or wait for their turn: one at a time, however many ask. */
  #reads = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(chunks: AsyncIterable<Uint8Array>, options: LinesOptions) {
    this.#decoder = streamDecoder(options.encoding ?? "utf-8");
    this.#splitter = new LineSplitter(options.maxRecord);
    this.#options = options;
    this.#source = chunks[Symbol.asyncIterator]();
  }

  next(): Promise<IteratorResult<string, undefined>> {
    if (this.#reads === 0) {
      const line = this.#ready[this.#at];
      if (line !== undefined) {
        this.#at++;
        return Promise.resolve({ done: false, value: line });
      }
    }
    const read = this.#reads++ === 0 ? this.#read() : this.#turn.then(() => this.#read());
    this.#turn = read.catch(nothing);
    return read;
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    await this.#close();
    return END;
  }

  async throw(error: unknown): Promise<IteratorResult<string, undefined>> {
    await this.#close();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #read(): Promise<IteratorResult<string, undefined>> {
    try {
      for (;;) {
        const line = this.#ready[this.#at];
        if (line !== undefined) {
          this.#at++;
          return { done: false, value: line };
        }
        if (this.#state !== "open") return END;
        await this.#fill();
      }
    } finally {
      this.#reads--;
    }
  }

  async #fill(): Promise<void> {
    if (this.#splitter.overflow) {
      await this.#close();
      const error = new BodyTooLargeError(this.#options.maxRecord, "record");
      throw this.#options.adopt?.(error) ?? error;
    }
    let result: IteratorResult<Uint8Array>;
    try {
      result = await this.#source.next();
    } catch (error) {
      this.#state = "closed";
      throw error;
    }
    // Closed meanwhile: what came is nobody's.
    if (this.#state === "closed") return;
    this.#at = 0;
    if (result.done !== true) {
      this.#ready = this.#splitter.push(this.#decoder.decode(result.value, { stream: true }));
      return;
    }
    this.#ready = this.#splitter.push(this.#decoder.decode());
    if (this.#splitter.overflow) return;
    this.#ready.push(...this.#splitter.flush());
    this.#state = "drained";
  }

  async #close(): Promise<void> {
    const open = this.#state === "open";
    this.#state = "closed";
    this.#ready = [];
    if (open) await this.#source.return?.();
  }
}

function nothing(): void {}

function streamDecoder(label: string): Decoder {
  const decoder = newDecoder(label);
  if (decoder !== undefined) return decoder;
  const message = `\`encoding\` is ${JSON.stringify(label.slice(0, 60))}, which is no known encoding`;
  throw new OptionsError(message, { option: "encoding" });
}
