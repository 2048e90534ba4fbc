import type { Response } from "../response/response.ts";
import { CallContext } from "./call-context.ts";

/** A part of a call that can be given up by itself, and ends with it. */
export function forkOf(call: CallContext): CallContext {
  const part = new CallContext(call, call.root);
  part.retries = call.retries;
  part.retriesBefore = call.retriesBefore;
  part.lastDelay = call.lastDelay;
  part.deadline = call.deadline;
  part.history = call.history;
  part.boundOrigin = call.boundOrigin;
  part.clientHeaders = call.clientHeaders;
  part.crossed = call.crossed;
  part.withheld = call.withheld;
  part.template = call.template;
  part.request = call.request;
  // Its own: while one part answers a 401, that of another is a challenge as well, and not the answer.
  for (const origin of call.challenged) part.challenged.add(origin);
  return part;
}

/** Lets a call go on from where a part of it has come to. */
export function absorb(call: CallContext, part: CallContext, response: Response | undefined): void {
  call.retriesBefore = part.retriesBefore;
  call.lastDelay = part.lastDelay;
  call.whyNotRetried = part.whyNotRetried;
  call.written = part.written;
  call.sentAt = part.sentAt;
  call.history = part.history;
  call.unanswered ||= part.unanswered;
  call.request = part.request;
  if (part.cookieless !== undefined) call.cookieless = part.cookieless;
  for (const origin of part.challenged) call.challenged.add(origin);
  const verdict = response && part.verdictOf(response);
  if (response !== undefined && verdict !== undefined) call.decide(response, verdict);
}
