import type { Settings } from "../request/settings.ts";
import { CallContext } from "./call-context.ts";

/**
 * A call of its own, with the rights of another, which goes on when that one is given up.
 *
 * @param changes - Settings that are other ones there; the signal is none in any case.
 */
export function apart(call: CallContext, changes: Partial<Settings> = {}): CallContext {
  const { options, clock, random, auth, jar, closing, budget } = call;
  const own = new CallContext({
    settings: { ...call.settings, signal: undefined, ...changes },
    options,
    clock,
    random,
    streamed: false,
    auth,
    jar,
    closing,
    site: undefined,
    transfer: undefined,
    budget,
  });
  own.boundOrigin = call.boundOrigin;
  own.clientHeaders = call.clientHeaders;
  own.crossed = call.crossed;
  own.withheld = call.withheld;
  own.template = call.template;
  return own;
}

/** A call takes over what a request that was made for several calls has come to. */
export function takeOver(call: CallContext, flight: CallContext): void {
  call.begun += flight.begun;
  call.retries += flight.retries;
  call.history = flight.history;
  call.crossed ||= flight.crossed;
  call.withheld = flight.withheld;
  call.unanswered ||= flight.unanswered;
  call.whyNotRetried = flight.whyNotRetried;
  call.request = flight.request ?? call.request;
  call.lastExchange = flight.lastExchange;
  call.noted = Math.max(call.noted, flight.noted);
  if (flight.steps === undefined) return;
  const shift = flight.startedAt - call.startedAt;
  const theirs = flight.steps.map(({ order, step }) => ({
    order,
    step: { ...step, start: step.start + shift },
  }));
  call.steps = [...(call.steps ?? []), ...theirs];
}
