import { brandError, ChasquiError } from "./chasqui-error.ts";

/**
 * Code of the caller's that the call ran (a hook, a middleware, the stream of a request body) threw something that is
 * no error of the family; `cause` is what it threw.
 */
export class CallerError extends ChasquiError {
  readonly code = "ERR_CALLER";

  static {
    brandError(CallerError, "CallerError");
  }
}
