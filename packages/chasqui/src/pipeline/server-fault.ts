import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";

/**
 * Whether an error tells of a server that cannot be reached or does not answer in time, which is as bad as one that answers 500. A
 * call that stood in the client's own line, and one that its caller's signal ended, say nothing of it.
 */
export function isServerFault(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof TimeoutError && error.phase !== "queue" && error.phase !== "signal";
}
