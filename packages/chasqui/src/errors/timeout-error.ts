import { brandError, ChasquiError, type ErrorDetails, tellHint } from "./chasqui-error.ts";

/**
 * Where the time ran out: making the connection, waiting for a free one or for a turn within the limits of `throttle`, waiting for the response's headers, a pause
 * between two pieces of the body, one attempt, the whole call, or the caller's own `AbortSignal.timeout`.
 */
export type TimeoutPhase = "connect" | "queue" | "headers" | "idle" | "attempt" | "total" | "signal";

const SAID: Record<TimeoutPhase, string> = {
  connect: "No connection",
  queue: "No free connection",
  headers: "No response headers",
  idle: "The response body stalled",
  attempt: "The attempt took too long",
  total: "The call took too long",
  signal: "The caller's signal timed out",
};

/** Why a call may have to wait in line. */
export const IN_USE =
  "All connections to this origin are in use; a streamed response holds one until it is read or closed.";

function hintOf(phase: TimeoutPhase, timeout: number | undefined): string | undefined {
  const hints: string[] = [];
  if (phase === "queue") {
    hints.push(IN_USE);
  }
  // A second written as 1 or 30 is the commonest slip of those who come from Python (P2).
  if (timeout !== undefined && timeout < 100) {
    hints.push('Durations are milliseconds: write 5000 or "5s" for five seconds.');
  }
  return hints.length === 0 ? undefined : hints.join(" ");
}

/** What a `TimeoutError` is made of. */
export interface TimeoutErrorDetails extends ErrorDetails {
  /** What did not come in time, where it is not what the phase usually means. */
  readonly said?: string;
}

/** A limit of time was reached. `phase` says which one. */
export class TimeoutError extends ChasquiError {
  readonly code = "ERR_TIMEOUT";
  /** Where the time ran out. */
  readonly phase: TimeoutPhase;
  /**
   * The limit that was reached, in milliseconds; undefined for a signal, which does not tell, and for a queue that is full, which
   * would have taken too long.
   */
  readonly timeout: number | undefined;

  static {
    brandError(TimeoutError, "TimeoutError");
  }

  constructor(phase: TimeoutPhase, timeout: number | undefined, details: TimeoutErrorDetails = {}) {
    const limit = timeout === undefined ? "" : ` (limit ${timeout} ms)`;
    const hint = hintOf(phase, timeout);
    super(`${details.said ?? SAID[phase]}${limit}`, { ...(hint === undefined ? {} : { hint }), ...details });
    this.phase = phase;
    this.timeout = timeout;
  }

  protected override facts(): Record<string, unknown> {
    return { phase: this.phase, timeout: this.timeout };
  }
}

/** Phases in which something else may have been waited for than what they are named after. */
const WAITED_IN: readonly TimeoutPhase[] = ["headers", "attempt", "total"];

/** Tells the error of a call whose time ran out what the call waited for just then. */
export function tellWait(error: unknown, waited: string): void {
  if (!(error instanceof TimeoutError) || !WAITED_IN.includes(error.phase)) return;
  if (error.hint?.includes(waited) === true) return;
  tellHint(error, error.hint === undefined ? waited : `${error.hint} ${waited}`);
}
