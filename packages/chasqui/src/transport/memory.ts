import { systemClock } from "../clock.ts";
import { FetchTransport } from "./fetch.ts";
import type { Transport } from "./transport.ts";

/** Answers a request in memory. */
export type MemoryHandler = (
  request: globalThis.Request,
) => globalThis.Response | Promise<globalThis.Response>;

/**
 * A transport without a network: a function from Fetch's `Request` to its `Response`. Many servers (Hono's among them) are
 * such a function, and a test needs no more. Redirects, retries, cookies and credentials work as over a socket.
 *
 * @example
 * ```ts
 * import { Client, memory } from "chasqui";
 * await using client = new Client({
 *   baseUrl: "http://api.test",
 *   transport: memory(() => Response.json({ hello: "world" })),
 * });
 * console.log(await client.get("/").json()); // { hello: 'world' }
 * ```
 */
export function memory(handler: MemoryHandler): Transport {
  return new FetchTransport(systemClock, async (input, init) => {
    const { signal } = init;
    const answer = Promise.resolve(handler(new globalThis.Request(input, init)));
    if (!signal) return answer;
    return new Promise((resolve, reject) => {
      // A handler need not know of the signal: the caller is answered all the same.
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      answer.then(resolve, reject);
    });
  });
}
