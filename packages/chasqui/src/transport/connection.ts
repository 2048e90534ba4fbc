import { isIP, type Socket } from "node:net";
import type { Link } from "../chain.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { ConnectionTiming } from "../trace/timing.ts";
import { Attempt, type Target } from "./connector.ts";
import type { DispatchController, DispatchOptions } from "./dispatch.ts";
import { ConnectionEnded } from "./http1/fault.ts";
import {
  Http1Connection,
  type Http1Handler,
  type Http1Owner,
  type Unsent,
} from "./http1/http1-connection.ts";
import { type RequestHead, requestHead } from "./http1/request-head.ts";
import type { OriginPool } from "./origin-pool.ts";
import type { Pool } from "./pool.ts";
import type { SocketReads } from "./read-memory.ts";
import { failWhatIsCutOff } from "./stream-end.ts";
import { type DispatchHandler, makeClient, type UndiciClient } from "./undici-client.ts";

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

/** An exchange can go by either protocol until it is known which a server speaks. */
type AnyHandler = DispatchHandler & Http1Handler;

/** Requests that one connection of HTTP/2 carries at a time; undici holds back what the server wants to have fewer of. */
const STREAMS = 100;

/**
 * One connection to be, made when it is first used: it is given one request at a time, or many where it turns out to speak HTTP/2,
 * which undici does.
 */
export class Connection implements Http1Owner<AnyHandler> {
  readonly #pool: OriginPool;
  readonly #all: Pool;
  readonly #target: Target;
  #http1: Http1Connection<AnyHandler> | undefined;
  #http2: UndiciClient | undefined;
  /** What is sent when it is made. */
  #waiting: Unsent<AnyHandler> | undefined;
  #isGone = false;
  #load = 0;
  /** Who waits for the connection to be made. */
  #first: Passenger | undefined;
  #retired = false;
  #exchanges = 0;
  /** How many of the exchanges that it carries wait for a reader, and since when the last of them does. */
  #held = 0;
  #heldSince = 0;
  #connectLimit = 0;
  #connecting: Attempt | undefined;
  #timing: ConnectionTiming | undefined;
  #servername: string | undefined;
  /** Whether the process may end in spite of what it carries. */
  #letsEnd = false;

  constructor(originPool: OriginPool, pool: Pool) {
    this.#pool = originPool;
    this.#all = pool;
    this.#target = targetOf(originPool.origin);
  }

  /** Whether it carries many exchanges at a time. */
  get multiplexed(): boolean {
    return this.#http2 !== undefined;
  }

  /** Whether one that carries many has room for another. */
  get hasRoom(): boolean {
    return !this.#retired && this.#load < STREAMS;
  }

  /** Whether the exchange that it carries now is not its first. */
  get reused(): boolean {
    return this.#exchanges > 1;
  }

