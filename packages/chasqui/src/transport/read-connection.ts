import { OptionsError } from "../errors/options-error.ts";
import type { ConnectionInit, Lookup, TlsOptions } from "../request/connection-init.ts";
import { kindOf } from "../request/kind-of.ts";
import { unknownField } from "../request/wrong-option.ts";
import { isSecret } from "../secret.ts";
import {
  ConnectionOptions,
  type ConnectionSettings,
  LOWEST_VERSION,
  NOTHING_SAID,
} from "./connection-options.ts";

function refuse(option: string, value: unknown, takes: string, hint?: string): never {
  throw new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes ${takes}`, {
    option,
    ...(hint === undefined ? {} : { hint }),
  });
}

function isMaterial(value: unknown): boolean {
  const one = (entry: unknown): boolean => typeof entry === "string" || entry instanceof Uint8Array;
  return Array.isArray(value) ? value.length > 0 && value.every(one) : one(value);
}

/** The name of a file in place of what is in it would be no authority at all, and be noticed when nothing is trusted any more. */
function isPem(value: unknown): boolean {
  const one = (entry: unknown): boolean =>
    (typeof entry === "string" ? entry : new TextDecoder("latin1").decode(bytesOf(entry))).includes(
      "-----BEGIN ",
    );
  return (Array.isArray(value) ? value : [value]).every(one);
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

const VERSIONS: readonly string[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const PIN = /^sha256\/\/[A-Za-z0-9+/]{43}=$/;
const PIN_FORM = '"sha256//" and the base64 of a SHA-256';

function isPin(value: unknown): boolean {
  return typeof value === "string" && PIN.test(value);
}

function isVersion(value: unknown): boolean {
  return typeof value === "string" && VERSIONS.includes(value);
}

const CHECKS: Readonly<Record<keyof TlsOptions, readonly [(value: unknown) => boolean, takes: string]>> = {
  ca: [isMaterial, "PEM text, bytes, or a list of them"],
  cert: [isMaterial, "PEM text, bytes, or a list of them"],
  key: [isMaterial, "PEM text, bytes, or a list of them"],
  pfx: [(value) => value instanceof Uint8Array, "the bytes of a PKCS #12 file"],
  passphrase: [(value) => typeof value === "string" || isSecret(value), "a string or a Secret"],
  rejectUnauthorized: [(value) => typeof value === "boolean", "true or false"],
  minVersion: [isVersion, VERSIONS.join(", ")],
  maxVersion: [isVersion, VERSIONS.join(", ")],
  servername: [(value) => typeof value === "string" && value !== "", "the name of a host"],
  pins: [(value) => Array.isArray(value) && value.length > 0 && value.every(isPin), `a list of ${PIN_FORM}`],
};

function isTlsName(name: string): name is keyof TlsOptions {
  return Object.hasOwn(CHECKS, name);
}

/** Reads `tls` over what was said before; each of its options by own property and by itself (S55). */
function tlsOver(value: unknown, base: TlsOptions | undefined): TlsOptions | undefined {
  if (value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) {
    return refuse("tls", value, "an object such as { ca, cert, key, minVersion, pins }");
  }
  const tls: Record<string, unknown> = Object.assign(Object.create(null), base);
  for (const [name, given] of Object.entries(value ?? {})) {
    if (!isTlsName(name)) throw unknownField("tls", name, Object.keys(CHECKS));
    if (given === undefined) continue;
    const [valid, takes] = CHECKS[name];
    if (!valid(given)) {
      const odd = name === "pins" && Array.isArray(given) ? given.findIndex((pin) => !isPin(pin)) : -1;
      if (odd !== -1) {
        throw new OptionsError(`\`tls.pins[${odd}]\` is not ${PIN_FORM}`, { option: "tls.pins" });
      }
      refuse(`tls.${name}`, given, takes);
    }
    if (valid === isMaterial && !isPem(given)) {
      throw new OptionsError(`\`tls.${name}\` has no PEM in it ("-----BEGIN …")`, {
        option: `tls.${name}`,
        hint: `It takes what is in the file, not its name: await readFile("${name}.pem").`,
      });
    }
    // A copy: what is changed later by the caller must not part a connection from its key.
    tls[name] = Array.isArray(given) ? [...given] : given;
  }
  checkVersions(tls, value ?? {});
  for (const [one, other] of [
    ["cert", "key"],
    ["key", "cert"],
  ]) {
    if (one === undefined || other === undefined || tls[one] === undefined || tls[other] !== undefined)
      continue;
    throw new OptionsError(`\`tls\` has a ${one} without a ${other}`, {
      option: `tls.${other}`,
      hint: "A certificate of the client is given with its key: { cert, key }.",
    });
  }
  return tls;
}

