import { empty, json } from "./answer/answer.ts";
import { Refusal } from "./refusal.ts";
import { type Ask, query, type Route } from "./route.ts";

/** `/cache`: says of itself to caches whatever is asked, and counts how often it was asked. */
export const cacheRoute: Route = {
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  path: "/cache",
  topic: "Caches",
  summary:
    "Says to caches what is asked: how long it is fresh, what chooses it, whether it has changed; counts the requests",
  params: [
    query("control", "Cache-Control, as it is (no-cache)"),
    query("etag", "the tag, without its quotes; a request that knows it is answered 304"),
    query(
      "modified",
      "Last-Modified: so many seconds before this day began; a request that knows it is answered 304",
    ),
    query("expires", "Expires: so many seconds from now"),
    query("age", "Age, as it is"),
    query("vary", "Vary, as it is, besides what every answer varies by"),
    query("run", "the run that is counted"),
  ],
  handle: (ask, world) => {
    const now = world.settings.now();
    const served = world.runs.count(ask.req.query("run") ?? "", ask.req.path);
    const headers = new Headers();
    for (const [param, name] of Object.entries({ control: "Cache-Control", age: "Age", vary: "Vary" })) {
      const value = ask.req.query(param);
      if (value !== undefined) set(headers, name, value);
    }
    const tag = ask.req.query("etag");
    if (tag !== undefined) set(headers, "ETag", `"${tag}"`);
    const expires = seconds(ask, "expires");
    if (expires !== undefined) headers.set("Expires", new Date(now + expires).toUTCString());
    const modified = seconds(ask, "modified");
    if (modified !== undefined) {
      // From a moment that does not move with every request.
      const today = Math.floor(now / DAY) * DAY;
      headers.set("Last-Modified", new Date(today - modified).toUTCString());
    }
    const known = ask.req.header("if-none-match") === undefined && ask.req.header("if-modified-since");
    return known && known === headers.get("last-modified")
      ? empty(304, headers)
      : json({ served }, 200, headers);
  },
};

const DAY = 24 * 60 * 60 * 1000;

function seconds(ask: Ask, param: string): number | undefined {
  const text = ask.req.query(param);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text !== "" && Math.abs(value) < 1e9) return value * 1000;
  throw new Refusal(400, `${param} must be a number of seconds, not ${JSON.stringify(text.slice(0, 60))}`);
}

function set(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new Refusal(400, `${JSON.stringify(value.slice(0, 60))} cannot stand in ${name}`);
  }
}
