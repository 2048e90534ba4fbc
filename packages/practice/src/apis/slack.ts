import { type Answer, json, text } from "../answer/answer.ts";
import { readFields } from "../answer/body.ts";
import { ACCOUNTS, readBearer, same } from "../auth/accounts.ts";
import { type Ask, query, type Route } from "../route.ts";
import { phrase } from "../rows/words.ts";
import { Made, opaque, placeOf, sizeOf } from "./made.ts";

/** Slack's Web API: whatever goes wrong is answered 200, with `ok: false`; and its incoming webhooks. */

const topic = "Look-alikes: Slack";
const CURSOR = query("cursor", "response_metadata.next_cursor of the page before");

const MEMBERS = new Made(3, 45, (index, random) => ({
  ...{ id: `U${String(index + 1).padStart(4, "0")}`, team_id: "T0001", deleted: index % 15 === 14 },
  ...{ name: phrase(random, 1, 1), real_name: phrase(random, 2, 2), is_bot: index % 9 === 8 },
}));
const CHANNELS = new Made(4, 23, (index, random) => ({
  ...{ id: `C${String(index + 1).padStart(4, "0")}`, is_channel: true, is_archived: false },
  name: index === 0 ? "general" : `${phrase(random, 1, 1)}-${index + 1}`,
}));

function failed(error: string): Answer {
  return json({ ok: false, error });
}

/** What is wrong with the token, in Slack's words. */
function refused(ask: Ask): Answer | undefined {
  const token = readBearer(ask.req.header("authorization"));
  if (token === undefined) return failed("not_authed");
  return same(token, ACCOUNTS.token) ? undefined : failed("invalid_auth");
}

function listed(path: string, key: string, rows: Made): Route {
  return {
    methods: ["GET"],
    path: `/apis/slack/api/${path}`,
    topic,
    summary: `Pages by a cursor, empty at the end; wants Bearer ${ACCOUNTS.token}`,
    params: [CURSOR, query("limit", "rows of a page, 1 to 200 (20)")],
    handle: (ask, { settings }) => {
      const from = placeOf(ask.req.query("cursor") ?? "");
      const size = sizeOf(ask, "limit", 20, 200);
      const problem = refused(ask) ?? (from === undefined ? failed("invalid_cursor") : undefined);
      if (problem !== undefined || from === undefined) return problem;
      const next = from + size < rows.count ? opaque(from + size) : "";
      return json({
        ok: true,
        [key]: rows.slice(from, size, settings.seed),
        response_metadata: { next_cursor: next },
      });
    },
  };
}

export const slack: readonly Route[] = [
  listed("users.list", "members", MEMBERS),
  listed("conversations.list", "channels", CHANNELS),
  {
    methods: ["POST"],
    path: "/apis/slack/api/chat.postMessage",
    topic,
    summary: `Posts a message (channel, text); wants Bearer ${ACCOUNTS.token}`,
    handle: async (ask, { apis, settings }) => {
      const problem = refused(ask);
      if (problem !== undefined) return problem;
      const { channel, text: said } = await readFields(ask.req.raw);
      const known = CHANNELS.all(settings.seed).find(
        ({ id, name }) => channel === id || channel === name || channel === `#${String(name)}`,
      );
      if (known === undefined) return failed("channel_not_found");
      if (typeof said !== "string" || said === "") return failed("no_text");
      const ts = (settings.now() / 1000 + apis.messages.length / 1e6).toFixed(6);
      const message = { type: "message", user: "U0001", text: said, ts, channel: known.id };
      apis.addMessage(message);
      return json({ ok: true, channel: known.id, ts, message });
    },
  },
  {
    methods: ["GET"],
    path: "/apis/slack/api/conversations.history",
    topic,
    summary: `What was posted to a channel, the newest first; wants Bearer ${ACCOUNTS.token}`,
    params: [query("channel", "the id of the channel"), CURSOR, query("limit", "rows of a page (100)")],
    handle: (ask, { apis }) => {
      const from = placeOf(ask.req.query("cursor") ?? "");
      const problem = refused(ask) ?? (from === undefined ? failed("invalid_cursor") : undefined);
      if (problem !== undefined || from === undefined) return problem;
      const size = sizeOf(ask, "limit", 100, 999);
      const messages = apis.messages.filter(({ channel }) => channel === ask.req.query("channel")).reverse();
      const more = from + size < messages.length;
      return json({
        ok: true,
        messages: messages.slice(from, from + size),
        has_more: more,
        response_metadata: { next_cursor: more ? opaque(from + size) : "" },
      });
    },
  },
  {
    methods: ["POST"],
    path: "/apis/slack/services/:team/:bot/:secret",
    topic,
    summary: "An incoming webhook: JSON with a text is answered with ok",
    handle: async (ask, { apis }) => {
      const { text: said } = await readFields(ask.req.raw);
      if (typeof said !== "string" || said === "") return text("no_text", "text/html", 400);
      apis.addMessage({ type: "message", text: said, channel: "C0001" });
      return text("ok", "text/html");
    },
  },
];
