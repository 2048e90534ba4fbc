import type { LookupFunction, Socket } from "node:net";
import { tellHint } from "../../errors/chasqui-error.ts";
import { TimeoutError } from "../../errors/timeout-error.ts";
import { ConnectionOptions, NOTHING_SAID } from "../connection-options.ts";
import type { Attempt, Route, Target } from "../connector.ts";
import { networkFailure } from "../network-failure.ts";
import type { SecureSockets } from "../secure-socket.ts";
import { openTunnel } from "./connect-tunnel.ts";
import { refuseEarlyBytes } from "./handshake.ts";
import { unreachedProxy } from "./proxy-failure.ts";
import type { ProxyServer } from "./proxy-server.ts";
import { connectBySocks } from "./socks5.ts";

/** What a way by a proxy is made of. */
export interface ProxyWay {
  readonly proxy: ProxyServer;
  /** The way to the proxy itself. */
  readonly direct: Route;
  readonly secure: SecureSockets;
  /** Finds the addresses of the target's name, where that is done here. */
  readonly lookup: (target: Target) => LookupFunction;
}

/**
 * The way to a target by a proxy: to the proxy, over TLS where it wants that, and by it to the target. What is http alone goes
 * to an http proxy as it is, with the whole URL in its first line (RFC 9112 3.2.2); what is https is never shown to it (S58).
 */
export function throughProxy(way: ProxyWay): Route {
  return async (target, options, attempt) => {
    const { proxy } = way;
    let socket: Socket | undefined;
    try {
      socket = await reach(way, options, attempt);
      if (target.protocol === "http:" && !proxy.isSocks) return socket;
      if (proxy.isSocks) {
        await connectBySocks(socket, await namedBySocks(target, socket, way), target.port, proxy);
      } else await openTunnel(socket, authorityOf(target), proxy);
      refuseEarlyBytes(socket, proxy);
      return socket;
    } catch (error) {
      socket?.destroy();
      const { reason } = attempt;
      if (reason instanceof TimeoutError && reason.hint === undefined) {
        tellHint(reason, `It was to be made by the proxy ${proxy.name}.`);
      }
      throw reason ?? unreachedProxy(error, proxy);
    }
  };
}

/** The connection to the proxy. */
async function reach(
  { proxy, direct, secure }: ProxyWay,
  options: ConnectionOptions | undefined,
  attempt: Attempt,
): Promise<Socket> {
  const { host, hostname, port } = proxy;
  const target = { protocol: `${proxy.protocol}:`, host, hostname, port, servername: undefined };
  const socket = await direct(target, options, attempt);
  if (proxy.protocol !== "https") return socket;
  const tls = options?.settings.trustEnv === false ? withoutEnvironment(proxy.tls) : proxy.tls;
  const secured = attempt.own(secure.start(socket, target, tls));
  await attempt.until(secured, "secureConnect");
  secure.check(secured, target, tls);
  return secured;
}

/** Who does not trust the environment for the server does not trust it for the proxy (#111). */
function withoutEnvironment(tls: ConnectionOptions | undefined): ConnectionOptions {
  return new ConnectionOptions({ ...(tls?.settings ?? NOTHING_SAID), trustEnv: false });
}

/** Host and port, as CONNECT names them (RFC 9112 3.2.3). */
function authorityOf({ hostname, port }: Target): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * What a SOCKS proxy is told of the host: its name, or its address where names are resolved here. An IPv4 address if there
 * is one: every proxy can reach those.
 */
async function namedBySocks(target: Target, socket: Socket, { proxy, lookup }: ProxyWay): Promise<string> {
  const { hostname } = target;
  if (proxy.protocol === "socks5h") return hostname;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const onClose = (): void => reject(new Error("the connection was closed"));
  socket.once("close", onClose);
  lookup(target)(hostname, { all: true }, (error, found) => {
    if (error !== null) {
      reject(networkFailure(error, `${target.protocol}//${target.host}`, false));
      return;
    }
    const addresses = typeof found === "string" ? [{ address: found, family: 0 }] : found;
    resolve((addresses.find(({ family }) => family === 4) ?? addresses[0])?.address ?? hostname);
  });
  try {
    return await promise;
  } finally {
    socket.off("close", onClose);
  }
}
