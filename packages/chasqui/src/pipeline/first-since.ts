import type { ExchangeRecord } from "../trace/trace.ts";
import type { CallContext } from "./call-context.ts";

/**
 * The exchange that began first since then, for whoever stands around it: before it a turn may have been waited for, or a token, and a
 * middleware may have asked more than once.
 *
 * @param noted - What `context.root.noted` was then.
 */
export function firstSince(noted: number, { root }: CallContext): ExchangeRecord | undefined {
  let first: ExchangeRecord | undefined;
  let record = root.lastExchange;
  for (; record !== undefined && record.order >= noted; record = record.previous) first = record;
  return first;
}
