import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, empty } from "./answer/answer.ts";
import { amount } from "./faults/count.ts";
import { LONGEST_DELAY } from "./options.ts";
import { type Ask, query, type Route } from "./route.ts";
import { KINDS, makeRow } from "./rows/make-rows.ts";
import type { World } from "./world.ts";

/** `/stream/events`: server-sent events (HTML standard 9.2), with ids to go on after and connections that drop. */
export const streamEvents: Route = {
  methods: ["GET"],
  path: "/stream/events",
  topic: "Streams",
  summary: "Posts as server-sent events; goes on after Last-Event-ID, and answers 204 after the last one",
  params: [
    query("n", "events in all (10)"),
    query("interval", "milliseconds between them (0)"),
    query("retry", "milliseconds that a client is to wait before it connects again (100)"),
    query("drop", "events of one connection, after which it ends (all)"),
    query("how", "end (default) or break: whether it ends in good order, or in the middle of an event"),
    { name: "Last-Event-ID", in: "header", about: "the id of the last event that was seen" },
  ],
  handle: events,
};

function events(ask: Ask, world: World): Answer {
  const count = Math.floor(amount(ask, "n", 10));
  const seen = Number(ask.req.header("last-event-id") ?? "0");
  const first = Number.isSafeInteger(seen) && seen > 0 ? seen + 1 : 1;
  // To a client that would connect for ever, this is the end (HTML standard 9.2.3).
  if (first > count) return empty(204);
  const interval = Math.min(amount(ask, "interval", 0), LONGEST_DELAY);
  const last = Math.min(count, first - 1 + Math.floor(amount(ask, "drop", Number.MAX_SAFE_INTEGER, 1)));
  const breaks = ask.req.query("how") === "break" && last < count;
  const retry = Math.floor(amount(ask, "retry", 100));
  const leave = new AbortController();
  const bytes = (text: string) => new TextEncoder().encode(text);
  let id = first - 1;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes(`: the practice API\nretry: ${retry}\n\n`)),
    pull: async (controller) => {
      if (id >= last) {
        if (!breaks) return controller.close();
        controller.enqueue(bytes(`id: ${id + 1}\ndata: half an ev`));
        // What is written is given a moment to arrive before the connection goes.
        await sleep(20);
        return controller.error(new Error("the practice API broke the connection"));
      }
      if (interval > 0 && id >= first)
        await sleep(interval, undefined, { signal: leave.signal }).catch(() => undefined);
      if (leave.signal.aborted) return;
      id++;
      const row = JSON.stringify(makeRow(KINDS.posts, world.settings.seed, 0, id), null, 1);
      const data = row.replaceAll("\n", "\ndata: ");
      controller.enqueue(bytes(`id: ${id}\nevent: post\ndata: ${data}\n\n`));
    },
    cancel: () => leave.abort(),
  });
  const headers = new Headers({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  return { status: 200, headers, body };
}
