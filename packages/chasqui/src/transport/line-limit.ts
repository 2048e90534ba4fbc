import type { Clock, Timer } from "../clock.ts";
import { IN_USE, TimeoutError } from "../errors/timeout-error.ts";
import type { Pool } from "./pool.ts";
import type { Exchange } from "./transport.ts";

/** What is said of a call that was given up in line. */
export const IN_LINE: string = `It waited for a free connection. ${IN_USE}`;

/** What waits in line. */
interface Waiting {
  /** It has waited for too long. */
  late(error: TimeoutError): void;
}

/**
 * The limit of an exchange that waits in line for a connection: the caller's `queue`, or else how long nobody may read.
 *
 * It holds the process: a connection that is paused for its reader does not, and who waits for it must be told in the end.
 */
export function limitInLine(
  exchange: Exchange,
  pool: Pool,
  clock: Clock,
  waiting: Waiting,
): Timer | undefined {
  const { queue, unread = 0 } = exchange.timeouts;
  if (queue === 0) return unread > 0 ? new UnreadLimit(unread, exchange, pool, clock, waiting) : undefined;
  return clock.timer(
    queue,
    () => waiting.late(new TimeoutError("queue", queue)),
    exchange.background === true,
  );
}

/** Who waits for connections that nobody empties would wait for ever; while one of them makes progress there is hope. */
class UnreadLimit implements Timer {
  readonly #limit: number;
  readonly #exchange: Exchange;
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #waiting: Waiting;
  #timer: Timer;

  constructor(limit: number, exchange: Exchange, pool: Pool, clock: Clock, waiting: Waiting) {
    this.#limit = limit;
    this.#exchange = exchange;
    this.#pool = pool;
    this.#clock = clock;
    this.#waiting = waiting;
    this.#timer = this.#arm(limit);
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #arm(ms: number): Timer {
    return this.#clock.timer(ms, () => this.#check(), this.#exchange.background === true);
  }

  #check(): void {
    const { origin, connection } = this.#exchange;
    const since = this.#pool.heldSince(origin, connection);
    const left = since === undefined ? this.#limit : this.#limit - (this.#clock.now() - since);
    if (left > 1) this.#timer = this.#arm(left);
    else this.#waiting.late(unreadFor(this.#limit));
  }
}

function unreadFor(ms: number): TimeoutError {
  const known = `For ${ms / 1000} s nobody has read from any of them: that is the default limit, and \`timeout.queue\` sets another.`;
  return new TimeoutError("queue", ms, { hint: `${IN_USE} ${known}` });
}
