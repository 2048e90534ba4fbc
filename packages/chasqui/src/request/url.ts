/**
 * Where a request goes: one URL out of what was given, read by one parser, the WHATWG one. There is no fallback to
 * another: two readings of one URL are how requests went to hosts that a check had not seen (CVE-2023-26159).
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "./kind-of.ts";
import { appendParams } from "./params.ts";
import { expandPath, type PathValues, refusePlaceholder } from "./path.ts";
import { isBase, isPath, MAX_LENGTH, rememberOrigin, resolvePlain } from "./plain-url.ts";
import { redactUrl } from "./redact.ts";
import { urlProblem } from "./url-problem.ts";

/** A URL ready to be requested. */
export interface ResolvedUrl {
  /** Scheme, host, port, path and query. No user, no password, no fragment. */
  readonly href: string;
  /** Scheme, host and port, the port only where it is not the scheme's own. `href` starts with it. */
  readonly origin: string;
  /** The fragment with its `#`, or an empty string. It is never sent (RFC 9110 §4.2.5). */
  readonly fragment: string;
  /** The user of the URL or of its base, percent-decoded. */
  readonly username: string | undefined;
  /** The password of the URL or of its base, percent-decoded. */
  readonly password: string | undefined;
  /**
   * Whether the base's credentials may go along: the origin is the base's. True where there is no base. Of a redirect:
   * whether it stays on the origin that it came from.
   */
  readonly withinBase: boolean;
}

