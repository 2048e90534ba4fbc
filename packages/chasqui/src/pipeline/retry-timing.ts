/**
 * Whether a failed attempt is followed by another, and after how long. Pure decisions; `retry.ts` acts on them.
 *
 * @module
 */
import { type Duration, milliseconds } from "../duration.ts";
import { OptionsError } from "../errors/options-error.ts";
import { isToken } from "../request/field.ts";
import { kindOf } from "../request/kind-of.ts";
import { parseHttpDate } from "../response/http-date.ts";

/** How the wait grows from attempt to attempt: `base`, then `factor` times the one before, never above `cap`. */
export interface Backoff {
  /** Milliseconds before the second attempt. */
  readonly base: number;
  /** What each further wait is multiplied by, 1 or more. */
  readonly factor: number;
  /** The longest wait, in milliseconds. */
  readonly cap: number;
}

/** An attempt that failed, as `when` sees it. */
export interface RetryInfo {
  /** The method of the request, in capitals. */
  readonly method: string;
  /** Which attempt it was; the first is 1. */
  readonly attempt: number;
  /** The status of the answer; undefined where there was none. */
  readonly status: number | undefined;
  /** What was thrown; undefined where there was an answer. */
  readonly error: FailedAttempt | undefined;
  /** Whether a byte of the request was written, so that the server may have acted on it. */
  readonly requestWritten: boolean;
}

/** When and how a call is tried again. Immutable: one policy serves every call (#144). */
export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  /** The methods that may be sent twice, in capitals; null is any. */
  readonly methods: readonly string[] | null;
  /** The statuses that are worth another attempt. */
  readonly statuses: readonly number[];
  /** How the wait grows. */
  readonly backoff: Backoff;
  /** `"full"`: each wait is drawn evenly from 0 to the backoff, so that clients do not come back all at once. */
  readonly jitter: "full" | "none";
  /** The longest wait, in milliseconds. A `Retry-After` beyond it ends the retries: to come early is to be refused. */
  readonly maxWait: number;
  /** Whether the server's `Retry-After` is obeyed. */
  readonly retryAfter: boolean;
  /**
   * The last word: true retries, false does not, undefined leaves it to the rules. It is asked at every failure and,
   * where it is set, at every answer; it cannot exceed `attempts` or `maxWait` nor send a body that is gone.
   */
  readonly when: ((info: RetryInfo) => boolean | undefined) | undefined;
}

/** A `RetryPolicy` as it is given: what is left out stays as it was. Durations may be strings such as `"2s"`. */
export interface RetryOptions {
  readonly attempts?: number | undefined;
  readonly methods?: readonly string[] | null | undefined;
  readonly statuses?: readonly number[] | undefined;
  readonly backoff?: BackoffOptions | undefined;
  readonly jitter?: "full" | "none" | undefined;
  readonly maxWait?: Duration | undefined;
  readonly retryAfter?: boolean | undefined;
  readonly when?: ((info: RetryInfo) => boolean | undefined) | undefined;
}

/** A `Backoff` as it is given. */
export interface BackoffOptions {
  readonly base?: Duration | undefined;
  readonly factor?: number | undefined;
  readonly cap?: Duration | undefined;
}

/** The option `retry`: false for one attempt only, a number of attempts, or a policy. */
export type RetryOption = false | number | RetryOptions;

/**
 * Three attempts of what may be sent twice, after network faults, connect and idle timeouts, and the statuses that
 * say "later".
 *
 * The methods are the idempotent ones of RFC 9110 §9.2.2. The wait is drawn from 0 to 300 ms, then from 0 to 600 ms,
 * doubling up to 20 s (full jitter).
 */
export const defaultRetryPolicy: RetryPolicy = Object.freeze({
  attempts: 3,
  methods: Object.freeze(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]),
  statuses: Object.freeze([408, 425, 429, 500, 502, 503, 504]),
  backoff: Object.freeze({ base: 300, factor: 2, cap: 20_000 }),
  jitter: "full",
  maxWait: 60_000,
  retryAfter: true,
  when: undefined,
} satisfies RetryPolicy);

/**
 * The policy that an option means, on top of `base`; undefined where retrying is switched off.
 *
 * @param option - What the caller gave.
 * @param base - The policy that fills what the option leaves out, such as the client's; the default one without it.
 * @throws {OptionsError} naming the field, what was given and what is allowed.
 * @example
 * ```ts
 * normalizeRetry(5)?.attempts; // 5
 * normalizeRetry({ methods: null, maxWait: "2m" });
 * normalizeRetry(false); // undefined
 * ```
 */
