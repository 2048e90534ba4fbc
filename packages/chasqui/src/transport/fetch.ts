import type { Clock, Timer } from "../clock.ts";
import { AbortError } from "../errors/abort-error.ts";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { DecodeError } from "../errors/decode-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError, type TimeoutPhase } from "../errors/timeout-error.ts";
import type { Body } from "../request/body.ts";
import { Headers } from "../request/headers.ts";
import { networkFailure } from "./network-failure.ts";
import type { Exchange, Head, RawResponse, Transport } from "./transport.ts";

/** A function with Fetch's face: the global one, or another that answers in its place. */
export type FetchFunction = (input: string, init: RequestInit) => Promise<globalThis.Response>;

class FetchHead implements Head {
  readonly #response: globalThis.Response;
  #headers: Headers | undefined;

  constructor(response: globalThis.Response) {
    this.#response = response;
  }

  get status(): number {
    return this.#response.status;
  }

  get statusText(): string {
    return this.#response.statusText;
  }

  header(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
  }

  get headers(): Headers {
    this.#headers ??= Headers.fromFlat([...this.#response.headers].flat());
    return this.#headers;
  }
}

/** The transport where there is no dispatcher of undici's: browsers, Bun, Deno, workers. Fetch decodes the body itself. */
export class FetchTransport implements Transport {
  readonly #clock: Clock;
  readonly #fetch: FetchFunction;
  readonly #flights = new Set<FetchFlight>();
  #closed = false;

  constructor(clock: Clock, fetch: FetchFunction = (input, init) => globalThis.fetch(input, init)) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  async send(exchange: Exchange): Promise<RawResponse> {
    if (this.#closed) throw clientClosed();
    const flight = new FetchFlight(exchange, this.#clock, () => this.#flights.delete(flight));
    this.#flights.add(flight);
    return flight.run(this.#fetch);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const flight of this.#flights) flight.giveUp(clientClosed());
  }
}

function clientClosed(): AbortError {
  return new AbortError("The client was closed while the request was under way");
}

/** One exchange through Fetch: its abort, its timers, its body. */
class FetchFlight implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #exchange: Exchange;
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

  constructor(exchange: Exchange, clock: Clock, over: () => void) {
    this.#exchange = exchange;
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
      // Fetch does not tell when the connection is made: both phases are one wait.
      this.#arm("headers", timeouts.headers === 0 ? 0 : timeouts.connect + timeouts.headers);
      exchange.onWrite();
      const answer = fetch(exchange.origin + exchange.target, this.#init());
      // A function in Fetch's place need not know of the signal.
      const response = await Promise.race([answer, this.#gaveUp]);
      this.#timer?.cancel();
      return await this.#received(response);
    } catch (error) {
      this.#end();
      throw failure(error, exchange.origin);
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
      const { done, value } = await Promise.race([reader.read(), this.#gaveUp]);
      this.#timer?.cancel();
      if (done) {
        this.#end();
        return { done: true, value: undefined };
      }
      this.#size += value.length;
      if (this.#size > this.#maxBytes) throw new BodyTooLargeError(this.#maxBytes);
      return { done: false, value };
    } catch (error) {
      await this.return();
      throw failure(error, this.#exchange.origin);
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
    if (response.type === "opaqueredirect") {
      throw new NetworkError(
        "protocol",
        "This runtime hides redirects from programs, so none can be followed",
        {
          hint: "Ask for the URL that the redirect leads to.",
        },
      );
    }
    const head = new FetchHead(response);
    const plan = this.#exchange.onHead(head);
    if (response.body === null || plan.mode === "discard") {
      this.#end();
      response.body?.cancel().catch(() => {});
      return { head, body: null };
    }
    this.#reader = response.body.getReader();
    this.#maxBytes = plan.maxBytes;
    return { head, body: plan.mode === "stream" ? this : await collect(this) };
  }

  #end(): void {
    this.#timer?.cancel();
    this.#unlisten?.();
    this.#over();
  }

  #init(): RequestInit {
    const { method, headers, body } = this.#exchange;
    const init: RequestInit & { duplex?: "half" } = {
      method,
      headers: pairs(headers),
      redirect: "manual",
      signal: this.#abort.signal,
    };
    if (body === undefined) return init;
    const { content } = body;
    if (typeof content === "string") init.body = content;
    else if (content !== undefined) init.body = new Uint8Array(content);
    else {
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

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i] ?? "", flat[i + 1] ?? ""]);
  return list;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
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

/** Fetch says "fetch failed" or "terminated", and hides the reason in `cause` (P10). */
function failure(error: unknown, origin: string): unknown {
  if (error instanceof ChasquiError || !(error instanceof TypeError)) return error;
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (/^(?:Z_|ERR_BROTLI|ERR__ERROR_FORMAT|ZSTD_)/.test(code)) {
    return new DecodeError("The response body cannot be decoded", { cause: error });
  }
  if (cause !== undefined) return networkFailure(cause, origin, false, error.message === "terminated");
  const host = origin.replace(/^https?:\/\//, "");
  return new NetworkError("closed", `${host} cannot be spoken to: ${error.message}`, { cause: error, host });
}
