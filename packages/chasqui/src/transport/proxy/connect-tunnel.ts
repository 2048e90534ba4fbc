import type { Socket } from "node:net";
import type { NetworkError } from "../../errors/network-error.ts";
import { printable } from "../../request/redact.ts";
import { HEADER_LIMIT } from "../network-failure.ts";
import { readUntil } from "./handshake.ts";
import { proxyFailure } from "./proxy-failure.ts";
import type { ProxyServer } from "./proxy-server.ts";

/** Interim answers that a proxy may send before its real one. */
const INTERIM_LIMIT = 8;

/**
 * Asks an http proxy for a tunnel (RFC 9110 9.3.6). Of the request that is to go through it nothing is told but host and port.
 *
 * @param socket - The connection to the proxy. What comes on it afterwards comes from the target.
 * @param target - Host and port.
 * @throws {NetworkError} of kind `proxy` when there is no tunnel; the promise rejects with it.
 */
export async function openTunnel(socket: Socket, target: string, proxy: ProxyServer): Promise<void> {
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  for (let at = 0; at + 1 < proxy.headers.length; at += 2) {
    lines.push(`${proxy.headers[at]}: ${proxy.headers[at + 1]}`);
  }
  socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  for (let interim = 0; interim <= INTERIM_LIMIT; interim++) {
    const head = readHead(await nextHead(socket, proxy), proxy);
    if (head.status >= 200) return settle(head, target, proxy);
  }
  throw notHttp(proxy, `more than ${INTERIM_LIMIT} interim answers`);
}

interface ConnectHead {
  readonly status: number;
  readonly reason: string;
  /** What the proxy asks for in a 407. */
  readonly challenge: string | undefined;
}

function nextHead(socket: Socket, proxy: ProxyServer): Promise<string> {
  return readUntil(socket, proxy, (bytes) => {
    const end = bytes.indexOf("\r\n\r\n");
    if (end >= 0) return { value: bytes.toString("latin1", 0, end), used: end + 4 };
    if (bytes.length > HEADER_LIMIT) throw notHttp(proxy, `an answer of more than ${HEADER_LIMIT} bytes`);
    return undefined;
  });
}

/** RFC 9112 4: a version that is spoken here, three digits, and a phrase. */
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** RFC 9112 5: no space before the colon, no continued lines, no control characters. */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/;

function readHead(text: string, proxy: ProxyServer): ConnectHead {
  const [first = "", ...lines] = text.split("\r\n");
  const [, status, reason = ""] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) throw notHttp(proxy, "no status line");
  const fields = lines.map((line) => FIELD_LINE.exec(line));
  if (fields.includes(null)) throw notHttp(proxy, "a bad header");
  // A Content-Length or Transfer-Encoding of a 2xx to CONNECT means nothing (RFC 9110 9.3.6): what follows is the tunnel.
  const challenge = fields.find((field) => field?.[1]?.toLowerCase() === "proxy-authenticate")?.[2];
  return { status: Number(status), reason, challenge };
}

function settle({ status, reason, challenge }: ConnectHead, target: string, proxy: ProxyServer): void {
  if (status < 300) return;
  if (status === 407) throw credentialsWanted(proxy, challenge);
  const said = printable(`${status} ${reason}`).trim();
  const hint = HINTS.get(status) ?? "It is the proxy that says so, and not the server.";
  throw proxyFailure(proxy, `The proxy ${proxy.name} did not connect to ${target}: ${said}`, hint);
}

const HINTS: ReadonlyMap<number, string> = new Map([
  [400, "Is it an http proxy, and is this its port?"],
  [401, "It is the proxy that says so: look at its user and password."],
  [403, "The rules of the proxy forbid this host or port."],
  [405, "It knows no CONNECT: an http proxy that carries https is wanted."],
  [502, "The proxy found the host not to answer, or not to exist."],
  [503, "The proxy has no room, or cannot reach the host."],
  [504, "The host did not answer the proxy in time."],
]);

/** A proxy that wants to know who asks, of a tunnel or of a request that it forwards. */
export function credentialsWanted(proxy: ProxyServer, challenge: string | undefined): NetworkError {
  const scheme = /^[\w-]+/.exec(challenge ?? "")?.[0];
  const asks = scheme === undefined ? "" : ` (${scheme})`;
  const refused = proxy.hasCredentials;
  if (refused) {
    const other = scheme === undefined || /^basic$/i.test(scheme) ? "" : `; it asks for ${scheme}`;
    return proxyFailure(
      proxy,
      `The proxy ${proxy.name} did not accept the credentials: 407`,
      `Look at the user and password of the proxy${other}.`,
    );
  }
  return proxyFailure(
    proxy,
    `The proxy ${proxy.name} wants credentials${asks}: 407`,
    "Put them into its URL, http://user:password@host:port, or into `proxy: { url, auth: [user, password] }`.",
  );
}

function notHttp(proxy: ProxyServer, what: string): NetworkError {
  return proxyFailure(
    proxy,
    `The proxy ${proxy.name} does not speak HTTP as it should: ${what}`,
    "Is it an http proxy? A SOCKS proxy is given as socks5h://host:port.",
  );
}