export function normalizeRetry(
  option: RetryOption | undefined,
  base: RetryPolicy = defaultRetryPolicy,
): RetryPolicy | undefined {
  if (option === undefined) return base;
  if (option === false) return undefined;
  if (typeof option === "number") return Object.freeze({ ...base, attempts: attempts(option, "retry") });
  if (typeof option !== "object" || option === null || Array.isArray(option)) {
    throw bad("retry", option, "false, a number of attempts, or an object");
  }
  // Own properties alone: a polluted Object.prototype sets no policy (S55).
  const given = own(option, POLICY_FIELDS, "retry");
  const backoff = given.backoff === undefined ? base.backoff : normalizeBackoff(given.backoff, base.backoff);
  return Object.freeze({
    attempts: given.attempts === undefined ? base.attempts : attempts(given.attempts, "retry.attempts"),
    methods: given.methods === undefined ? base.methods : methods(given.methods),
    statuses: given.statuses === undefined ? base.statuses : statuses(given.statuses),
    backoff,
    jitter: given.jitter === undefined ? base.jitter : jitter(given.jitter),
    maxWait: given.maxWait === undefined ? base.maxWait : wait(given.maxWait, "retry.maxWait"),
    retryAfter: given.retryAfter === undefined ? base.retryAfter : flag(given.retryAfter),
    when: given.when === undefined ? base.when : predicate(given.when),
  });
}

const POLICY_FIELDS = [
  "attempts",
  "methods",
  "statuses",
  "backoff",
  "jitter",
  "maxWait",
  "retryAfter",
  "when",
] as const;
const BACKOFF_FIELDS = ["base", "factor", "cap"] as const;

function own<const Field extends string>(
  given: object,
  fields: readonly Field[],
  option: string,
): Partial<Record<Field, unknown>> {
  const known: Partial<Record<Field, unknown>> = Object.create(null);
  for (const [key, value] of Object.entries(given)) {
    const field = fields.find((name) => name === key);
    if (field === undefined) {
      const message = `\`${option}\` has no field ${JSON.stringify(key.slice(0, 60))}, but ${fields.join(", ")}`;
      throw new OptionsError(message, { option: `${option}.${key.slice(0, 60)}` });
    }
    known[field] = value;
  }
  return known;
}

function bad(option: string, given: unknown, allowed: string): OptionsError {
  return new OptionsError(`\`${option}\` must be ${allowed}, not ${kindOf(given)}`, { option });
}

function attempts(given: unknown, option: string): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= 1) return given;
  throw new OptionsError(
    `\`${option}\` must be a whole number of attempts, 1 or more, not ${kindOf(given)}`,
    {
      option,
      hint: "The first attempt counts: 1 is no retry, as false is.",
    },
  );
}

function methods(given: unknown): readonly string[] | null {
  if (given === null) return null;
  const option = "retry.methods";
  if (!Array.isArray(given)) throw bad(option, given, "an array of methods, or null for any");
  const list: string[] = [];
  for (const method of given) {
    if (typeof method !== "string" || !isToken(method)) throw bad(option, method, "an array of methods");
    list.push(method.toUpperCase());
  }
  return Object.freeze(list);
}

function statuses(given: unknown): readonly number[] {
  const option = "retry.statuses";
  if (!Array.isArray(given)) throw bad(option, given, "an array of numbers from 200 to 999");
  const list: number[] = [];
  for (const status of given) {
    // A status in a string would match nothing, silently (#148).
    if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 999) {
      throw bad(option, status, "an array of numbers from 200 to 999");
    }
    list.push(status);
  }
  return Object.freeze(list);
}

function normalizeBackoff(given: unknown, base: Backoff): Backoff {
  const option = "retry.backoff";
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw bad(option, given, "an object with base, factor and cap");
  }
  const fields = own(given, BACKOFF_FIELDS, option);
  const { factor } = fields;
  if (factor !== undefined && !(typeof factor === "number" && Number.isFinite(factor) && factor >= 1)) {
    throw bad(`${option}.factor`, factor, "a number, 1 or more");
  }
  return Object.freeze({
    base: fields.base === undefined ? base.base : wait(fields.base, `${option}.base`),
    factor: factor ?? base.factor,
    cap: fields.cap === undefined ? base.cap : wait(fields.cap, `${option}.cap`),
  });
}

function jitter(given: unknown): "full" | "none" {
  if (given === "full" || given === "none") return given;
  throw bad("retry.jitter", given, '"full" or "none"');
}

function flag(given: unknown): boolean {
  if (typeof given === "boolean") return given;
  throw bad("retry.retryAfter", given, "true or false");
}

function predicate(given: unknown): (info: RetryInfo) => boolean | undefined {
  if (typeof given !== "function") throw bad("retry.when", given, "a function");
  return (info) => {
    const answer: unknown = given(info);
    if (typeof answer === "boolean" || answer === undefined) return answer;
    // Octokit's throttling took a forgotten return for "no", and a promise is always true (P22).
    throw bad("retry.when", answer, "a function that gives true, false or undefined");
  };
}

/** Unlike a timeout, a wait may be 0. */
function wait(given: unknown, option: string): number {
  return given === 0 ? 0 : milliseconds(given, option);
}

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
 * The wait after an attempt that failed, in milliseconds: drawn from 0 to `base * factor ** (attempt - 1)`, at most
 * `cap` and `maxWait`. Without jitter, that number itself.
 *
 * Full jitter from the first retry on, and not 0 before the first one: what fails for many clients at once fails
 * again when all of them come back at once.
 *
 * @param policy - Where base, factor, cap and jitter stand.
 * @param attempt - The attempt that failed; the first is 1.
 * @param random - Draws from 0 up to, but not including, 1.
 */
