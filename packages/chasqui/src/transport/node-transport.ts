import type { Clock } from "../clock.ts";
import { clientClosed } from "../errors/abort-error.ts";
import { Flight } from "./flight.ts";
import { Pool } from "./pool.ts";
import { DEFAULT_LIMITS, type PoolLimits } from "./pool-limits.ts";
import { ProxiedExchange } from "./proxy/proxied-exchange.ts";
import { ProxyChoice } from "./proxy/proxy-choice.ts";
import type { Exchange, RawResponse, Transport } from "./transport.ts";

/** The transport on Node: over sockets of its own, HTTP/1.1 by itself and HTTP/2 by undici. */
export class NodeTransport implements Transport {
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
