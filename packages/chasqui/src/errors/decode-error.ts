import { brandError, ChasquiError } from "./chasqui-error.ts";

/** A body, or its content coding, cannot be decoded. It never prints the body. */
export class DecodeError extends ChasquiError {
  readonly code = "ERR_DECODE";

  static {
    brandError(DecodeError, "DecodeError");
  }
}
