import { isLoopback } from "./address.ts";
import { type Destination, NoProxy } from "./no-proxy.ts";
import { type ProxyServer, readProxyServer } from "./proxy-server.ts";

/** Gives the value of a variable; undefined where it is not set. */
export type Variables = (name: string) => string | undefined;

/** A variable that is set, under the name by which it was found. */
interface Variable {
  readonly name: string;
  readonly value: string;
}

/** One variable of a proxy: read when it is first needed, since a bad one matters only to whom it concerns. */
class NamedProxy {
  readonly name: string;
  readonly #text: string;
  #proxy: ProxyServer | undefined;

  constructor({ name, value }: Variable) {
    this.name = name;
    this.#text = value;
  }

  /** An empty variable is a proxy that is none: it is how one is switched off. */
  get proxy(): ProxyServer | undefined {
    if (this.#text.trim() === "") return undefined;
    this.#proxy ??= readProxyServer(this.#text, this.name);
    return this.#proxy;
  }
}

/**
 * The proxies that the environment names: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in either case (#105). They
 * are of a time and a machine, so that what leads to this machine itself never goes by them.
 */
export class EnvironmentProxies {
  readonly #http: NamedProxy | undefined;
  readonly #https: NamedProxy | undefined;
  readonly #all: NamedProxy | undefined;
  readonly #noProxy: { readonly name: string; readonly list: NoProxy } | undefined;
  readonly #ignoredUnderCgi: boolean;

  private constructor(http: Variable | undefined, variables: Variables, ignoredUnderCgi: boolean) {
    this.#ignoredUnderCgi = ignoredUnderCgi;
    this.#http = named(http);
    this.#https = named(either(variables, "https_proxy"));
    this.#all = named(either(variables, "all_proxy"));
    const list = either(variables, "no_proxy");
    if (list !== undefined) this.#noProxy = { name: list.name, list: NoProxy.fromVariable(list.value) };
  }

  /**
   * Reads them; undefined where there are none.
   *
   * @param variables - The environment.
   * @param caseless - Whether its names have no case, as on Windows.
   */
  static read(variables: Variables, caseless: boolean): EnvironmentProxies | undefined {
    // A CGI program is told the headers of its request in variables: `Proxy:` is HTTP_PROXY (CVE-2016-5385, httpoxy).
    const cgi = variables("REQUEST_METHOD") !== undefined;
    const http = cgi
      ? caseless
        ? undefined
        : only(variables, "http_proxy")
      : either(variables, "http_proxy");
    const ignored = cgi && http === undefined && variables("HTTP_PROXY") !== undefined;
    const proxies = new EnvironmentProxies(http, variables, ignored);
    const found = proxies.#http ?? proxies.#https ?? proxies.#all;
    return found === undefined && !ignored ? undefined : proxies;
  }

  /**
   * The proxy for a destination; undefined is a direct connection.
   *
   * @param noProxy - What takes the place of the environment's own list (#107).
   * @throws {OptionsError} when the variable that it stands in cannot be read.
   */
  find(destination: Destination, noProxy?: NoProxy): ProxyServer | undefined {
    if (isLoopback(destination.host)) return undefined;
    const list = noProxy ?? this.#noProxy?.list;
    if (list?.find(destination) !== undefined) return undefined;
    return this.#namedFor(destination)?.proxy;
  }

  /** Why no proxy was used for a destination, in a sentence for whom a direct connection has failed (P12). */
  why(destination: Destination): string | undefined {
    if (isLoopback(destination.host)) return undefined;
    const named = this.#namedFor(destination);
    if (named === undefined) return this.#whyNone(destination);
    const entry = this.#noProxy?.list.find(destination);
    if (entry === undefined) return undefined;
    return `${this.#noProxy?.name} has the entry ${JSON.stringify(entry)}, so that the proxy of ${named.name} was not used.`;
  }

  /** The name of a variable that names a proxy for a destination. */
  variableFor(destination: Destination): string | undefined {
    return this.#namedFor(destination)?.name;
  }

  #whyNone({ scheme }: Destination): string | undefined {
    if (scheme === "http" && this.#ignoredUnderCgi) {
      return "HTTP_PROXY is set and was ignored: under CGI (REQUEST_METHOD is set) whoever sends a request sets it. http_proxy is read.";
    }
    const other = scheme === "http" ? this.#https : this.#http;
    const missing = scheme === "http" ? "HTTP_PROXY" : "HTTPS_PROXY";
    if (other === undefined) return undefined;
    return `The environment has ${other.name}, which is not for ${scheme}:// addresses: those go by ${missing}, which is not set.`;
  }

  #namedFor({ scheme }: Destination): NamedProxy | undefined {
    return (scheme === "https" ? this.#https : this.#http) ?? this.#all;
  }
}

function named(variable: Variable | undefined): NamedProxy | undefined {
  return variable === undefined ? undefined : new NamedProxy(variable);
}

function only(variables: Variables, name: string): Variable | undefined {
  const value = variables(name);
  return value === undefined ? undefined : { name, value };
}

/** The lower case first: it is the older one, and the one that a CGI server cannot be made to set. */
function either(variables: Variables, name: string): Variable | undefined {
  return only(variables, name) ?? only(variables, name.toUpperCase());
}
