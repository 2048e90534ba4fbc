/**
 * How many retries may follow failures of one kind, beside the number of attempts in all. Pure decisions.
 *
 * @module
 */
import { unknownField, wrongValue } from "../request/wrong-option.ts";
import type { FailedAttempt } from "./retry-policy.ts";

/**
 * What an attempt failed in: `connect` before a byte of the request was written, or where the server says that it did not process it
 * (REFUSED_STREAM of HTTP/2); `read` after that and without an answer; `status` by its answer; `other` in what is no fault of the
 * network (only `when` has that tried again).
 */
export type FailureKind = "connect" | "read" | "status" | "other";

/**
 * The most retries after failures of each kind, 0 for none. What is left out is bound by the number of attempts alone, which is never
 * exceeded. Redirects have a number of their own, `redirect.max`.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010", retry: { attempts: 6, limits: { status: 1, read: 0 } } });
 * await client.get("/posts/1");
 * ```
 */
export type RetryLimits = { readonly [Kind in FailureKind]?: number | undefined };

const KINDS: readonly FailureKind[] = ["connect", "read", "status", "other"];

/** What those are called here that other clients count beside these. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["redirect", "Redirects are counted by `redirect.max`."],
  ["total", "The number in all is `retry.attempts`, the first attempt included."],
]);

/** In words, for the reason that is told. */
const AFTER: Readonly<Record<FailureKind, string>> = {
  connect: "failures to connect",
  read: "failures to read",
  status: "bad statuses",
  other: "other failures",
};

/**
 * Reads the limits over those of a base, by own property (S55).
 *
 * @throws {OptionsError} naming the field, what was given and what is allowed.
 */
export function readLimits(given: unknown, base: RetryLimits): RetryLimits {
  const option = "retry.limits";
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw wrongValue(option, given, `an object with ${KINDS.join(", ")}`);
  }
  const limits: { [Kind in FailureKind]?: number | undefined } = { ...base };
  for (const [key, value] of Object.entries(given)) {
    const kind = KINDS.find((name) => name === key);
    if (kind === undefined) throw unknownField(option, key, KINDS, HINTS.get(key));
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
      throw wrongValue(`${option}.${kind}`, value, "a whole number of retries, 0 or more");
    }
    limits[kind] = value;
  }
  return Object.freeze(limits);
}

/** Of which kind a failure is; undefined for the error of one that was answered. */
export function failureKindOf(error: FailedAttempt | undefined, requestWritten: boolean): FailureKind {
  if (error === undefined) return "status";
  if (error.phase === undefined && error.networkKind === undefined) return "other";
  return requestWritten ? "read" : "connect";
}

/**
 * Why there is no other retry after a failure of a kind; undefined where there may be one.
 *
 * @param spent - How many retries of the call followed failures of the kind.
 */
export function limitReached(kind: FailureKind, limits: RetryLimits, spent: number): string | undefined {
  const limit = limits[kind];
  if (limit === undefined || spent < limit) return undefined;
  return limit === 0
    ? `\`retry.limits\` has none after ${AFTER[kind]}`
    : `all ${limit} retries after ${AFTER[kind]} are used up`;
}
