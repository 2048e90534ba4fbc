import { OptionsError } from "../../errors/options-error.ts";
import { kindOf } from "../../request/kind-of.ts";
import { type AddressBlock, addressBlock, addressBytes, canonicalHost, isWithin } from "./address.ts";

/** Where a request goes, as rules about proxies see it. */
export interface Destination {
  readonly scheme: "http" | "https";
  /** Canonical, without a dot at its end; IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

/** One entry: a host with all below it, an address, or a block of addresses; of one scheme or port, or of any. */
interface Entry {
  readonly text: string;
  readonly host: string | AddressBlock;
  readonly scheme: string | undefined;
  readonly port: number | undefined;
}

/** Hosts that no proxy is asked for, as the variable `NO_PROXY` lists them (#106). */
export class NoProxy {
  readonly #entries: readonly Entry[];

  private constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** What the environment says. An entry that makes no sense matches nothing: whoever set it may have had another program in mind. */
  static fromVariable(text: string): NoProxy {
    return new NoProxy(parts(text).flatMap((part) => readEntry(part) ?? []));
  }

  /**
   * What an option says: a text as in the variable, or a list.
   *
   * @throws {OptionsError} when an entry names no host.
   */
  static fromOption(value: unknown, option: string): NoProxy {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const entries = list.flatMap((text) => {
      if (typeof text === "string") return parts(text);
      throw new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes hosts, in a list or with commas`, {
        option,
      });
    });
    return new NoProxy(
      entries.map((text) => {
        const entry = readEntry(text);
        if (entry !== undefined) return entry;
        throw new OptionsError(`\`${option}\` has the entry ${JSON.stringify(text)}, which is no host`, {
          option,
          hint: "An entry is a host, host:port, an address, a block such as 10.0.0.0/8, or * for all.",
        });
      }),
    );
  }

  /** The entry that a destination is on the list by; undefined where it is not. */
  find(destination: Destination): string | undefined {
    return this.#entries.find((entry) => matches(entry, destination))?.text;
  }

  /** What two lists are compared by. */
  get text(): string {
    return this.#entries.map((entry) => entry.text).join(",");
  }
}

function parts(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== "");
}

function readEntry(text: string): Entry | undefined {
  if (text === "*") return { text, host: "*", scheme: undefined, port: undefined };
  const [, scheme, rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(text) ?? [];
  const block = addressBlock(rest);
  if (block !== undefined) return { text, host: block, scheme: scheme?.toLowerCase(), port: undefined };
  const { name, port } = nameAndPort(rest);
  // A dot or `*.` in front is a way of writing "and all below it", which every name means.
  const host = canonicalHost(name.replace(/^\*?\./, ""));
  return host === undefined ? undefined : { text, host, scheme: scheme?.toLowerCase(), port };
}

function nameAndPort(text: string): { readonly name: string; readonly port: number | undefined } {
  // More than one colon and no brackets: an IPv6 address by itself, which leaves no place for a port.
  const bare = !text.startsWith("[") && text.indexOf(":") !== text.lastIndexOf(":");
  const [, name = text, port] = bare ? [] : (/^(.*?):(\d{1,5})$/.exec(text) ?? []);
  return { name, port: port === undefined ? undefined : Number(port) };
}

function matches({ host, scheme, port }: Entry, destination: Destination): boolean {
  if (scheme !== undefined && scheme !== "all" && scheme !== destination.scheme) return false;
  if (port !== undefined && port !== destination.port) return false;
  if (host === "*") return true;
  const bytes = addressBytes(destination.host);
  if (typeof host !== "string") return bytes !== undefined && isWithin(bytes, host);
  if (bytes === undefined) return destination.host === host || destination.host.endsWith(`.${host}`);
  const own = addressBytes(host);
  return own !== undefined && isWithin(bytes, { bytes: own, bits: own.length * 8 });
}
