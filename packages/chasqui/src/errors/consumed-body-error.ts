import { brandError, ChasquiError } from "./chasqui-error.ts";

/** A body that can be read once was read before: a streamed response, or a request body that would have to be sent again. */
export class ConsumedBodyError extends ChasquiError {
  readonly code = "ERR_CONSUMED_BODY";

  static {
    brandError(ConsumedBodyError, "ConsumedBodyError");
  }
}
