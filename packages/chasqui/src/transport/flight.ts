import { AsyncResource } from "node:async_hooks";
import type { Clock, Timer } from "../clock.ts";
import { clientClosed } from "../errors/abort-error.ts";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError, tellWait } from "../errors/timeout-error.ts";
import { parseContentEncoding } from "../response/content-encoding-chain.ts";
import { connectHint } from "./connect-hint.ts";
import type { Connection, Passenger } from "./connection.ts";
import { decodeBuffered } from "./content-decoding.ts";
import { Dispatch, type DispatchController } from "./dispatch.ts";
import { hintAtEnd, isStale } from "./ended-connection.ts";
import { GatheredBody } from "./gathered-body.ts";
import type { Http1Handler } from "./http1/http1-connection.ts";
import { IncomingStream } from "./incoming-stream.ts";
import { IN_LINE, limitInLine } from "./line-limit.ts";
import { networkFailure, placeOf } from "./network-failure.ts";
import type { Pool } from "./pool.ts";
import { ProxiedExchange } from "./proxy/proxied-exchange.ts";
import { adviseOnProxies } from "./proxy/proxy-choice.ts";
import type { BodyPlan, Exchange, Head, RawResponse } from "./transport.ts";
import type { DispatchHandler } from "./undici-client.ts";
import { type HeaderRecord, UndiciHead } from "./undici-head.ts";
import { BodyPieces, hintWhileSending, Upload } from "./upload.ts";

/** What is read of a body that nobody wants, to keep the connection, before it is cheaper to close it (S15). */
const DISCARD_LIMIT = 64 * 1024;
/** How long a body that nobody wants may take, in milliseconds, before it is cheaper to connect anew. */
const DISCARD_TIME = 1000;
/** Interim (1xx) responses that a server may send before its real one; more is a flood. */
const INTERIM_LIMIT = 32;

/** "decoding": all has come, the connection is free, and the bytes are being decoded off the thread. */
type Stage = "waiting" | "headers" | "body" | "decoding" | "done";

/** One exchange on its way: what its connection tells, the timers of its phases and what comes of it, in one object. */
export class Flight implements DispatchHandler, Http1Handler, Passenger {
  readonly promise: Promise<RawResponse>;
  readonly #exchange: Exchange;
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #transport: { readonly closed: boolean };
  /** Where code of the caller's belongs: a connection's callbacks run in the context of whoever opened it. */
  readonly #caller: AsyncResource | undefined;
  #resolve: (response: RawResponse) => void = nothing;
  #reject: (error: unknown) => void = nothing;
  previous: Passenger | undefined;
  next: Passenger | undefined;
  #stage: Stage = "waiting";
  #connection: Connection | undefined;
  #unlisten: (() => void) | undefined;
  #timer: Timer | undefined;
  #lastByte = 0;
  #interim = 0;
  #sentAnew = false;
  /** Whether it had to wait in line for a connection. */
  #lined = false;
  /** What the request's body goes out in; undefined where it goes out with its head. */
  #pieces: Upload | BodyPieces | undefined;
  #controller: DispatchController | undefined;

  #head: Head | undefined;
  #plan: BodyPlan | undefined;
  #first: Uint8Array | undefined;
  #gathered: GatheredBody | undefined;
  #size = 0;
  /** How long the body is said to be, where it is read whole; NaN where that is not said. */
  #announced: number = Number.NaN;
  #incoming: IncomingStream | undefined;
  #leaveDecoding: () => void = nothing;

  constructor(exchange: Exchange, pool: Pool, clock: Clock, transport: { readonly closed: boolean }) {
    this.#exchange = exchange;
    this.#pool = pool;
    this.#clock = clock;
    this.#transport = transport;
    this.#caller = exchange.callsBack ? new AsyncResource("ChasquiExchange") : undefined;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get connectLimit(): number {
    return this.#exchange.timeouts.connect;
  }

