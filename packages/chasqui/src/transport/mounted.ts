import { resolveUrl } from "../request/url.ts";
import type { Exchange, RawResponse, Transport } from "./transport.ts";

/**
 * Transports by the prefix of the URL that they carry: `http://`, `https://`, an origin, or an origin with the beginning of a
 * path, whatever the case. What no prefix fits goes the default way.
 */
export type Mounts = Readonly<Record<string, Transport>>;

interface Mount {
  readonly prefix: string;
  readonly transport: Transport;
}

const SCHEME = /^https?:\/\/$/i;

/**
 * A prefix as URLs are written: no default port, without the slash at its end, and in lower case. The path too: who mounts a
 * transport for one means all of its spellings, and servers differ in whether they are the same (#133).
 */
function canonical(prefix: string): string {
  if (SCHEME.test(prefix)) return prefix.toLowerCase();
  const { href } = resolveUrl(prefix);
  return (href.endsWith("/") ? href.slice(0, -1) : href).toLowerCase();
}

/** `https://api.example.com` must not carry what goes to `https://api.example.com.evil.test`. */
function fits(url: string, prefix: string): boolean {
  if (!url.startsWith(prefix)) return false;
  const next = url.charAt(prefix.length);
  return prefix.endsWith("/") || next === "" || next === "/" || next === "?";
}

/** Hands each exchange to the transport whose prefix fits it best. */
export class MountedTransport implements Transport {
  readonly #mounts: readonly Mount[];
  readonly #makeDefault: () => Transport;
  #default: Transport | undefined;

  /** @throws {OptionsError} when a prefix is no http or https URL. */
  constructor(mounts: Mounts, makeDefault: () => Transport) {
    this.#mounts = Object.entries(mounts)
      .map(([prefix, transport]) => ({ prefix: canonical(prefix), transport }))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    this.#makeDefault = makeDefault;
  }

  send(exchange: Exchange): Promise<RawResponse> {
    const url = (exchange.origin + exchange.target).toLowerCase();
    const mount = this.#mounts.find(({ prefix }) => fits(url, prefix));
    if (mount !== undefined) return mount.transport.send(exchange);
    this.#default ??= this.#makeDefault();
    return this.#default.send(exchange);
  }

  async close(): Promise<void> {
    const all = new Set(this.#mounts.map(({ transport }) => transport));
    if (this.#default !== undefined) all.add(this.#default);
    await Promise.all([...all].map((transport) => transport.close()));
  }
}
