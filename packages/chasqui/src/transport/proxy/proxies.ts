/**
 * Which proxy a request goes by, if any: the option's, by pattern, and the environment's where the option says nothing.
 *
 * @module
 */
import { retell } from "../../errors/chasqui-error.ts";
import { OptionsError } from "../../errors/options-error.ts";
import { printAs } from "../../printing.ts";
import { kindOf } from "../../request/kind-of.ts";
import type { ProxyOptions } from "../../request/proxy-init.ts";
import { refuseUnknown } from "../../request/unknown-option.ts";
import type { ConnectionOptions } from "../connection-options.ts";
import { connectionWith } from "../read-connection.ts";
import { canonicalHost, withoutLastDot } from "./address.ts";
import type { EnvironmentProxies } from "./environment.ts";
import { type Destination, NoProxy } from "./no-proxy.ts";
import { type ProxyServer, readProxyServer } from "./proxy-server.ts";

/** What an option says of one pattern. Null is a direct connection; a list without a proxy is for the environment's. */
interface Said {
  readonly proxy: ProxyServer | null | undefined;
  readonly noProxy: NoProxy | undefined;
}

interface Pattern {
  readonly scheme: string;
  /** Undefined is any; with a dot in front all below it. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly said: Said;
}

/** What the option `proxy` says, read. */
export class Proxies {
  static {
    printAs(Proxies, (proxies) => `Proxies { ${proxies.#patterns.map(nameOf).join(", ")} }`);
  }

  /** The most specific one first. */
  readonly #patterns: readonly Pattern[];
  readonly #environment: boolean;
  #alone: Proxies | undefined;

  constructor(patterns: readonly Pattern[], environment = true) {
    this.#patterns = patterns;
    this.#environment = environment;
  }

  /** The same where the environment is not trusted. */
  get alone(): Proxies {
    this.#alone ??= new Proxies(this.#patterns, false);
    return this.#alone;
  }

