import { brandError, ChasquiError } from "./chasqui-error.ts";

/**
 * Credentials could not be had: the provider of a token failed or gave none, a challenge of Digest's is malformed or asks for
 * what cannot be done, a netrc file cannot be read.
 */
export class AuthError extends ChasquiError {
  readonly code = "ERR_AUTH";

  static {
    brandError(AuthError, "AuthError");
  }
}
