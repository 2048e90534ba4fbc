/**
 * A program: counts what a GET makes besides its answer, and tells it on its output, for one call: for a plain one, and for one
 * that asks for something. What is there once for a client, a connection or the process is made before the counting begins.
 */
import { createHook } from "node:async_hooks";
import { once } from "node:events";
import { queryObjects } from "node:v8";
import { Worker } from "node:worker_threads";
import type { RequestOptions, Response } from "chasqui";

let counts: Record<string, number> | undefined;

function count(name: string): void {
  if (counts !== undefined) counts[name] = (counts[name] ?? 0) + 1;
}

/** Puts something in the place of a global that counts how often it is made or called. */
function watch(name: string): void {
  const original: unknown = Reflect.get(globalThis, name);
  if (typeof original !== "function") throw new Error(`there is no ${name}`);
  const watched: object = new Proxy(original, {
    construct(target, args, made): object {
      count(name);
      return Reflect.construct(target, args, made === watched ? target : made);
    },
    apply(target, self, args) {
      count(name);
      return Reflect.apply(target, self, args);
    },
    // Also `URL.parse` and `AbortSignal.any`.
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function" || key === "prototype") return value;
      return (...args: unknown[]): unknown => {
        count(`${name}.${String(key)}`);
        return Reflect.apply(value, target, args);
      };
    },
  });
  Reflect.set(globalThis, name, watched);
}
const CLASSES = [
  "AbortController",
  "AbortSignal",
  "URL",
  "URLSearchParams",
  "Headers",
  "Request",
  "Response",
];
const FUNCTIONS = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch", "structuredClone"];
for (const name of [...CLASSES, ...FUNCTIONS]) watch(name);
createHook({ init: (_id, type) => void count(type) }).enable();

// Only now, so that all of it meets the watched globals.
const { Client, Headers } = await import("chasqui");

// In a thread of its own, whose promises and timers are not counted.
const server = new Worker(
  `const server = require("node:http").createServer((_request, response) => response.end("{}"));
   server.listen(0, "127.0.0.1", () => require("node:worker_threads").parentPort.postMessage(server.address().port));`,
  { eval: true },
);
const [port] = await once(server, "message");
const client = new Client({ baseUrl: `http://127.0.0.1:${port}` });
const CALLS = 100;

function headers(): number {
  return queryObjects(Headers, { format: "count" });
}

async function tally(options: () => RequestOptions | undefined): Promise<Record<string, number>> {
  const get = (): PromiseLike<Response> => client.get("/posts/1?a=1", options());
  for (let call = 0; call < CALLS; call++) await get();
  const responses: Response[] = [];
  const before = headers();
  const made: Record<string, number> = {};
  counts = made;
  for (let call = 0; call < CALLS; call++) responses.push(await get());
  counts = undefined;
  const unread = headers();
  for (const response of responses) response.headers.get("date");
  made.headersOfRequest = unread - before;
  made.headersOfResponse = headers() - unread;
  return Object.fromEntries(Object.entries(made).map(([name, times]) => [name, times / CALLS]));
}

const plain = await tally(() => undefined);
const asking = await tally(() => ({
  timeout: "500ms",
  signal: AbortSignal.timeout(60_000),
  params: { b: 2 },
}));
console.log(JSON.stringify({ plain, asking }));
await client.close();
await server.terminate();
