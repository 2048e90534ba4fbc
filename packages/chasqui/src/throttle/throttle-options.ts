/**
 * What the option `throttle` says, and how it is read.
 *
 * @module
 */

import { type Duration, milliseconds } from "../duration.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { wrongValue } from "../request/wrong-option.ts";
import type { ThrottlePriority } from "./fair-queue.ts";
import { MemoryThrottleStore } from "./memory-store.ts";
import type { ThrottleLimits, ThrottleRate, ThrottleStore } from "./store.ts";

/** A unit of time in a rate. */
type Unit = "ms" | "s" | "m" | "h" | "d";

/**
 * So many requests in a window of time: `"10/s"`, `"5000/h"`, `"100/15m"`, `"1/2s"`, with the units ms, s, m, h and d; or
 * `{ limit: 100, window: "15m" }`.
 */
export type Rate =
  | `${number}/${Unit}`
  | `${number}/${number}${Unit}`
  | { readonly limit: number; readonly window: Duration };

/** Limits of requests, for the calls of a client. */
export interface ThrottleOptions {
  /**
   * How many requests may be started in a window of time, wherever it begins; several rates all hold. Default: no limit but what
   * the server tells.
   */
  readonly rate?: Rate | readonly Rate[] | undefined;
  /** How many of a rate may start at once; the rest is spread evenly. Default: all of them. */
  readonly burst?: number | undefined;
  /** How many may be under way at once. Default: no limit. */
  readonly concurrency?: number | undefined;
  /** How many may wait; one more is a `TimeoutError` of phase `queue` at once. Default 10,000. */
  readonly queue?: number | undefined;
  /**
   * The longest that a call waits for a pause or a quota of the server's; where it would be longer the call is a `TimeoutError` of phase
   * `queue` at once, and nothing is sent. A second more is waited for, since pauses are lengthened by so much at most; with 0, too.
   * A wait for a `rate` or a `concurrency` of your own is not bounded by it. Default 60 s, as `retry.maxWait`.
   */
  readonly maxWait?: Duration | undefined;
  /** Which of those that wait go first. Default `"auto"`. */
  readonly priority?: ThrottlePriority | undefined;
  /**
   * Whether limits are learned from what answers tell of quotas (`RateLimit`, `X-RateLimit-*` …). A 429 pauses either way. Default
   * true.
   */
  readonly learn?: boolean | undefined;
  /**
   * What has limits of its own: each credential at an origin, or the origin as a whole, for limits by address or by application.
   * Default `"credential"`.
   */
  readonly per?: "credential" | "origin" | undefined;
  /** A name for limits of their own beside those of other calls: `"search"`. Default none. */
  readonly bucket?: string | undefined;
  /** Where the limits are kept. Default: a `MemoryThrottleStore` of the client and those that `extend()` makes of it. */
  readonly store?: ThrottleStore | undefined;
}

/** The option `throttle` of a client: a rate, parts of a policy, true for what the server tells alone, or false. */
export type ThrottleOption = boolean | Rate | ThrottleOptions;

/** The option `throttle` of a call: its place among those that wait, or false, which does not wait and is not counted. */
export type CallThrottleOption = false | Pick<ThrottleOptions, "priority" | "bucket">;

/** The option, read. */
export interface ThrottlePolicy {
  readonly limits: ThrottleLimits;
  readonly burst: number | undefined;
  readonly queue: number;
  /** Milliseconds. */
  readonly maxWait: number;
  readonly priority: ThrottlePriority;
  readonly per: "credential" | "origin";
  readonly bucket: string | undefined;
  readonly store: ThrottleStore;
  /** Whose turns these are: of one client, and not of another that shares its store. */
  readonly party: object;
}

const FIELDS = [
  "rate",
  "burst",
  "concurrency",
  "queue",
  "maxWait",
  "priority",
  "learn",
  "per",
  "bucket",
  "store",
] as const;
const CALL_FIELDS = ["priority", "bucket"] as const;
type Field = (typeof FIELDS)[number];
const PRIORITIES: readonly ThrottlePriority[] = ["high", "auto", "low"];

