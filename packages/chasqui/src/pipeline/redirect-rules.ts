/**
 * What a redirect changes, what it leaves behind, and where it may not go. Pure decisions; `redirect.ts` acts on them.
 *
 * @module
 */

import { OptionsError } from "../errors/options-error.ts";
import { checkHeaderName } from "../request/field.ts";
import { survivesCrossing } from "../request/sensitive-headers.ts";
import { unknownField, wrongValue } from "../request/wrong-option.ts";

/** What is done about redirects. */
export interface RedirectOptions {
  /** The most hops that are followed; 0 follows none and gives the 3xx back. Default 20. */
  readonly max?: number | undefined;
  /** Headers of the caller's that go along to another origin. Default none but those that say nothing about who asks. */
  readonly keepHeaders?: readonly string[] | undefined;
  /** Whether https may lead to http. Default false. */
  readonly allowDowngrade?: boolean | undefined;
}

/** The option `redirect`: `"manual"` gives the 3xx back, `"error"` throws at one. */
export type RedirectOption = "follow" | "manual" | "error" | RedirectOptions;

/** The option, complete. */
export interface RedirectPolicy {
  readonly mode: "follow" | "manual" | "error";
  readonly max: number;
  /** Lower-case names. */
  readonly keepHeaders: readonly string[];
  readonly allowDowngrade: boolean;
}

const NO_NAMES: readonly string[] = Object.freeze([]);

const FOLLOW: RedirectPolicy = Object.freeze({
  mode: "follow",
  max: 20,
  keepHeaders: NO_NAMES,
  allowDowngrade: false,
});
const MANUAL: RedirectPolicy = Object.freeze({ ...FOLLOW, mode: "manual", max: 0 });
const ERROR: RedirectPolicy = Object.freeze({ ...FOLLOW, mode: "error", max: 0 });

const FIELDS: readonly string[] = ["max", "keepHeaders", "allowDowngrade"];

const MODES =
  'Redirects are followed unless it is `redirect: "manual"` or `redirect: "error"`, which stand for themselves.';
const MAX = "Did you mean `max`?";

/** Fields of other clients. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["follow", MODES],
  ["mode", MODES],
  ["manual", MODES],
  ["error", MODES],
  ["limit", MAX],
  ["count", MAX],
  ["maxRedirects", MAX],
]);

/**
 * The policy that an option means.
 *
 * @param option - What the caller gave.
 * @param base - The policy that fills what the option leaves out, such as the client's; follow 20 without it.
 * @throws {OptionsError} naming the field, what was given and what is allowed.
 * @example
 * ```ts
 * normalizeRedirect({ max: 0 }).mode; // "manual" (S12)
 * normalizeRedirect({ keepHeaders: ["X-Api-Key"] }).keepHeaders; // ["x-api-key"]
 * ```
 */
export function normalizeRedirect(
  option: RedirectOption | undefined,
  base: RedirectPolicy = FOLLOW,
): RedirectPolicy {
  if (option === undefined) return base;
  if (option === "manual") return MANUAL;
  if (option === "error") return ERROR;
  // Following again after a client that does not: its 0 is not a limit that anybody asked for.
  const start = base.mode === "follow" ? base : { ...base, mode: "follow" as const, max: FOLLOW.max };
  if (option === "follow") return start;
  if (typeof option !== "object" || option === null || Array.isArray(option)) {
    throw wrongValue(
      "redirect",
      option,
      '"follow", "manual", "error", or an object with max, keepHeaders, allowDowngrade',
    );
  }
  let { max, keepHeaders, allowDowngrade } = start;
  // Own properties alone: a polluted Object.prototype allows nothing (S55).
  for (const [key, value] of Object.entries<unknown>({ ...option })) {
    if (!FIELDS.includes(key)) throw unknownField("redirect", key, FIELDS, HINTS.get(key));
    if (value === undefined) continue;
    if (key === "max") max = hops(value);
    else if (key === "keepHeaders") keepHeaders = names(value);
    else allowDowngrade = flag(value);
  }
  return Object.freeze({ mode: max === 0 ? "manual" : "follow", max, keepHeaders, allowDowngrade });
}

function hops(given: unknown): number {
  if (typeof given === "number" && Number.isInteger(given) && given >= 0) return given;
  throw wrongValue("redirect.max", given, "a whole number of hops, 0 for none");
}

function flag(given: unknown): boolean {
  if (typeof given === "boolean") return given;
  throw wrongValue("redirect.allowDowngrade", given, "true or false");
}

