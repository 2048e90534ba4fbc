import type { Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";

/**
 * Closes a response that will not reach the caller, or what `with()` made out of it: a streamed body that nobody reads holds
 * its connection for ever. A body that somebody has begun to read is that reader's.
 *
 * @param kept - What is passed on in its place, and may have its body.
 */
export function letGo(response: Response, kept: Response | undefined, context: CallContext): void {
  let last = response;
  for (let next = context.successorOf(last); next !== undefined; next = context.successorOf(last))
    last = next;
  if (last !== kept && !last.bodyUsed) last.close().catch(() => {});
}
