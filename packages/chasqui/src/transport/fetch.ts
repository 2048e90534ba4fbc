import type { Clock } from "../clock.ts";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError, type TimeoutPhase } from "../errors/timeout-error.ts";
import { Headers } from "../request/headers.ts";
import type { BodyPlan, Exchange, Head, RawResponse, Transport } from "./transport.ts";

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
  #closed = false;

  constructor(clock: Clock, fetch: FetchFunction = (input, init) => globalThis.fetch(input, init)) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  async send(exchange: Exchange): Promise<RawResponse> {
    if (this.#closed)
      throw new NetworkError("closed", "The client was closed while the request was under way");
    const flight = new FetchFlight(exchange, this.#clock);
    try {
      return await flight.run(this.#fetch);
    } catch (error) {
      flight.end();
      throw flight.gaveUp ?? failure(error, exchange.origin);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

/** One exchange through Fetch: its abort, its timers, its body. */
class FetchFlight {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #unlisten: () => void;
  #timer: { cancel(): void } | undefined;
  gaveUp: Error | undefined;

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#unlisten = exchange.onCancel((reason) => this.#giveUp(reason));
  }

  async run(fetch: FetchFunction): Promise<RawResponse> {
    const exchange = this.#exchange;
    const { timeouts } = exchange;
    // Fetch does not tell when the connection is made: both phases are one wait.
    const both = timeouts.connect > 0 && timeouts.headers > 0 ? timeouts.connect + timeouts.headers : 0;
    this.#arm("headers", both);
    exchange.onWrite();
    const response = await fetch(exchange.origin + exchange.target, this.#init());
    if (this.gaveUp !== undefined) throw this.gaveUp;
    const head = new FetchHead(response);
    const plan = exchange.onHead(head);
    if (plan.mode === "discard") {
      this.end();
      await response.body?.cancel();
      return { head, body: null };
    }
    if (response.body === null) {
      this.end();
      return { head, body: null };
    }
    const chunks = this.#chunks(response.body, plan);
    if (plan.mode === "stream") return { head, body: chunks };
    return { head, body: await collect(chunks) };
  }

  end(): void {
    this.#timer?.cancel();
    this.#unlisten();
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
      init.body = asWebStream(body.open());
      init.duplex = "half";
    }
    return init;
  }

  async *#chunks(
    body: ReadableStream<Uint8Array>,
    plan: BodyPlan,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = body.getReader();
    const { idle } = this.#exchange.timeouts;
    let size = 0;
    try {
      for (;;) {
        this.#arm("idle", idle);
        const { done, value } = await reader.read();
        this.#timer?.cancel();
        if (done) return;
        size += value.length;
        if (size > plan.maxBytes) throw new BodyTooLargeError(plan.maxBytes);
        yield value;
      }
    } catch (error) {
      throw this.gaveUp ?? failure(error, this.#exchange.origin);
    } finally {
      this.end();
      await reader.cancel().catch(() => {});
    }
  }

  #arm(phase: TimeoutPhase, ms: number): void {
    this.#timer?.cancel();
    this.#timer = ms > 0 ? this.#clock.timer(ms, () => this.#giveUp(new TimeoutError(phase, ms))) : undefined;
  }

  #giveUp(reason: Error): void {
    this.gaveUp ??= reason;
    this.#abort.abort(reason);
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

function asWebStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
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

/** Fetch says "fetch failed" and hides the reason in `cause` (P10). */
function failure(error: unknown, origin: string): unknown {
  if (!(error instanceof TypeError)) return error;
  const host = origin.replace(/^https?:\/\//, "");
  const why = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return new NetworkError("closed", `${host} cannot be spoken to${why}`, { cause: error, host });
}
