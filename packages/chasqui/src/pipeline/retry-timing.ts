/**
 * Whether a failed attempt is followed by another, and after how long. Pure decisions; `retry.ts` acts on them.
 *
 * @module
 */
import { parseHttpDate } from "../response/http-date.ts";
import { type FailureKind, failureKindOf, limitReached } from "./retry-limits.ts";
import type { FailedAttempt, RetryPolicy } from "./retry-policy.ts";

/**
 * What `Retry-After` asks for, in milliseconds from `now`; undefined where it is absent or makes no sense.
 *
 * A number is digits with white space around them and nothing else (RFC 9110 §10.2.3); all three forms of date are
 * read, without a zone as UTC; a date that has passed is 0.
 *
 * @param value - The header's value.
 * @param now - Milliseconds since 1970.
 * @example
 * ```ts
 * parseRetryAfter(" 120 ", Date.now()); // 120000
 * parseRetryAfter("1.5", Date.now()); // undefined
 * ```
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (value === null || value === undefined) return undefined;
  const text = value.trim();
  if (/^[0-9]+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  const date = parseHttpDate(text, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/**
 * What a server asks for in milliseconds (`retry-after-ms`: those of Microsoft and OpenAI send it); undefined where it is
 * absent or makes no sense.
 */
export function parseRetryAfterMs(value: string | null | undefined): number | undefined {
  const text = value?.trim() ?? "";
  return /^[0-9]{1,15}(?:\.[0-9]{1,9})?$/.test(text) ? Math.ceil(Number(text)) : undefined;
}

/**
 * The wait after an attempt that failed, in milliseconds: drawn from 0 to `base * factor ** (attempt - 1)`, at most
 * `cap` and `maxWait`. Without jitter, that number itself. Decorrelated: drawn from `base` to three times the wait before.
 *
 * Full jitter from the first retry on, and not 0 before the first one: what fails for many clients at once fails
 * again when all of them come back at once.
 *
 * @param policy - Where base, factor, cap and jitter stand.
 * @param attempt - The attempt that failed; the first is 1.
 * @param random - Draws from 0 up to, but not including, 1.
 * @param previous - The wait before this one, in milliseconds; of the first there is none.
 */
export function backoffDelay(
  policy: RetryPolicy,
  attempt: number,
  random: () => number,
  previous: number = 0,
): number {
  const { base, factor, cap } = policy.backoff;
  const most = Math.min(cap, policy.maxWait);
  if (policy.jitter === "decorrelated") {
    return Math.round(Math.min(most, base + random() * Math.max(0, Math.max(previous, base) * 3 - base)));
  }
  // 0 * Infinity is no number: a base of 0 is no wait at all, after a thousand attempts too.
  const grown = base === 0 ? 0 : base * factor ** (attempt - 1);
  const ceiling = Math.min(grown, most);
  return Math.round(policy.jitter === "full" ? random() * ceiling : ceiling);
}

/** How an attempt failed: with an answer, or with none. */
export type AttemptFailure =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly retryAfter: string | null | undefined;
      /** What `retry-after-ms` says. */
      readonly retryAfterMs?: string | null | undefined;
      /** What `x-should-retry` says. */
      readonly shouldRetry?: string | null | undefined;
    }
  | { readonly kind: "error"; readonly error: FailedAttempt; readonly requestWritten: boolean };

