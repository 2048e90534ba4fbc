import { brandError, ChasquiError } from "./chasqui-error.ts";

/** Nothing was sent: so many calls to the origin have failed lately that it is left alone for a while (`circuit`). */
export class CircuitOpenError extends ChasquiError {
  readonly code = "ERR_CIRCUIT_OPEN";
  /** Scheme, host and port that are left alone. */
  readonly origin: string;
  /** Milliseconds until a request is let through again, to see whether the server is well; 0 while one is under way. */
  readonly retryAfter: number;

  static {
    brandError(CircuitOpenError, "CircuitOpenError");
  }

  constructor(origin: string, retryAfter: number) {
    const when =
      retryAfter > 0
        ? `for ${Math.ceil(retryAfter)} ms more`
        : "until a request that is under way has been answered";
    super(`Too many calls to ${origin} have failed: nothing is sent ${when}`, {
      hint: "The server is down or overloaded. Try again later, or see `circuit` for when it is left alone.",
    });
    this.origin = origin;
    this.retryAfter = retryAfter;
  }

  protected override facts(): Record<string, unknown> {
    return { origin: this.origin, retryAfter: Math.ceil(this.retryAfter) };
  }
}