/** A base URL, parsed once for a client. */
export interface Base {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Origin and path as the base wrote it. */
  readonly href: string;
  /** The same without slashes at the end: what a path is appended to. */
  readonly stem: string;
  /** The query without its `?`; every URL joined to the base gets it. */
  readonly query: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What {@link resolveUrl} joins to what it is given. */
export interface UrlOptions {
  /** What a URL without a scheme is appended to. */
  readonly baseUrl?: string | URL | Base | undefined;
  /** Origins besides the base's that a full URL may name. */
  readonly allowOrigins?: readonly string[] | undefined;
  /** Values for the `{name}`s of the path. */
  readonly path?: PathValues | undefined;
  /** A query, encoded, to be added. */
  readonly query?: string | undefined;
}

const ABSOLUTE = /^https?:\/\//i;
/** A scheme, two slashes and a host's first character: WHATWG would read `http:///x` as the host `x`. */
const WITH_HOST = /^https?:\/\/[^/\\?#]/i;
/** What WHATWG reads as the start of `//host`: either slash. */
const SCHEME_RELATIVE = /^[/\\]{2,}/;
const STRAY_PERCENT = /%(?![0-9A-Fa-f]{2})/g;
const CONTROL = /\p{Cc}/u;

/**
 * Parses the base URL of a client.
 *
 * @param baseUrl - An absolute http or https URL. Its path is what paths are appended to, its query is kept, its
 *   user and password belong to its origin, a fragment means nothing.
 * @param option - The option that it was given in, for the message.
 * @throws OptionsError where it is none.
 * @example
 * ```ts
 * resolveUrl("/users/1", { baseUrl: parseBase("https://api.example.com/v1") }).href;
 * // "https://api.example.com/v1/users/1"
 * ```
 */
export function parseBase(baseUrl: string | URL, option: string = "baseUrl"): Base {
  const text = textOf(baseUrl, option);
  const url = finish(parse(text, option, text), true, undefined);
  const mark = url.href.indexOf("?");
  const href = mark === -1 ? url.href : url.href.slice(0, mark);
  return {
    origin: url.origin,
    href,
    stem: withoutSlashes(href),
    query: mark === -1 ? "" : url.href.slice(mark + 1),
    username: url.username,
    password: url.password,
  };
}

/** Without the slashes at its end. `/\/+$/` would take a time that grows with the square of them. */
function withoutSlashes(href: string): string {
  let end = href.length;
  while (href[end - 1] === "/") end--;
  return href.slice(0, end);
}

/**
 * Makes the URL of a request.
 *
 * Only what starts with `http://` or `https://` is absolute. Anything else is appended to the base as text, so that
 * `/x` behind `https://h/v1` is `https://h/v1/x`, and `a:b` is a path. What names a host of its own, as an absolute
 * or scheme-relative URL or with backslashes, must have the base's origin or one of `allowOrigins` (CVE-2025-27152).
 *
 * @param input - What the caller gave.
 * @param options - Base, allowed origins, values for the path, query.
 * @throws OptionsError that names the URL, redacted, and says what to do.
 * @example
 * ```ts
 * resolveUrl("https://ann:pw@api.example.com:443/a b#top");
 * // { href: "https://api.example.com/a%20b", origin: "https://api.example.com", fragment: "#top", username: "ann", … }
 * ```
 */
export function resolveUrl(input: string | URL, options: UrlOptions = {}): ResolvedUrl {
  // Own properties only: a polluted prototype must not lend a request a base or an origin (S55).
  const given = Object.hasOwn(options, "baseUrl") ? options.baseUrl : undefined;
  const path = Object.hasOwn(options, "path") ? options.path : undefined;
  const query = Object.hasOwn(options, "query") ? (options.query ?? "") : "";

  if (typeof input === "string" && (path === undefined || path === null) && query === "") {
    const plain = resolvePlain(input, given);
    if (plain !== undefined) return plain;
  }
  let text = textOf(input, "url");
  if (path !== undefined && path !== null) text = expandPath(text, path);
  else if (text.includes("{")) refusePlaceholder(text);
  if (given === undefined || given === null) {
    return finish(parse(appendParams(text, query), "url", text), true, undefined);
  }
  const base = isBase(given) ? given : parseBase(given);
  const elsewhere = !isPath(text) && (ABSOLUTE.test(text) || SCHEME_RELATIVE.test(text));
  const joined = elsewhere ? withScheme(text, base) : join(base, text);
  const url = parse(appendParams(joined, query), "url", text);
  const withinBase = url.origin === base.origin;
  if (!withinBase) {
    const allowed = Object.hasOwn(options, "allowOrigins") ? options.allowOrigins : undefined;
    if (!isAllowed(url.origin, allowed)) leavesBase(text, url.origin, base);
  }
  return finish(url, withinBase, withinBase ? base : undefined);
}

/** The text of a URL, trimmed, and free of what no URL may hold. */
function textOf(input: unknown, option: string): string {
  const text = typeof input === "string" ? input : hrefOf(input);
  if (text === undefined) {
    throw new OptionsError(`${option} must be a string or a URL, not ${kindOf(input)}`, { option });
  }
  if (text.length > MAX_LENGTH) tooLong(text.length, option);
  const trimmed = text.trim();
  if (CONTROL.test(trimmed)) {
    const at = text.length - text.trimStart().length + trimmed.search(CONTROL);
    const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
    const shown = redactUrl(trimmed);
    throw new OptionsError(
      `${option}: ${JSON.stringify(shown)} has a control character, U+${code}, at position ${at}`,
      {
        option,
        hint: "if it belongs to a value, give that with params or path, where it is encoded",
      },
    );
  }
  if (!trimmed.isWellFormed()) {
    throw new OptionsError(
      `${option}: ${JSON.stringify(redactUrl(trimmed))} has half of a surrogate pair in it`,
      {
        option,
      },
    );
  }
  return trimmed;
}

/** By its tag and not by `instanceof`: a URL may come from another realm or a polyfill. */
function hrefOf(input: unknown): string | undefined {
  if (typeof input !== "object" || input === null || !("href" in input)) return undefined;
  if (Object.prototype.toString.call(input) !== "[object URL]") return undefined;
  return typeof input.href === "string" ? input.href : undefined;
}

function tooLong(length: number, option: string): never {
  throw new OptionsError(`${option} has ${length} characters, allowed are ${MAX_LENGTH}`, {
    option,
    hint: "what is this long belongs into a body",
  });
}

/** Appends to the base as text. The parser sees the whole, once, and its answer is what counts. */
function join(base: Base, text: string): string {
  const end = text.search(/[?#]/);
  const path = end === -1 ? text : text.slice(0, end);
  const rest = end === -1 ? "" : text.slice(end);
  const joined = path === "" ? base.href : base.stem + (path.startsWith("/") ? path : `/${path}`);
  if (base.query === "") return joined + rest;
  if (!rest.startsWith("?")) return `${joined}?${base.query}${rest}`;
  return `${joined}?${base.query}${/^\?(?:#|$)/.test(rest) ? "" : "&"}${rest.slice(1)}`;
}

/** `//host/x` and its backslashed spellings mean the host in any browser: read them so, and compare the origin. */
function withScheme(text: string, base: Base): string {
  if (ABSOLUTE.test(text)) return text;
  return `${base.origin.slice(0, base.origin.indexOf(":"))}://${text.replace(SCHEME_RELATIVE, "")}`;
}

function isAllowed(origin: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined || allowed === null) return false;
  if (allowed.includes(origin)) return true;
  return allowed.some(
    (entry) => parse(textOf(entry, "allowOrigins"), "allowOrigins", entry).origin === origin,
  );
}

function leavesBase(text: string, origin: string, base: Base): never {
  const slashes = SCHEME_RELATIVE.test(text);
  throw new OptionsError(
    `url: ${JSON.stringify(redactUrl(text))} leaves baseUrl: its origin is ${origin}, not ${base.origin}`,
    {
      option: "url",
      hint: slashes
        ? "a path starts with one slash; for another host give the full URL and name its origin in allowOrigins"
        : `name it in allowOrigins: ["${origin}"], or use a client without baseUrl`,
    },
  );
}

/** The one place where a URL is parsed. */
function parse(text: string, option: string, given: string): URL {
  if (text.length > MAX_LENGTH) tooLong(text.length, option);
  let url: URL | undefined;
  if (WITH_HOST.test(text)) {
    try {
      url = new URL(text);
    } catch {
      // Said below, in words that help.
    }
  }
  // `*` is no host, though WHATWG takes it for one.
  if (url === undefined || url.hostname.includes("*")) {
    const problem = urlProblem(text);
    const shown = JSON.stringify(redactUrl(given));
    throw new OptionsError(`${option}: ${shown} ${problem.what}`, {
      option,
      ...(problem.hint && { hint: problem.hint }),
    });
  }
  rememberOrigin(url.origin);
  return url;
}

/** A URL that was parsed, as it is requested. */
export function finish(url: URL, withinBase: boolean, base: Base | undefined): ResolvedUrl {
  const origin = url.origin;
  let href = url.href;
  let fragment = "";
  const hash = href.indexOf("#");
  if (hash !== -1) {
    fragment = href.slice(hash);
    href = href.slice(0, hash);
  }
  let username = base?.username;
  let password = base?.password;
  if (href.includes("@") && (url.username !== "" || url.password !== "")) {
    username = decoded(url.username);
    password = decoded(url.password);
    href = origin + url.pathname + url.search;
  }
  // WHATWG leaves a `%` that starts no escape; servers answer it with 400 (#7).
  if (href.includes("%")) href = href.replace(STRAY_PERCENT, "%25");
  return { href, origin, fragment, username, password, withinBase };
}

function decoded(userinfo: string): string {
  try {
    return decodeURIComponent(userinfo);
  } catch {
    // An escape that is no UTF-8, or a bare `%` in a password: what was written is what was meant.
    return userinfo;
  }
}
