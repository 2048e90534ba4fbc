import { decodeBody } from "#transport";
import { systemClock } from "../clock.ts";
import { CallerError } from "../errors/caller-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { FetchTransport, fetchRequest } from "./fetch.ts";
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
    const request = fetchRequest(input, init);
    try {
      const response: unknown = await handler(request);
      if (response instanceof globalThis.Response) return decoded(response);
      throw new CallerError(`The handler of memory() gave ${kindOf(response)}, not a Response`, {
        hint: "A Response of the runtime: Response.json(data).",
      });
    } catch (error) {
      if (error instanceof ChasquiError) throw error;
      // A slip in the handler must not look like a network that fails, or it would be retried.
      throw new CallerError("The handler of memory() has thrown", { cause: error });
    }
  });
}

/** A handler with middleware that compresses answers what a server does; Fetch's part is to undo it. */
function decoded(response: globalThis.Response): globalThis.Response {
  const coding = response.headers.get("content-encoding");
  if (coding === null || response.body === null) return response;
  const { status, statusText, headers } = response;
  return new globalThis.Response(decodeBody(response.body, coding), { status, statusText, headers });
}