  /** What carries requests over HTTP/1, while it can. */
  get #carrier(): Http1Connection<AnyHandler> | undefined {
    return this.#http1?.isOver === false ? this.#http1 : undefined;
  }

  /** Whether the server has sent nothing since the exchange began; of one among many only its own headers tell. */
  get silent(): boolean {
    return this.multiplexed || this.#http1?.hasReceived === false;
  }

  /** How it was made, or how far that has come; undefined before it was begun. */
  get timing(): ConnectionTiming | undefined {
    return this.#timing;
  }

  /** Whether all that it was given to send is with the kernel, or encrypted and there; of one among many nobody knows. */
  get hasWritten(): boolean {
    return this.#http1?.hasWritten === true;
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
    if (this.#http1 === undefined && this.#http2 === undefined) this.#first = passenger;
    if (this.#load++ === 0) this.#all.rouse(this);
    this.#exchanges++;
    this.#letsEnd = false;
    this.#connectLimit = passenger.connectLimit;
    passenger.board(this);
  }

  /**
   * Sends the request of an exchange that it carries, now or when it is made.
   *
   * @param at - When, by the clock; it may be a little behind.
   */
  dispatch(request: DispatchOptions, handler: AnyHandler, at: number): void {
    if (this.#http2 !== undefined) {
      this.#http2.dispatch(request, handler);
      return;
    }
    let head: RequestHead;
    try {
      // Before anything is made for it: one that cannot be sent needs no connection.
      head = requestHead(request, this.#target.host);
    } catch (error) {
      handler.onResponseError(null, error);
      return;
    }
    const isSecure = this.#target.protocol === "https:";
    const servername = isSecure ? servernameOf(request.headers) : undefined;
    // The name that a server was asked for by holds for the connection (RFC 6066 3).
    const isNamedOtherwise = servername !== this.#servername;
    this.#servername = servername;
    const carrier = this.#carrier;
    if (carrier !== undefined && !isNamedOtherwise) {
      carrier.send(head, handler, at);
      return;
    }
    this.#http1 = undefined;
    void carrier?.destroy();
    this.#sendWhenMade({ request: head, handler });
  }

  #sendWhenMade(unsent: Unsent<AnyHandler>): void {
    this.#waiting = unsent;
    this.#dial(this.#servername).then(
      ({ socket, reads }) => {
        this.#waiting = undefined;
        if (this.#isGone) socket.destroy();
        else if (isHttp2(socket)) this.#overHttp2(socket, unsent);
        else this.#overHttp1(socket, reads, unsent);
      },
      (error: unknown) => {
        this.#waiting = undefined;
        if (!this.#isGone) unsent.handler.onResponseError(null, error);
      },
    );
  }

  #overHttp1(socket: Socket, reads: SocketReads | undefined, { request, handler }: Unsent<AnyHandler>): void {
    const http1 = new Http1Connection<AnyHandler>(socket, this);
    this.#http1 = http1;
    this.#exchanges = this.#load;
    this.#first = undefined;
    this.#pool.connected(this);
    http1.send(request, handler, 0);
    reads?.giveTo(http1);
  }

  #overHttp2(socket: Socket, { request, handler }: Unsent<AnyHandler>): void {
    let given: Socket | undefined = socket;
    let current = socket;
    const client = makeClient(
      this.#pool.origin,
      (target, callback) => {
        if (given !== undefined) {
          const made = given;
          given = undefined;
          // undici does not go on with a socket that is there before it has looked away.
          queueMicrotask(() => callback(null, made));
          return;
        }
        this.#again(nameOf(target.servername)).then(
          (made) => {
            current = made;
            callback(null, made);
          },
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
      },
      this.idleTimeout,
    );
    this.#http2 = client;
    client.on("connect", () => {
      this.#exchanges = this.#load;
      this.#pool.connected(this);
      failWhatIsCutOff(current);
      this.#first?.boarded();
      this.#first = undefined;
    });
    client.on("disconnect", () => {
      this.#retired = true;
      this.#pool.retire(this);
      // While it is busy, undici tells the exchanges, which then give the connection back.
      if (this.#load === 0) void this.destroy();
    });
    client.dispatch(request.asked, handler);
  }

  /** undici connects anew for what it has not sent when the server ends the connection; it is to speak HTTP/2 alone. */
  async #again(servername: string | undefined): Promise<Socket> {
    const { socket } = await this.#dial(servername);
    if (isHttp2(socket)) return socket;
    socket.destroy();
    throw new ConnectionEnded();
  }

  get idleTimeout(): number {
    return this.#all.limits.idleTimeout;
  }

  now(): number {
    return this.#all.clock.now();
  }

  onGone(gone: Http1Connection<AnyHandler>, unsent?: Unsent<AnyHandler>): void {
    if (this.#http1 !== gone) return;
    if (unsent !== undefined && !this.#isGone) this.#sendWhenMade(unsent);
    else if (this.#load === 0) void this.destroy();
  }

  /**
   * The process may end though an exchange is under way, unless somebody waits for the connection. The next exchange holds it
   * again. Not of one among many.
   */
  letProcessEnd(): void {
    if (this.multiplexed || this.#pool.hasLine) return;
    this.#letsEnd = true;
    this.#http1?.letProcessEnd();
  }

  /** Somebody waits for it. */
  holdProcess(): void {
    if (this.#letsEnd) this.#http1?.holdProcess();
    this.#letsEnd = false;
  }

  /**
   * The exchange is over and the connection can carry another.
   *
   * @param at - When, by the clock.
   */
  release(at: number): void {
    this.#load--;
    if (this.#retired) {
      if (this.#load === 0) void this.destroy();
      return;
    }
    const http1 = this.#carrier;
    if (http1 === undefined && !this.multiplexed) {
      void this.destroy();
      return;
    }
    http1?.used(at);
    this.#pool.free(this);
    if (this.#load > 0) return;
    http1?.rest();
    this.#all.rest(this);
  }

  /** An exchange is given up, or has failed: of one among many only its stream ends. */
  abandon(reason: Error, controller: DispatchController | undefined): void {
    if (!this.multiplexed) {
      void this.destroy(reason);
      return;
    }
    controller?.abort(reason);
    this.release(0);
  }

  /** The exchange ended in a way after which the connection cannot be trusted. */
  async destroy(reason?: Error): Promise<void> {
    this.#isGone = true;
    this.#load = 0;
    this.#all.rouse(this);
    this.#pool.lost(this);
    const told = reason ?? new Error("nobody waits for this connection any more");
    this.#connecting?.giveUp(told);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.handler.onResponseError(null, told);
    await Promise.all([this.#http1?.destroy(reason), this.#http2?.destroy(reason)]);
  }

  /** Makes a socket within the limit of the exchange that it is made for. */
  async #dial(servername: string | undefined): Promise<{ socket: Socket; reads: SocketReads | undefined }> {
    const { clock, connector } = this.#all;
    const limit = this.#connectLimit;
    const attempt = new Attempt(() => clock.now());
    this.#timing = attempt.timing;
    this.#connecting = attempt;
    const timer =
      limit === 0 ? undefined : clock.timer(limit, () => attempt.giveUp(new TimeoutError("connect", limit)));
    try {
      const socket = await connector.connect({ ...this.#target, servername }, this.#pool.options, attempt);
      return { socket, reads: attempt.reads };
    } finally {
      timer?.cancel();
      if (this.#connecting === attempt) this.#connecting = undefined;
    }
  }
}

function isHttp2(socket: Socket): boolean {
  return "alpnProtocol" in socket && socket.alpnProtocol === "h2";
}

function targetOf(origin: string): Target {
  const { protocol, host, hostname, port } = new URL(origin);
  const standard = protocol === "https:" ? 443 : 80;
  return {
    protocol,
    host,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: port === "" ? standard : Number(port),
    servername: undefined,
  };
}

/** The name in a Host header: what the server is asked for by where it is not that of the URL (RFC 9110 7.2). */
function servernameOf(headers: readonly string[]): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === "host") return nameOf((headers[i + 1] ?? "").replace(/:\d*$/, ""));
  }
  return undefined;
}

/** An address is no name (RFC 6066 3). */
function nameOf(host: string | null): string | undefined {
  return host === null || host === "" || host.startsWith("[") || isIP(host) !== 0 ? undefined : host;
}
