import type { Request } from "../request/request.ts";
import { type Response, withPieces } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import type { Handler, Stage } from "./stage.ts";

/** What asks for a body in its own way, as `save()` does: from the middle on, and again from where it broke. */
export interface Transfer {
  /** @param rebodied - Gives a response that is streamed another stream, made of the one that it has. */
  send(request: Request, context: CallContext, next: Handler, rebodied: typeof withPieces): Promise<Response>;
}

/** Leaves the hops and attempts of a call to its transfer, which is loaded when there is one. */
export const transfer: Stage = (next) => async (request, context) => {
  const by = await context.transfer;
  return by === undefined ? next(request, context) : by.send(request, context, next, withPieces);
};
