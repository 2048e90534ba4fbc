import { brandError, ChasquiError } from "./chasqui-error.ts";

/** The caller ended the call: by its signal, whose reason is the `cause`, or by closing the client. */
export class AbortError extends ChasquiError {
  readonly code = "ERR_ABORTED";

  static {
    brandError(AbortError, "AbortError");
  }
}

/** What a call comes to whose client is closed before it is answered. */
export function clientClosed(cause?: unknown): AbortError {
  return new AbortError("The client was closed while the request was under way", {
    cause,
    hint: "Await the call before close(), or the end of the block: `return await client.get(…)`.",
  });
}
