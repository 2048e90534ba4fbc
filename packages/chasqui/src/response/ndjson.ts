import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { DecodeError } from "../errors/decode-error.ts";
import { LineSplitter, streamDecoder } from "./lines.ts";
import { type Cutter, Records } from "./records.ts";
import { validate } from "./schema.ts";
import type { Decoder } from "./text.ts";

/** How JSON Lines are read. */
export interface NdjsonOptions {
  /** The most bytes of a line. */
  readonly maxRecord: number;
  /** A label of the Encoding Standard. Default `"utf-8"`, whatever the content type says: JSON between systems is UTF-8 (RFC 8259 §8.1). */
  readonly encoding?: string | undefined;
  readonly parseJson?: ((text: string) => unknown) | undefined;
  readonly schema?: StandardSchemaV1 | undefined;
  /** Tells an error which call it came from. */
  readonly adopt?: (<E>(error: E) => E) | undefined;
}

/** A value with the number of its line, of which the first is 1. */
interface NumberedValue {
  readonly line: number;
  readonly value: unknown;
}

/**
 * The values of JSON Lines, as they come. `\n` ends a line, and a `\r` before it is white space to JSON; blank lines are
 * skipped, since half of the servers end with one; a byte order mark at the start is dropped.
 *
 * @throws {DecodeError} with `line` when a line is not JSON; the values before it come first.
 * @throws {ValidationError} with `line` when a value does not match the schema.
 * @throws {BodyTooLargeError} with `what` "record" when a line is longer than `maxRecord`.
 */
export function ndjson(
  chunks: AsyncIterable<Uint8Array>,
  options: NdjsonOptions,
): AsyncIterableIterator<unknown, undefined> {
  const { schema, adopt } = options;
  if (schema === undefined) return new Records(chunks, new JsonLines(options, (value) => value), adopt);
  const numbered = new JsonLines<NumberedValue>(options, (value, line) => ({ line, value }));
  return new Checked(new Records(chunks, numbered, adopt), schema, adopt);
}

class JsonLines<T> implements Cutter<T> {
  readonly #decoder: Decoder;
  readonly #splitter: LineSplitter;
  readonly #parse: (text: string) => unknown;
  readonly #make: (value: unknown, line: number) => T;
  #line = 0;
  #broken: DecodeError | undefined;

  constructor(options: NdjsonOptions, make: (value: unknown, line: number) => T) {
    this.#decoder = streamDecoder(options.encoding ?? "utf-8");
    // A bare \r is white space within a value (RFC 8259 §2), and ends nothing.
    this.#splitter = new LineSplitter(options.maxRecord, "lf");
    this.#parse = options.parseJson ?? JSON.parse;
    this.#make = make;
  }

  get failure(): DecodeError | BodyTooLargeError | undefined {
    return this.#broken ?? this.#splitter.failure;
  }

  push(bytes: Uint8Array): T[] {
    return this.#values(this.#splitter.push(this.#decoder.decode(bytes, { stream: true })));
  }

  end(): T[] {
    const values = this.#values(this.#splitter.push(this.#decoder.decode()));
    return this.failure === undefined ? [...values, ...this.#values(this.#splitter.flush())] : values;
  }

  #values(lines: readonly string[]): T[] {
    const values: T[] = [];
    for (const text of lines) {
      this.#line++;
      if (isBlank(text)) continue;
      let value: unknown;
      try {
        value = this.#parse(text);
      } catch (error) {
        // V8's message quotes the document, which may hold what must not be logged (#115).
        this.#broken = new DecodeError(`Line ${this.#line} is not JSON (${text.length} characters)`, {
          line: this.#line,
          text,
          ...(error instanceof SyntaxError ? {} : { cause: error }),
          ...(text.trimStart().startsWith("<")
            ? { hint: "It begins as a web page does: look at the URL and the status." }
            : /^\s*[[{]\s*$/.test(text)
              ? { hint: "It begins as a JSON document of several lines does: .json() reads it whole." }
              : {}),
        });
        break;
      }
      values.push(this.#make(value, this.#line));
    }
    return values;
  }
}

/** Whether there is nothing but the white space of JSON (RFC 8259 §2). Of a line with a value it looks at one character. */
function isBlank(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const unit = line.charCodeAt(at);
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0d) return false;
  }
  return true;
}

/** Values, each as a schema makes it. */
class Checked implements AsyncIterableIterator<unknown, undefined> {
  readonly #values: Records<NumberedValue>;
  readonly #schema: StandardSchemaV1;
  readonly #adopt: (<E>(error: E) => E) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    values: Records<NumberedValue>,
    schema: StandardSchemaV1,
    adopt: (<E>(error: E) => E) | undefined,
  ) {
    this.#values = values;
    this.#schema = schema;
    this.#adopt = adopt;
  }

  /** One after the other: a schema may be asynchronous, and the values keep their order and end at the first bad one. */
  next(): Promise<IteratorResult<unknown, undefined>> {
    const read = this.#turn.then(() => this.#checked());
    this.#turn = read.catch(() => {});
    return read;
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    return this.#values.return().then(() => ({ done: true, value: undefined }));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #checked(): Promise<IteratorResult<unknown, undefined>> {
    const next = await this.#values.next();
    if (next.done === true) return next;
    const { line, value } = next.value;
    try {
      return { done: false, value: await validate(this.#schema, value, { line }) };
    } catch (error) {
      await this.#values.return();
      throw this.#adopt?.(error) ?? error;
    }
  }
}
