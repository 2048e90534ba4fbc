import type { Clock, Timer } from "../clock.ts";
import { clientClosed } from "../errors/abort-error.ts";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { TimeoutError, type TimeoutPhase } from "../errors/timeout-error.ts";
import { collected } from "../joined.ts";
import type { Body } from "../request/body.ts";
import { Headers } from "../request/headers.ts";
import {
  credentialsOf,
  type FetchRules,
  HANDED_OVER,
  headersFor,
  ownRules,
  redirectModeOf,
  refuseStream,
} from "./fetch-rules.ts";
import type { Exchange, Head, RawResponse, Transport } from "./transport.ts";
import { decodeBody } from "./web-decoding.ts";

/** A function with Fetch's face: the global one, or another that answers in its place. */
export type FetchFunction = (input: string, init: RequestInit) => Promise<globalThis.Response>;

class FetchHead implements Head {
  readonly #response: globalThis.Response;
  readonly arrivedAt: string | undefined;
  #headers: Headers | undefined;

  constructor(response: globalThis.Response, followed: boolean) {
    this.#response = response;
    this.arrivedAt = followed && response.redirected ? response.url : undefined;
  }

  get status(): number {
    return this.#response.status;
  }

  get statusText(): string {
    return this.#response.statusText;
  }

  get hiddenRedirect(): boolean {
    return this.#response.type === "opaqueredirect";
  }

  header(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
  }

  get headers(): Headers {
    this.#headers ??= Headers.fromFlat([...this.#response.headers].flat());
    return this.#headers;
  }
}

/** The transport where there are no sockets: browsers, Bun, Deno, workers. Fetch decodes the body itself. */
export class FetchTransport implements Transport {
  readonly #clock: Clock;
  readonly #fetch: FetchFunction;
  readonly #rules: FetchRules;
  readonly #flights = new Set<FetchFlight>();
  #closed = false;

  /**
   * @param fetch - A function in the place of the global one.
   * @param rules - What it keeps to itself.
   */
  constructor(clock: Clock, fetch?: FetchFunction, rules?: FetchRules) {
    this.#clock = clock;
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#rules = rules ?? (fetch === undefined ? ownRules() : HANDED_OVER);
  }

  async send(exchange: Exchange): Promise<RawResponse> {
    if (this.#closed) throw clientClosed();
    const flight = new FetchFlight(exchange, this.#rules, this.#clock, () => this.#flights.delete(flight));
    this.#flights.add(flight);
    return flight.run(this.#fetch);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const flight of this.#flights) flight.giveUp(clientClosed());
  }
}

/** One exchange through Fetch: its abort, its timers, its body. */
class FetchFlight implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #exchange: Exchange;
  readonly #rules: FetchRules;
  readonly #clock: Clock;
  readonly #over: () => void;
  readonly #abort = new AbortController();
  readonly #gaveUp: Promise<never>;
  #reject: (reason: unknown) => void = () => {};
  #unlisten: (() => void) | undefined;
  #timer: Timer | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #left = false;
  #size = 0;
  #maxBytes = 0;

  constructor(exchange: Exchange, rules: FetchRules, clock: Clock, over: () => void) {
    this.#exchange = exchange;
    this.#rules = rules;
    this.#clock = clock;
    this.#over = over;
    this.#gaveUp = new Promise((_resolve, reject) => {
      this.#reject = reject;
    });
    this.#gaveUp.catch(() => {});
  }

