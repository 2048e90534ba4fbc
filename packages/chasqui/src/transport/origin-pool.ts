import { Chain } from "../chain.ts";
import { Connection, type Passenger } from "./connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { Pool } from "./pool.ts";

/** The connections to one origin that are made in one way, and the line of those who wait for one. */
export class OriginPool {
  readonly origin: string;
  readonly options: ConnectionOptions | undefined;
  readonly #pool: Pool;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #line = new Chain<Passenger>();
  /** Connections that speak HTTP/2, where it was asked for. */
  readonly #shared: Set<Connection> | undefined;
  /** The connection of which it is not known yet what it will speak: what comes meanwhile waits to share it. */
  #undecided: Connection | undefined;
  /** Nobody waits for it after one that could not be made, and where the server is known to speak HTTP/1.1. */
  #waitsToShare = true;

  constructor(origin: string, options: ConnectionOptions | undefined, pool: Pool) {
    this.origin = origin;
    this.options = options;
    this.#pool = pool;
    if (options?.settings.http2 === true && origin.startsWith("https:")) this.#shared = new Set();
  }

  enter(passenger: Passenger, anew: boolean): boolean {
    // Who comes later does not overtake, though a place may just have come free.
    const connection = this.#line.first !== undefined ? undefined : this.#take(anew);
    if (connection === undefined) {
      this.#line.add(passenger);
      for (const busy of this.#all) busy.holdProcess();
      return false;
    }
    connection.carry(passenger);
    return true;
  }

  #take(anew: boolean): Connection | undefined {
    if (this.#shared !== undefined) {
      for (const connection of this.#shared) if (connection.hasRoom) return connection;
      if (this.#undecided !== undefined) return undefined;
    }
    return anew ? (this.#another() ?? this.#idle.pop()) : (this.#idle.pop() ?? this.#another());
  }

  /** Whether anybody waits for a connection. */
  get hasLine(): boolean {
    return this.#line.first !== undefined;
  }

  get heldSince(): number | undefined {
    let last: number | undefined;
    for (const { heldSince } of this.#all) {
      if (heldSince === undefined) return undefined;
      last = Math.max(last ?? 0, heldSince);
    }
    return last;
  }

  leave(passenger: Passenger): void {
    this.#line.remove(passenger);
  }

  /** A connection whose exchange is over: the next in line gets it. */
  free(connection: Connection): void {
    const next = this.#next();
    if (next !== undefined) connection.carry(next);
    else if (this.#shared?.has(connection) !== true) this.#idle.push(connection);
  }

  /** A connection is made, and it is known whether it can be shared. */
  connected(connection: Connection): void {
    if (this.#shared === undefined) return;
    if (connection.multiplexed) this.#shared.add(connection);
    this.#waitsToShare = connection.multiplexed;
    this.#decided(connection);
  }

  /** A connection that takes no more exchanges and ends with those that it has. */
  retire(connection: Connection): void {
    this.#shared?.delete(connection);
  }

  #decided(connection: Connection): void {
    if (this.#undecided !== connection) return;
    this.#undecided = undefined;
    queueMicrotask(() => this.#refill());
  }

  /** A connection that cannot be used any more: the next in line gets a new one in its place. */
  lost(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#shared?.delete(connection);
    if (this.#undecided === connection) {
      this.#undecided = undefined;
      // Those in line would else fail one after the other, each after its own wait.
      this.#waitsToShare = false;
    }
    // Not at once: who gives up many calls in one breath must not have each of them make room for the next.
    queueMicrotask(() => this.#refill());
  }

  #refill(): void {
    while (this.#line.first !== undefined) {
      const connection = this.#take(false);
      if (connection === undefined) return;
      const next = this.#next();
      if (next !== undefined) connection.carry(next);
    }
    if (this.#all.size === 0) this.#pool.forget(this);
  }

  async close(): Promise<void> {
    const line = this.#line.all();
    for (const passenger of line) this.#line.remove(passenger);
    for (const passenger of line) passenger.turnAway();
    await Promise.all([...this.#all].map((connection) => connection.destroy()));
  }

  #another(): Connection | undefined {
    if (this.#all.size >= this.#pool.limits.perOrigin) return undefined;
    const connection = new Connection(this, this.#pool);
    this.#all.add(connection);
    if (this.#shared !== undefined && this.#waitsToShare) this.#undecided = connection;
    return connection;
  }

  #next(): Passenger | undefined {
    const { first: next } = this.#line;
    if (next !== undefined) this.#line.remove(next);
    return next;
  }
}
