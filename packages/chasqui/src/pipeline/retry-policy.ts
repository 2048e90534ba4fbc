/**
 * What the option `retry` says: the policy, and how it is read.
 *
 * @module
 */

import { type Duration, milliseconds } from "../duration.ts";
import type { NetworkErrorKind } from "../errors/network-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { isToken } from "../request/field.ts";
import { kindOf } from "../request/kind-of.ts";
import { IDEMPOTENT } from "../request/method.ts";
import { unknownField, wrongValue } from "../request/wrong-option.ts";
import { type RetryLimits, readLimits } from "./retry-limits.ts";

/** How the wait grows from attempt to attempt: `base`, then `factor` times the one before, never above `cap`. */
export interface Backoff {
  /** Milliseconds before the second attempt. */
  readonly base: number;
  /** What each further wait is multiplied by, 1 or more. */
  readonly factor: number;
  /** The longest wait, in milliseconds. */
  readonly cap: number;
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

/** How many of the requests to an origin may be retries, over all calls of a client. */
export interface RetryBudgetPolicy {
  /** What each exchange earns of a retry, from 0 to 1. */
  readonly share: number;
  /** Retries that are there before any was earned, and the most that are saved. */
  readonly reserve: number;
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
  /** Whether a byte of the request was written, so that the server may have acted on it; false where it says that it did not. */
  readonly requestWritten: boolean;
}

/** When and how a call is tried again. Immutable: one policy serves every call (#144). */
export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  /** The most retries after failures of each kind, within `attempts`. */
  readonly limits: RetryLimits;
  /** The methods that may be sent twice, in capitals; null is any. */
  readonly methods: readonly string[] | null;
  /** The statuses that are worth another attempt. */
  readonly statuses: readonly number[];
  /** The faults of the network that are worth another attempt. */
  readonly networkKinds: readonly NetworkErrorKind[];
  /** The timeouts that are worth another attempt, by their phase. */
  readonly phases: readonly RetriedPhase[];
  /** How the wait grows. */
  readonly backoff: Backoff;
  readonly jitter: Jitter;
  /** The longest wait, in milliseconds. A `Retry-After` beyond it ends the retries: to come early is to be refused. */
  readonly maxWait: number;
  /** Whether it is obeyed what the server says of another attempt. */
  readonly retryAfter: boolean;
  /** Undefined: as many as the calls ask for. */
  readonly budget: RetryBudgetPolicy | undefined;
  /**
   * The last word: true retries, false does not, undefined leaves it to the rules. It is asked at every failure and,
   * where it is set, at every answer; it cannot exceed `attempts` or `maxWait` nor send a body that is gone.
   */
  readonly when: ((info: RetryInfo) => boolean | undefined) | undefined;
}

/** A `RetryPolicy` as it is given: what is left out stays as it was. Durations may be strings such as `"2s"`. */
export interface RetryOptions {
  /** How often a call is sent at most, the first time included. Default 3. */
  readonly attempts?: number | undefined;
  /**
   * The most retries after failures of one kind (`connect`, `read`, `status`, `other`), within `attempts`. Default: no limits but that.
   */
  readonly limits?: RetryLimits | undefined;
  /** Methods that may be sent again once they were written; null is any. Default GET, HEAD, OPTIONS, TRACE, PUT, DELETE. */
  readonly methods?: readonly string[] | null | undefined;
  /** Statuses that are tried again. Default 408, 425, 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[] | undefined;
  /** Faults of the network that are tried again. Default dns, refused, reset, unreachable, closed. */
  readonly networkKinds?: readonly NetworkErrorKind[] | undefined;
  /**
   * Timeouts that are tried again, by their phase. Default connect, idle, attempt: a server that thought for a minute would be
   * given the same work again with `"headers"`.
   */
  readonly phases?: readonly RetriedPhase[] | undefined;
  /** How the wait grows. */
  readonly backoff?: BackoffOptions | undefined;
  /** How the waits are drawn, so that clients do not come back together. Default `"full"`. */
  readonly jitter?: Jitter | undefined;
  /** The longest wait. A `Retry-After` beyond it ends the attempts, rather than being cut short. Default 60 s. */
  readonly maxWait?: Duration | undefined;
  /**
   * Whether it is obeyed what the server says of another attempt: `Retry-After`, `retry-after-ms` (milliseconds, wins where
   * both are there), and `x-should-retry: true` or `false`, which overrules `statuses`. Default true.
   */
  readonly retryAfter?: boolean | undefined;
  /**
   * How many of the requests may be retries, over all calls of the client, or false for no such limit. An answer of 429 is
   * not counted: that server is well, and says when to come back. Default `{ share: 0.1, reserve: 100 }`.
   */
  readonly budget?: false | RetryBudgetOptions | undefined;
  /** The last word: true tries again, false does not, undefined leaves it to the rules. It is not asynchronous. */
  readonly when?: ((info: RetryInfo) => boolean | undefined) | undefined;
}

