import { printAs } from "../printing.ts";
import type { Lookup, TlsOptions, TlsVersion } from "../request/connection-init.ts";
import { isSecret } from "../secret.ts";
import type { ProxyServer } from "./proxy/proxy-server.ts";

/** What `ConnectionOptions` are made of: the options, checked. */
export interface ConnectionSettings {
  readonly tls: TlsOptions | undefined;
  readonly unixSocket: string | undefined;
  readonly http2: true | undefined;
  readonly localAddress: string | undefined;
  readonly lookup: Lookup | undefined;
  /** False: of the authorities that Node trusts only its own, and none that the environment adds (#111). */
  readonly trustEnv: false | undefined;
  /** The proxy that it goes by, which was chosen for this origin. */
  readonly proxy: ProxyServer | undefined;
}

/** The lowest version of TLS that is spoken where none was named. */
export const LOWEST_VERSION: TlsVersion = "TLSv1.2";

/** With nothing said. Settings are whole, so that a polluted Object.prototype has nothing to lend (S55). */
export const NOTHING_SAID: ConnectionSettings = {
  tls: undefined,
  unixSocket: undefined,
  http2: undefined,
  localAddress: undefined,
  lookup: undefined,
  trustEnv: undefined,
  proxy: undefined,
};

/** What belongs to one origin and stays behind when a redirect leaves it, as credentials do (D19, S48). */
const IDENTITY = ["cert", "key", "pfx", "passphrase", "servername", "pins"] as const;

/** Numbers for functions, so that a key can name them. */
const numbers = new WeakMap<object, number>();
let functions = 0;

function numberOf(value: object): number {
  let number = numbers.get(value);
  if (number === undefined) {
    number = ++functions;
    numbers.set(value, number);
  }
  return number;
}

/** One way of writing a value: options that are equal have equal keys, however they were given. */
function canonical(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "function") return { function: numberOf(value) };
  if (isSecret(value)) return value.reveal();
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => [name, canonical(entry)]);
}

/**
 * How the connections of an exchange are made, where anything was said of it. Two exchanges share a connection only when
 * these are equal (#112, S5, S31, S32): `key` is equal then, and tells nothing of the secrets among them.
 */
export class ConnectionOptions {
  static {
    printAs(ConnectionOptions, (options) => {
      const given = Object.entries(options.settings).filter(([, value]) => value !== undefined);
      return `ConnectionOptions { ${given.map(([name]) => name).join(", ")} }`;
    });
  }

  readonly #settings: ConnectionSettings;
  #key: string | undefined;
  #abroad: ConnectionOptions | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** What was asked for, checked. There are secrets in it. */
  get settings(): ConnectionSettings {
    return this.#settings;
  }

  /** The identity of the options: equal ones have equal keys. A digest, since a key stands in maps and may be printed. */
  get key(): string {
    if (this.#key === undefined) {
      const { createHash } = process.getBuiltinModule("node:crypto");
      this.#key = createHash("sha256")
        .update(JSON.stringify(canonical(this.#settings)))
        .digest("base64url");
    }
    return this.#key;
  }

  /** These options for an origin that they were not given for: without what says who asks, and without the socket (D19, S48). */
  get abroad(): ConnectionOptions {
    this.#abroad ??= this.#without(undefined);
    return this.#abroad;
  }

  /** These options, less what belongs to the origin of `home` and was not given anew. */
  awayFrom(home: ConnectionOptions): ConnectionOptions {
    return this === home ? this.abroad : this.#without(home.#settings);
  }

  #without(home: ConnectionSettings | undefined): ConnectionOptions {
    const { tls, unixSocket, ...rest } = this.#settings;
    const staysBehind = (own: unknown, theirs: unknown): boolean => home === undefined || own === theirs;
    return new ConnectionOptions({
      ...rest,
      tls: tls && withoutIdentity(tls, (name) => staysBehind(tls[name], home?.tls?.[name])),
      unixSocket: staysBehind(unixSocket, home?.unixSocket) ? undefined : unixSocket,
    });
  }

  toJSON(): object {
    return { settings: Object.keys(this.#settings) };
  }
}

function withoutIdentity(tls: TlsOptions, leaves: (name: (typeof IDENTITY)[number]) => boolean): TlsOptions {
  const kept: TlsOptions = Object.assign(Object.create(null), tls);
  for (const name of IDENTITY) if (leaves(name)) Reflect.deleteProperty(kept, name);
  return kept;
}
