import type { Answer } from "./answer/answer.ts";
import { problem } from "./answer/answer.ts";
import { milliseconds, wait } from "./answer/wait.ts";
import { readBearer } from "./auth/accounts.ts";
import { isUnlucky } from "./faults/flaky.ts";
import { Refusal } from "./refusal.ts";
import { type Again, type Ask, query, type Route } from "./route.ts";
import type { World } from "./world.ts";

/** What may stand before a route. */
interface Hardship {
  /** What its value is; a value that does not fit is refused. */
  readonly takes: RegExp;
  readonly about: string;
  /** An answer in the place of the route's, or undefined where the request goes on. */
  meet(value: string, ask: Ask, world: World): Answer | undefined | Promise<Answer | undefined>;
}

const NUMBER = /^(?:\d+(?:\.\d*)?|\.\d+)$/;
const WINDOW = 1000;

const HARDSHIPS: Readonly<Record<string, Hardship>> = {
  flaky: {
    takes: NUMBER,
    about: "the share of requests that are 503, such as .1",
    meet: (value, ask, world) => {
      const number = world.runs.count(runOf(ask), "with flaky");
      const unlucky = isUnlucky(number, Number(value), Number(ask.req.query("seed") ?? 1));
      return unlucky ? problem(503, "flaky: this request was one of those that fail", FRESH) : undefined;
    },
  },
  rate: {
    takes: NUMBER,
    about: "requests a second, beyond which it is 429",
    meet: (value, ask, world) => {
      const counter = world.runs.counter(runOf(ask), "with rate");
      const now = world.settings.now();
      const [used = 0, began = now] = counter;
      const fresh = used === 0 || now >= began + WINDOW;
      counter[0] = fresh ? 1 : used + 1;
      counter[1] = fresh ? now : began;
      if (counter[0] <= Number(value)) return undefined;
      const seconds = Math.ceil((counter[1] + WINDOW - now) / 1000);
      const headers = { ...FRESH, "Retry-After": String(seconds), RateLimit: `"default";r=0;t=${seconds}` };
      return problem(429, `rate: ${value} requests a second are all there are`, headers);
    },
  },
  bearer: {
    takes: /^(?:\d+(?:\.\d*)?|\.\d+)s$/,
    about: "wants a token of /auth/token that is no older than so many seconds, such as 2s",
    meet: (value, ask, world) => {
      const token = readBearer(ask.req.header("authorization"));
      const challenge = 'Bearer realm="practice"';
      if (token === undefined)
        return problem(401, "bearer: this wants a token of /auth/token", { "WWW-Authenticate": challenge });
      const reason = world.tokens.use(token, Number(value.slice(0, -1)));
      if (reason === undefined) return undefined;
      const said = `${challenge}, error="invalid_token", error_description="${reason}"`;
      return problem(401, reason, { "WWW-Authenticate": said });
    },
  },
  latency: {
    takes: NUMBER,
    about: "milliseconds before the answer",
    meet: async (value, ask) => {
      await wait(milliseconds(value), ask.req.raw.signal);
      return undefined;
    },
  },
};

const FRESH = { "Cache-Control": "no-store" };

/** `/with/flaky=.1;rate=50/…`: any route, with hardships before it. */
export const withRoute: Route = {
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  path: "/with/:faults/:rest{.+}",
  topic: "Faults",
  summary: `Any route, with hardships before it: ${Object.entries(HARDSHIPS)
    .map(([name, { about }]) => `${name}= ${about}`)
    .join("; ")}`,
  params: [
    query("seed", "which requests flaky fails (1)"),
    query("run", "the run that flaky and rate count"),
  ],
  handle: async (ask, world, again) => {
    for (const [hardship, value] of readFaults(ask.req.param("faults") ?? "")) {
      const answer = await hardship.meet(value, ask, world);
      if (answer !== undefined) return answer;
    }
    return beyond(ask, again);
  },
};

function runOf(ask: Ask): string {
  return ask.req.query("run") ?? "";
}

function readFaults(text: string): [Hardship, string][] {
  return text.split(";").map((part) => {
    const [name = "", value = ""] = part.split("=", 2);
    const hardship = Object.hasOwn(HARDSHIPS, name) ? HARDSHIPS[name] : undefined;
    if (hardship?.takes.test(value)) return [hardship, value];
    const known = Object.entries(HARDSHIPS).map(([known, { about }]) => `${known}= ${about}`);
    throw new Refusal(
      400,
      `/with/ does not know ${JSON.stringify(part.slice(0, 60))}; it knows ${known.join("; ")}`,
    );
  });
}

/** The answer of the route behind, whose links lead through the same hardships. */
function beyond(ask: Ask, again: Again): Response | Promise<Response> {
  const url = new URL(ask.req.url);
  const [, before = "", rest = "/"] = /^(\/with\/[^/]*)(\/.*)$/.exec(url.pathname) ?? [];
  url.pathname = rest;
  const { method, headers, body, signal } = ask.req.raw;
  const init: RequestInit & { duplex?: "half" } = { method, headers, signal };
  if (body !== null) {
    init.body = body;
    init.duplex = "half";
  }
  return again(new Request(url, init), { ...ask.env, prefix: (ask.env.prefix ?? "") + before });
}
