import type { Clock, Timer } from "../clock.ts";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError, type TimeoutPhase } from "../errors/timeout-error.ts";
import { Headers } from "../request/headers.ts";
import { parseContentEncoding } from "../response/content-encoding-chain.ts";
import { BodyQueue } from "./body-queue.ts";
import { Connections, type OriginState } from "./connections.ts";
import { decodeBuffered, decodeStreamed } from "./content-decoding.ts";
import { networkFailure } from "./network-failure.ts";
import type { BodyPlan, Exchange, Head, RawResponse, Transport } from "./transport.ts";
import {
  type DispatchController,
  type DispatchHandler,
  type DispatchOptions,
  makeAgent,
  type UndiciAgent,
} from "./undici-agent.ts";

/** Connections to one origin at a time; undici's own default is without limit. */
const CONNECTIONS = 128;
/** What is read of a body that nobody wants, to keep the connection, before it is cheaper to close it (S15). */
const DISCARD_LIMIT = 64 * 1024;
/** Interim (1xx) responses that a server may send before its real one; more is a flood. */
const INTERIM_LIMIT = 32;

type HeaderRecord = Record<string, string | string[] | undefined>;

class UndiciHead implements Head {
  readonly status: number;
  readonly statusText: string;
  readonly #record: HeaderRecord;
  #headers: Headers | undefined;

  constructor(status: number, statusText: string, record: HeaderRecord) {
    this.status = status;
    this.statusText = statusText;
    this.#record = record;
  }

