import type { Socket } from "node:net";
import type { Link } from "../chain.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { ConnectionTiming } from "../trace/timing.ts";
import { Attempt, type Target } from "./connector.ts";
import type { OriginPool } from "./origin-pool.ts";
import type { Pool } from "./pool.ts";
import { failWhatIsCutOff } from "./stream-end.ts";
import { UnaskedContinue } from "./unasked-continue.ts";
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

/** Requests that one connection of HTTP/2 carries at a time; undici holds back what the server wants to have fewer of. */
const STREAMS = 100;

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
  #responses: UnaskedContinue | undefined;
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
      if (this.#multiplexed) {
        if (this.#socket !== undefined) failWhatIsCutOff(this.#socket);
        this.#first?.boarded();
      }
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
    this.#responses?.awaitResponse();
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
        if (!this.#multiplexed) {
          this.#responses = new UnaskedContinue(socket);
          this.#responses.awaitResponse();
        }
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
