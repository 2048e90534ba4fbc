import type { ClientOptions } from "../client-options.ts";
import type { CookieStore } from "../cookies/cookie-jar.ts";
import { attachCall, ChasquiError } from "../errors/chasqui-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { PaginateOptions } from "../paginate/options.ts";
import type { AnyWalk } from "../paginate/pages.ts";
import { Closing, closedClient } from "../pipeline/closing.ts";
import { signalError } from "../pipeline/signal-error.ts";
import { DEFAULT_HEADERS, RUNTIME_KEEPS_COOKIES } from "../platform/web-defaults.ts";
import { Headers, mergeHeaders } from "../request/headers.ts";
import type { RequestOptions } from "../request/options.ts";
import type { Request } from "../request/request.ts";
import type { Session } from "../session.ts";
import type { Startable } from "../start.ts";
import type { AnySession, Site } from "./any-session.ts";
import { type Engine, engine, load } from "./load.ts";
import { snapshotOptions } from "./snapshot.ts";

/**
 * A session whose code is loaded when the first client is made. Until it is there it takes note of what is asked, and is what
 * it can be: what cannot wait says so.
 */
export class LateSession implements AnySession {
  readonly #options: ClientOptions;
  readonly #parent: LateSession | undefined;
  /** False where its connections are its parent's. */
  readonly #ownsPool: boolean;
  readonly #closing: Closing;
  /** What its own headers are laid over; undefined where its parent does not know its own yet. */
  readonly #inherited: Headers | undefined;
  /** Undefined where only the engine can tell: they are bad, or some may have to stay at the origin of the parent's base. */
  readonly #headers: Headers | undefined;
  #session: Session | undefined;
  #closed = false;

  constructor(options: ClientOptions, parent?: LateSession) {
    this.#options = snapshotOptions(options);
    this.#parent = parent;
    this.#ownsPool = parent === undefined || given(options, "transport") !== undefined;
    this.#closing = parent === undefined || this.#ownsPool ? new Closing() : parent.#closing;
    this.#inherited =
      parent === undefined ? Headers.fromFlat([...DEFAULT_HEADERS]) : parent.#knownHeaders?.clone();
    this.#headers = this.#mergedHeaders();
    // Whether it can be had is told to the calls, each of which asks for it.
    load().catch(() => {});
  }

  get base(): string | undefined {
    if (this.#session !== undefined) return this.#session.base;
    const baseUrl = given(this.#options, "baseUrl") ?? this.#parent?.base;
    return typeof baseUrl === "string" || baseUrl instanceof URL ? String(baseUrl) : undefined;
  }

  get headers(): Headers {
    return this.#knownHeaders ?? this.#now("headers").headers;
  }

  get cookies(): CookieStore | undefined {
    return RUNTIME_KEEPS_COOKIES ? undefined : this.#now("cookies").cookies;
  }

  get stack(): boolean {
    return this.#session?.stack ?? true;
  }

  get closed(): boolean {
    return this.#closed;
  }

  call(method: string, url: string | URL, options: RequestOptions | undefined, site: Site): Startable {
    return this.#startable(site, () => {
      if (engine !== undefined) return this.#sessionOf(engine).call(method, url, options, site);
      const where = url instanceof URL ? new URL(url) : url;
      const how = snapshotOptions(options);
      const headers = this.#headers?.clone();
      return this.#late(options, site, (session, seen) => session.call(method, where, how, seen, headers));
    });
  }

