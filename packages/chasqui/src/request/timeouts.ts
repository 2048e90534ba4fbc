import { type Duration, milliseconds } from "../duration.ts";
import { OptionsError } from "../errors/options-error.ts";

/** Limits of time by phase; null is none. */
export interface TimeoutPhases {
  /** Name, TCP and TLS of a new connection. Default 10 s. */
  readonly connect?: Duration | null;
  /** Waiting for a connection while all are busy. Default none. */
  readonly queue?: Duration | null;
  /** The wait for the response's headers; it begins anew with every piece of a request body that goes out. Default 60 s. */
  readonly headers?: Duration | null;
  /** A pause between two pieces of the body. Default 30 s. */
  readonly idle?: Duration | null;
  /** One attempt, from the first byte to the last of a buffered body, to the headers of a streamed one. Default none. */
  readonly attempt?: Duration | null;
  /** The whole call: waits, retries, redirects and a buffered body included. Default none. */
  readonly total?: Duration | null;
}

/**
 * One duration is the total of a buffered call; of a streamed one it bounds the headers and each pause. Null is no limit
 * at all.
 */
export type TimeoutOption = Duration | TimeoutPhases | null;

/** The limits in milliseconds; 0 is none. */
export interface Timeouts {
  readonly connect: number;
  readonly queue: number;
  readonly headers: number;
  readonly idle: number;
  readonly attempt: number;
  readonly total: number;
  /** One duration was given: a streamed call reads it in another way. */
  readonly single: number;
}

/** The limits unless told otherwise. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 10_000,
  queue: 0,
  headers: 60_000,
  idle: 30_000,
  attempt: 0,
  total: 0,
  single: 0,
};

const UNLIMITED: Timeouts = { connect: 0, queue: 0, headers: 0, idle: 0, attempt: 0, total: 0, single: 0 };
const PHASES = ["connect", "queue", "headers", "idle", "attempt", "total"] as const;

/**
 * The limits that an option asks for; phases that it does not name keep those of `base`.
 *
 * @throws {OptionsError} when a value is no duration or a phase does not exist.
 */
export function timeoutsOf(option: unknown, base: Timeouts): Timeouts {
  if (option === null) return UNLIMITED;
  if (typeof option !== "object") {
    const single = milliseconds(option, "timeout");
    return { ...base, total: 0, single };
  }
  const own: Record<string, unknown> = { ...option };
  const limits: Record<(typeof PHASES)[number], number> = { ...base };
  for (const [phase, value] of Object.entries(own)) {
    const known = PHASES.find((name) => name === phase);
    if (known === undefined) {
      throw new OptionsError(`\`timeout.${phase}\` is no phase; there are ${PHASES.join(", ")}`, {
        option: `timeout.${phase}`,
      });
    }
    if (value !== undefined) limits[known] = value === null ? 0 : milliseconds(value, `timeout.${phase}`);
  }
  return { ...limits, single: Object.hasOwn(own, "total") ? 0 : base.single };
}

/** What one duration means, now that it is known how the body is read. */
export function resolvedTimeouts(timeouts: Timeouts, streamed: boolean): Timeouts {
  const { single } = timeouts;
  if (single === 0) return timeouts;
  if (!streamed) return { ...timeouts, total: single };
  return { ...timeouts, headers: single, idle: single };
}
