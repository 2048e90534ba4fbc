/**
 * Where a cookie belongs and where it goes (RFC 6265bis §5). Pure decisions; `cookie-jar.ts` acts on them.
 *
 * @module
 */

/** What the rules need to know of a URL. */
export interface CookieScope {
  /** Lower case, without a dot at its end, an IPv6 address in its brackets. */
  readonly host: string;
  readonly path: string;
  /** Whether the way there is safe: https, or this very machine. */
  readonly secure: boolean;
}

/** The scope of a URL; undefined where it is none. */
export function scopeOf(url: string | URL): CookieScope | undefined {
  const parsed = typeof url === "string" ? URL.parse(url) : url;
  if (parsed === null || parsed.hostname === "") return undefined;
  const host = withoutDots(parsed.hostname.toLowerCase());
  return { host, path: parsed.pathname, secure: parsed.protocol === "https:" || isLoopback(host) };
}

/** Where a request goes, as far as its origin says it. */
export interface CookieHost extends Pick<CookieScope, "host" | "secure"> {
  /** The host and the domains above it. */
  readonly domains: readonly string[];
}

/** By origins as the parser writes them. Who walks the web meets many once: they are forgotten at times. */
const hosts = new Map<string, CookieHost>();
const MOST_HOSTS = 256;

/**
 * The host of a URL; undefined where it is none. The parser takes 1 µs, and of an origin that it has written itself the host is
 * known: with a slash behind it nothing that follows can be part of it.
 */
export function cookieHostOf(url: string, origin: string = originOf(url)): CookieHost | undefined {
  const known = hosts.get(origin);
  if (known !== undefined) return known;
  const scope = scopeOf(url);
  if (scope === undefined) return undefined;
  const { host, secure } = scope;
  const found = { host, secure, domains: [...domainsAbove(host)] };
  if (URL.parse(url)?.origin === origin) {
    if (hosts.size >= MOST_HOSTS) hosts.clear();
    hosts.set(origin, found);
  }
  return found;
}

function originOf(url: string): string {
  return url.slice(0, url.indexOf("/", "https://".length));
}

/**
 * A host without dots at its end: `example.com.` is `example.com`, for a public suffix too. curl let a cookie of
 * `co.uk.` through (S24).
 */
export function withoutDots(host: string): string {
  let end = host.length;
  while (end > 0 && host[end - 1] === ".") end--;
  return host.slice(0, end);
}

function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}

/** Whether a host is an address and not a name: it has no parents. WHATWG URLs write every IPv4 with four numbers. */
export function isAddress(host: string): boolean {
  return host.startsWith("[") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}

/** Whether a host is a domain or below it (RFC 6265bis §5.1.3). */
export function domainMatches(host: string, domain: string): boolean {
  if (host === domain) return true;
  return host.endsWith(domain) && host[host.length - domain.length - 1] === "." && !isAddress(host);
}

/** Whether a request's path is a cookie's or below it (RFC 6265bis §5.1.4). */
export function pathMatches(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith("/") || path[cookiePath.length] === "/";
}

/** The path of a cookie that names none: that of the request up to its last slash (RFC 6265bis §5.1.4). */
export function defaultPath(path: string): string {
  const last = path.lastIndexOf("/");
  return last <= 0 ? "/" : path.slice(0, last);
}

/** A host and all that is above it: `a.b.c`, `b.c`, `c`. An address has nothing above it. */
export function* domainsAbove(host: string): Generator<string, void, undefined> {
  yield host;
  if (isAddress(host)) return;
  for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) yield host.slice(dot + 1);
}

/** The most bytes of a cookie's name and value together (RFC 6265bis §5.6; S26). */
export const MOST_OF_PAIR = 4096;

/** A character that no part of a cookie may have: a control character (S27), or what is not Latin-1. */
export const UNSENDABLE: RegExp = /[^\x20-\x7e\x80-\xff]/;

/** Whether a text has what no part of a cookie may have: control characters (S27), and what is not Latin-1. */
export function unsendable(text: string): boolean {
  return UNSENDABLE.test(text);
}
