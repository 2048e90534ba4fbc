import { AsyncResource } from "node:async_hooks";
import type { Clock, Timer } from "../clock.ts";
import { clientClosed } from "../errors/abort-error.ts";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { IN_USE, TimeoutError, type TimeoutPhase, tellWait } from "../errors/timeout-error.ts";
import { IDEMPOTENT } from "../request/method.ts";
import { parseContentEncoding } from "../response/content-encoding-chain.ts";
import { BodyQueue } from "./body-queue.ts";
import { connectHint, ENDED_AT_ONCE } from "./connect-hint.ts";
import { type DecodedStream, decodeBuffered, decodeStreamed } from "./content-decoding.ts";
import { faultOf } from "./framing.ts";
import { codeOf, networkFailure } from "./network-failure.ts";
import { type Connection, type Passenger, Pool } from "./pool.ts";
import { DEFAULT_LIMITS, type PoolLimits } from "./pool-limits.ts";
import { ProxiedExchange } from "./proxy/proxied-exchange.ts";
import { adviseOnProxies, ProxyChoice } from "./proxy/proxy-choice.ts";
import type { BodyPlan, Exchange, RawResponse, Transport } from "./transport.ts";
import type { DispatchController, DispatchHandler, DispatchOptions } from "./undici-client.ts";
import { type HeaderRecord, UndiciHead } from "./undici-head.ts";
import { inPieces, Upload } from "./upload.ts";

/** What is read of a body that nobody wants, to keep the connection, before it is cheaper to close it (S15). */
const DISCARD_LIMIT = 64 * 1024;
/** How long a body that nobody wants may take, in milliseconds, before it is cheaper to connect anew. */
const DISCARD_TIME = 1000;
const IN_LINE = `It waited for a free connection. ${IN_USE}`;
/** Interim (1xx) responses that a server may send before its real one; more is a flood. */
const INTERIM_LIMIT = 32;

/** How a connection ends that the other side has closed; undici says UND_ERR_INFO of one that ends in good order, with GOAWAY. */
const ENDED: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "UND_ERR_SOCKET",
  "UND_ERR_INFO",
]);

/** The transport on Node: undici's dispatcher, without the layers that it has for callers. */
export class UndiciTransport implements Transport {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #proxies = new ProxyChoice();
  #closed = false;

  constructor(clock: Clock, limits: PoolLimits = DEFAULT_LIMITS) {
    this.#clock = clock;
    this.#pool = new Pool(limits, clock);
  }