  send(request: Request, options: RequestOptions | undefined, site: Site): Startable {
    return this.#startable(site, () => {
      if (engine !== undefined) return this.#sessionOf(engine).send(request, options, site);
      // A request there is only where an engine has made it: this is none, and will be refused.
      return this.#late(options, site, (session, seen) => session.send(request, options, seen));
    });
  }

  build(method: string, url: string | URL, options: RequestOptions | undefined): Request {
    return this.#now("build").build(method, url, options);
  }

  async walk(url: string | URL, options: PaginateOptions, site: Site): Promise<AnyWalk<unknown>> {
    const session = await this.#open(options, site);
    return session.walk(url, options, session.stack ? site : undefined);
  }

  extend(options: ClientOptions): LateSession {
    if (this.#refuses) throw closedClient();
    return new LateSession(options, this);
  }

  async ready(): Promise<void> {
    await this.#open(undefined, undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#ownsPool) return;
    this.#closing.close();
    // A transport of the caller's is closed with its client, whether it was used or not.
    const owed = given(this.#options, "transport") !== undefined;
    const session = this.#session ?? (owed ? this.#sessionOf(await load()) : undefined);
    await session?.close();
  }

  /** Its own headers, where they can be told. */
  get #knownHeaders(): Headers | undefined {
    return this.#headers ?? this.#session?.headers;
  }

  #mergedHeaders(): Headers | undefined {
    if (this.#inherited === undefined) return undefined;
    const moves = given(this.#options, "baseUrl") !== undefined && this.#parent?.base !== undefined;
    if (moves) return undefined;
    try {
      return mergeHeaders(this.#inherited, given(this.#options, "headers"));
    } catch {
      // The engine will find them as bad, and tells the first call.
      return undefined;
    }
  }

  /** @throws {OptionsError} when an option of the client is bad. */
  #sessionOf(loaded: Engine): Session {
    const parent = this.#parent === undefined ? undefined : this.#parent.#sessionOf(loaded);
    this.#session ??= new loaded.Session(this.#options, parent, {
      closing: this.#closing,
      inherited: this.#inherited,
      headers: this.#headers,
    });
    return this.#session;
  }

  /** For what cannot wait. */
  #now(what: string): Session {
    if (engine !== undefined) return this.#sessionOf(engine);
    throw new OptionsError(`\`${what}\` of a client cannot be had before all of its code has been loaded`, {
      option: what,
      hint: "Wait for it: await client.ready().",
    });
  }

  #startable(site: Site, make: () => Startable): Startable {
    try {
      if (this.#refuses) throw closedClient();
      return make();
    } catch (error) {
      return { start: () => Promise.reject(told(error, site, 0)), raise: "readers" };
    }
  }

  /** A call that is made ready when the engine has come. */
  #late(
    options: RequestOptions | undefined,
    site: Site,
    ready: (session: Session, site: Site) => Startable,
  ): Startable {
    let startable: Startable | undefined;
    return {
      get raise() {
        return startable?.raise;
      },
      start: async (reading) => {
        // As where the engine is there: what is chained to the call in the same breath decides.
        await undefined;
        const how = reading();
        const session = await this.#arrival(options, site);
        startable ??= ready(session, session.stack ? site : undefined);
        return startable.start(() => how);
      },
    };
  }

  /** The session, for what cannot begin once the client is closed. */
  async #open(options: RequestOptions | undefined, site: Site): Promise<Session> {
    if (this.#refuses) throw told(closedClient(), site, 0);
    return this.#arrival(options, site);
  }

  /** The session, when its engine has come; an error if it is given up before that. */
  async #arrival(options: RequestOptions | undefined, site: Site): Promise<Session> {
    const since = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<Session>();
    const signal = signalOf(options);
    const stop = (): void => {
      if (signal !== undefined) reject(signalError(signal));
    };
    let unlisten: (() => void) | undefined;
    try {
      unlisten = this.#closing.listen(reject);
      signal?.addEventListener("abort", stop);
      if (signal?.aborted === true) stop();
      load()
        .then((loaded) => this.#sessionOf(loaded))
        .then(resolve, reject);
      return await promise;
    } catch (error) {
      throw told(error, site, performance.now() - since);
    } finally {
      unlisten?.();
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Whether it takes no more calls. */
  get #refuses(): boolean {
    return this.#closed || this.#closing.closed;
  }
}

/** An option, by own property (S55). */
function given<Name extends keyof ClientOptions>(options: ClientOptions, name: Name): ClientOptions[Name] {
  return typeof options === "object" && options !== null && Object.hasOwn(options, name)
    ? options[name]
    : undefined;
}

function signalOf(options: RequestOptions | undefined): AbortSignal | undefined {
  const own = typeof options === "object" && options !== null && Object.hasOwn(options, "signal");
  return own && options.signal instanceof AbortSignal ? options.signal : undefined;
}

/** Tells an error which call it ended. */
function told(error: unknown, site: Site, elapsed: number): unknown {
  if (error instanceof ChasquiError) attachCall(error, { request: undefined, attempts: 0, elapsed, site });
  return error;
}
