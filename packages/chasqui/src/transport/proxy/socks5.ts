import { isIP, type Socket } from "node:net";
import type { NetworkError } from "../../errors/network-error.ts";
import { addressBytes, canonicalHost } from "./address.ts";
import { readUntil } from "./handshake.ts";
import { proxyFailure } from "./proxy-failure.ts";
import type { ProxyServer, SocksUser } from "./proxy-server.ts";

const VERSION = 5;
const NO_CREDENTIALS = 0;
const USER_AND_PASSWORD = 2;
const NO_METHOD = 0xff;
const CONNECT = 1;

/** RFC 1928 6, in words. */
const REPLIES: readonly string[] = [
  "succeeded",
  "it failed itself",
  "its rules do not allow it",
  "the network cannot be reached",
  "the host cannot be reached",
  "the host refused the connection",
  "the connection took too long",
  "it knows no CONNECT",
  "it does not know this kind of address",
];

/**
 * Asks a SOCKS5 proxy for a connection (RFC 1928), with user and password where there are some (RFC 1929).
 *
 * @param socket - The connection to the proxy. What comes on it afterwards comes from the target.
 * @param host - Whom to connect to: an address, an IPv6 one without brackets, or a name, which the proxy resolves.
 * @throws {NetworkError} of kind `proxy` when there is no connection; the promise rejects with it.
 */
export async function connectBySocks(
  socket: Socket,
  host: string,
  port: number,
  proxy: ProxyServer,
): Promise<void> {
  const { user } = proxy;
  const methods = user === undefined ? [NO_CREDENTIALS] : [NO_CREDENTIALS, USER_AND_PASSWORD];
  socket.write(Uint8Array.of(VERSION, methods.length, ...methods));
  const [version, method = NO_METHOD] = await readBytes(socket, proxy, 2);
  if (version !== VERSION) throw notSocks(proxy);
  if (method === NO_METHOD) throw noMethod(proxy);
  if (!methods.includes(method)) throw notSocks(proxy);
  if (method === USER_AND_PASSWORD && user !== undefined) await signIn(socket, user, proxy);
  socket.write(Uint8Array.of(VERSION, CONNECT, 0, ...addressOf(host, proxy), port >> 8, port & 0xff));
  await readReply(socket, `${host}:${port}`, proxy);
}

async function signIn(socket: Socket, user: SocksUser, proxy: ProxyServer): Promise<void> {
  const name = Buffer.from(user.username);
  const password = Buffer.from(user.password);
  socket.write(Uint8Array.of(1, name.length, ...name, password.length, ...password));
  const [, status] = await readBytes(socket, proxy, 2);
  if (status === 0) return;
  throw proxyFailure(
    proxy,
    `The proxy ${proxy.name} did not accept the credentials`,
    "Look at the user and password of the proxy.",
  );
}

/** The kind of address and its bytes. */
function addressOf(host: string, proxy: ProxyServer): readonly number[] {
  if (isIP(host) !== 0) {
    const bytes = addressBytes(canonicalHost(host) ?? "") ?? [];
    return [bytes.length === 4 ? 1 : 4, ...bytes];
  }
  const name = Buffer.from(host, "latin1");
  if (name.length > 255) {
    throw proxyFailure(proxy, `The name of the host is too long for the proxy ${proxy.name}`);
  }
  return [3, name.length, ...name];
}

/** The reply has the address that the proxy connects from, which is as long as its kind says and of no use. */
async function readReply(socket: Socket, target: string, proxy: ProxyServer): Promise<void> {
  // A reply that says no may end here: not every proxy goes to the trouble of an address.
  const [version, code = 1] = await readBytes(socket, proxy, 2);
  if (version !== VERSION) throw notSocks(proxy);
  if (code !== 0) {
    const said = REPLIES[code] ?? `it answers ${code}, which means nothing`;
    throw proxyFailure(proxy, `The proxy ${proxy.name} did not connect to ${target}: ${said}`);
  }
  const [, kind, first = 0] = await readBytes(socket, proxy, 3);
  const length = kind === 1 ? 4 : kind === 3 ? first + 1 : kind === 4 ? 16 : undefined;
  if (length === undefined) throw notSocks(proxy);
  // One byte of the address has been read already; two more are the port.
  await readBytes(socket, proxy, length - 1 + 2);
}

function readBytes(socket: Socket, proxy: ProxyServer, count: number): Promise<readonly number[]> {
  return readUntil(socket, proxy, (bytes) =>
    bytes.length < count ? undefined : { value: [...bytes.subarray(0, count)], used: count },
  );
}

function noMethod(proxy: ProxyServer): NetworkError {
  if (proxy.hasCredentials) {
    return proxyFailure(proxy, `The proxy ${proxy.name} takes neither no credentials nor user and password`);
  }
  return proxyFailure(
    proxy,
    `The proxy ${proxy.name} wants credentials`,
    "Put them into its URL, socks5h://user:password@host:port, or into `proxy: { url, auth: [user, password] }`.",
  );
}

function notSocks(proxy: ProxyServer): NetworkError {
  return proxyFailure(
    proxy,
    `The proxy ${proxy.name} does not speak SOCKS5`,
    "Is it an http proxy? Then its URL begins with http://.",
  );
}
