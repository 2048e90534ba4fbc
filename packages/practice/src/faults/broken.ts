import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Answer, json } from "../answer/answer.ts";
import { commonHeaders } from "../answer/finish.ts";
import { wait } from "../answer/wait.ts";
import { LONGEST_DELAY } from "../options.ts";
import { type Ask, query, type Route } from "../route.ts";
import type { World } from "../world.ts";
import { ConnectionFault } from "./connection.ts";
import { amount, attempt } from "./count.ts";

const topic = "Faults";
const TIMES = [
  query("times", "requests of a run that it befalls (all); then 200"),
  query("run", "the run that is counted"),
];
const WHOLE = JSON.stringify({ id: 1, text: "a body that is meant to arrive whole ".repeat(20) }, null, 2);
const HALF = new TextEncoder().encode(WHOLE).subarray(0, WHOLE.length / 2);

/** Answers that do not arrive, or not whole, or not in time. */
export const brokenFaults: readonly Route[] = [
  {
    methods: ["GET", "POST"],
    path: "/faults/slow-headers",
    topic,
    summary: "Waits before it answers",
    params: [query("ms", "milliseconds (5000), at most 60,000"), ...TIMES],
    handle: async (ask, world) => {
      if (isOver(ask, world)) return fine();
      await wait(amount(ask, "ms", 5000), ask.req.raw.signal);
      return fine();
    },
  },
  {
    methods: ["GET", "POST"],
    path: "/faults/stalled-body",
    topic,
    summary: "Sends the headers and half of the body, and then nothing",
    params: [query("ms", "milliseconds until the rest comes after all (never)"), ...TIMES],
    handle: (ask, world) => {
      if (isOver(ask, world)) return fine();
      const after = amount(ask, "ms", Number.POSITIVE_INFINITY);
      return { status: 200, headers: announced(), body: stalling(after) };
    },
  },
  {
    methods: ["GET", "POST"],
    path: "/faults/reset",
    topic,
    summary: "Resets the TCP connection instead of answering",
    params: [query("after", "body: the headers and half of the body come first"), ...TIMES],
    handle: (ask, world) => {
      if (isOver(ask, world)) return fine();
      const midway = ask.req.query("after") === "body";
      return midway ? cutMidway(ask, world, "ECONNRESET") : reset(ask);
    },
  },
  {
    methods: ["GET", "POST"],
    path: "/faults/truncated",
    topic,
    summary: "Declares a Content-Length, sends half of it and closes the connection in good order",
    params: TIMES,
    handle: (ask, world) => (isOver(ask, world) ? fine() : cutMidway(ask, world, "UND_ERR_SOCKET")),
  },
];

function isOver(ask: Ask, world: World): boolean {
  return attempt(ask, world) > amount(ask, "times", Number.POSITIVE_INFINITY);
}

function fine(): Answer {
  return json(JSON.parse(WHOLE));
}

function announced(): Headers {
  // The length is that of a body that nobody has compressed.
  return new Headers({
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(WHOLE.length),
    "Cache-Control": "no-store, no-transform",
  });
}

/** Half of the body, and the rest after a while, or never. */
function stalling(milliseconds: number): ReadableStream<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(HALF);
      if (milliseconds > LONGEST_DELAY) return;
      timer = setTimeout(() => {
        controller.enqueue(new TextEncoder().encode(WHOLE).subarray(HALF.length));
        controller.close();
      }, milliseconds);
    },
    cancel: () => clearTimeout(timer),
  });
}

function reset(ask: Ask): Response {
  const socket = ask.env.incoming?.socket;
  if (!socket) throw new ConnectionFault("ECONNRESET", "the practice API reset the connection");
  socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

/** Sends the headers and half of the body; then the connection is closed, or reset. */
function cutMidway(ask: Ask, world: World, code: "ECONNRESET" | "UND_ERR_SOCKET"): Response {
  const headers = commonHeaders(ask.req.raw, announced(), world.settings.cors);
  const { outgoing } = ask.env;
  if (!outgoing) {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent)
          controller.error(new ConnectionFault(code, "the practice API closed the connection midway"));
        else controller.enqueue(HALF);
        sent = true;
      },
    });
    let sent = false;
    return new Response(stream, { headers });
  }
  outgoing.writeHead(200, Object.fromEntries(headers));
  const finish = () => (code === "ECONNRESET" ? outgoing.socket?.resetAndDestroy() : outgoing.socket?.end());
  // A reset discards what the client has not read yet, so that the half is given a moment to arrive.
  if (ask.req.method === "HEAD") outgoing.end();
  else outgoing.write(HALF, () => setTimeout(finish, code === "ECONNRESET" ? 20 : 0));
  return RESPONSE_ALREADY_SENT;
}
