import { brandError, ChasquiError } from "./chasqui-error.ts";

/**
 * A body that can be read once is not to be had: it was read before, was closed, or, where it is asked for at once, has not been read
 * yet. A streamed response, or a request body that would have to be sent again.
 */
export class ConsumedBodyError extends ChasquiError {
  readonly code = "ERR_CONSUMED_BODY";

  static {
    brandError(ConsumedBodyError, "ConsumedBodyError");
  }
}
