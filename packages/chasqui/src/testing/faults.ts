import { defaultTransport } from "#platform";
import { systemClock } from "../clock.ts";
import { NetworkError, type NetworkErrorKind } from "../errors/network-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { ownOptions } from "../request/wrong-option.ts";
import { placeOf } from "../transport/network-failure.ts";
import type { Exchange, RawResponse, Transport } from "../transport/transport.ts";
import { answered } from "./answered.ts";

/**
 * What goes wrong: a fault of the network before anything was sent (`"refused"`, `"dns"`, `"unreachable"`), after the request was written
 * (`"reset"`), in the middle of the body (`"closed"`), a server that does not answer in time (`"timeout"`), or a status.
 */
export type Fault = "refused" | "dns" | "unreachable" | "reset" | "closed" | "timeout" | number;

/** What `onFault` is told. */
export interface FaultEvent {
  readonly fault: Fault;
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Which exchange it was, counted from 1. */
  readonly exchange: number;
}

/** What `faults()` may be told. */
export interface FaultOptions {
  /** The same seed makes the same faults, as long as the exchanges come in the same order. Default 1. */
  readonly seed?: number | undefined;
  /** The share of exchanges that go wrong, from 0 to 1. Default 0.1. */
  readonly share?: number | undefined;
  /** What may go wrong; one is drawn each time. Default: refused, reset, closed, timeout, 429, 500, 503. */
  readonly kinds?: readonly Fault[] | undefined;
  /** What carries the exchanges. Default: sockets on Node, fetch elsewhere. */
  readonly transport?: Transport | undefined;
  /** Told of each fault. */
  readonly onFault?: ((event: FaultEvent) => void) | undefined;
}

const OPTIONS: readonly (keyof FaultOptions)[] = ["seed", "share", "kinds", "transport", "onFault"];
const NETWORK: readonly NetworkErrorKind[] = ["refused", "dns", "unreachable", "reset", "closed"];
const DEFAULT_KINDS: readonly Fault[] = ["refused", "reset", "closed", "timeout", 429, 500, 503];

/**
 * A transport on which things go wrong, by a seed: how a program stands retries, half bodies and servers that are busy can be tested,
 * and what failed once fails again.
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * import { faults } from "chasqui/testing";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   transport: faults({ seed: 7, share: 0.3 }),
 *   retry: { attempts: 10, backoff: { base: 0 }, phases: ["headers"] },
 * });
 * console.log((await client.get("/posts/1")).status); // 200
 * ```
 */
export function faults(options: FaultOptions = {}): Transport {
  const own = ownOptions("faults()", options, OPTIONS);
  const { seed = 1, share = 0.1, kinds = DEFAULT_KINDS } = own;
  if (!Number.isInteger(seed)) {
    throw new OptionsError(`\`seed\` is ${kindOf(seed)}; it takes a whole number`, { option: "seed" });
  }
  if (!(share >= 0 && share <= 1)) {
    throw new OptionsError(`\`share\` is ${kindOf(share)}; it takes a number from 0 to 1`, {
      option: "share",
    });
  }
  if (!Array.isArray(kinds) || kinds.length === 0 || !kinds.every(isFault)) {
    const odd = Array.isArray(kinds) ? kinds.findIndex((kind) => !isFault(kind)) : -1;
    const wrong: unknown = odd === -1 ? kinds : Reflect.get(kinds, odd);
    const shown = typeof wrong === "string" ? JSON.stringify(wrong.slice(0, 60)) : kindOf(wrong);
    throw new OptionsError(
      `\`kinds${odd === -1 ? "" : `[${odd}]`}\` is ${shown}; \`kinds\` takes a list of ${NETWORK.join(", ")}, timeout and statuses`,
      {
        option: "kinds",
      },
    );
  }
  return new FaultyTransport(seed, share, kinds, own);
}

function isFault(value: unknown): value is Fault {
  if (typeof value === "number") return Number.isInteger(value) && value >= 200 && value <= 599;
  return value === "timeout" || NETWORK.some((kind) => kind === value);
}

/** Numbers from 0 up to 1 (mulberry32): the same for the same seed on every machine. */
function drawing(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class FaultyTransport implements Transport {
  readonly #draw: () => number;
  readonly #share: number;
  readonly #kinds: readonly Fault[];
  readonly #onFault: FaultOptions["onFault"];
  #inner: Transport | undefined;
  #exchanges = 0;

  constructor(seed: number, share: number, kinds: readonly Fault[], { transport, onFault }: FaultOptions) {
    this.#draw = drawing(seed);
    this.#share = share;
    this.#kinds = kinds;
    this.#inner = transport;
    this.#onFault = onFault;
  }

  async send(exchange: Exchange): Promise<RawResponse> {
    const number = ++this.#exchanges;
    // Two draws for each, so that a fault more or less does not change what becomes of the others.
    const [goesWrong, which] = [this.#draw() < this.#share, this.#draw()];
    const fault = goesWrong ? this.#kinds[Math.floor(which * this.#kinds.length)] : undefined;
    if (fault === undefined) return this.#carrier().send(exchange);
    const { method, origin } = exchange;
    this.#onFault?.({ fault, method, origin, exchange: number });
    return this.#go(wrong(fault), exchange);
  }

  async close(): Promise<void> {
    await this.#inner?.close();
  }

  #carrier(): Transport {
    this.#inner ??= defaultTransport(systemClock, undefined);
    return this.#inner;
  }

  async #go(fault: Wrong, exchange: Exchange): Promise<RawResponse> {
    if (fault.written) exchange.onWrite();
    if (fault.status !== undefined) {
      const body = new TextEncoder().encode("a fault on demand");
      const headers = ["content-type", "text/plain", "content-length", String(body.length)];
      return answered(exchange, { status: fault.status, statusText: "", headers, body }, () =>
        performance.now(),
      );
    }
    if (fault.answered !== true) throw fault.error(exchange);
    const { head, body } = await this.#carrier().send(exchange);
    if (body === null || body instanceof Uint8Array) throw fault.error(exchange);
    return { head, body: broken(body, fault.error(exchange)) };
  }
}

interface Wrong {
  readonly written: boolean;
  /** Whether the server gets the request, and its answer is lost. */
  readonly answered?: boolean;
  readonly status?: number;
  readonly error: (exchange: Exchange) => Error;
}

function wrong(fault: Fault): Wrong {
  const failed =
    (kind: NetworkErrorKind) =>
    ({ origin }: Exchange) =>
      new NetworkError(kind, `A fault on demand at ${origin} (${kind})`, placeOf(origin));
  if (typeof fault === "number") return { written: true, status: fault, error: failed("reset") };
  if (fault === "timeout") {
    return {
      written: true,
      error: ({ timeouts }) =>
        new TimeoutError("headers", timeouts.headers === 0 ? undefined : timeouts.headers),
    };
  }
  if (fault === "closed") return { written: true, answered: true, error: failed("closed") };
  return { written: fault === "reset", error: failed(fault) };
}

/** The first piece, and no more. Leaving what came frees its connection. */
async function* broken(
  body: AsyncIterable<Uint8Array>,
  error: Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of body) {
    yield piece;
    throw error;
  }
}