/** Fields of other limiters, and ours for them. */
const ELSEWHERE: ReadonlyMap<string, Field> = new Map([
  ["maxConcurrent", "concurrency"],
  ["maxConcurrency", "concurrency"],
  ["limit", "rate"],
  ["interval", "rate"],
  ["minTime", "rate"],
  ["reservoir", "rate"],
  ["maxRequests", "rate"],
  ["tokensPerInterval", "rate"],
  ["requestsPerSecond", "rate"],
  ["highWater", "queue"],
  ["maxQueue", "queue"],
  ["key", "bucket"],
  ["id", "bucket"],
]);

function bad(option: string, given: unknown, takes: string): never {
  throw wrongValue(option, given, takes);
}

function isRate(given: unknown): given is string | { limit: unknown; window: unknown } {
  return typeof given === "string" || (typeof given === "object" && given !== null && "window" in given);
}

/**
 * The policy of a client.
 *
 * @param base - That of the client which it is made from: what is left out stays.
 * @returns undefined where nothing is throttled.
 * @throws {OptionsError} naming the field, what was given and what is allowed.
 * @example
 * ```ts
 * readThrottle("10/s", undefined)?.limits.rates; // [{ limit: 10, window: 1000, burst: 10 }]
 * ```
 */
export function readThrottle(option: unknown, base: ThrottlePolicy | undefined): ThrottlePolicy | undefined {
  if (option === false) return undefined;
  let given: Given = {};
  if (isRate(option)) given = { rate: option };
  else if (typeof option === "object" && option !== null && !Array.isArray(option))
    given = own(option, FIELDS);
  else if (option !== true) {
    bad("throttle", option, 'a rate such as "10/s", an object with rate, concurrency, …, true or false');
  }
  const burst = given.burst === undefined ? base?.burst : count("burst", given.burst);
  const had = base?.limits;
  const rates = given.rate === undefined ? (had?.rates ?? []) : ratesOf(given.rate);
  if (given.burst !== undefined && rates.length === 0) {
    throw new OptionsError("`throttle.burst` is of a rate, and `throttle.rate` names none", {
      option: "throttle.burst",
    });
  }
  return {
    limits: {
      rates: rates.map(({ limit, window }) => ({ limit, window, burst: Math.min(burst ?? limit, limit) })),
      concurrency:
        given.concurrency === undefined
          ? (had?.concurrency ?? Number.POSITIVE_INFINITY)
          : count("concurrency", given.concurrency),
      learn: given.learn === undefined ? (had?.learn ?? true) : flag(given.learn),
    },
    burst,
    queue: given.queue === undefined ? (base?.queue ?? 10_000) : count("queue", given.queue, 0),
    maxWait: given.maxWait === undefined ? (base?.maxWait ?? 60_000) : longestWait(given.maxWait),
    priority: given.priority === undefined ? (base?.priority ?? "auto") : priorityOf(given.priority),
    per: given.per === undefined ? (base?.per ?? "credential") : perOf(given.per),
    bucket: given.bucket === undefined ? base?.bucket : bucketOf(given.bucket),
    store: given.store === undefined ? (base?.store ?? new MemoryThrottleStore()) : storeOf(given.store),
    party: {},
  };
}

/** The policy of a client that was made from another one: the same limits, and turns of its own. */
export function asOwnParty(policy: ThrottlePolicy | undefined): ThrottlePolicy | undefined {
  return policy && { ...policy, party: {} };
}

/**
 * The policy of a call.
 *
 * @throws {OptionsError} when it names a place where nobody waits, or limits, which are a client's.
 */
export function readCallThrottle(
  option: unknown,
  base: ThrottlePolicy | undefined,
): ThrottlePolicy | undefined {
  if (option === false) return undefined;
  if (typeof option !== "object" || option === null || Array.isArray(option)) {
    throw new OptionsError(
      `\`throttle\` of a call is ${kindOf(option)}; it takes { priority, bucket } or false`,
      {
        option: "throttle",
        hint: "Limits are kept over many calls: new Client({ throttle: … }).",
      },
    );
  }
  const given = own(option, CALL_FIELDS);
  if (base === undefined) {
    throw new OptionsError("`throttle` of a call says where it waits, and its client throttles nothing", {
      option: "throttle",
      hint: "Make a client that does: new Client({ throttle: … }).",
    });
  }
  return {
    ...base,
    priority: given.priority === undefined ? base.priority : priorityOf(given.priority),
    bucket: given.bucket === undefined ? base.bucket : bucketOf(given.bucket),
  };
}

type Given = { [Name in Field]?: unknown };