/** All that a verdict needs. */
export interface RetryQuestion {
  readonly policy: RetryPolicy;
  readonly method: string;
  /** Whether the request carries an idempotency key, by which a server knows that it is the same one again. */
  readonly keyed?: boolean | undefined;
  /** The attempt that just failed; the first is 1. */
  readonly attempt: number;
  /** Failures in a row, for the backoff: a redirect has begun anew (#155). Default `attempt`. */
  readonly inARow?: number | undefined;
  /** The wait before this attempt, in milliseconds. */
  readonly previousDelay?: number | undefined;
  readonly failure: AttemptFailure;
  /** Retries that the call has made, by the kind of the failure that each followed. Default none. */
  readonly spent?: Readonly<Partial<Record<FailureKind, number>>> | undefined;
  /** Whether the body can be sent: there is none, it can be made again, or nobody has opened it yet. */
  readonly bodyReplayable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Draws from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** Another attempt after `delay` milliseconds, or none; `reason` is for a log, `hint` for who could do something about it. */
export type RetryVerdict =
  | { readonly retry: true; readonly delay: number; readonly reason: string }
  | { readonly retry: false; readonly reason: string; readonly hint?: string | undefined };

/** Limits of the call as a whole: nothing may start after them, whatever `when` says. */
const FINAL_PHASES: ReadonlySet<string> = new Set(["total", "signal"]);

const ANSWERED: RetryVerdict = Object.freeze({ retry: false, reason: "the status is not one to retry" });

/**
 * Whether a status could be retried at all. Cheap, for the headers of every answer: only where it is true does
 * `retryVerdict` have something to say.
 */
export function mayRetryStatus(policy: RetryPolicy, status: number): boolean {
  return policy.when !== undefined || policy.statuses.includes(status);
}

/**
 * The one verdict on an attempt, asked when the headers of an answer arrive and when a failure is thrown. Keep what
 * it says: asked again it draws another delay.
 *
 * The method and the status must both be on their lists (#148). Where no byte of the request was written, the server
 * has seen nothing, and any method may be sent again (#147). A `Retry-After` is waited out, or the backoff where that
 * is longer; one beyond `maxWait` is no retry.
 *
 * @example
 * ```ts
 * retryVerdict({
 *   policy: defaultRetryPolicy,
 *   method: "GET",
 *   attempt: 1,
 *   failure: { kind: "status", status: 503, retryAfter: "2" },
 *   bodyReplayable: true,
 *   now: Date.now(),
 *   random: Math.random,
 * }); // { retry: true, delay: 2000, reason: "status 503, Retry-After 2 s" }
 * ```
 */
export function retryVerdict(question: RetryQuestion): RetryVerdict {
  const { policy, method, attempt, failure } = question;
  const advice = failure.kind === "status" && policy.retryAfter ? adviceOf(failure.shouldRetry) : undefined;
  if (failure.kind === "status" && advice !== true && !mayRetryStatus(policy, failure.status))
    return ANSWERED;
  if (failure.kind === "error" && FINAL_PHASES.has(failure.error.phase ?? "")) {
    return no("the time of the call is used up");
  }

  const wish = policy.when?.({
    method,
    attempt,
    status: failure.kind === "status" ? failure.status : undefined,
    error: failure.kind === "error" ? failure.error : undefined,
    requestWritten: failure.kind === "status" || failure.requestWritten,
  });
  if (wish === false) return no("`retry.when` said no");
  if (wish === undefined) {
    if (advice === false) return no("the server says not to (x-should-retry)");
    const objection = objectionTo(question, advice === true);
    if (objection !== undefined) return objection;
  }
  if (attempt >= policy.attempts) {
    return no(
      policy.attempts === 1 ? "there is only one attempt" : `all ${policy.attempts} attempts are used up`,
    );
  }
  const kind = kindOfFailure(failure);
  const reached = limitReached(kind, policy.limits, question.spent?.[kind] ?? 0);
  if (reached !== undefined) return no(reached);
  if (!question.bodyReplayable) {
    return no(
      "the body cannot be sent a second time",
      "It was not tried again: the body is a stream that can be sent once. Give `body` as a function that makes it.",
    );
  }
  return timed(question);
}

/** What `retry.limits` counts a failure as. */
export function kindOfFailure(failure: AttemptFailure): FailureKind {
  return failure.kind === "status" ? "status" : failureKindOf(failure.error, failure.requestWritten);
}

/** What a server that says something of another attempt says. */
function adviceOf(shouldRetry: string | null | undefined): boolean | undefined {
  if (shouldRetry === "true") return true;
  return shouldRetry === "false" ? false : undefined;
}

function objectionTo(question: RetryQuestion, advised: boolean): RetryVerdict | undefined {
  const { policy, method, failure } = question;
  const allowed = policy.methods === null || question.keyed === true || policy.methods.includes(method);
  if (failure.kind === "status") {
    if (!advised && !policy.statuses.includes(failure.status)) return ANSWERED;
    return allowed
      ? undefined
      : no(`${method} is not retried once the server has answered`, onceOnly(method));
  }
  const { phase, networkKind } = failure.error;
  if (
    !policy.networkKinds.some((kind) => kind === networkKind) &&
    !policy.phases.some((one) => one === phase)
  ) {
    return no(`${saidOf(failure)} would happen again`);
  }
  if (allowed || !failure.requestWritten) return undefined;
  return no(`${method} is not retried once it was written`, onceOnly(method));
}

function onceOnly(method: string): string {
  return `It was not tried again: ${method} sent twice may be done twice. \`idempotencyKey: true\` lets a server that knows such keys tell.`;
}

function timed(question: RetryQuestion): RetryVerdict {
  const { policy, failure } = question;
  const inARow = question.inARow ?? question.attempt;
  const backoff = backoffDelay(policy, inARow, question.random, inARow > 1 ? question.previousDelay : 0);
  const reason = saidOf(failure);
  if (failure.kind === "error" || !policy.retryAfter) return { retry: true, delay: backoff, reason };
  const asked = parseRetryAfterMs(failure.retryAfterMs) ?? parseRetryAfter(failure.retryAfter, question.now);
  if (asked === undefined) return { retry: true, delay: backoff, reason };
  const seconds = `Retry-After ${asked < 1000 ? `${Math.ceil(asked)} ms` : `${Math.ceil(asked / 1000)} s`}`;
  if (asked > policy.maxWait) {
    const why = `${seconds} is longer than \`retry.maxWait\` (${policy.maxWait} ms)`;
    return no(why, `It was not tried again: ${why}. Wait that long, or raise it.`);
  }
  return { retry: true, delay: Math.max(asked, backoff), reason: `${reason}, ${seconds}` };
}

function saidOf(failure: AttemptFailure): string {
  if (failure.kind === "status") return `status ${failure.status}`;
  const { code, phase, networkKind } = failure.error;
  if (phase !== undefined) return `timeout (${phase})`;
  return networkKind === undefined ? code : `network fault (${networkKind})`;
}

function no(reason: string, hint?: string): RetryVerdict {
  return { retry: false, reason, hint };
}
