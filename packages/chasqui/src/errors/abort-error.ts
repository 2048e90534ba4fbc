import { brandError, ChasquiError } from "./chasqui-error.ts";

/** The caller ended the call: by its signal, whose reason is the `cause`, or by closing the client. */
export class AbortError extends ChasquiError {
  readonly code = "ERR_ABORTED";

  static {
    brandError(AbortError, "AbortError");
  }
}
