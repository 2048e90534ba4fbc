import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Answer, json, text } from "../answer/answer.ts";
import { wait } from "../answer/wait.ts";
import { ConnectionFault } from "../faults/connection.ts";
import { LONGEST_DELAY } from "../options.ts";
import type { Ask } from "../route.ts";
import type { World } from "../world.ts";

type Body = Readonly<Record<string, unknown>>;
type Spoil = (body: Body, ask: Ask) => Answer | Response | Promise<Answer | Response>;

/** What may go wrong with the answer of a token endpoint. The token has been made all the same. */
const FAULTS: Readonly<Record<string, Spoil>> = {
  html: () => text("<!doctype html><title>Sign in</title><p>Sign in, please", "text/html; charset=utf-8"),
  "error-200": () => json({ error: "invalid_request", error_description: "said with 200" }),
  "expires-string": ({ expires_in: seconds, ...body }) => json({ ...body, expires_in: String(seconds) }),
  "expires-negative": (body) => json({ ...body, expires_in: -1 }),
  "expires-missing": ({ expires_in: _, ...body }) => json(body),
  "type-missing": ({ token_type: _, ...body }) => json(body),
  "type-other": (body) => json({ ...body, token_type: "mac" }),
  huge: (body) => json({ ...body, padding: "x".repeat(8 * 1024 * 1024) }),
  redirect: (_, ask) => {
    const headers = { Location: ask.req.query("to") ?? "/echo" };
    return json({ error: "moved" }, 307, headers);
  },
  hang: async (_, ask) => {
    await wait(LONGEST_DELAY, ask.req.raw.signal);
    return json({ error: "temporarily_unavailable" }, 503);
  },
  lost: (_, ask) => {
    const socket = ask.env.incoming?.socket;
    if (!socket) throw new ConnectionFault("ECONNRESET", "the practice API lost its answer");
    socket.resetAndDestroy();
    return RESPONSE_ALREADY_SENT;
  },
};

/** Their names. */
export const TOKEN_FAULTS: readonly string[] = Object.keys(FAULTS);

/** The answer with a token, or what the query wants in its place for so many requests of a run. */
export function spoiled(
  ask: Ask,
  world: World,
  body: Body,
  good: () => Answer,
): Answer | Response | Promise<Answer | Response> {
  const name = ask.req.query("fault") ?? "";
  const spoil = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (spoil === undefined) return good();
  const count = world.runs.count(ask.req.query("run") ?? "", `token ${name}`);
  return count <= Number(ask.req.query("times") ?? Number.POSITIVE_INFINITY) ? spoil(body, ask) : good();
}