  header(name: string): string | undefined {
    if (!Object.hasOwn(this.#record, name)) return undefined;
    const value = this.#record[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get headers(): Headers {
    if (this.#headers === undefined) {
      const flat: string[] = [];
      for (const name of Object.keys(this.#record)) {
        const value = this.#record[name];
        if (Array.isArray(value)) for (const line of value) flat.push(name, line);
        else if (value !== undefined) flat.push(name, value);
      }
      this.#headers = Headers.fromFlat(flat);
    }
    return this.#headers;
  }
}

/** The transport on Node: undici's dispatcher, without the layers that it has for callers. */
export class UndiciTransport implements Transport {
  readonly #clock: Clock;
  #agent: UndiciAgent | undefined;
  #connections: Connections | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  send(exchange: Exchange): Promise<RawResponse> {
    this.#connections ??= new Connections();
    this.#agent ??= makeAgent({ connections: CONNECTIONS, connect: this.#connections.connector });
    const flight = new Flight(exchange, this.#connections, this.#clock, () => this.#closed);
    flight.start(this.#agent);
    return flight.promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#agent?.destroy();
  }
}

type Stage = "waiting" | "headers" | "body" | "done";

/** One exchange on its way: undici's handler, the timers of its phases and what comes of it, in one object. */
class Flight implements DispatchHandler {
  readonly promise: Promise<RawResponse>;
  readonly #exchange: Exchange;
  readonly #connections: Connections;
  readonly #origin: OriginState;
  readonly #clock: Clock;
  readonly #clientClosed: () => boolean;
  #resolve: (response: RawResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #stage: Stage = "waiting";
  #controller: DispatchController | undefined;
  #gaveUp: Error | undefined;
  #unlisten: (() => void) | undefined;
  #timer: Timer | undefined;
  #lastByte = 0;
  #startedAt = 0;
  #reused = false;
  #interim = 0;

  #head: UndiciHead | undefined;
  #plan: BodyPlan | undefined;
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  #size = 0;
  #queue: BodyQueue | undefined;

  constructor(exchange: Exchange, connections: Connections, clock: Clock, clientClosed: () => boolean) {
    this.#exchange = exchange;
    this.#connections = connections;
    this.#origin = connections.of(exchange.origin);
    this.#clock = clock;
    this.#clientClosed = clientClosed;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  start(agent: UndiciAgent): void {
    const exchange = this.#exchange;
    this.#startedAt = this.#clock.now();
    this.#origin.waiting++;
    this.#reused = this.#origin.open > 0;
    this.#unlisten = exchange.onCancel((reason) => this.#giveUp(reason));
    if (this.#stage === "done") return;
    this.#armConnect(exchange.timeouts.connect);
    try {
      agent.dispatch(dispatchOptions(exchange), this);
    } catch (error) {
      this.#giveUp(error instanceof Error ? error : new Error(String(error)));
    }
  }

  onRequestStart(controller: DispatchController): void {
    this.#controller = controller;
    if (this.#stage === "waiting") {
      this.#stage = "headers";
      this.#connections.leave(this.#origin);
    }
    if (this.#gaveUp !== undefined) {
      controller.abort(this.#gaveUp);
      return;
    }
    this.#exchange.onWrite();
    this.#arm("headers", this.#exchange.timeouts.headers);
  }

  onResponseStart(
    controller: DispatchController,
    status: number,
    record: HeaderRecord,
    statusText?: string,
  ): void {
    if (this.#stage !== "headers") return;
    if (status < 200) {
      this.#interim++;
      if (this.#interim > INTERIM_LIMIT) {
        this.#giveUp(
          new NetworkError(
            "protocol",
            `${this.#exchange.origin} sent more than ${INTERIM_LIMIT} interim responses`,
          ),
        );
      }
      return;
    }
    const head = new UndiciHead(status, statusText ?? "", record);
    this.#head = head;
    this.#stage = "body";
    const plan = this.#exchange.onHead(head);
    this.#plan = plan;
    this.#watchIdle();
    if (plan.mode === "stream" && this.#exchange.method !== "HEAD") this.#stream(controller, head, plan);
    if (plan.mode === "discard" && Number(head.header("content-length") ?? 0) > DISCARD_LIMIT) this.#drop();
  }

  onResponseData(_controller: DispatchController, chunk: Uint8Array): void {
    if (this.#stage !== "body" || this.#plan === undefined) return;
    if (this.#timer !== undefined) this.#lastByte = this.#clock.now();
    this.#size += chunk.length;
    if (this.#queue !== undefined) {
      this.#queue.push(chunk);
      return;
    }
    if (this.#plan.mode === "discard") {
      if (this.#size > DISCARD_LIMIT) this.#drop();
      return;
    }
    // The cap is on decoded bytes; coded ones have it too, since what is coded is the smaller of the two.
    if (this.#size > this.#plan.maxBytes) {
      this.#giveUp(new BodyTooLargeError(this.#plan.maxBytes));
      return;
    }
    this.#keep(chunk);
  }

  onResponseEnd(): void {
    if (this.#stage !== "body") return;
    if (this.#queue !== undefined) {
      this.#finish();
      this.#queue.end();
      return;
    }
    const head = this.#head;
    if (head === undefined) return;
    this.#finish();
    if (this.#plan?.mode === "discard") {
      this.#resolve({ head, body: null });
      return;
    }
    this.#settleBuffered(head, this.#collected());
  }

  onResponseError(_controller: DispatchController | null, error: unknown): void {
    if (this.#stage === "done") return;
    if (this.#clientClosed()) {
      const message = "The client was closed while the request was under way";
      this.#fail(new NetworkError("closed", message, { cause: error, host: this.#exchange.origin }));
      return;
    }
    this.#fail(networkFailure(error, this.#exchange.origin, this.#reused));
  }

  #settleBuffered(head: UndiciHead, bytes: Uint8Array | null): void {
    const maxBytes = this.#plan?.maxBytes ?? Number.POSITIVE_INFINITY;
    if (bytes === null || head.header("content-encoding") === undefined || this.#exchange.method === "HEAD") {
      this.#resolve({ head, body: bytes });
      return;
    }
    try {
      const encodings = parseContentEncoding(head.header("content-encoding"));
      const decoded = encodings.length === 0 ? bytes : decodeBuffered(bytes, encodings, maxBytes);
      if (decoded instanceof Uint8Array) this.#resolve({ head, body: decoded });
      else decoded.then((body) => this.#resolve({ head, body }), this.#reject);
    } catch (error) {
      this.#reject(error);
    }
  }

  #stream(controller: DispatchController, head: UndiciHead, plan: BodyPlan): void {
    const queue = new BodyQueue({
      pause: () => controller.pause(),
      resume: () => {
        this.#lastByte = this.#clock.now();
        controller.resume();
      },
      cancel: () => this.#giveUp(new Error("the reader left")),
    });
    this.#queue = queue;
    try {
      const encodings = parseContentEncoding(head.header("content-encoding"));
      const body = decodeStreamed(queue, encodings, plan.maxBytes);
      this.#resolve({ head, body });
    } catch (error) {
      this.#giveUp(error instanceof Error ? error : new Error(String(error)));
      this.#reject(error);
    }
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

  /** The rest of a body that nobody wants costs more than a new connection. */
  #drop(): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#finish();
    this.#resolve({ head, body: null });
    this.#controller?.abort(new Error("the body is not wanted"));
  }

  #finish(): void {
    if (this.#stage === "waiting") this.#connections.leave(this.#origin);
    this.#stage = "done";
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  #fail(error: unknown): void {
    this.#finish();
    this.#queue?.fail(error);
    this.#reject(error);
  }

  /** Ends the exchange from our side: the caller is told at once, the connection as soon as there is one. */
  #giveUp(reason: Error): void {
    if (this.#stage === "done") return;
    this.#gaveUp = reason;
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  #timeOut(phase: TimeoutPhase, ms: number): void {
    this.#giveUp(new TimeoutError(phase, ms));
  }

  #arm(phase: TimeoutPhase, ms: number): void {
    this.#timer?.cancel();
    this.#timer = ms > 0 ? this.#clock.timer(ms, () => this.#timeOut(phase, ms)) : undefined;
  }

  /** Until the request is written there is one timer, and what it means depends on what the origin is busy with. */
  #armConnect(ms: number): void {
    const { queue } = this.#exchange.timeouts;
    const first = ms > 0 && queue > 0 ? Math.min(ms, queue) : ms || queue;
    if (first === 0) return;
    this.#timer = this.#clock.timer(first, () => this.#checkWaiting());
  }

  #checkWaiting(): void {
    const { connect, queue } = this.#exchange.timeouts;
    const waited = this.#clock.now() - this.#startedAt;
    const connecting = this.#origin.connecting.size > 0 || this.#origin.open === 0;
    if (connecting && connect > 0 && waited >= connect - 1) this.#timeOut("connect", connect);
    else if (!connecting && queue > 0 && waited >= queue - 1) this.#timeOut("queue", queue);
    else {
      // All connections are busy: look again later, whether one has come free or is being made.
      const next = Math.max(50, (queue > waited ? queue : waited + (connect || queue)) - waited);
      this.#timer = this.#clock.timer(next, () => this.#checkWaiting());
    }
  }

  #watchIdle(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { idle } = this.#exchange.timeouts;
    if (idle === 0) return;
    this.#lastByte = this.#clock.now();
    this.#timer = this.#clock.timer(idle, () => this.#checkIdle());
  }

  #checkIdle(): void {
    const { idle } = this.#exchange.timeouts;
    const now = this.#clock.now();
    // While the reader is slow the server is not: nothing was asked of it.
    if (this.#queue !== undefined && !this.#queue.hungry) this.#lastByte = now;
    const left = idle - (now - this.#lastByte);
    if (left > 1) {
      this.#timer = this.#clock.timer(left, () => this.#checkIdle());
      return;
    }
    // A body that nobody wants may stall as it likes.
    if (this.#plan?.mode === "discard") this.#drop();
    else this.#timeOut("idle", idle);
  }
}

function dispatchOptions(exchange: Exchange): DispatchOptions {
  const { body } = exchange;
  return {
    origin: exchange.origin,
    path: exchange.target,
    method: exchange.method,
    headers: exchange.headers,
    body: body === undefined ? null : (body.content ?? body.open()),
    // undici closes the connection after a HEAD unless told otherwise.
    ...(exchange.method === "HEAD" ? { reset: false } : undefined),
  };
}
