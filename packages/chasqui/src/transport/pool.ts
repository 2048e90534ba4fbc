import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { Attempt, Connector, type Target } from "./connector.ts";
import { type ConnectCallback, type ConnectTarget, makeClient, type UndiciClient } from "./undici-client.ts";

/** What wants a connection: told when it has one, or why it cannot have one. */
export interface Passenger {
  /** The limit for a connection to be made, in milliseconds; 0 is none. */
  readonly connectLimit: number;
  /** Takes the connection, which may have yet to be made, and sends its one request on it. */
  board(connection: Connection): void;
  /** There will be none: the pool is closed. */
  turnAway(): void;
}

/**
 * The connections of a client: up to `limit` an origin, each for one exchange at a time, the one that was used last first, so
 * that as few as possible stay open. Who finds none free and may not open another waits in line.
 *
 * undici's own pool is not used. It cannot tell a request that waits for a connection to be made from one that waits for a
 * busy one, it has no way of taking a waiting request out of the line, it goes on connecting when nobody waits any more, and
 * it opens a second connection for calls made one after the other.
 */
export class Pool {
  readonly limit: number;
  readonly clock: Clock;
  readonly #origins = new Map<string, OriginPool>();
  /** One for all connections, so that TLS sessions are resumed. */
  readonly connector: Connector = new Connector();

  constructor(limit: number, clock: Clock) {
    this.limit = limit;
    this.clock = clock;
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

class OriginPool {
  readonly origin: string;
  readonly options: ConnectionOptions | undefined;
  readonly #pool: Pool;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #line = new Set<Passenger>();

  constructor(origin: string, options: ConnectionOptions | undefined, pool: Pool) {
    this.origin = origin;
    this.options = options;
    this.#pool = pool;
  }

  enter(passenger: Passenger, anew: boolean): boolean {
    // Who comes later does not overtake, though a place may just have come free.
    const connection = this.#line.size > 0 ? undefined : this.#take(anew);
    if (connection === undefined) {
      this.#line.add(passenger);
      return false;
    }
    connection.carry(passenger);
    return true;
  }

  #take(anew: boolean): Connection | undefined {
    return anew ? (this.#another() ?? this.#idle.pop()) : (this.#idle.pop() ?? this.#another());
  }

  leave(passenger: Passenger): void {
    this.#line.delete(passenger);
  }

  /** A connection whose exchange is over: the next in line gets it. */
  free(connection: Connection): void {
    const next = this.#next();
    if (next === undefined) this.#idle.push(connection);
    else connection.carry(next);
  }

  /** A connection that cannot be used any more: the next in line gets a new one in its place. */
  lost(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    // Not at once: who gives up many calls in one breath must not have each of them make room for the next.
    queueMicrotask(() => this.#refill());
  }

  #refill(): void {
    while (this.#line.size > 0) {
      const connection = this.#idle.pop() ?? this.#another();
      if (connection === undefined) return;
      const next = this.#next();
      if (next !== undefined) connection.carry(next);
    }
    if (this.#all.size === 0) this.#pool.forget(this);
  }

  async close(): Promise<void> {
    const line = [...this.#line];
    this.#line.clear();
    for (const passenger of line) passenger.turnAway();
    await Promise.all([...this.#all].map((connection) => connection.destroy()));
  }

  #another(): Connection | undefined {
    if (this.#all.size >= this.#pool.limit) return undefined;
    const connection = new Connection(this, this.#pool);
    this.#all.add(connection);
    return connection;
  }

  #next(): Passenger | undefined {
    const [next] = this.#line;
    if (next !== undefined) this.#line.delete(next);
    return next;
  }
}

/** One connection: an undici client that is given one request at a time. It is made when it is first used. */
export class Connection {
  readonly client: UndiciClient;
  readonly #pool: OriginPool;
  #busy = false;
  #exchanges = 0;
  #connectLimit = 0;
  #connecting: Attempt | undefined;
  #broken: Error | undefined;
  #socket: Socket | undefined;
  #readBefore = 0;

  constructor(originPool: OriginPool, pool: Pool) {
    this.#pool = originPool;
    this.client = makeClient(originPool.origin, (target, callback) => this.#connect(pool, target, callback));
    this.client.on("connect", () => {
      this.#exchanges = this.#busy ? 1 : 0;
    });
    this.client.on("disconnect", () => {
      // While it is busy, undici tells the exchange, which then gives the connection back.
      if (!this.#busy) this.destroy();
    });
  }

  /** Whether the exchange that it carries now is not its first. */
  get reused(): boolean {
    return this.#exchanges > 1;
  }

  /** Whether the server has sent nothing since the exchange began. */
  get silent(): boolean {
    return this.#socket !== undefined && this.#socket.bytesRead === this.#readBefore;
  }

  /** How the connection failed, if it did. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  carry(passenger: Passenger): void {
    this.#busy = true;
    this.#exchanges++;
    this.#connectLimit = passenger.connectLimit;
    if (this.#socket !== undefined) this.#readBefore = this.#socket.bytesRead;
    passenger.board(this);
  }

  /** The exchange is over and the connection can carry another. */
  release(): void {
    this.#busy = false;
    this.#pool.free(this);
  }

  /** The exchange ended in a way after which the connection cannot be trusted. */
  async destroy(reason?: Error): Promise<void> {
    this.#busy = false;
    this.#pool.lost(this);
    const connecting = this.#connecting;
    const ended = this.client.destroy(reason);
    // undici would go on connecting, only to throw the connection away once it is made.
    connecting?.giveUp(reason ?? new Error("nobody waits for this connection any more"));
    await ended;
  }

  #connect(pool: Pool, given: ConnectTarget, callback: ConnectCallback): void {
    const limit = this.#connectLimit;
    const attempt = new Attempt();
    const timer =
      limit === 0
        ? undefined
        : pool.clock.timer(limit, () => attempt.giveUp(new TimeoutError("connect", limit)));
    const over = (): void => {
      timer?.cancel();
      if (this.#connecting === attempt) this.#connecting = undefined;
    };
    this.#connecting = attempt;
    pool.connector.connect(targetOf(given), this.#pool.options, attempt).then(
      (socket) => {
        over();
        this.#broken = undefined;
        this.#socket = socket;
        this.#readBefore = 0;
        // Before undici's own listener, which may take a reset for the end of a body.
        socket.prependListener("error", (failure) => {
          this.#broken = failure;
        });
        callback(null, socket);
      },
      (error: unknown) => {
        over();
        callback(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }
}

function targetOf({ protocol, host, hostname, port, servername }: ConnectTarget): Target {
  const standard = protocol === "https:" ? 443 : 80;
  return {
    protocol,
    host,
    hostname,
    port: port === "" ? standard : Number(port),
    servername: servername === null || servername === "" ? undefined : servername,
  };
}