/** By own property only: a polluted prototype sets no limits (S55). */
function own(option: object, fields: readonly Field[]): Given {
  const given: Given = Object.create(null);
  for (const [key, value] of Object.entries(option)) {
    const field = fields.find((name) => name === key);
    if (field === undefined) refuseField(key.slice(0, 60), fields);
    else given[field] = value;
  }
  return given;
}

function refuseField(key: string, fields: readonly Field[]): never {
  const option = `throttle.${key}`;
  const isClients = fields === CALL_FIELDS && FIELDS.some((name) => name === key);
  const of = fields === CALL_FIELDS ? " of a call" : "";
  const meant = ELSEWHERE.get(key);
  let hint: string | undefined;
  if (isClients) hint = "Limits are kept over many calls: new Client({ throttle: … }).";
  else if (meant !== undefined) hint = `Did you mean \`${meant}\`?`;
  throw new OptionsError(`\`throttle\`${of} has no field ${JSON.stringify(key)}, but ${fields.join(", ")}`, {
    option,
    ...(hint === undefined ? {} : { hint }),
  });
}

function count(field: Field, given: unknown, least: number = 1): number {
  const whole = typeof given === "number" && (Number.isInteger(given) || given === Number.POSITIVE_INFINITY);
  return whole && given >= least
    ? given
    : bad(`throttle.${field}`, given, `a whole number, ${least} or more, or Infinity`);
}

/** Unlike a timeout, it may be 0: then nobody waits for the server for longer than a pause is lengthened by. */
function longestWait(given: unknown): number {
  return given === 0 ? 0 : milliseconds(given, "throttle.maxWait");
}

function flag(given: unknown): boolean {
  return typeof given === "boolean" ? given : bad("throttle.learn", given, "true or false");
}

function priorityOf(given: unknown): ThrottlePriority {
  const known = PRIORITIES.find((name) => name === given);
  return known ?? bad("throttle.priority", given, '"high", "auto" or "low"');
}

function perOf(given: unknown): "credential" | "origin" {
  if (given === "credential" || given === "origin") return given;
  return bad("throttle.per", given, '"credential" or "origin"');
}

function bucketOf(given: unknown): string {
  if (typeof given === "string" && given !== "") return given;
  return bad("throttle.bucket", given, "a name that is not empty");
}

function storeOf(given: unknown): ThrottleStore {
  const isStore = (value: unknown): value is ThrottleStore =>
    typeof value === "object" &&
    value !== null &&
    "take" in value &&
    typeof value.take === "function" &&
    "give" in value &&
    typeof value.give === "function";
  return isStore(given) ? given : bad("throttle.store", given, "an object with take() and give()");
}

function ratesOf(given: unknown): Omit<ThrottleRate, "burst">[] {
  return Array.isArray(given) ? given.map(rateOf) : [rateOf(given)];
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
const RATE = /^([1-9]\d{0,8})\/([1-9]\d{0,8})?(ms|s|m|h|d)$/;
const RATES = 'a rate such as "10/s", "5000/h" or "100/15m", or { limit, window }, or a list of these';

function rateOf(given: unknown): Omit<ThrottleRate, "burst"> {
  const option = "throttle.rate";
  if (typeof given === "string") {
    const [, limit, times = "1", unit = ""] = RATE.exec(given) ?? [];
    const window = Number(times) * (UNITS.get(unit) ?? Number.NaN);
    if (limit !== undefined && window <= LONGEST_WINDOW) return { limit: Number(limit), window };
    throw new OptionsError(`\`${option}\` is ${JSON.stringify(given.slice(0, 60))}; it takes ${RATES}`, {
      option,
      ...(/^0?\.\d|^\d+\.\d/.test(given) ? { hint: 'Half a request a second is "1/2s".' } : {}),
    });
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) return bad(option, given, RATES);
  const { limit, window, ...rest } = Object.assign(Object.create(null), given) as Record<string, unknown>;
  const [odd] = Object.keys(rest);
  if (odd !== undefined) {
    throw new OptionsError(
      `\`${option}\` has no field ${JSON.stringify(odd.slice(0, 60))}, but limit and window`,
      {
        option,
      },
    );
  }
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1) {
    return bad(`${option}.limit`, limit, "a whole number, 1 or more");
  }
  return { limit, window: milliseconds(window, `${option}.window`) };
}

/** A month or so: a timer takes no more. */
const LONGEST_WINDOW = 2 ** 31 - 1;
