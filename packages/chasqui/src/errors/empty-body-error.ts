import { brandError, ChasquiError } from "./chasqui-error.ts";

/** JSON was asked of a body that is empty (a 204, say). `jsonOrUndefined()` is for those who expect one. */
export class EmptyBodyError extends ChasquiError {
  readonly code = "ERR_EMPTY_BODY";

  static {
    brandError(EmptyBodyError, "EmptyBodyError");
  }
}
