import type { Socket } from "node:net";
import { Chain, type Link } from "../chain.ts";
import type { Clock } from "../clock.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { ConnectionTiming } from "../trace/timing.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { Attempt, Connector, type Target } from "./connector.ts";
import type { PoolLimits } from "./pool-limits.ts";
import {
  type Connect,
  type ConnectCallback,
  type ConnectTarget,
  type DispatchController,
  makeClient,
  type UndiciClient,
} from "./undici-client.ts";

/** What wants a connection: told when it has one, or why it cannot have one. */
export interface Passenger extends Link<Passenger> {
  /** The limit for a connection to be made, in milliseconds; 0 is none. */
  readonly connectLimit: number;
  /** Takes the connection, which may have yet to be made, and sends its one request on it. */
  board(connection: Connection): void;
  /** The connection is made and carries others too: it may have to wait for its turn on it. */
  boarded(): void;
  /** There will be none: the pool is closed. */
  turnAway(): void;
}

/**
 * The connections of a client: up to `limits.perOrigin` an origin, each for one exchange at a time, the one that was used last first, so
 * that as few as possible stay open. Who finds none free and may not open another waits in line.
 *
 * undici's own pool is not used. It cannot tell a request that waits for a connection to be made from one that waits for a
 * busy one, it has no way of taking a waiting request out of the line, it goes on connecting when nobody waits any more, and
 * it opens a second connection for calls made one after the other.
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

/** Requests that one connection of HTTP/2 carries at a time; undici holds back what the server wants to have fewer of. */
const STREAMS = 100;

class OriginPool {
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

/**
 * One connection: an undici client that is given one request at a time, or many where it speaks HTTP/2. It is made when it is
 * first used.
 */
export class Connection {
  readonly client: UndiciClient;
  readonly #pool: OriginPool;
  readonly #all: Pool;
  #load = 0;
  /** Who waits for the connection to be made. */
  #first: Passenger | undefined;
  #multiplexed = false;
  #retired = false;
  #exchanges = 0;
  /** How many of the exchanges that it carries wait for a reader, and since when the last of them does. */
  #held = 0;
  #heldSince = 0;
  #connectLimit = 0;
  #connecting: Attempt | undefined;
  #timing: ConnectionTiming | undefined;
  #broken: Error | undefined;
  #socket: Socket | undefined;
  #readBefore = 0;
  /** Whether the process may end in spite of what it carries. */
  #letsEnd = false;

  constructor(originPool: OriginPool, pool: Pool) {
    this.#pool = originPool;
    this.#all = pool;
    const http2 = originPool.options?.settings.http2 === true;
    const connect: Connect = (target, callback) => this.#connect(pool, target, callback);
    this.client = makeClient(originPool.origin, connect, { http2, idleTimeout: pool.limits.idleTimeout });
    this.client.on("connect", () => {
      this.#exchanges = this.#load;
      originPool.connected(this);
      if (this.#multiplexed) this.#first?.boarded();
      this.#first = undefined;
    });
    this.client.on("disconnect", () => {
      if (this.#multiplexed) {
        this.#retired = true;
        originPool.retire(this);
      }
      // While it is busy, undici tells the exchanges, which then give the connection back.
      if (this.#load === 0) this.destroy();
    });
  }

  /** Whether it carries many exchanges at a time. */
  get multiplexed(): boolean {
    return this.#multiplexed;
  }

  /** Whether one that carries many has room for another. */
  get hasRoom(): boolean {
    return !this.#retired && this.#load < STREAMS;
  }

  /** Whether the exchange that it carries now is not its first. */
  get reused(): boolean {
    return this.#exchanges > 1;
  }

  /** Whether the server has sent nothing since the exchange began; of one among many only its own headers tell. */
  get silent(): boolean {
    if (this.#multiplexed) return true;
    return this.#socket !== undefined && this.#socket.bytesRead === this.#readBefore;
  }

  /** How it was made, or how far that has come; undefined before it was begun. */
  get timing(): ConnectionTiming | undefined {
    return this.#timing;
  }

  /** Whether all that it was given to send is with the kernel, or encrypted and there; of one among many nobody knows. */
  get hasWritten(): boolean {
    return !this.#multiplexed && this.#socket?.writableLength === 0;
  }

  /** How the connection failed, if it did. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Since when all that it carries waits for readers who take nothing; undefined where something does not. */
  get heldSince(): number | undefined {
    return this.#load > 0 && this.#held === this.#load ? this.#heldSince : undefined;
  }

  /** A response that it carries has to wait for its reader. */
  hold(): void {
    this.#held++;
    this.#heldSince = this.#all.clock.now();
  }

  /** Its reader has taken something, or it is over. */
  unhold(): void {
    this.#held--;
  }

  carry(passenger: Passenger): void {
    if (this.#socket === undefined) this.#first = passenger;
    if (this.#load++ === 0) this.#all.rouse(this);
    this.#exchanges++;
    this.#letsEnd = false;
    this.#connectLimit = passenger.connectLimit;
    if (this.#socket !== undefined) this.#readBefore = this.#socket.bytesRead;
    passenger.board(this);
  }

  /**
   * The process may end though an exchange is under way, unless somebody waits for the connection. undici has the next exchange
   * hold it again. Not of one among many.
   */
  letProcessEnd(): void {
    if (this.#multiplexed || this.#pool.hasLine) return;
    this.#letsEnd = true;
    this.#socket?.unref();
  }

  /** Somebody waits for it. */
  holdProcess(): void {
    if (this.#letsEnd) this.#socket?.ref();
    this.#letsEnd = false;
  }

  /** The exchange is over and the connection can carry another. */
  release(): void {
    this.#load--;
    if (this.#retired) {
      if (this.#load === 0) this.destroy();
      return;
    }
    this.#pool.free(this);
    if (this.#load === 0) this.#all.rest(this);
  }

  /** An exchange is given up, or has failed: of one among many only its stream ends. */
  abandon(reason: Error, controller: DispatchController | undefined): void {
    if (!this.#multiplexed) {
      void this.destroy(reason);
      return;
    }
    controller?.abort(reason);
    this.release();
  }

  /** The exchange ended in a way after which the connection cannot be trusted. */
  async destroy(reason?: Error): Promise<void> {
    this.#load = 0;
    this.#all.rouse(this);
    this.#pool.lost(this);
    const connecting = this.#connecting;
    const ended = this.client.destroy(reason);
    // undici would go on connecting, only to throw the connection away once it is made.
    connecting?.giveUp(reason ?? new Error("nobody waits for this connection any more"));
    await ended;
  }

  #connect(pool: Pool, given: ConnectTarget, callback: ConnectCallback): void {
    const limit = this.#connectLimit;
    const attempt = new Attempt(() => pool.clock.now());
    this.#timing = attempt.timing;
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
        this.#multiplexed = "alpnProtocol" in socket && socket.alpnProtocol === "h2";
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
