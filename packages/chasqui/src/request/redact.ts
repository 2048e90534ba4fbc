/**
 * How a URL and headers look in an error, a log line, a record: without the secrets in them.
 *
 * It works on text and never throws, because it also prints what a parser has just refused.
 *
 * @module
 */
import { isSensitiveHeader, sensitiveParam } from "./sensitive-headers.ts";

/** What stands where a secret stood. */
const MASK = "***";

/**
 * A text of somebody else's as one line may show it: each control character is U+FFFD. A server that writes an escape
 * sequence into its reason phrase or a header would otherwise steer the terminal that shows the log (CWE-150).
 *
 * @param text - Any text.
 * @example
 * ```ts
 * printable("OK\u001b[2J"); // "OK\ufffd[2J"
 * ```
 */
export function printable(text: string): string {
  return /\p{Cc}/u.test(text) ? text.replace(/\p{Cc}/gu, "\ufffd") : text;
}

/**
 * A URL that is safe to print: a password is masked, a user name that stands alone too (it is usually a token), and
 * the values of secret parameters in query and fragment, also of a URL that stands in a parameter, as in `?next=`; of one that stands
 * in the path, the user and the password. Control characters become U+FFFD. It never throws, and is what errors and log lines of the
 * library show.
 *
 * A parameter is secret by its name, such as `api_key`, `token` or `X-Amz-Signature`.
 *
 * @param url - An absolute or relative URL, well-formed or not.
 * @param secretParams - Lower-case names of parameters that are secrets besides, such as `request.secretParams`.
 * @example
 * ```ts
 * import { redactUrl } from "chasqui";
 * redactUrl("https://ann:pa55@api.example.com/v1?page=2&api_key=abc");
 * // "https://ann:***@api.example.com/v1?page=2&api_key=***"
 * ```
 */
export function redactUrl(url: string, secretParams?: ReadonlySet<string>): string {
  return masked(printable(url), secretParams);
}

/** How many URLs may stand in one another: a login that leads back to a page that leads to another. What is deeper is not shown. */
const DEPTH = 3;

