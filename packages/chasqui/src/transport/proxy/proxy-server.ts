import { basicCredentials } from "../../auth/basic.ts";
import { OptionsError } from "../../errors/options-error.ts";
import { printAs } from "../../printing.ts";
import { checkHeaderValue } from "../../request/field.ts";
import { checkHeadersInit, Headers } from "../../request/headers.ts";
import { kindOf } from "../../request/kind-of.ts";
import { isSecret, revealed, type Secret } from "../../secret.ts";
import { ConnectionOptions, NOTHING_SAID } from "../connection-options.ts";

/** How a proxy is spoken to. `socks5`: names are resolved here; `socks5h`: by the proxy. */
export type ProxyProtocol = "http" | "https" | "socks5" | "socks5h";

const DEFAULT_PORTS: Readonly<Record<ProxyProtocol, number>> = {
  http: 80,
  https: 443,
  socks5: 1080,
  socks5h: 1080,
};

/** Who asks a SOCKS proxy (RFC 1929). */
export interface SocksUser {
  readonly username: string;
  readonly password: string;
}

interface Parts {
  readonly protocol: ProxyProtocol;
  /** A name or an address, an IPv6 one without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly user: SocksUser | undefined;
  readonly token: string | undefined;
  readonly headers: readonly string[];
  readonly tls: ConnectionOptions | undefined;
}

/** One proxy, read and checked. It prints without its credentials. */
export class ProxyServer {
  static {
    printAs(ProxyServer, (proxy) => `ProxyServer ${proxy.name}`);
  }

  readonly protocol: ProxyProtocol;
  readonly hostname: string;
  readonly port: number;
  /** How the connection to an https proxy is made secure; undefined where nothing was said. */
  readonly tls: ConnectionOptions | undefined;
  /** What parts one proxy from another: with other credentials or headers it is another (S32). A digest of them. */
  readonly identity: string;
  readonly #user: SocksUser | undefined;
  readonly #headers: readonly string[];
  readonly #over = new WeakMap<ConnectionOptions, ConnectionOptions>();
  #bare: ConnectionOptions | undefined;