  /** The proxy for a destination; undefined is a direct connection. */
  find(destination: Destination, environment: EnvironmentProxies | undefined): ProxyServer | undefined {
    const said = this.#patterns.find((pattern) => matches(pattern, destination))?.said;
    if (said?.proxy === null || said?.noProxy?.find(destination) !== undefined) return undefined;
    if (said?.proxy !== undefined) return said.proxy;
    return this.#environment ? environment?.find(destination, said?.noProxy) : undefined;
  }
}

function nameOf({ scheme, host, port, said }: Pattern): string {
  const where = `${scheme}://${host ?? ""}${port === undefined ? "" : `:${port}`}`;
  return `${where}: ${said.proxy === undefined ? "environment" : (said.proxy?.name ?? "none")}`;
}

/** An origin, as rules about proxies see it. */
export function destinationOf(origin: string): Destination {
  const { protocol, hostname, port } = new URL(origin);
  const scheme = protocol === "https:" ? "https" : "http";
  return {
    scheme,
    host: withoutLastDot(hostname),
    port: port === "" ? (scheme === "https" ? 443 : 80) : Number(port),
  };
}

function matches({ scheme, host, port }: Pattern, destination: Destination): boolean {
  if (scheme !== "all" && scheme !== destination.scheme) return false;
  if (port !== undefined && port !== destination.port) return false;
  if (host === undefined) return true;
  return host.startsWith(".") ? destination.host.endsWith(host) : destination.host === host;
}

/** What of two patterns that match is asked: the host before the port before the scheme, and of hosts the one that says more (#108). */
function bySpecificity(a: Pattern, b: Pattern): number {
  return rank(b) - rank(a);
}

function rank({ scheme, host, port }: Pattern): number {
  const exact = host !== undefined && !host.startsWith(".");
  const length = host?.length ?? 0;
  return (exact ? 1e4 : 0) + length * 10 + (port === undefined ? 0 : 2) + (scheme === "all" ? 0 : 1);
}

const OPTION_NAMES: readonly (keyof ProxyOptions)[] = ["url", "auth", "headers", "tls", "noProxy"];

/** An object as it is written, of this realm or another; a Map, say, has its entries elsewhere and would seem to be empty. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}

function isOptions(value: object): value is ProxyOptions {
  const names = Object.keys(value);
  return names.length > 0 && !names.some((name) => PATTERN.test(name) || /[.:*]/.test(name));
}

/**
 * Reads the option `proxy`, by own property only (S55).
 *
 * @throws {OptionsError} when something of it is bad.
 */
export function readProxies(value: unknown): Proxies | null {
  if (value === null) return null;
  if (isPlain(value) && !isOptions(value)) return readMap(value);
  return new Proxies([{ scheme: "all", host: undefined, port: undefined, said: readSaid(value, "proxy") }]);
}

function readSaid(value: unknown, option: string): Said {
  if (value === null) return { proxy: null, noProxy: undefined };
  if (typeof value === "string" || value instanceof URL) {
    return { proxy: readProxyServer(value, option), noProxy: undefined };
  }
  if (isPlain(value)) return readOptions(value, option);
  throw new OptionsError(
    `\`${option}\` is ${kindOf(value)}; it takes a URL, { url, auth, headers, tls, noProxy }, a map of patterns, or null`,
    { option },
  );
}

function readOptions(given: object, option: string): Said {
  const own = (name: keyof ProxyOptions): unknown =>
    Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined;
  for (const name of Object.keys(given)) {
    if (!OPTION_NAMES.some((known) => known === name)) refuseUnknown(name, OPTION_NAMES);
  }
  const list = own("noProxy");
  const noProxy = list === undefined ? undefined : NoProxy.fromOption(list, `${option}.noProxy`);
  const url = own("url");
  if (url !== undefined) {
    return {
      proxy: readProxyServer(url, option, {
        auth: own("auth"),
        headers: own("headers"),
        tls: tlsOf(own("tls"), option),
      }),
      noProxy,
    };
  }
  const other = OPTION_NAMES.find((name) => name !== "noProxy" && own(name) !== undefined);
  if (other === undefined) return { proxy: undefined, noProxy };
  throw new OptionsError(`\`${option}.${other}\` is said of no proxy: \`${option}.url\` is missing`, {
    option: `${option}.url`,
  });
}

function tlsOf(value: unknown, option: string): ConnectionOptions | undefined {
  if (value === undefined) return undefined;
  try {
    return connectionWith("tls", value, undefined);
  } catch (error) {
    // It is read as the option of that name, and is another one.
    if (error instanceof OptionsError) retell(error, error.message.replaceAll("`tls", `\`${option}.tls`));
    throw error;
  }
}

const PATTERN = /^(all|https?)(?::\/\/(.*))?$/i;

function readMap(map: object): Proxies {
  const patterns = Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ ...readPattern(key), said: readSaid(value, `proxy[${JSON.stringify(key)}]`) }));
  return new Proxies(patterns.sort(bySpecificity));
}

function readPattern(key: string): Omit<Pattern, "said"> {
  const [, scheme, rest = ""] = PATTERN.exec(key) ?? [];
  const [, name = "", port] = /^(.*?)(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const below = name.startsWith("*.");
  const host = name === "" || name === "*" ? undefined : canonicalHost(below ? name.slice(2) : name);
  if (scheme === undefined || (host === undefined && name !== "" && name !== "*")) {
    throw new OptionsError(`\`proxy\` has the pattern ${JSON.stringify(key)}, which is none`, {
      option: "proxy",
      hint: 'A pattern is "http", "https", "all", or one of these with a host: "https://api.example.com", "all://*.example.com".',
    });
  }
  return {
    scheme: scheme.toLowerCase(),
    host: below ? `.${host}` : host,
    port: port === undefined ? undefined : Number(port),
  };
}
