import { type Answer, json } from "../answer/answer.ts";
import { query, type Route } from "../route.ts";
import { amount } from "./count.ts";

/** Where a run stands within its window. */
interface Standing {
  readonly limit: number;
  readonly window: number;
  readonly remaining: number;
  /** Seconds until the window ends, rounded up. */
  readonly seconds: number;
  /** The end of the window, in seconds since 1970. */
  readonly end: number;
}

/** `/faults/rate-limit`: so many requests in a window of time, and then 429. */
export const rateLimit: Route = {
  methods: ["GET", "POST"],
  path: "/faults/rate-limit",
  topic: "Faults",
  summary: "429 beyond `limit` requests of a run in `window` seconds, saying so in the headers of the day",
  params: [
    query("limit", "requests of a window (5)"),
    query("window", "seconds (10); it begins with the first request"),
    query("dialect", "ratelimit (RateLimit, RateLimit-Policy), x (X-RateLimit-*), none, or both (default)"),
    query("reset", "seconds or epoch (default): what X-RateLimit-Reset says"),
    query("run", "the run that is counted"),
  ],
  handle: (ask, world): Answer => {
    const limit = Math.floor(amount(ask, "limit", 5));
    const window = amount(ask, "window", 10, 0.001);
    const now = world.settings.now();
    const counter = world.runs.counter(ask.req.query("run") ?? "", ask.req.path);
    const [used = 0, began = now] = counter;
    const fresh = used === 0 || now >= began + window * 1000;
    counter[0] = fresh ? 1 : used + 1;
    counter[1] = fresh ? now : began;
    const left = counter[1] + window * 1000 - now;
    const standing: Standing = {
      limit,
      window,
      remaining: Math.max(0, limit - counter[0]),
      seconds: Math.ceil(left / 1000),
      end: Math.ceil((now + left) / 1000),
    };
    const headers = describe(
      standing,
      ask.req.query("dialect") ?? "both",
      ask.req.query("reset") !== "seconds",
    );
    if (counter[0] <= limit)
      return json({ used: counter[0], limit, remaining: standing.remaining }, 200, headers);
    headers.set("Retry-After", String(standing.seconds));
    return json(
      { error: `${limit} requests in ${window} seconds are all there are`, limit, remaining: 0 },
      429,
      headers,
    );
  },
};

/** The fields of draft-ietf-httpapi-ratelimit-headers (10), and those that everybody had before. */
function describe(standing: Standing, dialect: string, epoch: boolean): Headers {
  const { limit, window, remaining, seconds, end } = standing;
  const headers = new Headers({ "Cache-Control": "no-store" });
  if (dialect === "both" || dialect === "ratelimit") {
    headers.set("RateLimit-Policy", `"default";q=${limit};w=${Math.ceil(window)}`);
    headers.set("RateLimit", `"default";r=${remaining};t=${seconds}`);
  }
  if (dialect === "both" || dialect === "x") {
    headers.set("X-RateLimit-Limit", String(limit));
    headers.set("X-RateLimit-Remaining", String(remaining));
    headers.set("X-RateLimit-Reset", String(epoch ? end : seconds));
  }
  return headers;
}
