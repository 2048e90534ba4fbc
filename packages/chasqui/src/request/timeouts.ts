import { type Duration, milliseconds } from "../duration.ts";
import { unknownField, wrongValue } from "./wrong-option.ts";

/** Limits of time by phase; null is none. */
export interface TimeoutPhases {
  /** Name, TCP and TLS of a new connection. Default 10 s. */
  readonly connect?: Duration | null | undefined;
  /**
   * Waiting for a connection while all are busy, and for a turn within the limits of `throttle`. Default none, but 60 s while nobody
   * reads the streamed responses that hold all connections; null is none then either.
   */
  readonly queue?: Duration | null | undefined;
  /** The wait for the response's headers; it begins anew with every piece of a request body that goes out. Default 60 s. */
  readonly headers?: Duration | null | undefined;
  /** A pause between two pieces of the body. Default 30 s. */
  readonly idle?: Duration | null | undefined;
  /** One attempt, from the first byte to the last of a buffered body, to the headers of a streamed one. Default none. */
  readonly attempt?: Duration | null | undefined;
  /** The whole call: waits, retries, redirects and a buffered body included. Default none. */
  readonly total?: Duration | null | undefined;
}

/**
 * One duration is the total of a buffered call, and no wait within it has a lower limit but the one for connecting; of a
 * streamed call it bounds the wait for the headers and each pause. Null is no limit at all.
 */
export type TimeoutOption = Duration | TimeoutPhases | null;

const PHASES = ["connect", "queue", "headers", "idle", "attempt", "total"] as const;
type Phase = (typeof PHASES)[number];
const TAKES = `a duration, { ${PHASES.join(", ")} } or null`;

/** What requests' pair of seconds is here: of what was given, where that can be read. */
function hintOfPair([connect, read, ...more]: readonly unknown[]): string {
  const known = more.length === 0 ? [connect, read].map(seconds) : [];
  const [first = '"3s"', second = '"10s"'] = known.includes(undefined) ? [] : known;
  return `Of requests' (connect, read) this is { connect: ${first}, headers: ${second}, idle: ${second} }.`;
}

function seconds(given: unknown): string | undefined {
  if (given === null) return "null";
  if (typeof given === "string" && /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h)$/.test(given))
    return JSON.stringify(given);
  return typeof given === "number" && /^\d{1,9}(?:\.\d{1,3})?$/.test(String(given))
    ? `"${given}s"`
    : undefined;
}

/** The limits in milliseconds; 0 is none. */
export interface Timeouts {
  readonly connect: number;
  readonly queue: number;
  readonly headers: number;
  readonly idle: number;
  readonly attempt: number;
  readonly total: number;
  /** In line while every connection is held by a response that nobody reads, unless `queue` was named. */
  readonly unread: number;
  /** One duration for all, or 0: what it means depends on how the body is read. */
  readonly single: number;
  /** Phases that were named; one duration has nothing to say of them. */
  readonly named: ReadonlySet<Phase>;
}

/** The limits unless told otherwise. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 10_000,
  queue: 0,
  headers: 60_000,
  idle: 30_000,
  attempt: 0,
  total: 0,
  unread: 60_000,
  single: 0,
  named: new Set(),
};

const UNLIMITED: Timeouts = { ...DEFAULT_TIMEOUTS, connect: 0, headers: 0, idle: 0, unread: 0 };

/**
 * The limits that an option asks for; phases that it does not name keep those of `base`.
 *
 * @throws {OptionsError} when a value is no duration or a phase does not exist.
 */
export function timeoutsOf(option: unknown, base: Timeouts): Timeouts {
  if (option === null) return UNLIMITED;
  if (Array.isArray(option)) throw wrongValue("timeout", option, TAKES, hintOfPair(option));
  if (typeof option !== "object") {
    const single = milliseconds(option, "timeout");
    return { ...base, total: 0, single, named: new Set() };
  }
  const own: Record<string, unknown> = { ...option };
  const limits: Record<Phase, number> = { ...base };
  const named = new Set(base.named);
  for (const [phase, value] of Object.entries(own)) {
    const known = PHASES.find((name) => name === phase);
    if (known === undefined) throw unknownField("timeout", phase, PHASES);
    if (value === undefined) continue;
    limits[known] = value === null ? 0 : milliseconds(value, `timeout.${phase}`);
    named.add(known);
  }
  const unread = named.has("queue") ? 0 : base.unread;
  return { ...limits, unread, single: named.has("total") ? 0 : base.single, named };
}

/** What one duration means, now that it is known how the body is read. */
export function resolvedTimeouts(timeouts: Timeouts, streamed: boolean): Timeouts {
  const { single, named } = timeouts;
  if (single === 0) return timeouts;
  // A default must not cut short what was given ten minutes (P2).
  const within = (phase: "headers" | "idle"): number => {
    if (named.has(phase)) return timeouts[phase];
    return streamed || timeouts[phase] < single ? single : timeouts[phase];
  };
  return { ...timeouts, total: streamed ? 0 : single, headers: within("headers"), idle: within("idle") };
}

/** Said of a limit that nobody gave, where it ended a call; undefined of one that the caller named. */
export function hintAtDefault({ named, single }: Timeouts, phase: string, ms: number): string | undefined {
  const known = (["connect", "headers", "idle"] as const).find((name) => name === phase);
  if (known === undefined || named.has(known) || ms !== DEFAULT_TIMEOUTS[known]) return undefined;
  // One duration may be as long as the default.
  if (single === ms) return undefined;
  return `That is the default limit; \`timeout.${known}\` sets another.`;
}
