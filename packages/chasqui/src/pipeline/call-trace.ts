import { Trace } from "../trace/trace.ts";
import type { CallContext } from "./call-context.ts";

/** What has happened in a call so far. */
export function traceOf(call: CallContext): Trace {
  const now = call.clock.now();
  let first = call.lastExchange;
  while (first?.previous !== undefined) first = first.previous;
  const { method = "", url = "" } = (first?.asked ?? call.request)?.toJSON() ?? {};
  return new Trace({
    startedAt: call.startedAt,
    endedAt: call.endedAt ?? now,
    date: call.clock.date() - (now - call.startedAt),
    id: () => call.id,
    method,
    url,
    last: call.lastExchange,
    steps: call.steps ?? [],
  });
}
