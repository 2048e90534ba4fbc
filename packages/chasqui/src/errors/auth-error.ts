import { brandError, ChasquiError } from "./chasqui-error.ts";

/** Credentials could not be had: the provider of a token failed, or what it gave is none. */
export class AuthError extends ChasquiError {
  readonly code = "ERR_AUTH";

  static {
    brandError(AuthError, "AuthError");
  }
}
