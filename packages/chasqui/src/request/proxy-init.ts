import type { Secret } from "../secret.ts";
import type { TlsOptions } from "./connection-init.ts";
import type { HeadersInit } from "./headers.ts";

/** One proxy, and for whom it is used. */
export interface ProxyOptions {
  /**
   * The proxy: `http://`, `https://` (TLS to the proxy itself), `socks5://` (names are resolved here) or `socks5h://` (names are
   * resolved by the proxy), with user and password where it wants some: `"http://user:pass@proxy.example.com:3128"`. Without a
   * scheme it is `http://`. Default ports: 80, 443, and 1080 of SOCKS. Left out: the environment's proxies, with this
   * `noProxy` in place of the environment's.
   */
  readonly url?: string | URL | undefined;
  /** `[user, password]`, or a token as a `Secret`, which is sent as `Bearer`. In place of what the URL says. */
  readonly auth?: readonly [username: string | Secret, password: string | Secret] | Secret | undefined;
  /** Headers for the proxy alone: with CONNECT, and with requests for http:// that it forwards. Not for SOCKS. */
  readonly headers?: HeadersInit | undefined;
  /** How the connection to an `https://` proxy is made secure. What is said of TLS with the target is the option `tls`. */
  readonly tls?: TlsOptions | undefined;
  /** Hosts that are gone to directly, as in the variable `NO_PROXY`: `"localhost, .example.com, 10.0.0.0/8"`, or a list. */
  readonly noProxy?: string | readonly string[] | undefined;
}

/**
 * Proxies by pattern; the most specific one wins: `"https://api.example.com"` before `"all://api.example.com"` before
 * `"https"` before `"all"`. A host may have a port, and `*.example.com` is all below it. Null: none. What no pattern matches is
 * left to the environment.
 */
export interface ProxyMap {
  readonly [pattern: string]: string | URL | ProxyOptions | null;
}

/** The option `proxy`: one proxy, a map of them, or null for none, those of the environment included. */
export type ProxyOption = string | URL | ProxyOptions | ProxyMap | null;
