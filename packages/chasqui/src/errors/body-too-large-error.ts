import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/** What was too large: a whole body, one record of a stream (a line, an event), or the headers. */
export type TooLarge = "body" | "record" | "headers";

const OPTION: Record<TooLarge, string | undefined> = {
  body: "maxBytes",
  record: "maxRecord",
  headers: undefined,
};

const SUBJECT: Record<TooLarge, string> = {
  body: "The response body is",
  record: "The record is",
  headers: "The headers are",
};

const FIXED = "This limit is fixed: the server has to send fewer headers, or shorter ones.";

/** What a `BodyTooLargeError` is made of. */
export interface BodyTooLargeErrorDetails extends ErrorDetails {
  /** What is wrong, where it is not a limit that was set. */
  readonly said?: string;
}

/**
 * A response went over a limit; reading stopped there. Limits count decoded bytes (P19, S14). Or it was wanted in one piece, and the
 * system has no memory for it, or it is longer than a string can be.
 */
export class BodyTooLargeError extends ChasquiError {
  readonly code = "ERR_BODY_TOO_LARGE";
  /** The limit, in bytes; or how long that body is which could not be had whole. */
  readonly limit: number;
  /** What went over it. */
  readonly what: TooLarge;

  static {
    brandError(BodyTooLargeError, "BodyTooLargeError");
  }

  constructor(limit: number, what: TooLarge = "body", details: BodyTooLargeErrorDetails = {}) {
    const option = OPTION[what];
    super(details.said ?? `${SUBJECT[what]} larger than ${limit} bytes`, {
      hint: option === undefined ? FIXED : `Raise \`${option}\` if that is what you expect.`,
      ...details,
    });
    this.limit = limit;
    this.what = what;
  }

  protected override facts(): Record<string, unknown> {
    return { limit: this.limit, what: this.what };
  }
}
