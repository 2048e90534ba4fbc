import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { type Answer, empty, problem } from "./answer/answer.ts";
import { isForeignWrite, preflight } from "./answer/cors.ts";
import { finish } from "./answer/finish.ts";
import { milliseconds, wait } from "./answer/wait.ts";
import { ConnectionFault } from "./faults/connection.ts";
import { type PracticeOptions, settle } from "./options.ts";
import { Refusal } from "./refusal.ts";
import type { Ask, PracticeEnv } from "./route.ts";
import { routes } from "./routes.ts";
import { forget, makeWorld, type World } from "./world.ts";

/**
 * A practice API in memory.
 *
 * @example
 * ```ts
 * const practice: Practice = createPractice();
 * const first = await practice.fetch("http://practice.test/faults/status/503?times=1&run=a"); // 503
 * const second = await practice.fetch("http://practice.test/faults/status/503?times=1&run=a"); // 200
 * practice.reset("a");
 * ```
 */
export interface Practice {
  /**
   * Answers a request without a network. It takes what `fetch` takes; any host will do. It is one exchange: a redirect is
   * not followed, a compressed body (when the request asks for one) not unpacked, a cookie not kept.
   *
   * @throws {TypeError} as `fetch` does, where the route breaks the connection.
   * @throws {DOMException} `AbortError`, when the request's signal is aborted.
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  /** Forgets what a run has counted; without a run everything but the rows: counts, tokens, sessions. */
  reset(run?: string): void;
  /** Closes the file of `keep`. */
  close(): void;
}

/**
 * Makes a practice API that answers in memory: JSONPlaceholder's resources, paging styles, protected routes, faults.
 * `startPractice` puts the same on a port.
 *
 * @throws {RangeError} for a number outside its range.
 * @throws {TypeError} for an option that does not exist.
 * @throws {Error} when the file of `keep` cannot be opened, is in use by another server, or was written over other rows.
 * @example
 * ```ts
 * const practice = createPractice();
 * const response = await practice.fetch("http://practice.test/posts/1");
 * console.log(response.status, await response.json());
 * ```
 */
export function createPractice(options: PracticeOptions = {}): Practice {
  const { app, world } = build(options);
  return {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const answered = Promise.resolve(app.fetch(request, {}));
      const aborted = new Promise<never>((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason), { once: true });
      });
      return Promise.race([answered, aborted]);
    },
    reset: (run) => forget(world, run),
    close: () => world.keeper.close(),
  };
}

/** The application and its state, for the two ways to run it. */
export interface Built {
  readonly app: { fetch(request: Request, bindings: Partial<HttpBindings>): Response | Promise<Response> };
  readonly world: World;
}

/** Builds the application: what every request passes, then the routes. */
export function build(options: PracticeOptions): Built {
  const world = makeWorld(settle(options));
  const { settings } = world;
  const app = new Hono<PracticeEnv>({ strict: false });
  const end = (ask: Ask, answer: Answer) => finish(ask.req.raw, answer, settings.cors);

  app.use(async (ask, next) => {
    if (!settings.cors && isForeignWrite(ask.req.raw)) {
      return end(
        ask,
        problem(403, "a page of another origin may not write here; start the server with --cors to allow it"),
      );
    }
    // What comes again by /with/ has waited.
    if (ask.env.prefix === undefined)
      await wait(settings.latency + milliseconds(ask.req.query("_delay")), ask.req.raw.signal);
    return next();
  });
  app.options("*", (ask, next) => {
    // Without these a request is not a preflight, and the echo answers it like any other.
    if (/^\/echo(?:\/|$)/.test(ask.req.path) && !ask.req.header("access-control-request-method"))
      return next();
    const allowed = methodsAt(ask.req.path, world);
    // A preflight is granted anywhere: refused, it would hide from the page that there is nothing at its path.
    if (allowed.length === 0 && !ask.req.header("access-control-request-method")) return next();
    const answer = empty(204);
    if (allowed.length > 0) answer.headers.set("Allow", allowed.join(", "));
    preflight(ask.req.raw, answer.headers, settings.cors);
    return end(ask, answer);
  });
  for (const route of routes) {
    app.on([...route.methods], route.path, async (ask, next) => {
      const answer = await route.handle(ask, world, (request, bindings) => app.fetch(request, bindings));
      if (answer === undefined) return next();
      return answer instanceof Response ? answer : end(ask, answer);
    });
  }
  app.notFound((ask) => {
    const allowed = methodsAt(ask.req.path, world);
    if (allowed.length === 0 || allowed.includes(ask.req.method)) {
      return end(ask, problem(404, `there is nothing at ${ask.req.path}; GET / lists what there is`));
    }
    const allow = allowed.join(", ");
    return end(
      ask,
      problem(405, `${ask.req.method} is not for ${ask.req.path}; allowed: ${allow}`, { Allow: allow }),
    );
  });
  app.onError((error, ask) => {
    if (error instanceof ConnectionFault || ask.req.raw.signal.aborted) throw error;
    if (error instanceof Refusal) return end(ask, problem(error.status, error.message, { ...error.headers }));
    console.error(error);
    return end(ask, problem(500, "the practice API has a bug; its log says more"));
  });
  return { app, world };
}

/** The methods that some route answers to at a path, for `Allow` (RFC 9110, 10.2.1) in 405 and in the answer to OPTIONS. */
function methodsAt(path: string, world: World): string[] {
  const parts = partsOf(path);
  const found = new Set<string>();
  for (const route of routes) {
    const names = partsOf(route.path);
    const asLong = names.at(-1)?.endsWith("{.+}")
      ? parts.length >= names.length
      : parts.length === names.length;
    if (!asLong || !names.every((name, i) => fits(name, parts[i] ?? "", world))) continue;
    for (const method of route.methods) found.add(method);
  }
  if (found.has("GET")) found.add("HEAD");
  return found.size === 0 ? [] : [...found.add("OPTIONS")];
}

/** The parts between the slashes; `/` has none, and a slash at the end makes none. */
function partsOf(path: string): string[] {
  const inner = path.replace(/^\//, "").replace(/\/$/, "");
  return inner === "" ? [] : inner.split("/");
}

function fits(name: string, part: string, world: World): boolean {
  if (name === ":resource" || name === ":children") return world.collections.has(part);
  if (name === ":single") return world.singles.has(part);
  return name.startsWith(":") ? part !== "" : name === part;
}
