import { brandError, ChasquiError } from "./chasqui-error.ts";

/** The caller's signal ended the call; `cause` is the signal's reason. */
export class AbortError extends ChasquiError {
  readonly code = "ERR_ABORTED";

  static {
    brandError(AbortError, "AbortError");
  }
}