  async run(fetch: FetchFunction): Promise<RawResponse> {
    const exchange = this.#exchange;
    const { timeouts } = exchange;
    try {
      this.#unlisten = exchange.onCancel((reason) => this.giveUp(reason));
      if (this.#abort.signal.aborted) return await this.#gaveUp;
      const init = this.#init();
      // Fetch does not tell when the connection is made: both phases are one wait.
      this.#arm("headers", timeouts.headers === 0 ? 0 : timeouts.connect + timeouts.headers);
      exchange.timing.sentAt = this.#clock.now();
      exchange.onWrite();
      const answer = fetch(exchange.origin + exchange.target, init);
      // A function in Fetch's place need not know of the signal.
      const response = await Promise.race([answer, this.#gaveUp]);
      this.#timer?.cancel();
      return await this.#received(response);
    } catch (error) {
      this.#end();
      throw await this.#failure(error);
    }
  }

  giveUp(reason: unknown): void {
    this.#reject(reason);
    this.#abort.abort(reason);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const reader = this.#reader;
    if (reader === undefined || this.#left) return { done: true, value: undefined };
    try {
      this.#arm("idle", this.#exchange.timeouts.idle);
      // In this order: once it is given up, what has come already is not read any more.
      const { done, value } = await Promise.race([this.#gaveUp, reader.read()]);
      this.#timer?.cancel();
      if (done) {
        this.#exchange.progress?.allReceived();
        this.#end();
        return { done: true, value: undefined };
      }
      this.#size += value.length;
      if (this.#size > this.#maxBytes) throw new BodyTooLargeError(this.#maxBytes);
      this.#exchange.progress?.received(value.length);
      return { done: false, value };
    } catch (error) {
      await this.return();
      throw await this.#failure(error);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#left = true;
    this.#end();
    // Not awaited: a source that never answers must not hold whoever leaves it.
    this.#reader?.cancel().catch(() => {});
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #received(response: globalThis.Response): Promise<RawResponse> {
    const head = new FetchHead(response, this.#rules.takesOver);
    this.#exchange.timing.headAt = this.#clock.now();
    const plan = this.#exchange.onHead(head);
    if (response.body === null || plan.mode === "discard") {
      this.#end();
      if (plan.mode !== "discard") this.#exchange.progress?.allReceived();
      response.body?.cancel().catch(() => {});
      return { head, body: null };
    }
    this.#reader = this.#decoded(response.headers.get("content-encoding"), response.body).getReader();
    this.#maxBytes = plan.maxBytes;
    return { head, body: plan.mode === "stream" ? this : await collected(this) };
  }

  /** Most runtimes undo all codings; what one leaves on is undone here. */
  #decoded(coding: string | null, body: ReadableStream<Uint8Array<ArrayBuffer>>): typeof body {
    const { decodes } = this.#rules;
    return coding === null || decodes === undefined || decodes.test(coding) ? body : decodeBody(body, coding);
  }

  #end(): void {
    const { timing } = this.#exchange;
    timing.endedAt = this.#clock.now();
    timing.bytes = this.#size;
    this.#timer?.cancel();
    this.#unlisten?.();
    this.#over();
  }

  /** The error of Fetch's as one of the family. What Fetch does not take of a request is no fault of any network's. */
  async #failure(error: unknown): Promise<unknown> {
    const { origin, target, body } = this.#exchange;
    // Loaded where something has failed: a browser that nothing has failed in does not wait for it.
    const { fetchFailure } = await import("./fetch-failure.ts");
    if (!(error instanceof TypeError) || error.cause !== undefined) return fetchFailure(error, origin);
    try {
      // A stream can be given once; what is looked for is the same with any body.
      fetchRequest(origin + target, { ...this.#bare(), ...(body === undefined ? {} : { body: "" }) });
    } catch (refused) {
      return refused;
    }
    return fetchFailure(error, origin);
  }

  #bare(): RequestInit {
    const { method } = this.#exchange;
    return { method, headers: headersFor(this.#exchange, this.#rules), redirect: "manual" };
  }

  #init(): RequestInit {
    const { body } = this.#exchange;
    const init: RequestInit & { duplex?: "half" } = { ...this.#bare(), signal: this.#abort.signal };
    if (this.#rules.takesOver) {
      init.redirect = redirectModeOf(this.#exchange);
      init.credentials = credentialsOf(this.#exchange);
    }
    if (body === undefined) return init;
    const { method } = this.#exchange;
    if (method === "GET" || method === "HEAD") {
      throw new OptionsError(`A ${method} has no body over Fetch`, {
        option: "body",
        hint: "Chasqui on Node sends one.",
      });
    }
    const { content } = body;
    // Not the text itself, nor a Blob with a type: Fetch would add a content type where the caller wants none.
    if (typeof content === "string") init.body = new TextEncoder().encode(content);
    else if (content !== undefined) init.body = new Uint8Array(content);
    else {
      const blob = body.asBlob?.();
      if (blob !== undefined) {
        init.body = blob;
        return init;
      }
      if (this.#rules.takesOver) refuseStream(this.#exchange);
      init.body = asWebStream(body);
      init.duplex = "half";
    }
    return init;
  }

  #arm(phase: TimeoutPhase, ms: number): void {
    this.#timer?.cancel();
    this.#timer = ms > 0 ? this.#clock.timer(ms, () => this.giveUp(new TimeoutError(phase, ms))) : undefined;
  }
}

function asWebStream(body: Body): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = body.open()[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(new Uint8Array(next.value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/**
 * Fetch's own request.
 *
 * @throws {OptionsError} where Fetch does not take it: a GET with a body, a method that it forbids.
 */
export function fetchRequest(url: string, init: RequestInit): globalThis.Request {
  try {
    return new globalThis.Request(url, init);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const body = init.body !== undefined && init.body !== null;
    const bodied = body && /^(?:GET|HEAD)$/.test(init.method ?? "GET");
    throw new OptionsError(`Fetch does not take this ${init.method} request: ${said}`, {
      option: bodied ? "body" : "request",
      cause: error,
      ...(bodied ? { hint: `A ${init.method} has no body over Fetch; Chasqui on Node sends one.` } : {}),
    });
  }
}
