import { OptionsError } from "../../errors/options-error.ts";
import type { Body } from "../../request/body.ts";
import { IDEMPOTENT } from "../../request/method.ts";
import type { ExchangeTiming } from "../../trace/timing.ts";
import type { ConnectionOptions } from "../connection-options.ts";
import type { BodyPlan, Exchange, ExchangeProgress, ExchangeTimeouts, Head } from "../transport.ts";
import { credentialsWanted } from "./connect-tunnel.ts";
import type { Proxies } from "./proxies.ts";
import type { ProxyServer } from "./proxy-server.ts";

/**
 * An exchange that goes by a proxy. One for http:// by an http proxy is written to the proxy itself, with the whole URL in its
 * first line and what the proxy alone is told (RFC 9112 3.2.2). One that goes through a tunnel is what it would be without,
 * so that the target learns nothing of the proxy (#109, S4).
 */
export class ProxiedExchange implements Exchange {
  readonly method: string;
  readonly origin: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: Body | undefined;
  readonly timeouts: ExchangeTimeouts;
  readonly connection: ConnectionOptions;
  readonly proxy: Proxies | null | undefined;
  readonly callsBack: boolean;
  readonly background: boolean | undefined;
  readonly progress: ExchangeProgress | undefined;
  readonly timing: ExchangeTiming;
  readonly #exchange: Exchange;
  readonly #server: ProxyServer;
  readonly #isForwarded: boolean;

  /** @throws {OptionsError} when the request has a header that is for a proxy: by which of them would not be said. */
  constructor(exchange: Exchange, server: ProxyServer) {
    refuseByHand(exchange.headers);
    this.#exchange = exchange;
    this.#server = server;
    this.#isForwarded = !server.isSocks && exchange.origin.startsWith("http:");
    this.method = exchange.method;
    this.origin = exchange.origin;
    this.target = this.#isForwarded ? exchange.origin + exchange.target : exchange.target;
    this.headers = this.#isForwarded ? [...exchange.headers, ...server.headers] : exchange.headers;
    this.body = exchange.body;
    this.timeouts = exchange.timeouts;
    this.connection = server.over(exchange.connection);
    this.proxy = exchange.proxy;
    this.callsBack = exchange.callsBack;
    this.background = exchange.background;
    this.progress = exchange.progress;
    this.timing = exchange.timing;
  }

  /**
   * Whether it must not meet a connection that is about to close: tinyproxy, for one, ends each with its answer and does not say
   * so, and what is not idempotent is not sent a second time.
   */
  get isWary(): boolean {
    return this.#isForwarded && !IDEMPOTENT.includes(this.method);
  }

  onHead(head: Head): BodyPlan {
    // Of a request that was forwarded it is the proxy's own answer (RFC 9110 15.5.8).
    if (this.#isForwarded && head.status === 407) {
      throw credentialsWanted(this.#server, head.header("proxy-authenticate"));
    }
    return this.#exchange.onHead(head);
  }

  onCancel(listener: (reason: Error) => void): () => void {
    return this.#exchange.onCancel(listener);
  }

  onWrite(): void {
    this.#exchange.onWrite();
  }
}

function refuseByHand(headers: readonly string[]): void {
  const byHand = headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === "proxy-authorization");
  if (!byHand) return;
  throw new OptionsError("`headers` has Proxy-Authorization, which is for the proxy and not for the server", {
    option: "headers",
    hint: "Give it with the proxy: `proxy: { url, auth: [user, password] }`, or `proxy: { url, headers }`.",
  });
}
