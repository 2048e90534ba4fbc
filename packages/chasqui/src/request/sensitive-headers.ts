/**
 * The one list of names whose values are secrets, and the one list of headers that may cross to another origin.
 *
 * Every client of this field has shipped the bug of a list that was repeated on some path and too short there
 * (CVE-2018-18074, CVE-2023-43804, CVE-2026-40895 …). Whoever prints, redirects or records asks here.
 *
 * @module
 */

/** Headers that carry credentials by definition, whatever the patterns below would say. */
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "cookie2",
  "set-cookie",
  "set-cookie2",
  "x-api-key",
  "x-functions-key",
  "x-rapidapi-key",
  "x-master-key",
  "ocp-apim-subscription-key",
  "dd-application-key",
  "x-forwarded-client-cert",
  "cf-access-jwt-assertion",
  "x-amzn-oidc-data",
  "dpop",
]);

/**
 * Names that read like a secret and are none: a person who debugs needs to see them.
 * `www-authenticate` is the server's question, not the answer; an idempotency key only names a request.
 */
const PLAIN_HEADERS: ReadonlySet<string> = new Set([
  "www-authenticate",
  "proxy-authenticate",
  "authentication-info",
  "proxy-authentication-info",
  "idempotency-key",
  "x-idempotency-key",
  "sec-websocket-key",
  "surrogate-key",
  "x-cache-key",
  "access-control-allow-credentials",
]);

/** Parts of a name that mark its value as a secret, in a header as in a query. */
const SECRET_PART =
  /token|secret|passw|passphrase|api[-_.]?key|access[-_.]?key|private[-_.]?key|signing[-_.]?key|auth(?!or(?!i[sz]))|credential|signature|session|jwt|bearer|otp\b/;

/** `x-ratelimit-remaining-tokens` counts tokens, it is none. */
const COUNTS_TOKENS = /^(?:x-)?rate-?limit|(?:max|min|num|count|total)[-_.]?tokens$/;

/**
 * Whether the value of a header must never be printed: not in a message, not by `inspect`, not in JSON.
 *
 * @param name - A header's name in any spelling.
 * @example
 * ```ts
 * isSensitiveHeader("Authorization"); // true
 * isSensitiveHeader("x-acme-api-key"); // true
 * isSensitiveHeader("content-type"); // false
 * ```
 */
export function isSensitiveHeader(name: string): boolean {
  const lower = name.toLowerCase();
  if (SECRET_HEADERS.has(lower)) return true;
  if (PLAIN_HEADERS.has(lower)) return false;
  return SECRET_PART.test(lower) && !COUNTS_TOKENS.test(lower);
}

/** What describes the request itself and says nothing about who asks (design D19). Everything else stays at home. */
const CROSSING: ReadonlySet<string> = new Set([
  "accept",
  "accept-charset",
  "accept-datetime",
  "accept-encoding",
  "accept-language",
  "content-type",
  "content-language",
  "content-encoding",
  "user-agent",
  "range",
  "if-range",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "prefer",
]);

/**
 * Whether a header may go along when a redirect leaves the origin (scheme, host and port) that the caller named.
 *
 * An allow-list and not a list of secrets: a header nobody has heard of, such as `x-acme-key`, stays at home too
 * (CVE-2026-40895).
 *
 * @param name - A header's name in any spelling.
 * @example
 * ```ts
 * survivesCrossing("Accept-Language"); // true
 * survivesCrossing("X-Api-Key"); // false
 * ```
 */
export function survivesCrossing(name: string): boolean {
  return CROSSING.has(name.toLowerCase());
}

/** Query names that are secrets by themselves; too short or too common for a pattern. */
const SECRET_PARAMS: ReadonlySet<string> = new Set([
  "key",
  "code",
  "sig",
  "sid",
  "pass",
  "pwd",
  "pw",
  "pin",
  "jsessionid",
  "phpsessid",
  "assertion",
  "samlresponse",
  "samlart",
  "awsaccesskeyid",
  "subscription-key",
  "hmac",
]);

/** The marks of a place in a list. A pull prints thousands of them, and they open nothing by themselves. */
const PAGE_TOKEN =
  /^(?:next[-_.]?)?(?:page|continuation|sync|pagination|cursor|next|skip|change|resume|start)[-_.]?token$/;

/**
 * Whether the value of a query parameter must never be printed.
 *
 * @param name - The decoded name of a query parameter, brackets and dots included.
 * @param secretParams - Lower-case names that are secrets besides: those of a request whose values came as a `Secret`.
 * @example
 * ```ts
 * sensitiveParam("api_key"); // true
 * sensitiveParam("X-Amz-Signature"); // true
 * sensitiveParam("page_token"); // false: a place in a list
 * ```
 */
export function sensitiveParam(name: string, secretParams?: ReadonlySet<string>): boolean {
  const lower = name.toLowerCase();
  if (SECRET_PARAMS.has(lower) || secretParams?.has(lower) === true) return true;
  return SECRET_PART.test(lower) && !PAGE_TOKEN.test(lower) && !COUNTS_TOKENS.test(lower);
}