function names(given: unknown): readonly string[] {
  const option = "redirect.keepHeaders";
  if (!Array.isArray(given)) throw wrongValue(option, given, "an array of header names");
  const list: string[] = [];
  for (const name of given) {
    checkHeaderName(name, option);
    const lower = name.toLowerCase();
    if (NEVER.has(lower)) {
      throw new OptionsError(`\`${option}\` names ${name}, which is made anew for every hop`, { option });
    }
    list.push(lower);
  }
  return Object.freeze(list);
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Whether an answer redirects: 301, 302, 303, 307 or 308, with somewhere to go. 300 and 304 to 306 never do.
 *
 * @param status - The answer's status.
 * @param location - Its `Location`, if it has one.
 */
export function isRedirect(status: number, location: string | null | undefined): boolean {
  return REDIRECTS.has(status) && location !== null && location !== undefined && location.trim() !== "";
}

/**
 * The method of the next hop. 301 and 302 change POST to GET and nothing else, 303 changes everything but HEAD, 307
 * and 308 change nothing (RFC 9110 §15.4; Fetch does the same, both big Pythons turn a PUT into a GET).
 *
 * @param status - The redirect's status.
 * @param method - The method that it answered, in capitals.
 * @example
 * ```ts
 * nextMethod(302, "POST"); // "GET"
 * nextMethod(302, "PUT"); // "PUT"
 * nextMethod(303, "PUT"); // "GET"
 * ```
 */
export function nextMethod(status: number, method: string): string {
  if (status === 303) return method === "HEAD" ? "HEAD" : "GET";
  if ((status === 301 || status === 302) && method === "POST") return "GET";
  return method;
}

/**
 * Whether the next hop goes without the body: where the method becomes another one, and at a 303, which asks for
 * the retrieval of something else (S10).
 *
 * @param status - The redirect's status.
 * @param method - The method that it answered, in capitals.
 */
export function dropsBody(status: number, method: string): boolean {
  return status === 303 || nextMethod(status, method) !== method;
}

/**
 * Whether two URLs have the same origin: scheme, host and port, a default port written or not (S3, S20, D18). What
 * is no URL, and what has no origin, is not the same as anything.
 *
 * @example
 * ```ts
 * sameOrigin("https://a.example/x", "https://A.example:443/y"); // true
 * sameOrigin("http://a.example/", "https://a.example/"); // false
 * ```
 */
export function sameOrigin(a: string | URL, b: string | URL): boolean {
  const origin = originOf(a);
  return origin !== "null" && origin === originOf(b);
}

function originOf(url: string | URL): string {
  return (typeof url === "string" ? URL.parse(url)?.origin : url.origin) ?? "null";
}

/**
 * Why a hop may not be taken; undefined where it may. Only http and https are gone to, and https does not lead to
 * http unless the policy allows it (D20, S48, S52). The text names schemes and nothing that could be a secret.
 *
 * @param from - The URL that answered.
 * @param to - Where the redirect leads.
 * @param policy - Whether a downgrade is allowed.
 */
export function refusal(
  from: string | URL,
  to: string | URL,
  policy: Pick<RedirectPolicy, "allowDowngrade">,
): string | undefined {
  const target = schemeOf(to);
  if (target !== "http" && target !== "https") {
    return target === undefined
      ? "the target is no URL"
      : `the target's scheme is ${target}, not http or https`;
  }
  if (schemeOf(from) === "https" && target === "http" && !policy.allowDowngrade) {
    return "it leads from https to http, and `redirect.allowDowngrade` is not set";
  }
  return undefined;
}

function schemeOf(url: string | URL): string | undefined {
  const protocol = typeof url === "string" ? URL.parse(url)?.protocol : url.protocol;
  return protocol?.slice(0, -1);
}

/** What describes a body and goes with it (RFC 9110 §15.4; #63). */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
  "content-md5",
  "content-digest",
  "content-range",
  "content-disposition",
  "digest",
  "repr-digest",
  "last-modified",
  "expect",
]);

/**
 * What belongs to one connection or one hop and is made anew for the next: the host, the hop-by-hop fields of RFC
 * 9110 §7.6.1, and what was meant for a proxy, which the next hop may not use (S1, S4, S33).
 */
const NEVER: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** What decides the headers of a hop. */
export interface HopFacts {
  /** Whether the hop leaves the origin that the caller named. Once left, it stays left: A→B→A brings nothing back. */
  readonly crossing: boolean;
  /** Whether the body is dropped; see `dropsBody`. */
  readonly bodyDropped: boolean;
  /** Lower-case names that the caller lets cross. */
  readonly keepHeaders: readonly string[];
  /** Lower-case names of the headers that were given as a `Secret`: they stay at home whatever they are called (S45). */
  readonly secretNames?: ReadonlySet<string> | undefined;
}

/** The headers of a hop, and the names of those that stayed at home at a border, for a hint after a 401 or 403. */
export interface HopHeaders {
  /** Name, value, name, value … */
  readonly headers: string[];
  /** In the caller's spelling, each once. Never a value. */
  readonly withheld: string[];
}

/**
 * The headers that go along to the next hop, every line of a repeated one judged alike (S36).
 *
 * @param flat - The headers of the hop before, name, value, name, value …
 * @param facts - What kind of hop it is.
 * @example
 * ```ts
 * headersForNextHop(["Accept", "a/b", "X-Api-Key", "1"], { crossing: true, bodyDropped: false, keepHeaders: [] });
 * // { headers: ["Accept", "a/b"], withheld: ["X-Api-Key"] }
 * ```
 */
export function headersForNextHop(flat: readonly string[], facts: HopFacts): HopHeaders {
  const headers: string[] = [];
  const withheld: string[] = [];
  const told = new Set<string>();
  const ofConnection = connectionNames(flat);
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at] ?? "";
    const lower = name.toLowerCase();
    if (NEVER.has(lower) || ofConnection.has(lower)) continue;
    if (facts.bodyDropped && OF_THE_BODY.has(lower)) continue;
    // The length of a body that goes along is said with it, and says nothing about who asks.
    const says = lower === "content-length" || survivesCrossing(lower);
    const crosses = (says && !facts.secretNames?.has(lower)) || facts.keepHeaders.includes(lower);
    if (!facts.crossing || crosses) {
      headers.push(name, flat[at + 1] ?? "");
    } else if (!told.has(lower)) {
      told.add(lower);
      withheld.push(name);
    }
  }
  return { headers, withheld };
}

/** What the caller's `Connection` lists is hop-by-hop too (RFC 9110 §7.6.1). */
function connectionNames(flat: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (let at = 0; at + 1 < flat.length; at += 2) {
    if (flat[at]?.toLowerCase() !== "connection") continue;
    for (const name of (flat[at + 1] ?? "").split(",")) found.add(name.trim().toLowerCase());
  }
  return found;
}
