/**
 * What the headers of an answer say of quotas, in all the dialects that are about. Pure; what is malformed says nothing, whatever
 * else the server says beside it (draft-ietf-httpapi-ratelimit-headers).
 *
 * @module
 */
import { parseHttpDate } from "../response/http-date.ts";
import { type BareItem, parseDictionary, parseList } from "../response/structured-field.ts";
import type { RateLimit, RateLimitUnit } from "./rate-limit.ts";
import { parseReset } from "./reset-time.ts";

/** Quotas beyond this number are not looked at. */
const MOST = 16;
/** A longer name is cut: it is only there to tell quotas apart. */
const LONGEST_NAME = 64;

/** Quotas that only an answer to everybody has: one from a cache on the way tells of whoever asked before. */
function fromCache(headers: ReadonlyMap<string, string>): boolean {
  return /^\s*0*[1-9]/.test(headers.get("age") ?? "");
}

/**
 * The quotas that an answer tells of. Of several dialects in one answer the newest counts: `RateLimit` and `RateLimit-Policy`
 * of the draft, then `RateLimit-Limit`, `-Remaining`, `-Reset` of the older drafts, then those of vendors (`X-RateLimit-*`,
 * `X-Rate-Limit-*`, `anthropic-ratelimit-*` …).
 *
 * @param lines - The lines of the head; names in any spelling.
 * @param now - Milliseconds since 1970 by our clock. Where the answer has a `Date`, moments are reckoned from that.
 * @returns none where it tells of none, or came out of a cache.
 * @example
 * ```ts
 * readRateLimits([["RateLimit", '"default";r=50;t=30'], ["RateLimit-Policy", '"default";q=100;w=60']], Date.now());
 * // [{ name: "default", unit: "requests", limit: 100, window: 60000, remaining: 50, reset: 30000 }]
 * ```
 */
export function readRateLimits(
  lines: Iterable<readonly [name: string, value: string]>,
  now: number,
): RateLimit[] {
  const headers = new Map<string, string>();
  let told = false;
  for (const [name, value] of lines) {
    const lower = name.toLowerCase();
    const limits = /rate-?limit|api-call-limit/.test(lower);
    if (!limits && lower !== "date" && lower !== "age") continue;
    told ||= limits;
    const had = headers.get(lower);
    headers.set(lower, had === undefined ? value : `${had}, ${value}`);
  }
  if (!told || fromCache(headers)) return [];
  const theirs = parseHttpDate(headers.get("date") ?? "", now) ?? now;
  for (const read of [draft, olderDraft, vendors]) {
    const limits = read(headers, theirs);
    if (limits.length > 0) return limits.slice(0, MOST);
  }
  return [];
}

type Headers = ReadonlyMap<string, string>;

/** A number of things: whole, from 0 up. A fraction is rounded down; nobody can send half a request. */
function amount(value: BareItem | undefined): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return undefined;
  return Math.floor(value);
}

function amountIn(text: string | undefined): number | undefined {
  const value = text?.trim() ?? "";
  return /^\d{1,15}(?:\.\d{1,9})?$/.test(value) ? amount(Number(value)) : undefined;
}