function masked(url: string, secretParams: ReadonlySet<string> | undefined, depth: number = DEPTH): string {
  const start = url.search(/[?#]/);
  const head = start === -1 ? url : url.slice(0, start);
  const tail = start === -1 ? "" : url.slice(start);
  // A password with a raw `?`, `#` or `/` in it makes a URL that no parser takes, and that an error then prints.
  if (tail.includes("@") && brokenAuthority(head)) return maskUserinfo(url);
  return maskUserinfo(head) + (tail === "" ? "" : maskPairs(tail, secretParams, depth));
}

/**
 * What stands before an authority. A slash too few behind `http:` is a slip that an error tells of, and every parser takes what
 * is behind it for the authority; so it does with a scheme that is none, as `ht tp://`.
 */
const BEFORE_AUTHORITY = /^(?:\s*https?:[/\\]*|[^/\\?#@:]*:[/\\]{2,}|\s*[/\\]{2,})/i;

/** The place where an authority starts: behind `//`, or at the start of what has no scheme at all. */
function authorityStart(url: string): number {
  const slashes = BEFORE_AUTHORITY.exec(url);
  return slashes === null ? 0 : slashes[0].length;
}

/** Whether what stands before the first delimiter reads `name:` and then something that is no port. */
function brokenAuthority(head: string): boolean {
  const start = authorityStart(head);
  if (start === 0 && !head.includes(":")) return false;
  return hasBrokenPort(head.slice(start).split(/[/\\]/, 1)[0] ?? "");
}

function hasBrokenPort(authority: string): boolean {
  if (authority.includes("@") || authority.startsWith("[")) return false;
  const colon = authority.indexOf(":");
  return colon > 0 && !/^\d*$/.test(authority.slice(colon + 1));
}

/** A user and a password of a URL that stands in a path, as a proxy's or an archive's do: `/proxy/https://ann:pw@h/`. */
const USER_WITHIN = /(:|%3a)((?:[/\\]|%2f){1,2})(?:(?![/\\@]|%2f|%40).)+(@|%40)/gi;

function maskUserinfo(head: string): string {
  if (!/@|%40/.test(head)) return head;
  const start = authorityStart(head);
  const rest = head.slice(start);
  const end = rest.search(/[/\\?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  // With a port that is none, the authority was meant to go on to the `@`.
  const at = hasBrokenPort(authority) ? rest.lastIndexOf("@") : authority.lastIndexOf("@");
  if (at === -1) return head.slice(0, start) + rest.replace(USER_WITHIN, `$1$2${MASK}$3`);
  const colon = rest.indexOf(":");
  const user = colon === -1 || colon > at ? "" : rest.slice(0, colon);
  const password = colon === -1 || colon > at ? "" : rest.slice(colon + 1, at);
  // `https://ghp_token@host` and `https://ghp_token:x-oauth-basic@host` carry the secret as the user.
  const shown = password === "" || password === "x-oauth-basic" ? MASK : `${user}:${MASK}`;
  return `${head.slice(0, start)}${shown}${rest.slice(at).replace(USER_WITHIN, `$1$2${MASK}$3`)}`;
}

/** Masks values in `?a=1&b=2#c=3`. A fragment too: OAuth's implicit answers stand there. */
function maskPairs(tail: string, secretParams: ReadonlySet<string> | undefined, depth: number): string {
  return tail.replace(
    /([?#&;])([^=&;#?]+)=([^&;#]*)/g,
    (whole, before: string, name: string, value: string) => {
      if (value === "") return whole;
      const shown = sensitiveParam(decoded(name), secretParams)
        ? MASK
        : maskWithin(value, secretParams, depth);
      return `${before}${name}=${shown}`;
    },
  );
}

/** What a value has where a URL with a query, a fragment or a password stands in it, encoded once or more. */
const WITHIN = /[?#@]|%(?:25)*(?:3f|23|40)/i;

/** What leads to an authority. Of a scheme that may be any the end is enough, and letters are not read again from each of them. */
const TO_AUTHORITY = /^\s*[/\\]{2,}|\bhttps?:[/\\]|:[/\\]{2,}/i;

/** A value without the secrets of a URL that it is or holds; any other stays as it is written. */
function maskWithin(value: string, secretParams: ReadonlySet<string> | undefined, depth: number): string {
  if (!WITHIN.test(value)) return value;
  if (depth === 0) return MASK;
  const url = decoded(value);
  const start = url.search(/[?#]/);
  let shown = url;
  const within = url.search(TO_AUTHORITY);
  if (within >= 0 && (start < 0 || within < start))
    shown = url.slice(0, within) + masked(url.slice(within), secretParams, depth - 1);
  // Without a scheme what stands before an `@` is as likely a name as a password: `?to=ann@example.com`.
  else if (start >= 0) shown = url.slice(0, start) + maskPairs(url.slice(start), secretParams, depth - 1);
  else if (url !== value) shown = maskWithin(url, secretParams, depth - 1);
  if (shown === url) return value;
  return url === value ? shown : encodeURIComponent(shown.toWellFormed());
}

function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // Not UTF-8: what is ASCII in it is enough to know a secret's name by.
    return text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}

/** Headers whose value is a URL, or holds URLs. */
const URL_HEADERS: ReadonlySet<string> = new Set(["location", "content-location", "referer", "refresh"]);

/** URLs within a text. The scheme is bound, so that what only begins like one is not read again from each of its letters. */
const URLS = /\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s<>"]+/gi;

/**
 * One header's value as it may be printed.
 *
 * @param name - The header's name in any spelling.
 * @param value - Its value.
 * @param params - Names of parameters that are secrets besides.
 * @example
 * ```ts
 * redactHeaderValue("authorization", "Bearer abc"); // "***"
 * redactHeaderValue("location", "/next?token=abc"); // "/next?token=***"
 * ```
 */
function redactHeaderValue(name: string, value: string, params?: ReadonlySet<string>): string {
  if (isSensitiveHeader(name)) return MASK;
  if (!/[?#@]/.test(value)) return value;
  const lower = name.toLowerCase();
  if (URL_HEADERS.has(lower)) return redactUrl(value, params);
  // Without a `<` within, so that a line of nothing else is read once and not from each of them anew.
  if (lower === "link")
    return value.replace(/<([^<>]*)>/g, (_, url: string) => `<${redactUrl(url, params)}>`);
  // Whatever it is called: `x-ms-copy-source` has a signature, `operation-location` too, and `x-next-page` may repeat the key.
  if (/^\s*\//.test(value)) return redactUrl(value, params);
  return value.includes("://") ? value.replace(URLS, (url) => redactUrl(url, params)) : value;
}

/**
 * Headers as a plain object that is safe to print: secrets masked, control characters replaced by U+FFFD, lines of one
 * name joined by a comma.
 *
 * @param headers - Pairs, such as our `Headers` or Fetch's. The first spelling of a name is kept. Our `Headers` also
 *   know in `secretNames` which values were given as a `Secret`, and in `secretParams` which parameters of a URL were.
 * @example
 * ```ts
 * import { redactHeaders } from "chasqui";
 * redactHeaders([["Accept", "text/html"], ["X-Api-Key", "abc"]]); // { Accept: "text/html", "X-Api-Key": "***" }
 * ```
 */
export function redactHeaders(
  headers: Iterable<readonly [string, string]> & {
    readonly secretNames?: ReadonlySet<string> | undefined;
    readonly secretParams?: ReadonlySet<string> | undefined;
  },
): Record<string, string> {
  const secrets = headers.secretNames;
  const params = headers.secretParams;
  const shown = new Map<string, [name: string, value: string]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const safe = secrets?.has(lower) === true ? MASK : printable(redactHeaderValue(lower, value, params));
    const before = shown.get(lower);
    if (before === undefined) shown.set(lower, [name, safe]);
    else if (safe !== MASK) before[1] = `${before[1]}, ${safe}`;
  }
  // fromEntries defines and never assigns: a header named `__proto__` is a key like any other.
  return Object.fromEntries(shown.values());
}