/** A `RetryBudgetPolicy` as it is given. */
export interface RetryBudgetOptions {
  /**
   * How many retries each request earns, from 0 to 1, at its origin and for all calls of the client: 0.1 means that in the long
   * run no more than one request in eleven is a retry. Default 0.1.
   */
  readonly share?: number | undefined;
  /** Retries that are there before any was earned; they are there again after a minute. Default 100. */
  readonly reserve?: number | undefined;
}

/**
 * How waits are drawn: `"full"` from 0 up to what the backoff says; `"decorrelated"` from the backoff's base up to three times
 * the wait before; `"none"` waits what the backoff says.
 *
 * Both by Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
 */
export type Jitter = "full" | "decorrelated" | "none";

/** A phase whose timeout can be followed by another attempt; the others end the call. */
export type RetriedPhase = "connect" | "headers" | "idle" | "attempt";

/** A `Backoff` as it is given. */
export interface BackoffOptions {
  /** The first wait at most; 0 is none. Default 300 ms. */
  readonly base?: Duration | undefined;
  /** How many times longer each wait is than the one before. Default 2. */
  readonly factor?: number | undefined;
  /** What no wait grows beyond. Default 20 s. */
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
  limits: Object.freeze({}),
  methods: IDEMPOTENT,
  statuses: Object.freeze([408, 425, 429, 500, 502, 503, 504]),
  // A bad certificate, a bad proxy and bad HTTP will be there again.
  networkKinds: Object.freeze(["dns", "refused", "reset", "unreachable", "closed"] as const),
  // Not `headers`: a server that thinks for a minute would be given the same work again.
  phases: Object.freeze(["connect", "idle", "attempt"] as const),
  backoff: Object.freeze({ base: 300, factor: 2, cap: 20_000 }),
  jitter: "full",
  maxWait: 60_000,
  retryAfter: true,
  budget: Object.freeze({ share: 0.1, reserve: 100 }),
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
    throw wrongValue("retry", option, "false, a number of attempts, or an object");
  }
  // Own properties alone: a polluted Object.prototype sets no policy (S55).
  const given = own(option, POLICY_FIELDS, "retry");
  const backoff = given.backoff === undefined ? base.backoff : normalizeBackoff(given.backoff, base.backoff);
  return Object.freeze({
    attempts: given.attempts === undefined ? base.attempts : attempts(given.attempts, "retry.attempts"),
    limits: given.limits === undefined ? base.limits : readLimits(given.limits, base.limits),
    methods: given.methods === undefined ? base.methods : methods(given.methods),
    statuses: given.statuses === undefined ? base.statuses : statuses(given.statuses),
    networkKinds:
      given.networkKinds === undefined
        ? base.networkKinds
        : words(given.networkKinds, NETWORK_KINDS, "retry.networkKinds"),
    phases: given.phases === undefined ? base.phases : words(given.phases, PHASES, "retry.phases"),
    backoff,
    jitter: given.jitter === undefined ? base.jitter : jitter(given.jitter),
    maxWait: given.maxWait === undefined ? base.maxWait : wait(given.maxWait, "retry.maxWait"),
    retryAfter: given.retryAfter === undefined ? base.retryAfter : flag(given.retryAfter),
    budget: given.budget === undefined ? base.budget : budget(given.budget),
    when: given.when === undefined ? base.when : predicate(given.when),
  });
}

const POLICY_FIELDS = [
  "attempts",
  "limits",
  "methods",
  "statuses",
  "networkKinds",
  "phases",
  "backoff",
  "jitter",
  "maxWait",
  "retryAfter",
  "budget",
  "when",
] as const;
const BACKOFF_FIELDS = ["base", "factor", "cap"] as const;
const BUDGET_FIELDS = ["share", "reserve"] as const;
const NETWORK_KINDS: readonly NetworkErrorKind[] = [
  ...(["dns", "refused", "reset", "unreachable", "tls", "proxy", "closed", "protocol"] as const),
];
const JITTERS: readonly Jitter[] = ["full", "decorrelated", "none"];
const PHASES: readonly RetriedPhase[] = ["connect", "headers", "idle", "attempt"];

/** Fields of other clients, and ours for them. */
const ELSEWHERE: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  ...{ limit: "attempts", retries: "attempts", total: "attempts", max: "attempts", maxRetries: "attempts" },
  ...{ statusCodes: "statuses", status_forcelist: "statuses", allowed_methods: "methods" },
  ...{
    backoff_factor: "backoff",
    delay: "backoff",
    maxRetryAfter: "maxWait",
    retryIf: "when",
    shouldRetry: "when",
  },
});

/** The same for the fields of `retry.backoff`. */
const BACKOFF_ELSEWHERE: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  max: "cap",
  maxDelay: "cap",
  limit: "cap",
  delay: "base",
  initial: "base",
  multiplier: "factor",
});

