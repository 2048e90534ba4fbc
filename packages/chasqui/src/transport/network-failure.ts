import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { NetworkError, type NetworkErrorKind } from "../errors/network-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { HeadTooLarge, LengthMismatch, MalformedResponse } from "./http1/fault.ts";
import { HTTP2_FAULT, streamFailure } from "./stream-failure.ts";
import { UnixSocketFault } from "./unix-socket.ts";

/** Bytes that the headers of one response may have (S29). Node's own 16 KiB are too few for the Link and policy headers of some. */
export const HEADER_LIMIT: number = 64 * 1024;

/** What can go wrong on the wire. */
type Fault = Exclude<NetworkErrorKind, "import">;

/** Node's and undici's codes, and what each means to somebody who only wanted an answer. */
const KINDS: Readonly<Record<string, Fault>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ENOENT: "refused",
  EACCES: "unreachable",
  EPERM: "unreachable",
  ETIMEDOUT: "unreachable",
  UND_ERR_SOCKET: "closed",
  UND_ERR_CLOSED: "closed",
  UND_ERR_DESTROYED: "closed",
  UND_ERR_INFO: "closed",
  UND_ERR_CONNECT_TIMEOUT: "unreachable",
  UND_ERR_RESPONSE: "protocol",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "protocol",
};

/** What undici refuses to send: no server has a part in it. */
const OWN_FAULTS: Readonly<Record<string, string>> = {
  UND_ERR_INVALID_ARG: "The request cannot be sent",
  UND_ERR_NOT_SUPPORTED: "The request cannot be sent",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "The body is not as long as the Content-Length header says",
};

const SAID: Readonly<Record<Fault, (host: string) => string>> = {
  dns: (host) => `The name of ${host} could not be resolved`,
  refused: (host) => `${host} refused the connection`,
  reset: (host) => `${host} reset the connection`,
  unreachable: (host) => `${host} cannot be reached`,
  tls: (host) => `No secure connection to ${host}`,
  proxy: (host) => `The proxy did not connect to ${host}`,
  closed: (host) => `${host} closed the connection before the response was complete`,
  protocol: (host) => `${host} sent something that is not HTTP`,
};

const HINTS: Readonly<Partial<Record<Fault, string>>> = {
  dns: "Look at the spelling of the host, and at the network.",
  refused: "Is the server running, and is this its port?",
  tls: "Look at the certificate's names, dates and issuer.",
};

/** Node's TLS errors: OpenSSL's verification codes, certificate and handshake failures. */
const TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|ERR_OSSL|HOSTNAME_MISMATCH|CRL_|INVALID_CA|EPROTO$)/;

/** The code of an error of Node, undici or a socket; empty where it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  // Happy eyeballs: every address failed, and one speaks for them (P15): sooner a server that said no than a network that is
  // not there, as IPv6 is not for many.
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map(codeOf);
    return codes.find((code) => KINDS[code] !== "unreachable") ?? codes[0] ?? "";
  }
  if ("code" in error && typeof error.code === "string") return error.code;
  return "";
}

/** The kind of failure behind an error of Node, undici or a socket; `inBody` when the headers were there already. */
function networkErrorKind(error: unknown, inBody = false): Fault {
  const code = codeOf(error);
  if (TLS.test(code)) return "tls";
  if (error instanceof MalformedResponse) return "protocol";
  if (code.startsWith("ERR_HTTP2_")) {
    return error instanceof Error && HTTP2_FAULT.test(error.message) ? "protocol" : "closed";
  }
  // undici says so of a body that is cut short, which may come whole the next time, and of two lengths in one head.
  if (code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") return inBody ? "closed" : "protocol";
  return KINDS[code] ?? "closed";
}

/** What OpenSSL says when it is answered in plain text. */
const PLAIN = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/;

/** OpenSSL's messages name its own source files; the reason is the part that speaks to others. */
function inShort(error: unknown, message: string): string {
  const reason = error instanceof Error && "reason" in error ? error.reason : undefined;
  return typeof reason === "string" ? reason : (message.split("\n", 1)[0] ?? "");
}

/** Where an origin is, as a `NetworkError` has it: the host as the URL says it, and the port that was spoken to. */
export function placeOf(origin: string): { readonly host: string; readonly port: number } {
  return { host: origin.replace(/^https?:\/\//, ""), port: portOf(origin) };
}

/** The port of an origin, which names it only where it is not the scheme's own. */
function portOf(origin: string): number {
  const port = /:(\d+)$/.exec(origin)?.[1];
  if (port !== undefined) return Number(port);
  return origin.startsWith("https:") ? 443 : 80;
}

/**
 * Wraps what came from below in the family; what is of the family already stays as it is.
 *
 * @param known - What the transport can say of it.
 */
export function networkFailure(
  error: unknown,
  origin: string,
  reused: boolean,
  inBody = false,
  known?: string,
): ChasquiError {
  if (error instanceof ChasquiError) return error;
  // No host has refused it, and no port: they are not looked up.
  if (error instanceof UnixSocketFault) {
    return new NetworkError(error.kind, error.message, { cause: error.cause, hint: error.hint });
  }
  const code = codeOf(error);
  const told = error instanceof Error ? error.message : "";
  if (error instanceof HeadTooLarge || code === "UND_ERR_HEADERS_OVERFLOW") {
    return new BodyTooLargeError(HEADER_LIMIT, "headers", { cause: error });
  }
  const own =
    error instanceof LengthMismatch ? OWN_FAULTS.UND_ERR_REQ_CONTENT_LENGTH_MISMATCH : OWN_FAULTS[code];
  if (own !== undefined) return new OptionsError(`${own}: ${told}`, { option: "headers", cause: error });
  const ofTls = error instanceof MalformedResponse && error.isTls;
  const where = { cause: error, ...placeOf(origin), reused };
  const { host } = where;
  const ofStream = streamFailure(error, code, host, inBody);
  if (ofStream !== undefined) {
    const { kind, said, hint, unprocessed } = ofStream;
    const details = { ...where, unprocessed };
    return new NetworkError(kind, said, hint === undefined ? details : { ...details, hint });
  }
  const kind = networkErrorKind(error, inBody);
  const detail = kind === "tls" || kind === "protocol" ? `: ${inShort(error, told)}` : "";
  const stale = reused && !inBody && (kind === "reset" || kind === "closed");
  const hint =
    known ??
    (PLAIN.test(code)
      ? "Does the server speak plain http? Then the URL begins with http://."
      : ofTls
        ? "The server answered in TLS: with https:// the URL speaks it too."
        : stale
          ? "A kept-alive connection was closed by the server meanwhile."
          : HINTS[kind]);
  return new NetworkError(kind, SAID[kind](host) + detail, {
    ...where,
    ...(hint === undefined ? {} : { hint }),
  });
}
