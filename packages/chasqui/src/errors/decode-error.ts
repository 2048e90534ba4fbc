import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/** What a `DecodeError` is made of. */
export interface DecodeErrorDetails extends ErrorDetails {
  /** The number of the line that it was, of which the first is 1. */
  readonly line?: number;
}

/** A body, or its content coding, cannot be decoded. It never prints the body. */
export class DecodeError extends ChasquiError {
  readonly code = "ERR_DECODE";
  /** Of JSON Lines, the number of the bad line, of which the first is 1; undefined of any other body. */
  declare readonly line: number | undefined;

  static {
    brandError(DecodeError, "DecodeError");
  }

  constructor(message: string, details: DecodeErrorDetails = {}) {
    super(message, details);
    Object.defineProperty(this, "line", { value: details.line, enumerable: details.line !== undefined });
  }

  protected override facts(): Record<string, unknown> {
    return this.line === undefined ? {} : { line: this.line };
  }
}
