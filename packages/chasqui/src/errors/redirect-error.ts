import type { Response } from "../response/response.ts";
import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/**
 * Why a redirect was not followed: too many, forbidden by `redirect: "error"`, to a place that may not be gone to
 * (another scheme, or from https to http), a Location that is no URL, or a body that cannot be sent a second time.
 */
export type RedirectErrorKind = "too-many" | "forbidden" | "refused" | "invalid" | "body";

/** A redirect that could not or may not be followed. `response` is the last one, with its `history`. */
export class RedirectError extends ChasquiError {
  readonly code = "ERR_REDIRECT";
  /** Why it was not followed. */
  readonly kind: RedirectErrorKind;
  /** The redirect itself, with the hops before it in `history`. */
  declare readonly response: Response;

  static {
    brandError(RedirectError, "RedirectError");
  }

  constructor(kind: RedirectErrorKind, message: string, response: Response, details: ErrorDetails = {}) {
    super(message, details);
    this.kind = kind;
    Object.defineProperty(this, "response", { value: response, enumerable: false });
  }

  protected override facts(): Record<string, unknown> {
    return { kind: this.kind, hops: this.response.history.filter(({ status }) => status < 400).length + 1 };
  }
}
