import { AbortError } from "../errors/abort-error.ts";
import type { ChasquiError } from "../errors/chasqui-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";

/** What a call that its signal ended rejects with. */
export function signalError(signal: AbortSignal): ChasquiError {
  const { reason } = signal;
  // AbortSignal.timeout() gives a DOMException of this name.
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new TimeoutError("signal", undefined, { cause: reason });
  }
  return new AbortError("The call was aborted by its signal", { cause: reason });
}
