import type { Request } from "../request/request.ts";
import type { CallContext } from "./call-context.ts";
import type { FailureKind } from "./retry-limits.ts";
import { type AttemptFailure, kindOfFailure, retryVerdict } from "./retry-timing.ts";

/** Another attempt, after so many milliseconds. */
export interface Wait {
  readonly delay: number;
  readonly reason: string;
  /** What it follows. */
  readonly after: FailureKind;
}

/**
 * Whether a failure of a call is followed by another attempt: by the rules, by the time that is left, and by the budget.
 * Where it is not, and the caller could do something about that, the error will say so.
 */
export function waitAfterFailure(
  failure: AttemptFailure,
  request: Request,
  bodyReplayable: boolean,
  context: CallContext,
): Wait | undefined {
  const policy = context.settings.retry;
  if (policy === undefined || context.cancelled !== undefined) return undefined;
  const verdict = retryVerdict({
    policy,
    method: request.method,
    keyed: carriesKey(request, context),
    attempt: context.retries + 1,
    inARow: context.retries - context.retriesBefore + 1,
    previousDelay: context.lastDelay,
    failure,
    spent: context.retriesAfter,
    bodyReplayable,
    now: context.clock.date(),
    random: context.random,
  });
  context.whyNotRetried = verdict.retry ? undefined : verdict.hint;
  if (!verdict.retry) return undefined;
  const now = context.clock.now();
  // A wait that outlasts the call would only turn this answer into a timeout (#160).
  if (now + verdict.delay >= context.deadline) {
    const wait = Math.round(verdict.delay);
    context.whyNotRetried = `It was not tried again: \`timeout.total\` leaves no room for the wait of ${wait} ms before the next attempt.`;
    return undefined;
  }
  // An answer of 429 says that the server is well, and when to come back.
  const free = failure.kind === "status" && failure.status === 429;
  if (!free && policy.budget !== undefined && !context.budget.spend(request.origin, policy.budget, now)) {
    context.whyNotRetried = `It was not tried again: too many calls to ${request.origin} fail (\`retry.budget\`).`;
    return undefined;
  }
  context.lastDelay = verdict.delay;
  return { delay: verdict.delay, reason: verdict.reason, after: kindOfFailure(failure) };
}

/** Whether the server can tell a second sending from a second request. */
function carriesKey(request: Request, { settings }: CallContext): boolean {
  const { idempotencyKey } = settings;
  return request.headers.has(idempotencyKey?.header ?? "idempotency-key");
}
