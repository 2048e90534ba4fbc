import type { Clock } from "../clock.ts";
import type { Connection, Passenger } from "./connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { Connector } from "./connector.ts";
import { OriginPool } from "./origin-pool.ts";
import type { PoolLimits } from "./pool-limits.ts";

/**
 * The connections of a client: up to `limits.perOrigin` an origin, each for one exchange at a time, the one that was used last first, so
 * that as few as possible stay open. Who finds none free and may not open another waits in line.
 *
 * It tells a request that waits for its connection to be made from one that waits for a busy one, takes one that is given up out of
 * the line, and does not go on connecting when nobody waits any more.
 */
export class Pool {
  readonly limits: PoolLimits;
  readonly clock: Clock;
  readonly #origins = new Map<string, OriginPool>();
  /** One for all connections, so that TLS sessions are resumed. */
  readonly connector: Connector = new Connector();

  /** The idle ones of all origins, the one idle longest first; kept only where there is a limit to them. */
  readonly #resting: Set<Connection> | undefined;

  constructor(limits: PoolLimits, clock: Clock) {
    this.limits = limits;
    this.clock = clock;
    if (limits.idle !== Number.POSITIVE_INFINITY) this.#resting = new Set();
  }

  /** Nobody uses the connection now. */
  rest(connection: Connection): void {
    if (this.#resting === undefined) return;
    this.#resting.add(connection);
    if (this.#resting.size <= this.limits.idle) return;
    for (const oldest of this.#resting) {
      void oldest.destroy();
      return;
    }
  }

  /** Somebody uses it, or it is gone. */
  rouse(connection: Connection): void {
    this.#resting?.delete(connection);
  }

  /**
   * Gives the passenger a connection now, or puts it in line; true when it has one. `anew`: sooner one that is yet to be made
   * than one that is there.
   */
  enter(origin: string, passenger: Passenger, options?: ConnectionOptions, anew = false): boolean {
    const key = keyOf(origin, options);
    let pool = this.#origins.get(key);
    if (pool === undefined) {
      pool = new OriginPool(origin, options, this);
      this.#origins.set(key, pool);
    }
    return pool.enter(passenger, anew);
  }

  /**
   * Since when every connection that there may be is held by responses whose readers take nothing; undefined where one of them
   * makes progress.
   */
  heldSince(origin: string, options?: ConnectionOptions): number | undefined {
    return this.#origins.get(keyOf(origin, options))?.heldSince;
  }

  /** Takes a passenger out of the line. */
  leave(origin: string, passenger: Passenger, options?: ConnectionOptions): void {
    this.#origins.get(keyOf(origin, options))?.leave(passenger);
  }

  /** Who walks the web meets many origins once. */
  forget(pool: OriginPool): void {
    const key = keyOf(pool.origin, pool.options);
    // By now another may have been made in its place.
    if (this.#origins.get(key) === pool) this.#origins.delete(key);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#origins.values()].map((pool) => pool.close()));
  }
}

/** Connections are shared where origin and options are the same, and nowhere else (#112, S5, S31, S32). */
function keyOf(origin: string, options: ConnectionOptions | undefined): string {
  return options === undefined ? origin : `${origin} ${options.key}`;
}
