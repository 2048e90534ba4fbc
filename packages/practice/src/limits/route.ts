import { json, problem } from "../answer/answer.ts";
import { amount } from "../faults/count.ts";
import { type Ask, query, type Route } from "../route.ts";
import { DIALECTS, type ResetAs } from "./dialects.ts";
import { countRequest, type Kind } from "./limiter.ts";

const KINDS: readonly Kind[] = ["window", "sliding", "bucket"];
const RESETS: readonly ResetAs[] = ["epoch", "ms", "seconds", "date"];
const RETRIES = ["seconds", "date", "ms", "none"] as const;

/** `/faults/rate-limit`: so many requests in a window of time, and then 429. */
export const rateLimit: Route = {
  methods: ["GET", "POST"],
  path: "/faults/rate-limit",
  topic: "Faults",
  summary: "429 beyond `limit` requests of a run in `window` seconds, saying so in the headers of the day",
  params: [
    query("limit", "requests of a window (5)"),
    query("window", "seconds (10); it begins with the first request"),
    query(
      "kind",
      "window (default), sliding, or bucket: `limit` tokens, which come back one by one in `window`",
    ),
    query(
      "per",
      "run (default), or key: each credential (Authorization, X-API-Key, api_key) is counted by itself",
    ),
    query("dialect", `${[...DIALECTS.keys()].join(", ")} (default both: RateLimit and X-RateLimit-*)`),
    query("reset", `${RESETS.join(", ")} (default epoch): what X-RateLimit-Reset says`),
    query("retry", `${RETRIES.join(", ")} (default seconds): what Retry-After says`),
    query("status", "the status of a refusal (429)"),
    query("run", "the run that is counted"),
  ],
  handle: (ask, world) => {
    const limit = Math.floor(amount(ask, "limit", 5, 1));
    const window = amount(ask, "window", 10, 0.001);
    const kind = oneOf(ask, "kind", KINDS);
    const reset = oneOf(ask, "reset", RESETS);
    const retry = oneOf(ask, "retry", RETRIES);
    const dialect = DIALECTS.get(ask.req.query("dialect") ?? "both");
    if (kind === undefined || reset === undefined || retry === undefined || dialect === undefined) {
      return problem(400, "kind, reset, retry or dialect is not known; /openapi.json says what there is");
    }
    const now = world.settings.now();
    const who = ask.req.query("per") === "key" ? ` ${credentialOf(ask)}` : "";
    const numbers = world.runs.counter(ask.req.query("run") ?? "", ask.req.path + who);
    const standing = countRequest(kind, numbers, limit, window, now);
    const { allowed, remaining, next } = standing;
    // The moments that are told are of this clock, whatever time it is elsewhere.
    const date = new Date(now).toUTCString();
    const headers = new Headers({
      Date: date,
      "Cache-Control": "no-store",
      ...dialect(standing, reset, now),
    });
    if (allowed) return json({ used: limit - remaining, limit, remaining }, 200, headers);
    if (retry === "ms") headers.set("retry-after-ms", String(Math.ceil(next)));
    if (retry === "seconds") headers.set("Retry-After", String(Math.ceil(next / 1000)));
    if (retry === "date")
      headers.set("Retry-After", new Date(Math.ceil((now + next) / 1000) * 1000).toUTCString());
    const error = `${limit} requests in ${window} seconds are all there are`;
    return json({ error, limit, remaining: 0 }, amount(ask, "status", 429, 400), headers);
  },
};

/** The word of a query, the first of those that there are where none is given, or undefined where it is not one of them. */
function oneOf<Word extends string>(ask: Ask, name: string, words: readonly Word[]): Word | undefined {
  const given = ask.req.query(name) || words[0];
  return words.find((word) => word === given);
}

function credentialOf(ask: Ask): string {
  const { req } = ask;
  return req.header("authorization") ?? req.header("x-api-key") ?? req.query("api_key") ?? "";
}
