/**
 * A program: aborts 10,000 requests, so many in each phase that a request can be in, and tells on its output how many ended so and
 * what is left of them.
 */
import { createHook } from "node:async_hooks";
import { createServer } from "node:http";
import { bearer, Client, type ClientOptions } from "chasqui";
import { listenFull } from "./full-listener.ts";

/** Timers and sockets that were made and are not gone, whether they hold the process or not. */
const alive = new Map<number, string>();
const COUNTED: ReadonlySet<string> = new Set(["Timeout", "TCPWRAP", "TCPCONNECTWRAP", "GETADDRINFOREQWRAP"]);
createHook({
  init: (id, type) => void (COUNTED.has(type) && alive.set(id, type)),
  destroy: (id) => void alive.delete(id),
}).enable();

const warnings: string[] = [];
process.on("warning", (warning) => warnings.push(String(warning)));

/** Who waits for a request to have come that is not answered. */
const awaited: (() => void)[] = [];
const server = createServer((request, response) => {
  // Some never answer, some stop in the middle of the body, some want to be asked later, some come to their end.
  if (request.url === "/silent") awaited.shift()?.();
  else if (request.url === "/half") response.write("half");
  else if (request.url === "/away") response.writeHead(302, { location: "/silent" }).end();
  else if (request.url === "/busy") response.writeHead(503, { "retry-after": "30" }).end();
  else response.setHeader("connection", "close").end("whole");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
if (typeof address !== "object" || address === null) throw new Error("the server has no port");
const baseUrl = `http://127.0.0.1:${address.port}`;
const full = await listenFull();

interface Phase {
  readonly calls: number;
  readonly options?: ClientOptions;
  /** Starts one call, and says when it is in its phase. */
  call(client: Client, signal: AbortSignal, reached: () => void): PromiseLike<unknown>;
}

/** Soon enough after the call began: there is nothing to be told by. */
function soon(reached: () => void): void {
  setImmediate(() => setImmediate(reached));
}

const PHASES: Readonly<Record<string, Phase>> = {
  unsent: {
    calls: 1000,
    call: (client, signal, reached) => {
      reached();
      return client.get("/silent", { signal });
    },
  },
  queued: {
    calls: 2000,
    options: { connections: 1 },
    call: (client, signal, reached) => {
      soon(reached);
      return client.get("/silent", { signal });
    },
  },
  connecting: {
    calls: 1000,
    options: { baseUrl: full.origin },
    call: (client, signal, reached) => {
      soon(reached);
      return client.get("/", { signal });
    },
  },
  headers: {
    calls: 1000,
    call: (client, signal, reached) => {
      awaited.push(reached);
      return client.get("/silent", { signal });
    },
  },
  redirected: {
    calls: 500,
    call: (client, signal, reached) => {
      awaited.push(reached);
      return client.get("/away", { signal });
    },
  },
  upload: {
    calls: 500,
    call: (client, signal, reached) => {
      async function* body(): AsyncGenerator<string> {
        yield "a";
        reached();
        await new Promise(() => {});
      }
      return client.post("/silent", { signal, body: body() });
    },
  },
  buffered: {
    calls: 1000,
    call: (client, signal, reached) => client.get("/half", { signal, onProgress: reached }),
  },
  streamed: {
    calls: 1000,
    call: async (client, signal, reached) => {
      for await (const _piece of client.get("/half", { signal }).stream()) reached();
    },
  },
  backoff: {
    calls: 1500,
    options: { retry: { attempts: 2, budget: false } },
    call: (client, signal, reached) =>
      client.get("/busy", { signal, hooks: { onRetry: () => soon(reached) } }),
  },
  credentials: {
    calls: 500,
    call: (client, signal, reached) => {
      soon(reached);
      const auth = bearer(() => new Promise<string>(() => {}));
      return client.get("/silent", { signal, auth });
    },
  },
};

/** Calls at a time. */
const ROUND = 500;
let listeners = 0;

function countedController(): AbortController {
  const stop = new AbortController();
  const { signal } = stop;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  return stop;
}

async function abort({ calls, call }: Phase, client: Client): Promise<number> {
  let aborted = 0;
  for (let begun = 0; begun < calls; begun += ROUND) {
    awaited.length = 0;
    const stop = countedController();
    const round = Array.from({ length: Math.min(ROUND, calls - begun) }, async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const outcome = Promise.resolve(call(client, stop.signal, resolve)).catch((error: unknown) => error);
      await Promise.race([promise, outcome]);
      return { outcome };
    });
    const under = await Promise.all(round);
    stop.abort();
    for (const { outcome } of under) {
      const error = await outcome;
      if (error instanceof Error && "code" in error && error.code === "ERR_ABORTED") aborted++;
      else console.error(error);
    }
  }
  return aborted;
}

function connections(): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

/** What is there while nothing is under way. */
function left(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of alive.values()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

const aborted: Record<string, number> = {};
const clients: Client[] = [];
/** Looks until what is left is what is expected, or has been so for a second. */
async function rest(expected?: string): Promise<Record<string, number>> {
  let seen = "";
  for (let same = 0; same < 100; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    // The timer of this look is gone with it.
    const now = (await connections()) === 0 ? JSON.stringify(left()) : "";
    if (now !== "" && now === expected) break;
    same = now === seen && now !== "" ? same + 1 : 0;
    seen = now;
  }
  return left();
}
const before = await rest();
for (const [name, phase] of Object.entries(PHASES)) {
  const client = new Client({ baseUrl, retry: false, connections: ROUND, ...phase.options });
  clients.push(client);
  aborted[name] = await abort(phase, client);
  // It goes on working, and the connection that this took is closed.
  if (phase.options?.baseUrl === undefined) await client.get("/whole");
}
const after = await rest(JSON.stringify(before));
console.log(JSON.stringify({ aborted, listeners, open: await connections(), before, after, warnings }));
for (const client of clients) await client.close();
await full[Symbol.asyncDispose]();
server.close();