export function backoffDelay(policy: RetryPolicy, attempt: number, random: () => number): number {
  const { base, factor, cap } = policy.backoff;
  // 0 * Infinity is no number: a base of 0 is no wait at all, after a thousand attempts too.
  const grown = base === 0 ? 0 : base * factor ** (attempt - 1);
  const ceiling = Math.min(grown, cap, policy.maxWait);
  return Math.round(policy.jitter === "full" ? random() * ceiling : ceiling);
}

/**
 * What is known of an error that ended an attempt. `phase` is that of a `TimeoutError`, `networkKind` the kind of a
 * `NetworkError`; an error with neither is no fault of the network and not retried.
 */
export interface FailedAttempt {
  readonly code: string;
  readonly phase?: string | undefined;
  readonly networkKind?: string | undefined;
}

/** How an attempt failed: with an answer, or with none. */
export type AttemptFailure =
  | { readonly kind: "status"; readonly status: number; readonly retryAfter: string | null | undefined }
  | { readonly kind: "error"; readonly error: FailedAttempt; readonly requestWritten: boolean };

/** All that a verdict needs. */
export interface RetryQuestion {
  readonly policy: RetryPolicy;
  readonly method: string;
  /** The attempt that just failed; the first is 1. */
  readonly attempt: number;
  /** Failures in a row, for the backoff: a redirect has begun anew (#155). Default `attempt`. */
  readonly inARow?: number | undefined;
  readonly failure: AttemptFailure;
  /** Whether the body can be sent: there is none, it can be made again, or nobody has opened it yet. */
  readonly bodyReplayable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Draws from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** Another attempt after `delay` milliseconds, or none; `reason` is for a log or a hint. */
export type RetryVerdict =
  | { readonly retry: true; readonly delay: number; readonly reason: string }
  | { readonly retry: false; readonly reason: string };

/** Faults that another attempt may not meet. A bad certificate, a bad proxy and bad HTTP will be there again. */
const TRANSIENT: ReadonlySet<string> = new Set(["dns", "refused", "reset", "unreachable", "closed"]);

/**
 * Timeouts that another attempt may not meet. Not `headers`: a server that thinks for a minute would be given the
 * same work again. Not `queue`, `total` and `signal`: that time is the caller's own.
 */
const TRANSIENT_PHASES: ReadonlySet<string> = new Set(["connect", "idle", "attempt"]);

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
  if (failure.kind === "status" && !mayRetryStatus(policy, failure.status)) return ANSWERED;
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
    const objection = objectionTo(failure, policy, method);
    if (objection !== undefined) return no(objection);
  }
  if (attempt >= policy.attempts) {
    return no(
      policy.attempts === 1 ? "there is only one attempt" : `all ${policy.attempts} attempts are used up`,
    );
  }
  if (!question.bodyReplayable) return no("the body cannot be sent a second time");
  return timed(question);
}

function objectionTo(failure: AttemptFailure, policy: RetryPolicy, method: string): string | undefined {
  const allowed = policy.methods === null || policy.methods.includes(method);
  if (failure.kind === "status") {
    if (!policy.statuses.includes(failure.status)) return ANSWERED.reason;
    return allowed ? undefined : `${method} is not retried once the server has answered`;
  }
  const { phase, networkKind } = failure.error;
  if (!TRANSIENT.has(networkKind ?? "") && !TRANSIENT_PHASES.has(phase ?? "")) {
    return `${saidOf(failure)} would happen again`;
  }
  if (allowed || !failure.requestWritten) return undefined;
  return `${method} is not retried once it was written`;
}

function timed(question: RetryQuestion): RetryVerdict {
  const { policy, failure } = question;
  const backoff = backoffDelay(policy, question.inARow ?? question.attempt, question.random);
  const reason = saidOf(failure);
  if (failure.kind === "error" || !policy.retryAfter) return { retry: true, delay: backoff, reason };
  const asked = parseRetryAfter(failure.retryAfter, question.now);
  if (asked === undefined) return { retry: true, delay: backoff, reason };
  const seconds = `Retry-After ${Math.ceil(asked / 1000)} s`;
  if (asked > policy.maxWait) return no(`${seconds} is longer than \`retry.maxWait\` (${policy.maxWait} ms)`);
  return { retry: true, delay: Math.max(asked, backoff), reason: `${reason}, ${seconds}` };
}

function saidOf(failure: AttemptFailure): string {
  if (failure.kind === "status") return `status ${failure.status}`;
  const { code, phase, networkKind } = failure.error;
  if (phase !== undefined) return `timeout (${phase})`;
  return networkKind === undefined ? code : `network fault (${networkKind})`;
}

function no(reason: string): RetryVerdict {
  return { retry: false, reason };
}
