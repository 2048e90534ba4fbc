import { ChasquiError } from "../../errors/chasqui-error.ts";
import { NetworkError } from "../../errors/network-error.ts";
import { connectHint } from "../connect-hint.ts";
import { networkFailure } from "../network-failure.ts";
import type { ProxyServer } from "./proxy-server.ts";

/** A failure of a proxy's, as the proxy or its answer shows it. Never with its credentials. */
export function proxyFailure(
  proxy: ProxyServer,
  message: string,
  hint?: string,
  cause?: unknown,
): NetworkError {
  return new NetworkError("proxy", message, {
    host: proxy.host,
    port: proxy.port,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What Node says of the connection to a proxy, told as a failure of the proxy's and not of the server's. */
export function unreachedProxy(error: unknown, proxy: ProxyServer): ChasquiError {
  // Of the family are those that were told already, but for what the proxy's certificate was found to be.
  if (error instanceof ChasquiError && !(error instanceof NetworkError && error.kind === "tls")) return error;
  const known = connectHint(error)?.replaceAll("`tls.", "`proxy.tls.");
  const failure = networkFailure(error, `the proxy ${proxy.name}`, false, false, known);
  return proxyFailure(proxy, failure.message.replace(/^the /, "The "), failure.hint, error);
}
