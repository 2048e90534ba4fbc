import { OptionsError } from "../errors/options-error.ts";
import { characterAt } from "../request/field.ts";
import { kindOf } from "../request/kind-of.ts";
import { isAddress, MOST_OF_PAIR, scopeOf, UNSENDABLE, unsendable, withoutDots } from "./cookie-rules.ts";
import type { StoredCookie } from "./set-cookie.ts";

/** Where a cookie that is set by hand belongs. One of `url` and `domain` is needed. */
export interface CookieAttributes {
  /** The cookie goes to this URL's host alone. */
  readonly url?: string | URL | undefined;
  /** The cookie goes to this domain and all below it. No list of public suffixes is asked: the caller is believed. */
  readonly domain?: string | undefined;
  /** Default `"/"`. */
  readonly path?: string | undefined;
  /** Default: until the jar is gone. */
  readonly expires?: Date | undefined;
  /** Whether only https may see it. Default false. */
  readonly secure?: boolean | undefined;
}

const ATTRIBUTES: readonly string[] = ["url", "domain", "path", "expires", "secure"];

/**
 * A cookie from what a caller gave.
 *
 * @throws {OptionsError} when a part could not be sent, or would become another part (S27, S73).
 */
export function cookieByHand(
  name: string,
  value: string,
  attributes: CookieAttributes,
  now: number,
): StoredCookie {
  checkPair(name, value);
  const { url, domain, path, expires, secure } = ownAttributes(attributes);
  if (expires !== undefined && !(expires instanceof Date && !Number.isNaN(expires.getTime()))) {
    throw badCookie("expires", `must be a valid Date, not ${kindOf(expires)}`);
  }
  if (secure !== undefined && typeof secure !== "boolean") {
    throw badCookie("secure", `must be true or false, not ${kindOf(secure)}`);
  }
  if ((url === undefined) === (domain === undefined)) {
    throw badCookie("place", "must be said by one of `url` and `domain`");
  }
  return {
    name,
    value,
    ...(domain === undefined ? atUrl(url) : atDomain(domain)),
    path: checkPath(path ?? "/"),
    secure: secure === true,
    httpOnly: false,
    sameSite: undefined,
    expiresAt: expires === undefined ? Number.POSITIVE_INFINITY : expires.getTime(),
    createdAt: now,
  };
}

function ownAttributes(given: CookieAttributes): CookieAttributes {
  if (typeof given !== "object" || given === null) {
    throw badCookie("attributes", `must be an object with \`url\` or \`domain\`, not ${kindOf(given)}`);
  }
  const unknown = Object.keys(given).find((key) => !ATTRIBUTES.includes(key));
  if (unknown !== undefined) {
    throw badCookie(unknown.slice(0, 60), `is not known; known are ${ATTRIBUTES.join(", ")}`);
  }
  const own: CookieAttributes = Object.assign(Object.create(null), given);
  return own;
}

function atUrl(url: unknown): { domain: string; hostOnly: boolean } {
  const scope = typeof url === "string" || url instanceof URL ? scopeOf(url) : undefined;
  if (scope === undefined) throw badCookie("url", `is no absolute URL: ${kindOf(url)}`);
  return { domain: scope.host, hostOnly: true };
}

function atDomain(domain: unknown): { domain: string; hostOnly: boolean } {
  const plain = typeof domain === "string" && !/[/?#@\\\s]/.test(domain) ? plainDomain(domain) : "";
  const scope = plain === "" ? undefined : scopeOf(`http://${plain}/`);
  if (scope === undefined) throw badCookie("domain", `is no name of a host: ${kindOf(domain)}`);
  // A name without a dot has nothing below it that a cookie should be shared with.
  return { domain: scope.host, hostOnly: isAddress(scope.host) || !scope.host.includes(".") };
}

/** A domain in lower case, without the dots that are written at either end. */
export function plainDomain(domain: string): string {
  const plain = withoutDots(domain.toLowerCase());
  return plain.startsWith(".") ? plain.slice(1) : plain;
}

/**
 * Checks the name of a cookie. As browsers do it takes more than a server may set (a token, RFC 6265 4.1.1): blanks, commas and
 * Latin-1 are in no way of what parts one cookie from the next.
 */
function checkName(name: unknown): asserts name is string {
  if (typeof name !== "string") throw badCookie("name", `must be text, not ${kindOf(name)}`);
  if (name === "") throw badCookie("name", "is empty");
  const ends = name.search(/[=;]/);
  const at = ends >= 0 ? ends : name.search(UNSENDABLE);
  if (at >= 0) {
    // Behind a = stands what was meant as the value.
    const shown = JSON.stringify(name.slice(0, Math.min(60, name[at] === "=" ? at + 1 : name.length)));
    const without = "it takes Latin-1 without =, ; and control characters";
    throw badCookie("name", `${shown} has ${characterAt(name, at)}; ${without}`);
  }
  if (name !== name.trim()) {
    throw badCookie("name", `${JSON.stringify(name.slice(0, 60))} begins or ends with a blank`);
  }
}

/** Checks what goes into the `Cookie` header. */
export function checkPair(name: unknown, value: unknown): asserts name is string {
  checkName(name);
  if (typeof value !== "string" || value !== value.trim() || value.includes(";") || unsendable(value)) {
    throw badCookie(
      "value",
      typeof value === "string"
        ? `(${name}) has a ;, a control character, a character beyond Latin-1, or a blank at an end`
        : `(${name}) must be text, not ${kindOf(value)}`,
    );
  }
  if (name.length + value.length > MOST_OF_PAIR) {
    throw badCookie("value", `(${name.slice(0, 60)}) is with its name longer than ${MOST_OF_PAIR} bytes`);
  }
}

/** Checks a cookie's path. */
export function checkPath(path: unknown): string {
  if (typeof path === "string" && path.startsWith("/") && !path.includes(";") && !unsendable(path))
    return path;
  throw badCookie("path", "must begin with / and have no ; and no control character");
}

/** The error of a cookie that cannot be; its message has no value. */
export function badCookie(part: string, problem: string): OptionsError {
  return new OptionsError(`A cookie's ${part} ${problem}`, { option: `cookies.${part}` });
}
