/**
 * Hosts in the one spelling in which they can be compared. A list of hosts that is compared with what somebody wrote, and not
 * with what is connected to, is a list to walk around: `0x7f.1`, `[::ffff:127.0.0.1]` and `localhost.` are all of them the
 * loopback (CVE-2025-62718, S53).
 *
 * @module
 */

/** The bytes of an address, 4 or 16 of them; an IPv4 address that is mapped into IPv6 is the IPv4 address. */
export type AddressBytes = readonly number[];

/** A host as the WHATWG parser reads it, without the dot at its end; undefined where it reads none. */
export function canonicalHost(host: string): string | undefined {
  // Of these the parser would make something else than a host: a path, a port, a user.
  if (host === "" || /[\s/\\?#@]/.test(host)) return undefined;
  const literal = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  if (literal.startsWith("[") !== literal.endsWith("]")) return undefined;
  if (!URL.canParse(`http://${literal}`)) return undefined;
  return withoutLastDot(new URL(`http://${literal}`).hostname);
}

/** `example.com.` is `example.com`, said to be complete. */
export function withoutLastDot(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

/** The bytes of a canonical host; undefined where it is a name. */
export function addressBytes(host: string): AddressBytes | undefined {
  if (host.startsWith("[")) return unmapped(ipv6Bytes(host.slice(1, -1)));
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host.split(".").map(Number) : undefined;
}

function ipv6Bytes(text: string): AddressBytes {
  const [head = "", tail] = text.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const gap = new Array<number>(16 - left.length - right.length).fill(0);
  return [...left, ...gap, ...right];
}

function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** How many bytes come before the IPv4 address in `::ffff:0:0/96` (RFC 4291 2.5.5.2). */
const MAPPED = 12;

function unmapped(bytes: AddressBytes): AddressBytes {
  return isMapped(bytes) ? bytes.slice(MAPPED) : bytes;
}

function isMapped(bytes: AddressBytes): boolean {
  return bytes.length === 16 && bytes.slice(0, MAPPED).every((byte, at) => byte === (at < 10 ? 0 : 0xff));
}

/** A block of addresses (CIDR, RFC 4632 3.1). */
export interface AddressBlock {
  readonly bytes: AddressBytes;
  readonly bits: number;
}

/** The block that `10.0.0.0/8` or `fd00::/8` names; undefined where the text names none. */
export function addressBlock(text: string): AddressBlock | undefined {
  const [, address = "", digits = ""] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const host = canonicalHost(address);
  const bytes = host === undefined ? undefined : addressBytes(host);
  if (host === undefined || bytes === undefined) return undefined;
  // What was written as IPv6 counts its bits from the front of those sixteen bytes.
  const bits = Number(digits) - (host.startsWith("[") && bytes.length === 4 ? MAPPED * 8 : 0);
  return bits >= 0 && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

/** Whether an address lies in a block. */
export function isWithin(address: AddressBytes, { bytes, bits }: AddressBlock): boolean {
  if (address.length !== bytes.length) return false;
  return bytes.every((byte, at) => {
    const mask = 0xff & (0xff00 >> Math.min(8, Math.max(0, bits - at * 8)));
    return (byte & mask) === ((address[at] ?? 0) & mask);
  });
}

/** Whether a canonical host is this machine: the loopback's names (RFC 6761 6.3) and addresses, and "any address", which leads there. */
export function isLoopback(host: string): boolean {
  const bytes = addressBytes(host);
  if (bytes === undefined) return host === "localhost" || host.endsWith(".localhost");
  if (bytes.length === 4) return bytes[0] === 127 || bytes.every((byte) => byte === 0);
  return bytes.slice(0, 15).every((byte) => byte === 0) && (bytes[15] ?? 0) <= 1;
}
