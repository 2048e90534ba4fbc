import type { Standing } from "./limiter.ts";

/** How the moment is told at which a quota is whole again. */
export type ResetAs = "epoch" | "ms" | "seconds" | "date";

type Lines = Readonly<Record<string, string>>;

/** `now`: milliseconds since 1970. */
type Dialect = (standing: Standing, reset: ResetAs, now: number) => Lines;

function moment(ms: number, as: ResetAs, now: number): string {
  if (as === "seconds") return String(Math.ceil(ms / 1000));
  if (as === "ms") return String(Math.ceil(now + ms));
  const end = Math.ceil((now + ms) / 1000);
  return as === "epoch" ? String(end) : new Date(end * 1000).toISOString().replace(".000", "");
}

/** `1h2m3.5s`, as Go writes a length of time. */
function goDuration(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = Math.ceil((ms % 60_000) / 10) / 100;
  return `${hours > 0 ? `${hours}h` : ""}${hours + minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}

/** Limit, what remains, and when it is whole, under names that begin alike. */
function three(prefix: string, { limit, remaining, whole }: Standing, reset: ResetAs, now: number): Lines {
  return {
    [`${prefix}Limit`]: String(limit),
    [`${prefix}Remaining`]: String(remaining),
    [`${prefix}Reset`]: moment(whole, reset, now),
  };
}

/** The fields of draft-ietf-httpapi-ratelimit-headers (10). */
const ratelimit: Dialect = ({ limit, window, remaining, whole }) => ({
  "RateLimit-Policy": `"default";q=${limit};w=${Math.ceil(window)}`,
  RateLimit: `"default";r=${remaining};t=${Math.ceil(whole / 1000)}`,
});

const x: Dialect = (standing, reset, now) => three("X-RateLimit-", standing, reset, now);

/** The ways to tell of a quota, by the name that `dialect` gives them. */
export const DIALECTS: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ["both", (standing, reset, now) => ({ ...ratelimit(standing, reset, now), ...x(standing, reset, now) })],
  ["ratelimit", ratelimit],
  [
    "draft-7",
    ({ limit, window, remaining, whole }) => ({
      "RateLimit-Policy": `${limit};w=${Math.ceil(window)}`,
      RateLimit: `limit=${limit}, remaining=${remaining}, reset=${Math.ceil(whole / 1000)}`,
    }),
  ],
  ["draft-3", (standing, _, now) => three("RateLimit-", standing, "seconds", now)],
  ["x", x],
  [
    "github",
    (standing, _, now) => ({
      ...three("X-RateLimit-", standing, "epoch", now),
      "X-RateLimit-Resource": "core",
    }),
  ],
  [
    "openai",
    ({ limit, remaining, whole }) => ({
      "x-ratelimit-limit-requests": String(limit),
      "x-ratelimit-remaining-requests": String(remaining),
      "x-ratelimit-reset-requests": goDuration(whole),
    }),
  ],
  [
    "anthropic",
    (standing, _, now) => ({
      "anthropic-ratelimit-requests-limit": String(standing.limit),
      "anthropic-ratelimit-requests-remaining": String(standing.remaining),
      "anthropic-ratelimit-requests-reset": moment(standing.whole, "date", now),
    }),
  ],
  ["none", () => ({})],
]);
