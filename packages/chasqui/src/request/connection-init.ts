import type { Duration } from "../duration.ts";
import type { Secret } from "../secret.ts";

/** What PEM text, DER bytes or several of them are given as. */
export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/** A version of TLS that can be asked for. */
export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** How a secure connection is made, and whom it trusts. */
export interface TlsOptions {
  /**
   * The authorities that are trusted, in place of Node's own and of what the environment adds to them. To add one, list
   * Node's with it: `[...tls.rootCertificates, mine]`.
   */
  readonly ca?: TlsMaterial | undefined;
  /** The client's certificate, with the intermediate ones that the server lacks, as PEM. */
  readonly cert?: TlsMaterial | undefined;
  /** The key of the client's certificate, as PEM. */
  readonly key?: TlsMaterial | undefined;
  /** Certificate and key in one, as PKCS #12. */
  readonly pfx?: Uint8Array | undefined;
  /** What `key` or `pfx` is encrypted with. */
  readonly passphrase?: string | Secret | undefined;
  /** `false` takes any certificate of anybody's: there is then no telling who answers. Default true. */
  readonly rejectUnauthorized?: boolean | undefined;
  /** The lowest version that is spoken. Default `"TLSv1.2"`. */
  readonly minVersion?: TlsVersion | undefined;
  /** The highest version that is spoken. Default: the highest that Node has. */
  readonly maxVersion?: TlsVersion | undefined;
  /** The name that the server is asked for (SNI), and that its certificate must have. Default: the Host header's, or the URL's. */
  readonly servername?: string | undefined;
  /**
   * Public keys of which the server must have one, whoever vouches for it: `"sha256//"` and the SHA-256 of the key's
   * SubjectPublicKeyInfo in base64 (RFC 7469 2.4), as curl takes them. It is checked before a byte of the request is written.
   */
  readonly pins?: readonly string[] | undefined;
}

/** Finds the addresses of a name; `dns.lookup` is one. */
export type Lookup = (
  hostname: string,
  options: { readonly all?: boolean; readonly family?: number; readonly hints?: number },
  callback: (
    error: Error | null,
    address: string | readonly { readonly address: string; readonly family: number }[],
    family?: number,
  ) => void,
) => void;

/** The options that say how a connection is made. A call's own win over its client's; those of `tls` one by one. */
export interface ConnectionInit {
  /** How secure connections are made. Null: as if nothing had been said. Needs Node. */
  readonly tls?: TlsOptions | null | undefined;
  /** The path of a Unix socket that the call's origin is behind. Redirects never lead to one. Null: none. Needs Node. */
  readonly unixSocket?: string | null | undefined;
  /** Whether HTTP/2 is spoken over TLS where the server speaks it too. Default false. Needs Node. */
  readonly http2?: boolean | undefined;
  /** The address of this machine that connections start from. Null: any. Needs Node. */
  readonly localAddress?: string | null | undefined;
  /** Finds the addresses of a name, in place of `dns.lookup`. The limit for connecting covers it. Null: `dns.lookup`. Needs Node. */
  readonly lookup?: Lookup | null | undefined;
}

/** How many connections a client keeps, and for how long. */
export interface ConnectionLimits {
  /** Connections to one origin at a time; who finds them all busy waits in line (`timeout.queue`). Default 128. */
  readonly perOrigin?: number | undefined;
  /** Connections to all origins together that are kept while nobody uses them; the one idle longest goes first. Default: no limit. */
  readonly idle?: number | undefined;
  /** How long one is kept that nobody uses, where the server does not say (`Keep-Alive: timeout`). Default 4 s. */
  readonly idleTimeout?: Duration | undefined;
}