  send(exchange: Exchange): Promise<RawResponse> {
    if (this.#closed) return Promise.reject(clientClosed());
    let sent = exchange;
    try {
      const proxy = this.#proxies.for(exchange);
      if (proxy !== undefined) sent = new ProxiedExchange(exchange, proxy);
    } catch (error) {
      return Promise.reject(error);
    }
    const flight = new Flight(sent, this.#pool, this.#clock, this);
    flight.start();
    return flight.promise;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.close();
  }
}

/** "decoding": all has come, the connection is free, and the bytes are being decoded off the thread. */
type Stage = "waiting" | "headers" | "body" | "decoding" | "done";

/** One exchange on its way: undici's handler, the timers of its phases and what comes of it, in one object. */
class Flight implements DispatchHandler, Passenger {
  readonly promise: Promise<RawResponse>;
  readonly #exchange: Exchange;
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #transport: { readonly closed: boolean };
  /** Where code of the caller's belongs: undici's callbacks run in the context of whoever opened the connection. */
  readonly #caller: AsyncResource | undefined;
  #resolve: (response: RawResponse) => void = nothing;
  #reject: (error: unknown) => void = nothing;
  previous: Passenger | undefined;
  next: Passenger | undefined;
  #stage: Stage = "waiting";
  #connection: Connection | undefined;
  /** The connection, while it waits for the reader. */
  #held: Connection | undefined;
  #unlisten: (() => void) | undefined;
  #timer: Timer | undefined;
  #lastByte = 0;
  #interim = 0;
  #sentAnew = false;
  /** Whether it had to wait in line for a connection. */
  #lined = false;
  #upload: Upload | undefined;
  #controller: DispatchController | undefined;

  #head: UndiciHead | undefined;
  #plan: BodyPlan | undefined;
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  #size = 0;
  #queue: BodyQueue | undefined;
  #body: DecodedStream | undefined;
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
    const { origin, connection, timeouts } = this.#exchange;
    const { queue, unread = 0 } = timeouts;
    if (this.#pool.enter(origin, this, connection, anew)) return;
    this.#lined = true;
    // One that is sent anew was sent before.
    this.#exchange.timing.inLine = !this.#sentAnew;
    // A connection that is paused for its reader does not hold the process, and who waits for it must be told in the end.
    const background = this.#exchange.background === true;
    if (queue > 0) this.#timer = this.#clock.timer(queue, () => this.#timeOut("queue", queue), background);
    else if (unread > 0)
      this.#timer = this.#clock.timer(unread, () => this.#checkReaders(unread), background);
  }

  /** Who waits for connections that nobody empties would wait for ever; while one of them makes progress there is hope. */
  #checkReaders(ms: number): void {
    const { origin, connection } = this.#exchange;
    const since = this.#pool.heldSince(origin, connection);
    const left = since === undefined ? ms : ms - (this.#clock.now() - since);
    if (left > 1)
      this.#timer = this.#clock.timer(left, () => this.#checkReaders(ms), this.#exchange.background === true);
    else this.#giveUp(unreadFor(ms));
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
      if (dispatch.body instanceof Upload) this.#upload = dispatch.body;
      connection.client.dispatch(dispatch, this);
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
    if (this.#timer !== undefined) this.#lastByte = this.#clock.now();
  }

  onResponseStart(
    controller: DispatchController,
    status: number,
    record: HeaderRecord,
    statusText?: string,
  ): void {
    if (this.#stage !== "headers") return;
    const head = new UndiciHead(status, statusText ?? "", record);
    const fault = faultOf(head);
    if (fault !== undefined) {
      this.#refuse(fault);
      return;
    }
    if (status < 200) {
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
    // What a HEAD says of its length is that of a body which does not come.
    if (bodyless(this.#exchange.method, head)) return;
    if (plan.mode === "stream") {
      this.#stream(controller, head, plan);
      return;
    }
    const announced = Number(head.header("content-length") ?? 0);
    if (plan.mode === "discard" && announced > DISCARD_LIMIT) this.#drop();
    else if (plan.mode === "buffer" && announced > this.#most()) this.#tooLarge();
  }

  onResponseData(_controller: DispatchController, chunk: Uint8Array): void {
    if (this.#stage !== "body" || this.#plan === undefined) return;
    if (this.#timer !== undefined) this.#lastByte = this.#clock.now();
    this.#size += chunk.length;
    if (this.#exchange.progress !== undefined && !this.#count(chunk.length)) return;
    if (this.#queue !== undefined) {
      this.#queue.push(chunk);
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
    // A body without a length ends with its connection, and undici takes any end for one (RFC 9112 8).
    if (connection?.broken !== undefined && this.#plan?.mode !== "discard") {
      this.#fail(networkFailure(connection.broken, this.#exchange.origin, connection.reused, true));
      return;
    }
    if (this.#exchange.progress !== undefined && !this.#count("all")) return;
    // From here on it carries others.
    this.#connection = undefined;
    this.#finish();
    connection?.release();
    if (this.#queue !== undefined) {
      this.#queue.end();
      return;
    }
    const head = this.#head;
    if (head === undefined) return;
    if (this.#plan?.mode === "discard") {
      this.#unlisten?.();
      this.#resolve({ head, body: null });
      return;
    }
    this.#settleBuffered(head, this.#collected());
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
    else if (this.#isStale(error)) this.#sendAnew(error);
    // The head has said all that was wanted: how a body ends that nobody reads is of no consequence.
    else if (this.#stage === "body" && this.#plan?.mode === "discard") this.#drop();
    else {
      const reused = this.#connection?.reused ?? false;
      const failure = networkFailure(
        error,
        this.#exchange.origin,
        reused,
        this.#stage === "body",
        connectHint(error) ?? this.#hintAtEnd(error),
      );
      if (this.#stage === "waiting") adviseOnProxies(failure, this.#exchange);
      this.#fail(failure);
    }
  }

  /** RFC 8446 4.4.2.4: with TLS 1.3 the client has done its part when the server sees that a certificate is missing. */
  #hintAtEnd(error: unknown): string | undefined {
    const connection = this.#connection;
    if (this.#stage !== "headers" || !this.#exchange.origin.startsWith("https:")) return undefined;
    if (connection === undefined || connection.reused || !ENDED.has(codeOf(error))) return undefined;
    return connection.silent && !connection.multiplexed ? ENDED_AT_ONCE : undefined;
  }

  /**
   * Whether the server closed a kept connection as the request was on its way to it: it was used before, no byte came back,
   * and what is sent may be sent twice. A stream of the caller's is left to `retry`, which knows whether it can be opened anew.
   */
  #isStale(error: unknown): error is Error {
    const { method, body } = this.#exchange;
    const connection = this.#connection;
    if (this.#stage !== "headers" || this.#sentAnew || connection === undefined || this.#interim > 0)
      return false;
    if (!connection.reused || !connection.silent || !IDEMPOTENT.includes(method)) return false;
    if (body !== undefined && body.content === undefined) return false;
    return error instanceof Error && ENDED.has(codeOf(error));
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

  #settleBuffered(head: UndiciHead, bytes: Uint8Array | null): void {
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

  #stream(controller: DispatchController, head: UndiciHead, plan: BodyPlan): void {
    const queue = new BodyQueue({
      pause: () => {
        this.#hold();
        controller.pause();
      },
      resume: () => {
        this.#unhold();
        this.#lastByte = this.#clock.now();
        controller.resume();
      },
      cancel: () => this.#giveUp(new Error("the reader left")),
    });
    this.#queue = queue;
    try {
      const encodings = parseContentEncoding(head.header("content-encoding"));
      // It can be given up until the last of it has been read, also when all of it has come.
      const body = decodeStreamed(queue, encodings, plan.maxBytes, () => this.#unlisten?.());
      this.#body = body;
      this.#resolve({ head, body });
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #hold(): void {
    this.#held = this.#connection;
    this.#held?.hold();
  }

  #unhold(): void {
    this.#held?.unhold();
    this.#held = undefined;
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
    else if (this.#more === undefined) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  }

  #collected(): Uint8Array | null {
    if (this.#more !== undefined) return Buffer.concat(this.#more);
    return this.#first ?? null;
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
    this.#unhold();
    this.#upload?.leave();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #fail(error: unknown): void {
    this.#told();
    // It got none, and all that it did was to wait in line.
    if (this.#inLine) this.#exchange.timing.boardedAt = this.#exchange.timing.endedAt;
    this.#exchange.timing.reused ??= this.#connection?.reused;
    this.#exchange.timing.connection ??= this.#connection?.timing;
    this.#finish();
    this.#abandon(error instanceof Error ? error : new Error(String(error)));
    this.#leaveDecoding();
    if (this.#queue === undefined) this.#unlisten?.();
    else this.#queue.fail(error);
    this.#reject(error);
  }

  /** The call is given up: a reader is told at once, and not after what waits for it. */
  #cancel(reason: unknown): void {
    if (this.#inLine) tellWait(reason, IN_LINE);
    this.#body?.fail(reason);
    this.#giveUp(reason);
  }

  /** What came is no HTTP that is spoken here. */
  #refuse(fault: string): void {
    this.#giveUp(new NetworkError("protocol", `${this.#exchange.origin} sent ${fault}`));
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

  #timeOut(phase: TimeoutPhase, ms: number): void {
    this.#giveUp(new TimeoutError(phase, ms));
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
    if (this.#queue?.paused) this.#lastByte = now;
    const left = ms - (now - this.#lastByte);
    if (left > 1) {
      this.#timer = this.#clock.timer(left, () => this.#checkSilence(phase, ms), true);
      return;
    }
    this.#timeOut(phase, ms);
  }
}

/** Whether a response has no body, whatever its headers say (RFC 9112 6.3), or says that it has none. */
function bodyless(method: string, head: UndiciHead): boolean {
  const { status } = head;
  return method === "HEAD" || status === 204 || status === 304 || head.header("content-length") === "0";
}

function unreadFor(ms: number): TimeoutError {
  const known = `For ${ms / 1000} s nobody has read from any of them: that is the default limit, and \`timeout.queue\` sets another.`;
  return new TimeoutError("queue", ms, { hint: `${IN_USE} ${known}` });
}

/** What undici is told of a request. */
class Dispatch implements DispatchOptions {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: DispatchOptions["body"];
  readonly reset: boolean | undefined;

  static {
    // undici reads more than these (`query`, `upgrade`, `servername` …), and must find none that Object.prototype lends
    // (S55). Not `{ __proto__: null, … }`, which is a dictionary to V8: undici's twenty reads of it cost 1 µs more.
    Object.setPrototypeOf(Dispatch.prototype, null);
  }

  constructor(exchange: Exchange, caller: AsyncResource | undefined, carrier: Connection) {
    const { body, connection } = exchange;
    const whole = body?.content;
    const inParts = whole !== undefined && connection?.settings.http2 === true;
    this.path = exchange.target;
    this.method = exchange.method;
    this.headers = exchange.headers;
    if (body === undefined) this.body = null;
    else if (inParts) this.body = inPieces(whole);
    else this.body = whole ?? new Upload(body, caller, () => carrier.hasWritten);
    // undici closes the connection after a HEAD unless told otherwise.
    this.reset = exchange.method === "HEAD" ? false : undefined;
  }
}

function nothing(): void {}
