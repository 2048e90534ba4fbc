import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/** What a `DecodeError` is made of. */
export interface DecodeErrorDetails extends ErrorDetails {
  /** The number of the line that it was, of which the first is 1. */
  readonly line?: number;
  /** What was to be decoded. */
  readonly text?: string;
}

/**
 * A body, or its content coding, cannot be decoded. It never prints the body.
 *
 * @example
 * ```ts
 * import { DecodeError, get } from "chasqui";
 * const { error } = await get("http://localhost:4010/stream/bytes?n=10").result();
 * if (error instanceof DecodeError) console.log(typeof error.text); // string
 * ```
 */
export class DecodeError extends ChasquiError {
  readonly code = "ERR_DECODE";
  /** Private, so that nothing that prints an error prints it (#115, P9). */
  readonly #text: string | undefined;
  /** Of JSON Lines, the number of the bad line, of which the first is 1; undefined of any other body. */
  declare readonly line: number | undefined;

  static {
    brandError(DecodeError, "DecodeError");
  }

  constructor(message: string, details: DecodeErrorDetails = {}) {
    super(message, details);
    this.#text = details.text;
    Object.defineProperty(this, "line", { value: details.line, enumerable: details.line !== undefined });
  }

  /**
   * The document that is not JSON, for a program to look at: the body, the line of JSON Lines, the data of an event. Undefined
   * where a coding could not be undone. It is in nothing that is printed.
   */
  get text(): string | undefined {
    return #text in this ? this.#text : undefined;
  }

  protected override facts(): Record<string, unknown> {
    return this.line === undefined ? {} : { line: this.line };
  }
}
