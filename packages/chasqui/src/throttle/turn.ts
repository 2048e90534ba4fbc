import { uniquely } from "../auth/identity.ts";
import { TimeoutError, tellWait } from "../errors/timeout-error.ts";
import type { CallContext } from "../pipeline/call-context.ts";
import { identityAt } from "../pipeline/identity.ts";
import type { Request } from "../request/request.ts";
import type { Response } from "../response/response.ts";
import { lengthened } from "./lengthened.ts";
import { type Line, Lines, Place } from "./line.ts";
import { readRateLimits } from "./rate-limit-fields.ts";
import { refusalIn } from "./refusal.ts";
import type { ThrottleReport, ThrottleStore } from "./store.ts";
import type { ThrottlePolicy } from "./throttle-options.ts";

/** A slot that a request has, until it has been answered. */
export interface Turn {
  /** Gives it back, with what came of the request. */
  end(response: Response | undefined): void;
}

/**
 * Waits for the turn of a request. It ends as soon as the call is given up, the client closed, or `timeout.queue` over.
 *
 * @throws {TimeoutError} of phase `queue` when that is over, when too many wait already, or when the server says to wait for longer than `throttle.maxWait`.
 */
export async function takeTurn(
  request: Request,
  context: CallContext,
  policy: ThrottlePolicy,
): Promise<Turn> {
  if (context.cancelled !== undefined) throw context.cancelled;
  context.closing.refuse();
  const bucket = bucketOf(request, context, policy);
  const { clock } = context;
  const { limits, priority, party, queue, maxWait } = policy;
  const place = new Place({ limits, priority, party, queue, maxWait, clock });
  const lines = linesOf(policy.store);
  const line = lines.at(bucket);
  line.join(place);
  const slot = place.slot ?? (await itsTurn(place, line, context));
  return {
    end: (response) => {
      const { learn } = limits;
      const report = response === undefined ? unanswered(clock.now()) : reportOf(response, context, learn);
      // Not of the line that was: where nobody waited it is gone, and there may be another.
      lines.at(bucket).give(slot, report);
    },
  };
}

/** The lines of each store: clients that share one stand in the same lines. */
const allLines = new WeakMap<ThrottleStore, Lines>();

function linesOf(store: ThrottleStore): Lines {
  let lines = allLines.get(store);
  if (lines === undefined) {
    lines = new Lines(store);
    allLines.set(store, lines);
  }
  return lines;
}

/** Names of those who do not say who they are: each is one of its kind, and shares with nobody. */
const strangers = new WeakMap<object, string>();

function bucketOf(request: Request, context: CallContext, { per, bucket }: ThrottlePolicy): string {
  const parts = [request.origin];
  if (per === "credential") parts.push(identityAt(request, context) ?? strangerIn(context));
  if (bucket !== undefined) parts.push(bucket);
  return parts.join(" ");
}

function strangerIn({ auth }: CallContext): string {
  if (auth === undefined) return uniquely();
  const name = strangers.get(auth) ?? uniquely();
  strangers.set(auth, name);
  return name;
}

async function itsTurn(place: Place, line: Line, context: CallContext): Promise<string> {
  const { clock, timeouts } = context;
  const from = clock.now();
  const leave = (reason: Error): void => {
    tellWait(
      reason,
      `It waited for its turn within the limits of \`throttle\`: ${place.reason ?? "its turn"}.`,
    );
    line.leave(place, reason);
  };
  const timer =
    timeouts.queue > 0
      ? clock.timer(timeouts.queue, () => leave(tooLate(timeouts.queue, place.reason)))
      : undefined;
  const unlisten = [context.onCancel(leave), context.closing.listen(leave)];
  try {
    return await place.called;
  } finally {
    timer?.cancel();
    for (const stop of unlisten) stop();
    context.note("throttle", place.reason ?? "its turn", from);
  }
}

function tooLate(limit: number, reason: string | undefined): TimeoutError {
  return new TimeoutError("queue", limit, {
    said: "No turn within the limits of `throttle`",
    ...(reason === undefined ? {} : { hint: `It waited for: ${reason}.` }),
  });
}

function unanswered(now: number): ThrottleReport {
  return { now, answered: false, refused: false, pause: undefined, limits: [] };
}

function reportOf(response: Response, context: CallContext, learn: boolean): ThrottleReport {
  const date = context.clock.date();
  const { status, headers } = response;
  const told = readRateLimits(headers, date);
  const refusal = refusalIn({ status, header: (name) => headers.get(name), limits: told }, date);
  const asked = refusal?.pause;
  const pause = asked === undefined ? undefined : lengthened(asked, context.random());
  return {
    now: context.clock.now(),
    answered: true,
    refused: refusal !== undefined,
    pause,
    limits: learn ? told : [],
  };
}