/** A limit of nothing is no limit that one could keep to: what is left says it better. */
function positive(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function seconds(value: BareItem | undefined): number | undefined {
  const whole = amount(value);
  return whole === undefined ? undefined : whole * 1000;
}

function unitOf(value: BareItem | undefined): RateLimitUnit {
  switch (value) {
    case undefined:
    case "request":
    case "requests":
      return "requests";
    case "concurrency":
    case "concurrent-requests":
      return "concurrent-requests";
    case "content-bytes":
      return "content-bytes";
    default:
      return "other";
  }
}

function makesSense({ limit, remaining }: RateLimit): boolean {
  return limit !== undefined || remaining !== undefined;
}

/** `RateLimit: "default";r=50;t=30` beside `RateLimit-Policy: "default";q=100;w=60`, from draft 08 on. */
function draft(headers: Headers): RateLimit[] {
  const found = new Map<string, RateLimit>();
  for (const { value, params } of parseList(headers.get("ratelimit-policy") ?? "") ?? []) {
    const limit = positive(amount(params.get("q")));
    if (typeof value !== "string" || limit === undefined) continue;
    found.set(keyOf(value, params), {
      name: value.slice(0, LONGEST_NAME),
      unit: unitOf(params.get("qu")),
      limit,
      window: positive(seconds(params.get("w"))),
    });
  }
  for (const { value, params } of parseList(headers.get("ratelimit") ?? "") ?? []) {
    const remaining = amount(params.get("r"));
    if (typeof value !== "string" || remaining === undefined) continue;
    const key = keyOf(value, params);
    // The key of the partition may stand in one of the two alone.
    const policy = found.get(key) ??
      [...found.values()].find(({ name }) => name === value) ?? {
        name: value.slice(0, LONGEST_NAME),
        unit: "requests",
      };
    found.set(key, { ...policy, remaining, reset: seconds(params.get("t")) });
    if (key !== value && found.get(value)?.remaining === undefined) found.delete(value);
  }
  return [...found].map(([key, limit]) => ({ ...limit, name: key.slice(0, 2 * LONGEST_NAME) }));
}

/** Another partition of the same policy has a quota of its own. */
function keyOf(name: string, params: ReadonlyMap<string, BareItem>): string {
  const partition = params.get("pk");
  return partition === undefined ? name : `${name} ${String(partition)}`;
}

/**
 * `RateLimit: limit=100, remaining=50, reset=30` of draft 07, and the three headers of those before, with the windows that
 * `RateLimit-Policy: 100;w=60` or `RateLimit-Limit: 100, 100;w=60` tell.
 */
function olderDraft(headers: Headers, now: number): RateLimit[] {
  const members = parseDictionary(headers.get("ratelimit") ?? "");
  const limits = parseList(headers.get("ratelimit-limit") ?? "") ?? [];
  const limit = positive(
    amount(members?.get("limit")?.value) ??
      amount(limits[0]?.value) ??
      amountIn(headers.get("ratelimit-limit")),
  );
  const remaining = amount(members?.get("remaining")?.value) ?? amountIn(headers.get("ratelimit-remaining"));
  const reset =
    seconds(members?.get("reset")?.value) ?? parseReset(headers.get("ratelimit-reset") ?? "", now);
  const policies = [...(parseList(headers.get("ratelimit-policy") ?? "") ?? []), ...limits].filter(
    ({ value, params }) =>
      positive(amount(value)) !== undefined && positive(seconds(params.get("w"))) !== undefined,
  );
  // What is left is told of one of them: of that whose limit it is.
  const expiring =
    policies.find(({ value }) => value === limit) ?? (limit === undefined ? policies[0] : undefined);
  const found: RateLimit[] = [];
  const first: RateLimit = {
    name: "",
    unit: "requests",
    limit: limit ?? amount(expiring?.value),
    window: seconds(expiring?.params.get("w")),
    remaining,
    reset,
  };
  if (makesSense(first)) found.push(first);
  for (const policy of policies) {
    const { value, params } = policy;
    if (policy === expiring || (value === expiring?.value && params.get("w") === expiring.params.get("w")))
      continue;
    found.push({
      name: `${String(value)};w=${String(params.get("w"))}`,
      unit: "requests",
      limit: amount(value),
      window: seconds(params.get("w")),
    });
  }
  return found;
}

/** Windows that the name of a header tells, as Kong's `X-RateLimit-Limit-Minute` does. */
const WINDOWS: ReadonlyMap<string, number> = new Map([
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
]);

/** The parts of a header's name that say which value it is, longer ones first; what else is in the name tells groups apart. */
const FIELDS: readonly (readonly [part: string, field: keyof Group])[] = [
  ["interval-milliseconds", "milliseconds"],
  ["interval-seconds", "seconds"],
  ["reset-after", "resetAfter"],
  ["remaining", "remaining"],
  ["limit", "limit"],
  ["reset", "reset"],
  ["max", "limit"],
];

interface Group {
  limit?: string;
  remaining?: string;
  reset?: string;
  resetAfter?: string;
  seconds?: string;
  milliseconds?: string;
}

/**
 * The headers of vendors: `X-RateLimit-Limit`, `X-Rate-Limit-Remaining`, `x-ratelimit-reset-tokens`,
 * `anthropic-ratelimit-requests-limit`, `X-HubSpot-RateLimit-Max` … A group has a limit, what is left, when it is restored.
 */
function vendors(headers: Headers, now: number): RateLimit[] {
  const groups = new Map<string, Group>();
  for (const [name, value] of headers) {
    const [, , rest] = /^((?:[a-z0-9]+-)+)rate-?limit-([a-z0-9-]+)$/.exec(name) ?? [];
    if (rest === undefined || value.length > 256) continue;
    const [part, field] = FIELDS.find(([part]) => `-${rest}-`.includes(`-${part}-`)) ?? [];
    if (part === undefined || field === undefined) continue;
    const group = `-${rest}-`.replace(`-${part}-`, "-").replace(/^-+|-+$/g, "");
    const had = groups.get(group) ?? {};
    groups.set(group, had);
    had[field] ??= value;
  }
  const found = [...groups].map(([name, group]) => vendorLimit(name, group, headers, now)).filter(makesSense);
  return [...found, ...callLimits(headers)];
}

function vendorLimit(name: string, group: Group, headers: Headers, now: number): RateLimit {
  const [first, ...windows] = (group.limit ?? "").split(",");
  const [, said] = /;\s*(?:w|window)=(\d{1,9})/.exec(windows.join(",") || (first ?? "")) ?? [];
  const milliseconds = amountIn(group.milliseconds);
  const window = said ?? group.seconds;
  const resource = headers.get("x-ratelimit-resource") ?? headers.get("x-ratelimit-bucket") ?? "";
  const after = amountAfter(group.resetAfter);
  return {
    name: (name === "" ? resource : name).slice(0, LONGEST_NAME),
    unit: name === "" || name === "requests" || WINDOWS.has(name) ? "requests" : "other",
    limit: positive(amountIn(first?.split(";")[0])),
    window: positive(milliseconds ?? seconds(amountIn(window)) ?? WINDOWS.get(name)),
    remaining: amountIn(group.remaining),
    reset: after ?? parseReset(group.reset ?? "", now),
  };
}

/** Seconds, with a fraction: Discord's `X-RateLimit-Reset-After: 0.35`. */
function amountAfter(text: string | undefined): number | undefined {
  const value = text?.trim() ?? "";
  return /^\d{1,9}(?:\.\d{1,9})?$/.test(value) ? Math.ceil(Number(value) * 1000) : undefined;
}

/** `X-Shopify-Shop-Api-Call-Limit: 32/40`: what is used, of how much there is. */
function callLimits(headers: Headers): RateLimit[] {
  const [, used, limit] =
    /^(\d{1,9})\/(\d{1,9})$/.exec(headers.get("x-shopify-shop-api-call-limit")?.trim() ?? "") ?? [];
  if (used === undefined || limit === undefined || Number(limit) === 0) return [];
  const remaining = Math.max(0, Number(limit) - Number(used));
  return [{ name: "shop", unit: "requests", limit: Number(limit), remaining }];
}
