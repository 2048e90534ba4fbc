import { once } from "node:events";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type Http2Bindings, type HttpBindings } from "@hono/node-server";
import { foreignHost } from "./guard.ts";
import type { PracticeOptions } from "./options.ts";
import { build } from "./practice.ts";
import { forget } from "./world.ts";

/**
 * Where a practice API listens, beside what it is made of.
 *
 * @example
 * ```ts
 * const options: StartOptions = { port: 0, posts: 1_000_000 };
 * await using practice = await startPractice(options);
 * ```
 */
export interface StartOptions extends PracticeOptions {
  /** The port; 0 takes a free one. Default 4010. */
  port?: number;
  /** The address to listen on. Default 127.0.0.1: nobody but this machine. */
  host?: string;
}

/**
 * A practice API on a port. `await using` closes it at the end of the block.
 *
 * @example
 * ```ts
 * const practice: RunningPractice = await startPractice({ port: 0 });
 * console.log(practice.url, practice.port);
 * await practice.close();
 * ```
 */
export interface RunningPractice extends AsyncDisposable {
  /** Where it is, without a slash at the end: `http://127.0.0.1:4010`. */
  readonly url: string;
  /** The port that it listens on. */
  readonly port: number;
  /** Forgets what a run has counted; without a run everything but the rows: counts, tokens, sessions. */
  reset(run?: string): void;
  /** Stops at once: open connections are cut, those that a fault keeps waiting too. */
  close(): Promise<void>;
}

/** The port where nobody names one. */
export const DEFAULT_PORT = 4010;

/**
 * Starts a practice API on a port of this machine.
 *
 * @throws {Error} with the code of the system call, such as `EADDRINUSE`, when it cannot listen there.
 * @throws {Error} when the file of `keep` cannot be opened, is in use by another server, or was written over other rows.
 * @throws {RangeError} for a number outside its range.
 * @throws {TypeError} for an option that does not exist.
 * @example
 * ```ts
 * await using practice = await startPractice({ port: 0 });
 * const response = await fetch(`${practice.url}/posts?_page=1&_limit=3`);
 * console.log(response.headers.get("x-total-count")); // 100
 * ```
 */
export async function startPractice(options: StartOptions = {}): Promise<RunningPractice> {
  const { port = DEFAULT_PORT, host = "127.0.0.1", ...rest } = options;
  const { app, world } = build(rest);
  const listener = getRequestListener((request, bindings) => app.fetch(request, http1(bindings)), {
    hostname: host,
    // The classes of everybody else in this process stay as they are.
    overrideGlobalObjects: false,
    errorHandler: (error) => refuse(400, error instanceof Error ? error.message : "malformed request"),
  });
  const server = createServer((incoming, outgoing) => {
    const reason = foreignHost(incoming, host);
    if (reason === undefined) void listener(incoming, outgoing);
    else {
      const body = refusal(reason);
      outgoing
        .writeHead(421, { ...JSON_TYPE, "Content-Length": Buffer.byteLength(body), Connection: "close" })
        .end(body);
    }
  });
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    world.keeper.close();
    throw error;
  }
  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  let closed: Promise<void> | undefined;
  const close = async () => {
    const done = once(server, "close");
    server.close();
    server.closeAllConnections();
    await done;
    world.keeper.close();
  };
  const stop = () => (closed ??= close());
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    port: actual,
    reset: (run) => forget(world, run),
    close: stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Node's HTTP/2 is not served here, but the adapter's types do not know that. */
function http1({ incoming, outgoing }: HttpBindings | Http2Bindings): Partial<HttpBindings> {
  return incoming instanceof IncomingMessage && outgoing instanceof ServerResponse
    ? { incoming, outgoing }
    : {};
}

const JSON_TYPE = { "Content-Type": "application/json; charset=utf-8" };

function refusal(reason: string): string {
  return JSON.stringify({ error: reason }, null, 2);
}

function refuse(status: number, reason: string): Response {
  return new Response(refusal(reason), { status, headers: JSON_TYPE });
}