  constructor({ protocol, hostname, port, user, token, headers, tls }: Parts) {
    this.protocol = protocol;
    this.hostname = hostname;
    this.port = port;
    this.tls = tls;
    this.#user = user;
    this.#headers = token === undefined ? headers : ["proxy-authorization", token, ...headers];
    this.identity = process
      .getBuiltinModule("node:crypto")
      .createHash("sha256")
      .update(JSON.stringify([user?.username, user?.password, ...this.#headers, tls?.key]))
      .digest("base64url");
  }

  /** How it is named in an error: never with its credentials. */
  get name(): string {
    return `${this.protocol}://${this.host}`;
  }

  /** Host and port. */
  get host(): string {
    const { hostname } = this;
    return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${this.port}`;
  }

  /** The options of a connection that goes by this proxy. */
  over(base: ConnectionOptions | undefined): ConnectionOptions {
    if (base === undefined) {
      this.#bare ??= new ConnectionOptions({ ...NOTHING_SAID, proxy: this });
      return this.#bare;
    }
    let over = this.#over.get(base);
    if (over === undefined) {
      over = new ConnectionOptions({ ...base.settings, proxy: this });
      this.#over.set(base, over);
    }
    return over;
  }

  get isSocks(): boolean {
    return this.protocol === "socks5" || this.protocol === "socks5h";
  }

  /** Who asks, of a SOCKS proxy. */
  get user(): SocksUser | undefined {
    return this.#user;
  }

  /** What an http proxy is told with every request to it: name, value, name, value … */
  get headers(): readonly string[] {
    return this.#headers;
  }

  /** Whether it is told who asks. */
  get hasCredentials(): boolean {
    return (
      this.#user !== undefined || this.#headers.some((name, at) => at % 2 === 0 && isAuthorization(name))
    );
  }
}

function isAuthorization(name: string): boolean {
  return name.toLowerCase() === "proxy-authorization";
}

/** What an option says of a proxy besides its URL; not checked yet, but for `tls`. */
export interface ProxyDetails {
  readonly auth: unknown;
  readonly headers: unknown;
  readonly tls: ConnectionOptions | undefined;
}

const NO_DETAILS: ProxyDetails = { auth: undefined, headers: undefined, tls: undefined };

/**
 * Reads a proxy.
 *
 * @param url - What was given as its URL.
 * @param source - The option or variable that it was given in, for messages.
 * @param options - What was said of it besides.
 * @throws {OptionsError} when it is none, or is one of a kind that is not spoken. The message has no password in it.
 */
export function readProxyServer(
  url: unknown,
  source: string,
  options: ProxyDetails = NO_DETAILS,
): ProxyServer {
  const text: unknown = url instanceof URL ? url.href : url;
  if (typeof text !== "string") {
    throw new OptionsError(`\`${source}\` is ${kindOf(text)}; it takes the URL of a proxy`, {
      option: source,
    });
  }
  const parsed = parseUrl(text.trim(), source);
  const { protocol } = parsed;
  const { auth } = options;
  const bearer = isSecret(auth) ? auth : undefined;
  const pair = auth === undefined || isSecret(auth) ? parsed.user : pairOf(auth, source);
  const socks = protocol === "socks5" || protocol === "socks5h";
  if (socks) refuseForSocks(source, bearer, options.headers);
  const user = bearer === undefined ? pair : undefined;
  if (socks && user !== undefined) checkSocksUser(user, source);
  return new ProxyServer({
    protocol,
    hostname: parsed.hostname,
    port: parsed.port,
    user: socks ? user : undefined,
    token: socks ? undefined : authorizationOf(user, bearer, source),
    headers: headersOf(options.headers, source),
    tls: options.tls,
  });
}

interface ParsedUrl {
  readonly protocol: ProxyProtocol;
  readonly hostname: string;
  readonly port: number;
  readonly user: SocksUser | undefined;
}

function isProtocol(scheme: string): scheme is ProxyProtocol {
  return Object.hasOwn(DEFAULT_PORTS, scheme);
}

function parseUrl(text: string, source: string): ParsedUrl {
  const [, given, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):)?\/\/(.*)$/is.exec(text) ?? ["", undefined, text];
  const scheme = (given ?? "http").toLowerCase();
  const protocol = scheme === "socks" ? "socks5h" : scheme;
  if (!isProtocol(protocol)) {
    throw new OptionsError(`\`${source}\` names a proxy of the scheme ${scheme}:, which is not spoken`, {
      option: source,
      hint: "A proxy is http://, https://, socks5:// or socks5h://.",
    });
  }
  // Read as a URL of http, whose hosts are read as hosts; a port of 80 is lost there, and kept in one of https.
  if (!URL.canParse(`http://${rest}`)) return refuseUrl(source);
  const url = new URL(`http://${rest}`);
  const port = url.port === "" ? new URL(`https://${rest}`).port : url.port;
  const { hostname, username, password } = url;
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return refusePath(source);
  if (port === "0") return refuseUrl(source);
  const user = /@/.test(rest) ? { username: decoded(username), password: decoded(password) } : undefined;
  return {
    protocol,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: port === "" ? DEFAULT_PORTS[protocol] : Number(port),
    user,
  };
}

/** The text is not shown: where it cannot be read, there is no telling where its password begins and ends. */
function refuseUrl(source: string): never {
  throw new OptionsError(`\`${source}\` is not the URL of a proxy`, {
    option: source,
    hint: "It looks like http://user:password@proxy.example.com:3128; in user and password write / ? # @ % as %2F %3F %23 %40 %25.",
  });
}

function refusePath(source: string): never {
  throw new OptionsError(`\`${source}\` has a path, a query or a fragment, and a proxy has none`, {
    option: source,
    hint: "Is it the address of a file for automatic configuration (PAC)? Those are not read. In a password write / ? # as %2F %3F %23.",
  });
}

/** A percent sign that stands for itself stays: who wrote `50%` meant it. */
function decoded(text: string): string {
  const bytes = text.replace(/%(?![0-9a-f]{2})/gi, "%25");
  try {
    return decodeURIComponent(bytes);
  } catch {
    return text;
  }
}

function pairOf(auth: unknown, source: string): SocksUser {
  const isWord = (value: unknown): value is string | Secret => typeof value === "string" || isSecret(value);
  const [username, password, ...rest]: readonly unknown[] = Array.isArray(auth) ? auth : [];
  if (isWord(username) && isWord(password) && rest.length === 0) {
    return { username: revealed(username), password: revealed(password) };
  }
  throw new OptionsError(`\`${source}.auth\` takes [user, password], or a token as secret(token)`, {
    option: `${source}.auth`,
  });
}

function authorizationOf(
  user: SocksUser | undefined,
  bearer: Secret | undefined,
  source: string,
): string | undefined {
  if (bearer !== undefined) {
    // The head of a CONNECT is written by ourselves: nobody behind this would find a line break in it (S68).
    return checkHeaderValue("proxy-authorization", `Bearer ${bearer.reveal()}`, `${source}.auth`);
  }
  if (user === undefined) return undefined;
  try {
    return basicCredentials(user.username, user.password);
  } catch (cause) {
    if (!(cause instanceof OptionsError)) throw cause;
    throw new OptionsError(`\`${source}\`: ${cause.message}`, { option: source, cause });
  }
}

/** Those of the message itself, which are not the caller's to write. */
const OF_THE_MESSAGE: readonly string[] = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
];

function headersOf(given: unknown, source: string): readonly string[] {
  if (given === undefined) return [];
  checkHeadersInit(given, `${source}.headers`);
  const { flat } = new Headers(given);
  const bad = flat.find((name, at) => at % 2 === 0 && OF_THE_MESSAGE.includes(name.toLowerCase()));
  if (bad === undefined) return [...flat];
  throw new OptionsError(`\`${source}.headers\` has ${bad}, which is written by the client itself`, {
    option: `${source}.headers`,
  });
}

function refuseForSocks(source: string, bearer: Secret | undefined, headers: unknown): void {
  if (bearer === undefined && headers === undefined) return;
  const option = `${source}.${bearer === undefined ? "headers" : "auth"}`;
  throw new OptionsError(`\`${option}\` is for http and https proxies; SOCKS knows a user and a password`, {
    option,
  });
}

/** RFC 1929 2: a length is one byte, and a user has one at least. */
function checkSocksUser(user: SocksUser, source: string): void {
  const size = (text: string): number => new TextEncoder().encode(text).length;
  if (user.username !== "" && size(user.username) <= 255 && size(user.password) <= 255) return;
  throw new OptionsError(`\`${source}\`: user and password of SOCKS have 1 to 255 bytes (RFC 1929)`, {
    option: source,
  });
}