/** Versions of which none is left: no handshake could go well, and OpenSSL would say so of the first (RFC 8446 4.1). */
function checkVersions(tls: TlsOptions, given: object): void {
  const { minVersion, maxVersion } = tls;
  if (maxVersion === undefined) return;
  const lowest = minVersion ?? LOWEST_VERSION;
  if (VERSIONS.indexOf(lowest) <= VERSIONS.indexOf(maxVersion)) return;
  const unsaid = minVersion === undefined ? ", the default" : "";
  // Where the client said the one and the call the other, it is the call's that is told of.
  const option = Object.hasOwn(given, "maxVersion") ? "tls.maxVersion" : "tls.minVersion";
  throw new OptionsError(
    `\`tls.maxVersion\` is ${maxVersion}, which is lower than \`tls.minVersion\` (${lowest}${unsaid}): no version is left`,
    {
      option,
      hint: `Each of the two is inherited by itself. Give both: { minVersion: "${maxVersion}", maxVersion: "${maxVersion}" } speaks that one alone.`,
    },
  );
}

function textOf(option: string, value: unknown, takes: string): string | undefined {
  if (value === null) return undefined;
  return typeof value === "string" && value !== "" && !value.includes("\0")
    ? value
    : refuse(option, value, takes);
}

function readersOf(
  value: unknown,
  base: ConnectionSettings,
): Readonly<Record<keyof ConnectionInit, () => ConnectionSettings>> {
  return {
    tls: () => ({ ...base, tls: tlsOver(value, base.tls) }),
    unixSocket: () => ({ ...base, unixSocket: textOf("unixSocket", value, "the path of a socket") }),
    http2: () => {
      if (typeof value !== "boolean") return refuse("http2", value, "true or false");
      return { ...base, http2: value ? true : undefined };
    },
    localAddress: () => ({ ...base, localAddress: addressOf(value) }),
    lookup: () => {
      const isLookup = (given: unknown): given is Lookup => typeof given === "function";
      if (value !== null && !isLookup(value)) return refuse("lookup", value, "a function such as dns.lookup");
      return { ...base, lookup: value ?? undefined };
    },
  };
}

function addressOf(value: unknown): string | undefined {
  const address = textOf("localAddress", value, "an IP address of this machine");
  if (address !== undefined && process.getBuiltinModule("node:net").isIP(address) === 0) {
    throw new OptionsError(`\`localAddress\` is ${JSON.stringify(address)}, which is no IP address`, {
      option: "localAddress",
    });
  }
  return address;
}

/** Says whether connections trust the authorities that the environment adds; undefined where nothing is left that was asked for. */
export function connectionTrusting(
  trustEnv: boolean,
  base: ConnectionOptions | undefined,
): ConnectionOptions | undefined {
  const settings = { ...(base?.settings ?? NOTHING_SAID), trustEnv: trustEnv ? undefined : (false as const) };
  return saysSomething(settings) ? new ConnectionOptions(settings) : undefined;
}

function saysSomething(settings: ConnectionSettings): boolean {
  return Object.values(settings).some((given) => given !== undefined);
}

/**
 * Reads one of the options of a connection over those that were there; undefined where nothing is left that was asked for.
 *
 * @throws {OptionsError} when the value is a bad one.
 */
export function connectionWith(
  option: keyof ConnectionInit,
  value: unknown,
  base: ConnectionOptions | undefined,
): ConnectionOptions | undefined {
  const settings = readersOf(value, base?.settings ?? NOTHING_SAID)[option]();
  return saysSomething(settings) ? new ConnectionOptions(settings) : undefined;
}
