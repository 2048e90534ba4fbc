import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/** What an `AuthError` is made of. */
export interface AuthErrorDetails extends ErrorDetails {
  /** The error code of OAuth 2, such as `invalid_grant`. */
  readonly reason?: string | undefined;
  /** What the server said of it. */
  readonly description?: string | undefined;
}

/**
 * Credentials could not be had: the provider of a token failed or gave none, an authorization server refused one, a challenge
 * of Digest's is malformed or asks for what cannot be done, a netrc file cannot be read.
 */
export class AuthError extends ChasquiError {
  readonly code = "ERR_AUTH";
  /**
   * The error code of OAuth 2, where a server gave one: `invalid_client`, `invalid_grant`, `access_denied` … (RFC 6749 §5.2
   * and §4.1.2.1, RFC 8628 §3.5).
   */
  readonly reason: string | undefined;
  /** What the server said of it (`error_description`), without secrets; undefined where it said nothing. */
  readonly description: string | undefined;

  static {
    brandError(AuthError, "AuthError");
  }

  constructor(message: string, details: AuthErrorDetails = {}) {
    super(message, details);
    this.reason = details.reason;
    this.description = details.description;
  }

  protected override facts(): Record<string, unknown> {
    return { reason: this.reason, description: this.description };
  }
}
