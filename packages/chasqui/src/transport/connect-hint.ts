/** What Node says of a connection that could not be made, beside its message. */
interface Facts {
  readonly code: string;
  readonly syscall: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** The name that a certificate was to have. */
  readonly host: string | undefined;
  /** The certificate that was shown. */
  readonly cert: unknown;
}

function factsOf(error: object): Facts {
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" ? value : undefined;
  };
  const port: unknown = Reflect.get(error, "port");
  return {
    code: text("code") ?? "",
    syscall: text("syscall"),
    address: text("address"),
    port: typeof port === "number" ? port : undefined,
    host: text("host"),
    cert: Reflect.get(error, "cert"),
  };
}

const PRIVATE_AUTHORITY =
  "Give its authority in `tls.ca`, or name its file in NODE_EXTRA_CA_CERTS when Node starts.";

const BY_CODE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "The certificate has expired: whoever runs the server has to renew it. Is this machine's clock right?",
  CERT_NOT_YET_VALID: "The certificate is not valid yet. Is this machine's clock right?",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "The certificate is signed by itself. If it is the right one, give it in `tls.ca`.",
  SELF_SIGNED_CERT_IN_CHAIN: `The certificate comes from an authority that is not known here. ${PRIVATE_AUTHORITY}`,
  UNABLE_TO_GET_ISSUER_CERT: `The certificate comes from an authority that is not known here. ${PRIVATE_AUTHORITY}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `The certificate comes from an authority that is not known here, or the server does not send the certificates between. ${PRIVATE_AUTHORITY}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `The certificate comes from an authority that is not known here, or the server does not send the certificates between. ${PRIVATE_AUTHORITY}`,
  ERR_SSL_UNSUPPORTED_PROTOCOL:
    "The server speaks none of the versions of TLS that are allowed here; `tls.minVersion` says which.",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION:
    "The server speaks none of the versions of TLS that are allowed here; `tls.minVersion` and `tls.maxVersion` say which.",
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
    "The server does not speak what it was offered: one that speaks only HTTP/2 wants `http2: true`.",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    "The server wants a certificate of the client: give it in `tls.cert` and `tls.key`.",
};

/** What OpenSSL says of versions besides; WRONG_VERSION_NUMBER is a server that speaks no TLS at all. */
const OF_VERSIONS =
  /^ERR_SSL_(?!WRONG_VERSION_NUMBER$)(?:.*_)?(?:VERSION(?:_|$)|PROTOCOL_VERSION|PROTOCOLS_AVAILABLE|UNSUPPORTED_PROTOCOL|INAPPROPRIATE_FALLBACK)/;
const NO_VERSION =
  "The two sides have no version of TLS in common: `tls.minVersion` and `tls.maxVersion` say which are allowed here, within what OpenSSL's own configuration allows.";

/** What may be behind a connection that is closed as soon as it is secure, without a word. */
export const ENDED_AT_ONCE: string =
  "The server ended the connection as soon as it was secure: it may want a certificate of the client (`tls.cert` and `tls.key`).";

/** What a server says that did not like the client's certificate, or the lack of one. */
const CLIENT_REFUSED =
  /ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|ACCESS_DENIED|HANDSHAKE_FAILURE|DECRYPT_ERROR)/;

/** What to do about a connection that could not be made, where there is more to say than its kind says; undefined else. */
export function connectHint(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if (error instanceof AggregateError) return addressesTried(error.errors);
  const facts = factsOf(error);
  if (facts.code === "ERR_TLS_CERT_ALTNAME_INVALID") return otherNames(facts);
  if (facts.syscall === "bind")
    return `\`localAddress\` is ${facts.address}, which this machine does not have.`;
  const isAddress = /^[\d.]+$|:/.test(facts.address ?? "");
  if (facts.syscall === "connect" && facts.port === undefined && isAddress) {
    return "The URL has the port 0, at which nothing listens: a server that was started with it says which it got.";
  }
  if (CLIENT_REFUSED.test(facts.code)) {
    return "The server ended the handshake: it may want a certificate of the client (`tls.cert` and `tls.key`), or another one.";
  }
  if (Object.hasOwn(BY_CODE, facts.code)) return BY_CODE[facts.code];
  return OF_VERSIONS.test(facts.code) ? NO_VERSION : undefined;
}

/** P15: each address that the name has, and what became of it. */
function addressesTried(errors: readonly unknown[]): string | undefined {
  const tried = errors.flatMap((error) => {
    if (typeof error !== "object" || error === null) return [];
    const { address, port, code } = factsOf(error);
    return address === undefined ? [] : [`${address} port ${port} (${code})`];
  });
  return tried.length === 0 ? undefined : `Every address was tried: ${tried.join(", ")}.`;
}

/** The name that was asked for beside those that the certificate has (RFC 9110 4.3.4). */
function otherNames({ host, cert }: Facts): string {
  const offered: unknown =
    typeof cert === "object" && cert !== null ? Reflect.get(cert, "subjectaltname") : "";
  const names = typeof offered === "string" && offered !== "" ? offered.slice(0, 300) : "no names at all";
  return `${host} was asked for, and the certificate is for ${names}. Is the URL right? If the server has another name, give it in \`tls.servername\`.`;
}
