import type * as Tough from "tough-cookie";
import {
  type CookieScope,
  defaultPath,
  domainMatches,
  isAddress,
  MOST_OF_PAIR,
  unsendable,
  withoutDots,
} from "./cookie-rules.ts";

/** What a cookie is in a jar, in JSON and to whoever looks into the jar. */
export interface CookieCore {
  readonly name: string;
  /** As it was received: never decoded, quotes kept (S69, #84). */
  readonly value: string;
  /** Lower case, without a dot at either end. */
  readonly domain: string;
  readonly path: string;
  /** Whether it goes to `domain` alone, and not to what is below it. */
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
}

/** A cookie as a jar keeps it. */
export interface StoredCookie extends CookieCore {
  readonly sameSite: "strict" | "lax" | "none" | undefined;
  /** Milliseconds since 1970; infinite for a cookie of the session. */
  readonly expiresAt: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The most bytes of a line (S26). */
const MOST_OF_LINE = 8192;
/** A `Date` goes no further. */
const LAST_MOMENT = 8.64e15;

/**
 * What a `Set-Cookie` line means at a place; undefined where it is refused.
 *
 * @param line - The header's value.
 * @param scope - Of the URL that answered with it.
 * @param now - Milliseconds since 1970.
 * @param tough - Its parser, and its list of public suffixes.
 */
export function readSetCookie(
  line: string,
  scope: CookieScope,
  now: number,
  tough: typeof Tough,
): StoredCookie | undefined {
  if (line.length > MOST_OF_LINE || unsendable(line)) return undefined;
  const parsed = tough.parse(line);
  if (parsed === undefined || parsed.key === "" || parsed.key.length + parsed.value.length > MOST_OF_PAIR) {
    return undefined;
  }
  // A cookie that only https may see is not set from http (RFC 6265bis §5.7).
  if (parsed.secure && !scope.secure) return undefined;
  const place = placeOf(parsed.domain, scope.host, tough);
  if (place === undefined || !keepsPrefix(parsed)) return undefined;
  return {
    name: parsed.key,
    value: parsed.value,
    ...place,
    path: parsed.path ?? defaultPath(scope.path),
    secure: parsed.secure,
    httpOnly: parsed.httpOnly,
    sameSite: sameSiteOf(parsed.sameSite),
    expiresAt: expiryOf(parsed, now),
    createdAt: now,
  };
}

/** The domain of a cookie (RFC 6265bis §5.7), compared in lower case and without dots at the end (S24, S25). */
function placeOf(
  attribute: string | null,
  host: string,
  tough: typeof Tough,
): { domain: string; hostOnly: boolean } | undefined {
  const domain = withoutDots(attribute === null ? "" : (tough.canonicalDomain(attribute) ?? ""));
  if (attribute === null || domain === host || `[${domain}]` === host) {
    // What sits on a public suffix itself, such as `localhost` or `github.io`, speaks for itself alone.
    const shared = attribute !== null && !isAddress(host) && !isPublicSuffix(host, tough);
    return { domain: host, hostOnly: !shared };
  }
  if (domain === "" || !domainMatches(host, domain) || isPublicSuffix(domain, tough)) return undefined;
  return { domain, hostOnly: false };
}

function isPublicSuffix(domain: string, tough: typeof Tough): boolean {
  if (!domain.includes(".")) return true;
  try {
    return tough.getPublicSuffix(domain, { allowSpecialUseDomain: true }) === undefined;
  } catch {
    return true;
  }
}

/** `__Secure-` and `__Host-` are promises of the name, kept or refused (RFC 6265bis §4.1.3). */
function keepsPrefix(cookie: Tough.Cookie): boolean {
  const name = cookie.key.toLowerCase();
  if (name.startsWith("__secure-")) return cookie.secure;
  if (name.startsWith("__host-")) return cookie.secure && cookie.domain === null && cookie.path === "/";
  return true;
}

/** The three words and no others: undici took `StrictLax` for `Lax` (S70). */
function sameSiteOf(value: string | undefined): StoredCookie["sameSite"] {
  return value === "strict" || value === "lax" || value === "none" ? value : undefined;
}

/** The moment, once and for all. tough-cookie counts `Max-Age` from the last use, so that it never comes (S38). */
function expiryOf({ maxAge, expires }: Tough.Cookie, now: number): number {
  if (typeof maxAge === "number") return maxAge <= 0 ? 0 : Math.min(now + maxAge * 1000, LAST_MOMENT);
  if (maxAge === "-Infinity") return 0;
  return expires instanceof Date ? expires.getTime() : Number.POSITIVE_INFINITY;
}
