import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/** What went wrong below HTTP. `"import"`: a part of the library could not be loaded, and nothing was sent. */
export type NetworkErrorKind =
  | "dns"
  | "refused"
  | "reset"
  | "unreachable"
  | "tls"
  | "proxy"
  | "closed"
  | "protocol"
  | "import";

/** What a `NetworkError` is made of. */
export interface NetworkErrorDetails extends ErrorDetails {
  readonly host?: string;
  readonly port?: number;
  readonly reused?: boolean;
  readonly unprocessed?: boolean;
}

/**
 * The exchange failed below HTTP. `kind` says how, `host` and `port` where: the first as `URL.host` is, with the port where it is not the
 * scheme's own, and the second is that port as a number in any case. A Unix socket has neither.
 */
export class NetworkError extends ChasquiError {
  readonly code = "ERR_NETWORK";
  /** What went wrong. */
  readonly kind: NetworkErrorKind;
  /** Whom it was spoken to, as the URL says it: the name or address, and the port where it is not the scheme's own. */
  readonly host: string | undefined;
  /** The port that was spoken to. */
  readonly port: number | undefined;
  /** Whether the connection had served a request before (a stale keep-alive connection is a common cause of `reset`). */
  readonly reused: boolean;
  /**
   * Whether the server says that it did not process the request (REFUSED_STREAM of HTTP/2, RFC 9113 8.7): it may be sent again,
   * whatever its method, and `retry` does so.
   */
  readonly unprocessed: boolean;

  static {
    brandError(NetworkError, "NetworkError");
  }

  constructor(kind: NetworkErrorKind, message: string, details: NetworkErrorDetails = {}) {
    super(message, details);
    this.kind = kind;
    this.host = details.host;
    this.port = details.port;
    this.reused = details.reused ?? false;
    this.unprocessed = details.unprocessed ?? false;
  }

  protected override facts(): Record<string, unknown> {
    return {
      kind: this.kind,
      host: this.host,
      port: this.port,
      reused: this.reused,
      ...(this.unprocessed ? { unprocessed: true } : {}),
    };
  }
}