function own<const Field extends string>(
  given: object,
  fields: readonly Field[],
  option: string,
): Partial<Record<Field, unknown>> {
  const known: Partial<Record<Field, unknown>> = Object.create(null);
  for (const [key, value] of Object.entries(given)) {
    const field = fields.find((name) => name === key);
    if (field === undefined) {
      const word = option === "retry" ? ELSEWHERE[key] : BACKOFF_ELSEWHERE[key];
      const meant = fields.find((name) => name === word);
      throw unknownField(option, key, fields, meant === undefined ? undefined : `Did you mean \`${meant}\`?`);
    }
    known[field] = value;
  }
  return known;
}

function attempts(given: unknown, option: string): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= 1) return given;
  const hint = "The first attempt counts: 1 is no retry, as false is.";
  throw wrongValue(option, given, "a whole number of attempts, 1 or more", hint);
}

function methods(given: unknown): readonly string[] | null {
  if (given === null) return null;
  const option = "retry.methods";
  if (!Array.isArray(given)) throw wrongValue(option, given, "an array of methods, or null for any");
  const list: string[] = [];
  for (const method of given) {
    if (typeof method !== "string" || !isToken(method))
      throw wrongValue(option, method, "an array of methods");
    list.push(method.toUpperCase());
  }
  return Object.freeze(list);
}

function statuses(given: unknown): readonly number[] {
  const option = "retry.statuses";
  if (!Array.isArray(given)) throw wrongValue(option, given, "an array of numbers from 200 to 999");
  const list: number[] = [];
  for (const status of given) {
    // A status in a string would match nothing, silently (#148).
    if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 999) {
      throw wrongValue(option, status, "an array of numbers from 200 to 999");
    }
    list.push(status);
  }
  return Object.freeze(list);
}

function normalizeBackoff(given: unknown, base: Backoff): Backoff {
  const option = "retry.backoff";
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw wrongValue(option, given, "an object with base, factor and cap");
  }
  const fields = own(given, BACKOFF_FIELDS, option);
  const { factor } = fields;
  if (factor !== undefined && !(typeof factor === "number" && Number.isFinite(factor) && factor >= 1)) {
    throw wrongValue(`${option}.factor`, factor, "a number, 1 or more");
  }
  return Object.freeze({
    base: fields.base === undefined ? base.base : wait(fields.base, `${option}.base`),
    factor: factor ?? base.factor,
    cap: fields.cap === undefined ? base.cap : wait(fields.cap, `${option}.cap`),
  });
}

function jitter(given: unknown): Jitter {
  const known = JITTERS.find((name) => name === given);
  if (known !== undefined) return known;
  throw wrongValue("retry.jitter", given, '"full", "decorrelated" or "none"');
}

function words<Word extends string>(given: unknown, known: readonly Word[], option: string): readonly Word[] {
  const allowed = `an array of ${known.join(", ")}`;
  if (!Array.isArray(given)) throw wrongValue(option, given, allowed);
  const list: Word[] = [];
  for (const entry of given) {
    const word = known.find((name) => name === entry);
    if (word !== undefined) {
      list.push(word);
      continue;
    }
    const message = `\`${option}\` has ${typeof entry === "string" ? JSON.stringify(entry.slice(0, 60)) : kindOf(entry)}`;
    throw new OptionsError(`${message}; it takes ${allowed}`, { option });
  }
  return Object.freeze(list);
}

function budget(given: unknown): RetryBudgetPolicy | undefined {
  if (given === false) return undefined;
  const option = "retry.budget";
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw wrongValue(option, given, "false, or an object with share and reserve");
  }
  const { share = 0.1, reserve = 100 } = own(given, BUDGET_FIELDS, option);
  if (!(typeof share === "number" && share >= 0 && share <= 1)) {
    throw wrongValue(`${option}.share`, share, "a number from 0 to 1");
  }
  if (!(typeof reserve === "number" && Number.isFinite(reserve) && reserve >= 0)) {
    throw wrongValue(`${option}.reserve`, reserve, "a number of retries, 0 or more");
  }
  return Object.freeze({ share, reserve });
}

function flag(given: unknown): boolean {
  if (typeof given === "boolean") return given;
  throw wrongValue("retry.retryAfter", given, "true or false");
}

function predicate(given: unknown): (info: RetryInfo) => boolean | undefined {
  if (typeof given !== "function") throw wrongValue("retry.when", given, "a function");
  return (info) => {
    const answer: unknown = given(info);
    if (typeof answer === "boolean" || answer === undefined) return answer;
    // Octokit's throttling took a forgotten return for "no", and a promise is always true (P22).
    throw wrongValue("retry.when", answer, "a function that gives true, false or undefined");
  };
}

/** Below this a fraction is one of seconds, as `backoff_factor` of requests is. */
const FEW_MILLISECONDS = 10;

/** Unlike a timeout, a wait may be 0. */
function wait(given: unknown, option: string): number {
  if (typeof given === "number" && given > 0 && given < FEW_MILLISECONDS && !Number.isInteger(given)) {
    const hint = `Durations are milliseconds: write ${Math.round(given * 1000)} or "${given}s" for ${given} seconds.`;
    throw wrongValue(option, given, "a duration, below 10 ms in whole milliseconds", hint);
  }
  return given === 0 ? 0 : milliseconds(given, option);
}
