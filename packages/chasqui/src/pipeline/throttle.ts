import type { Response } from "../response/response.ts";
import type { Stage } from "./stage.ts";

/**
 * A slot for each request, within the limits of its origin and of who asks. It ends with a body that is buffered, and at the headers
 * of one that is streamed: what reads that may make calls of its own. It has ended before credentials are got anew after a 401, and
 * while the next attempt is waited for, so that even one slot is enough for both.
 */
export const throttle: Stage = (next) => async (request, context) => {
  const policy = context.settings.throttle;
  if (policy === undefined) return next(request, context);
  const { takeTurn } = await import("../throttle/turn.ts");
  const turn = await takeTurn(request, context, policy);
  let response: Response | undefined;
  try {
    response = await next(request, context);
    return response;
  } finally {
    turn.end(response);
  }
};