  start(): void {
    this.#unlisten = this.#exchange.onCancel((reason) => this.#cancel(reason));
    if (this.#stage === "done") return;
    if (this.#exchange instanceof ProxiedExchange && this.#exchange.isWary) this.#enterLater();
    else this.#enter(false);
  }

  /** A connection that was closed with its last answer is known for it two turns of the loop later. */
  #enterLater(): void {
    const enter = (): void => {
      if (this.#transport.closed) this.turnAway();
      else if (this.#stage !== "done") this.#enter(false);
    };
    setImmediate(() => setImmediate(enter));
  }

  #enter(anew: boolean): void {
    const { origin, connection } = this.#exchange;
    if (this.#pool.enter(origin, this, connection, anew)) return;
    this.#lined = true;
    // One that is sent anew was sent before.
    this.#exchange.timing.inLine = !this.#sentAnew;
    this.#timer = limitInLine(this.#exchange, this.#pool, this.#clock, this);
  }

  board(connection: Connection): void {
    this.#connection = connection;
    if (this.#lined) {
      this.#exchange.timing.boardedAt = this.#clock.now();
      this.#exchange.timing.inLine = false;
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    if (connection.multiplexed) this.boarded();
    try {
      const dispatch = new Dispatch(this.#exchange, this.#caller, connection);
      const { body } = dispatch;
      if (body instanceof Upload || body instanceof BodyPieces) this.#pieces = body;
      connection.dispatch(dispatch, this, this.#exchange.timing.startedAt);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** The server says how many streams it takes, and no limit of undici's ends the wait until it takes one more (P25). */
  boarded(): void {
    if (this.#stage === "waiting") this.#watch("headers", this.#exchange.timeouts.headers, this.#clock.now());
  }

  get #inLine(): boolean {
    return this.#lined && this.#connection === undefined && this.#stage === "waiting";
  }

  /** It has stood in line for too long. */
  late(error: TimeoutError): void {
    this.#giveUp(error);
  }

  turnAway(): void {
    this.#fail(clientClosed());
  }

  onRequestStart(controller: DispatchController): void {
    if (this.#stage === "done") controller.abort(new Error("the exchange was given up"));
    if (this.#stage !== "waiting") return;
    this.#controller = controller;
    this.#stage = "headers";
    const { timing, timeouts } = this.#exchange;
    timing.sentAt = this.#clock.now();
    this.#exchange.onWrite();
    if (this.#exchange.background === true) this.#connection?.letProcessEnd();
    this.#watch("headers", timeouts.headers, timing.sentAt);
  }

  /** An upload takes as long as it takes: the wait for the headers begins anew with every piece that goes out. */
  onBodySent(): void {
    if (this.#timer !== undefined && this.#pieces !== undefined) this.#lastByte = this.#clock.now();
  }

  /** undici's, over HTTP/2. */
  onResponseStart(
    controller: DispatchController,
    status: number,
    record: HeaderRecord,
    statusText?: string,
  ): void {
    if (this.#stage !== "headers") return;
    const head = new UndiciHead(status, statusText ?? "", record);
    const length = bodyless(this.#exchange.method, head) ? 0 : Number(head.header("content-length"));
    this.onHead(controller, head, length);
  }

  onHead(controller: DispatchController, head: Head, length: number): void {
    if (this.#stage !== "headers") return;
    if (head.status < 200) {
      this.#interim++;
      if (this.#interim > INTERIM_LIMIT) this.#refuse(`more than ${INTERIM_LIMIT} interim responses`);
      return;
    }
    this.#head = head;
    this.#stage = "body";
    const { timing, timeouts } = this.#exchange;
    timing.headAt = this.#clock.now();
    timing.reused = this.#connection?.reused;
    timing.connection = this.#connection?.timing;
    let plan: BodyPlan;
    try {
      plan = this.#caller?.runInAsyncScope(() => this.#exchange.onHead(head)) ?? this.#exchange.onHead(head);
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    this.#plan = plan;
    if (plan.mode === "discard") this.#dropIn(DISCARD_TIME);
    else this.#watch("idle", timeouts.idle, timing.headAt);
    if (length === 0) return;
    if (plan.mode === "stream") {
      this.#stream(controller, head, plan);
      return;
    }
    this.#announced = length;
    if (plan.mode === "discard" && length > DISCARD_LIMIT) this.#drop();
    else if (plan.mode === "buffer" && length > this.#most()) this.#tooLarge();
  }

  onResponseData(_controller: DispatchController, chunk: Uint8Array): void {
    if (this.#stage !== "body" || this.#plan === undefined) return;
    this.#size += chunk.length;
    // After the last of it nothing is waited for; over HTTP/2 the end is, which comes by itself, behind trailers for one.
    const isOver = this.#size === this.#announced && this.#connection?.multiplexed !== true;
    if (this.#timer !== undefined && !isOver) this.#lastByte = this.#clock.now();
    if (this.#exchange.progress !== undefined && !this.#count(chunk.length)) return;
    if (this.#incoming !== undefined) {
      this.#incoming.queue.push(chunk);
      return;
    }
    if (this.#plan.mode === "discard") {
      if (this.#size > DISCARD_LIMIT) this.#drop();
      return;
    }
    if (this.#size > this.#most()) this.#tooLarge();
    else this.#keep(chunk);
  }

  onResponseEnd(): void {
    if (this.#stage !== "body") return;
    this.#told();
    const connection = this.#connection;
    if (this.#exchange.progress !== undefined && !this.#count("all")) return;
    // Before the exchange is over: where there is no memory for it, the connection has it fail.
    const body = this.#collected();
    // From here on it carries others.
    this.#connection = undefined;
    this.#finish();
    connection?.release(this.#exchange.timing.endedAt);
    if (this.#incoming !== undefined) {
      this.#incoming.queue.end();
      return;
    }
    const head = this.#head;
    if (head === undefined) return;
    if (this.#plan?.mode === "discard") {
      this.#unlisten?.();
      this.#resolve({ head, body: null });
      return;
    }
    this.#settleBuffered(head, body);
  }

  /** Writes down for the trace that all has come, or no more will. */
  #told(): void {
    const { timing } = this.#exchange;
    timing.endedAt = this.#clock.now();
    timing.bytes = this.#size;
  }

  /** Tells of bytes that came, in the caller's own context; false where that ended the exchange. */
  #count(bytes: number | "all"): boolean {
    const { progress } = this.#exchange;
    if (progress === undefined || this.#plan?.mode === "discard") return true;
    try {
      this.#caller?.runInAsyncScope(() =>
        bytes === "all" ? progress.allReceived() : progress.received(bytes),
      );
      return true;
    } catch (error) {
      this.#giveUp(error);
      return false;
    }
  }

  onResponseError(_controller: DispatchController | null, error: unknown): void {
    if (this.#stage === "done") return;
    if (this.#transport.closed) this.#fail(clientClosed(error));
    else if (this.#mayBeSentAnew && isStale(error, this.#exchange, this.#connection)) this.#sendAnew(error);
    // The head has said all that was wanted: how a body ends that nobody reads is of no consequence.
    else if (this.#stage === "body" && this.#plan?.mode === "discard") this.#drop();
    else {
      const reused = this.#connection?.reused ?? false;
      const failure = networkFailure(
        error,
        this.#exchange.origin,
        reused,
        this.#stage === "body",
        connectHint(error) ??
          (this.#stage === "headers" ? hintAtEnd(error, this.#exchange, this.#connection) : undefined),
      );
      if (this.#stage === "waiting") adviseOnProxies(failure, this.#exchange);
      this.#fail(failure);
    }
  }

  /** Nothing has come back, and it was not sent anew before. */
  get #mayBeSentAnew(): boolean {
    return this.#stage === "headers" && !this.#sentAnew && this.#interim === 0;
  }

  /** RFC 9112 9.3.1: on a new connection, once, and as part of the same attempt: to the caller nothing has happened. */
  #sendAnew(reason: Error): void {
    this.#connection?.abandon(reason, this.#controller);
    this.#connection = undefined;
    this.#controller = undefined;
    this.#sentAnew = true;
    this.#stage = "waiting";
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#enter(true);
  }

  #settleBuffered(head: Head, bytes: Uint8Array | null): void {
    const maxBytes = this.#plan?.maxBytes ?? Number.POSITIVE_INFINITY;
    let body: Uint8Array | null | Promise<Uint8Array> = bytes;
    const coding = head.header("content-encoding");
    try {
      if (bytes !== null && coding !== undefined && this.#exchange.method !== "HEAD") {
        const encodings = parseContentEncoding(coding);
        if (encodings.length > 0) {
          body = decodeBuffered(bytes, encodings, maxBytes, (leave) => {
            this.#leaveDecoding = leave;
          });
        }
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!(body instanceof Promise)) {
      this.#unlisten?.();
      this.#resolve({ head, body });
      return;
    }
    // Until it is decoded the call may be given up, and decoding with it.
    this.#stage = "decoding";
    body.then(
      (decoded) => {
        if (this.#stage === "done") return;
        this.#finish();
        this.#unlisten?.();
        this.#resolve({ head, body: decoded });
      },
      (error) => this.#giveUp(error),
    );
  }

  #stream(controller: DispatchController, head: Head, plan: BodyPlan): void {
    const incoming = new IncomingStream(controller, this.#connection, this);
    this.#incoming = incoming;
    try {
      const encodings = parseContentEncoding(head.header("content-encoding"));
      // It can be given up until the last of it has been read, also when all of it has come.
      const body = incoming.decoded(encodings, plan.maxBytes, () => this.#unlisten?.());
      this.#resolve({ head, body });
    } catch (error) {
      this.#giveUp(error);
    }
  }

  onResume(): void {
    this.#lastByte = this.#clock.now();
  }

  onLeave(): void {
    this.#giveUp(new Error("the reader left"));
  }

  /** The most bytes as they are received. Coded ones may be a little more than what they hold, if that is next to nothing. */
  #most(): number {
    const maxBytes = this.#plan?.maxBytes ?? 0;
    if (this.#head?.header("content-encoding") === undefined) return maxBytes;
    return maxBytes + maxBytes / 1024 + DISCARD_LIMIT;
  }

  #tooLarge(): void {
    this.#giveUp(new BodyTooLargeError(this.#plan?.maxBytes ?? 0));
  }

  #keep(chunk: Uint8Array): void {
    if (this.#first === undefined) this.#first = chunk;
    else {
      this.#gathered ??= new GatheredBody(this.#announced, this.#first);
      this.#gathered.add(chunk);
    }
  }

  #collected(): Uint8Array | null {
    return this.#gathered?.whole() ?? this.#first ?? null;
  }

  #dropIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.timer(ms, () => this.#drop(), true);
  }

  /** The rest of a body that nobody wants costs more than a new connection. */
  #drop(): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#told();
    this.#finish();
    this.#unlisten?.();
    this.#abandon(new Error("the body is not wanted"));
    this.#resolve({ head, body: null });
  }

  #finish(): void {
    this.#stage = "done";
    this.#incoming?.unhold();
    if (this.#pieces instanceof Upload) this.#pieces.leave();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #fail(error: unknown): void {
    this.#told();
    const { timing } = this.#exchange;
    // It got none, and all that it did was to wait in line.
    if (this.#inLine) timing.boardedAt = timing.endedAt;
    // Or the connection is there, and had no room for one more stream.
    if (timing.sentAt === 0 && this.#connection?.multiplexed === true) timing.inLine = true;
    this.#exchange.timing.reused ??= this.#connection?.reused;
    this.#exchange.timing.connection ??= this.#connection?.timing;
    this.#finish();
    this.#abandon(error instanceof Error ? error : new Error(String(error)));
    this.#leaveDecoding();
    if (this.#incoming === undefined) this.#unlisten?.();
    else this.#incoming.queue.fail(error);
    this.#reject(error);
  }

  /** The call is given up. */
  #cancel(reason: unknown): void {
    if (this.#inLine) tellWait(reason, IN_LINE);
    this.#tellUpload(reason);
    this.#incoming?.giveUp(reason);
    this.#giveUp(reason);
  }

  /** What came is no HTTP that is spoken here. */
  #refuse(fault: string): void {
    const place = placeOf(this.#exchange.origin);
    const reused = this.#connection?.reused ?? false;
    this.#giveUp(new NetworkError("protocol", `${place.host} sent ${fault}`, { ...place, reused }));
  }

  /** Ends the exchange from our side. */
  #giveUp(reason: unknown): void {
    if (this.#stage !== "done") this.#fail(reason);
  }

  /** What is still under way on the connection ends with it; who has none leaves the line. */
  #abandon(reason: Error): void {
    if (this.#connection === undefined)
      this.#pool.leave(this.#exchange.origin, this, this.#exchange.connection);
    else {
      const connection = this.#connection;
      this.#connection = undefined;
      connection.abandon(reason, this.#controller);
    }
  }

  /** Waits for as long as nothing happens: a timer is armed anew when it falls due, not with every piece. */
  #watch(phase: "headers" | "idle", ms: number, now: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (ms === 0) return;
    this.#lastByte = now;
    this.#timer = this.#clock.timer(ms, () => this.#checkSilence(phase, ms), true);
  }

  #checkSilence(phase: "headers" | "idle", ms: number): void {
    const now = this.#clock.now();
    // While the reader is slow the server is not: nothing was asked of it.
    if (this.#incoming?.queue.paused) this.#lastByte = now;
    const left = ms - (now - this.#lastByte);
    if (left > 1) {
      this.#timer = this.#clock.timer(left, () => this.#checkSilence(phase, ms), true);
      return;
    }
    const error = new TimeoutError(phase, ms);
    this.#tellUpload(error);
    this.#giveUp(error);
  }

  /** Says in the error of a call whose time ran out that its body was still on its way. */
  #tellUpload(error: unknown): void {
    if (this.#stage !== "headers" || this.#connection === undefined) return;
    const hint = hintWhileSending(this.#connection, this.#pieces);
    if (hint !== undefined) tellWait(error, hint);
  }
}

/** Whether a response over HTTP/2 has no body, whatever its headers say (RFC 9110 6.4.1), or says that it has none. */
function bodyless(method: string, head: UndiciHead): boolean {
  const { status } = head;
  return method === "HEAD" || status === 204 || status === 304 || head.header("content-length") === "0";
}

function nothing(): void {}
