import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./answer/answer.ts";
import { empty } from "./answer/answer.ts";
import { amount } from "./faults/count.ts";
import { LONGEST_DELAY } from "./options.ts";
import { Refusal } from "./refusal.ts";
import { type Ask, query, type Route } from "./route.ts";
import { KINDS, makeRow } from "./rows/make-rows.ts";
import type { World } from "./world.ts";

const topic = "Streams";
const CHUNK = 64 * 1024;
const MOST_BYTES = 2 ** 40;

/** Bodies that come bit by bit. */
export const streamRoutes: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/stream/lines",
    topic,
    summary: "Posts as lines of JSON (application/x-ndjson), one chunk each",
    params: [query("n", "lines (10)"), query("interval", "milliseconds between them (0)")],
    handle: lines,
  },
  {
    methods: ["GET"],
    path: "/stream/bytes",
    topic,
    summary: "Bytes that are the same each time: byte i is i modulo 251; answers Range with 206 or 416",
    params: [
      query("n", "bytes (1024)"),
      { name: "Range", in: "header", about: "bytes=first-last, one range" },
      { name: "If-Range", in: "header", about: "the ETag that the range is of" },
    ],
    handle: bytes,
  },
];

function lines(ask: Ask, world: World): Answer {
  const count = Math.floor(amount(ask, "n", 10));
  const interval = Math.min(amount(ask, "interval", 0), LONGEST_DELAY);
  const leave = new AbortController();
  let line = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (line >= count) return controller.close();
      if (interval > 0 && line > 0)
        await sleep(interval, undefined, { signal: leave.signal }).catch(() => undefined);
      if (leave.signal.aborted) return;
      line++;
      controller.enqueue(
        new TextEncoder().encode(`${JSON.stringify(makeRow(KINDS.posts, world.settings.seed, 0, line))}\n`),
      );
    },
    cancel: () => leave.abort(),
  });
  return { status: 200, headers: new Headers({ "Content-Type": "application/x-ndjson" }), body };
}

function bytes(ask: Ask): Answer {
  const size = Math.floor(amount(ask, "n", 1024));
  if (size > MOST_BYTES) throw new Refusal(400, `n may be at most ${MOST_BYTES.toLocaleString("en")}`);
  // The bytes follow from their number, so that this tag may be strong, as If-Range wants it (RFC 9110, 13.1.5).
  const tag = `"bytes-${size}"`;
  const headers = new Headers({
    "Content-Type": "application/octet-stream",
    "Accept-Ranges": "bytes",
    ETag: tag,
  });
  const condition = ask.req.header("if-range");
  const range =
    condition === undefined || condition === tag ? readRange(ask.req.header("range"), size) : undefined;
  if (range === "unsatisfiable") {
    headers.set("Content-Range", `bytes */${size}`);
    return empty(416, headers);
  }
  const [from, to] = range ?? [0, size];
  headers.set("Content-Length", String(to - from));
  if (range) headers.set("Content-Range", `bytes ${from}-${to - 1}/${size}`);
  return { status: range ? 206 : 200, headers, body: counting(from, to) };
}

/**
 * The bytes that a `Range` asks for, the last one excluded; undefined for all, which is also the answer to what is malformed
 * or asks for several ranges (RFC 9110, 14.2).
 */
function readRange(header: string | undefined, size: number): [number, number] | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(" ", "") ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (
    !match ||
    (first === "" && last === "") ||
    (first !== "" && last !== "" && Number(last) < Number(first))
  )
    return undefined;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  return from < to ? [from, to] : "unsatisfiable";
}

function counting(from: number, to: number): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at >= to) return controller.close();
      const start = at;
      const chunk = new Uint8Array(Math.min(CHUNK, to - at));
      for (let i = 0; i < chunk.length; i++) chunk[i] = (start + i) % 251;
      at += chunk.length;
      controller.enqueue(chunk);
    },
  });
}
