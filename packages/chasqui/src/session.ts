import { DEFAULT_HEADERS } from "#platform";
import { authBesideUrl } from "./auth/lookup.ts";
import type { ClientOptions, ClientState } from "./client-options.ts";
import { CookieJar, type CookieStore } from "./cookies/cookie-jar.ts";
import type { AnySession, Site } from "./engine/any-session.ts";
import { callerError } from "./errors/caller-error.ts";
import { attachCall, ChasquiError } from "./errors/chasqui-error.ts";
import { notLoaded } from "./errors/not-loaded.ts";
import { OptionsError } from "./errors/options-error.ts";
import type { PaginateOptions } from "./paginate/options.ts";
import type { AnyWalk } from "./paginate/pages.ts";
import { CallContext } from "./pipeline/call-context.ts";
import { type Closing, closedClient } from "./pipeline/closing.ts";
import { isRequest } from "./pipeline/stage.ts";
import {
  authFor,
  connectionFor,
  inputToBuild,
  type PreparedCall,
  prepareCall,
  strippedHeaders,
} from "./prepared-call.ts";
import { printAs } from "./printing.ts";
import { headersOf, leavesBase, stateOf } from "./read-client.ts";
import { Headers, mergeHeaders } from "./request/headers.ts";
import { withKey } from "./request/idempotency-key.ts";
import { kindOf } from "./request/kind-of.ts";
import type { RequestOptions } from "./request/options.ts";
import { type CallInput, readOptions, refuseSendOptions } from "./request/read-options.ts";
import type { Request } from "./request/request.ts";
import { LateReader } from "./response/late-reader.ts";
import { isWhole, type Response } from "./response/response.ts";
import type { Reading, Startable } from "./start.ts";

// Here and not beside it: a browser prints in its own way, and begins without.
printAs(LateReader, () => "A body in pieces (read it with for await)");

/** What a session that comes late was before. */
export interface Before {
  readonly closing: Closing;
  /** What its own headers are laid over; undefined for those that its parent has now. */
  readonly inherited: Headers | undefined;
  /** Its headers, where they are known. */
  readonly headers: Headers | undefined;
}

/** What works behind a `Client`: it makes calls ready and runs them. */
export class Session implements AnySession {
  readonly #state: ClientState;
  readonly headers: Headers;
  #closed: Promise<void> | undefined;

  /**
   * @param parent - Whose connections and cookies it shares.
   * @throws {OptionsError} when an option does not exist or has a bad value.
   */
  constructor(options: ClientOptions, parent?: Session, before?: Before) {
    const of = parent === undefined ? undefined : parent.#state;
    // Read once: a base URL that is another when it is read again would get what belongs to the first.
    const given = typeof options === "object" && options !== null ? { ...options } : options;
    this.#state = stateOf(given, of, before?.closing);
    let inherited = before?.inherited ?? parent?.headers ?? Headers.fromFlat([...DEFAULT_HEADERS]);
    if (of !== undefined && leavesBase(given, of)) inherited = strippedHeaders(inherited);
    this.headers = before?.headers ?? mergeHeaders(inherited, headersOf(given));
  }

  get base(): string | undefined {
    return this.#state.base?.href;
  }

  get cookies(): CookieStore | undefined {
    const { jar } = this.#state;
    if (jar === undefined) return undefined;
    jar.jar ??= new CookieJar({ now: () => this.#state.clock.date() });
    return jar.jar;
  }

  get stack(): boolean {
    return this.#state.settings.stack;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  extend(options: ClientOptions): Session {
    this.#refuseClosed();
    return new Session(options, this);
  }

  build(method: string, url: string | URL, options: RequestOptions | undefined): Request {
    refuseSendOptions(options);
    const input = readOptions(options, this.#state.settings);
    const { request } = this.#prepare(method, url, inputToBuild(input));
    const { idempotencyKey } = input.settings;
    return idempotencyKey === undefined ? request : withKey(request, idempotencyKey);
  }

  /** @param headers - Those of the client, as they were when it was called. */
  call(
    method: string,
    url: string | URL,
    options: RequestOptions | undefined,
    site: Site,
    headers?: Headers,
  ): Startable {
    return this.#startable(site, () =>
      this.#prepare(method, url, readOptions(options, this.#state.settings, method), headers),
    );
  }

  send(request: Request, options: RequestOptions | undefined, site: Site): Startable {
    return this.#startable(site, () => {
      if (!isRequest(request)) {
        throw new OptionsError(`send() takes a request that build() made, not ${kindOf(request)}`, {
          option: "send",
        });
      }
      const input = readOptions(options, this.#state.settings);
      if (
        input.params !== undefined ||
        input.path !== undefined ||
        input.body !== undefined ||
        input.headers !== undefined
      ) {
        throw new OptionsError(
          "send() takes a request that is built: params, path, headers and body belong to build()",
          {
            option: "send",
          },
        );
      }
      const atBase = this.#state.base === undefined || this.#state.base.origin === request.origin;
      // What a redirect left behind at a border does not come back because the caller takes the hop (D19).
      const within = atBase && !request.crossed;
      const connection = connectionFor(input, this.#state.settings, within);
      return {
        request: request.with({}),
        settings:
          connection === input.settings.connection ? input.settings : { ...input.settings, connection },
        auth: authBesideUrl(authFor(input, within), {}, input.settings.trustEnv) ?? undefined,
        ownAuth: input.ownAuth,
        options,
      };
    });
  }

  async walk(url: string | URL, options: PaginateOptions, site: Site): Promise<AnyWalk<unknown>> {
    // A program that walks no pages does not load what it takes, a sixth of all the code.
    const { beginWalk } = await import("./paginate/begin-walk.ts").catch(notLoaded);
    const prepare = (method: string, call: RequestOptions): PreparedCall => {
      this.#refuseClosed();
      return this.#prepare(method, url, readOptions(call, this.#state.settings));
    };
    const run = (page: PreparedCall, streamed: boolean): Promise<Response> => {
      try {
        this.#refuseClosed();
      } catch (error) {
        // Of a page that is fetched ahead it is told when that page is asked for.
        return Promise.reject(error);
      }
      return this.#run(page, streamed, site);
    };
    return beginWalk(options, { client: this.#state, prepare, run, site });
  }

  async ready(): Promise<void> {
    this.#refuseClosed();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#end();
    await this.#closed;
  }

  async #end(): Promise<void> {
    const { pool, ownsPool } = this.#state;
    if (!ownsPool) return;
    pool.closing.close();
    await pool.transport?.close();
  }

  #prepare(
    method: string,
    url: string | URL,
    input: CallInput,
    headers: Headers = this.headers,
  ): PreparedCall {
    return prepareCall(this.#state, headers, method, url, input);
  }

  #startable(site: Site, prepare: () => PreparedCall): Startable {
    let prepared: PreparedCall;
    try {
      this.#refuseClosed();
      prepared = prepare();
    } catch (error) {
      if (error instanceof ChasquiError)
        attachCall(error, { request: undefined, attempts: 0, elapsed: 0, site });
      return { start: () => Promise.reject(error), raise: this.#state.settings.raise };
    }
    const { request, settings } = prepared;
    return { start: (reading) => this.#run(prepared, reading, site), raise: settings.raise, request };
  }

  /** @param how - How the body is going to be read, or what tells it once the caller has had the time to chain a reader. */
  async #run(prepared: PreparedCall, how: boolean | (() => Reading), site: Site): Promise<Response> {
    // What is chained to the call in the same breath decides how its body is read.
    if (typeof how === "function") await undefined;
    const reading = (typeof how === "function" ? how() : how) ?? prepared.settings.stream;
    const streamed = reading !== false;
    const call = typeof reading === "object" ? await this.#changed(prepared, reading, site) : prepared;
    const { clock, random, jar, pipeline, pool } = this.#state;
    const { settings, auth, options } = call;
    const context = new CallContext({
      settings,
      options,
      clock,
      random,
      streamed,
      auth,
      // A call without a session has a jar of its own: a redirect may set a cookie for the next hop.
      jar: settings.cookies === false ? undefined : (jar ?? { jar: undefined, wanted: false }),
      closing: pool.closing,
      site,
      budget: pool.budget,
      transfer: typeof reading === "object" && "transfer" in reading ? reading.transfer : undefined,
    });
    let { request } = call;
    context.boundOrigin = request.origin;
    if (!call.ownAuth) context.clientHeaders = this.headers;
    context.request = request;
    context.template = call.template;
    try {
      // Here and not where the call is made ready: each page of a walk is a request of its own.
      if (settings.idempotencyKey !== undefined) request = withKey(request, settings.idempotencyKey);
      if (settings.log?.header !== undefined) request = context.named(request, settings.log.header);
      const response = await pipeline.handlerFor(context)(request, context);
      if (!streamed || isWhole(response)) context.settle();
      return response;
    } catch (error) {
      context.settle();
      // Of what is no object nobody could see where it came from.
      throw context.adopt(typeof error === "object" && error !== null ? error : callerError(error));
    }
  }

  /** The call as its reader wants it; what is wrong with what the reader was given ends it before anything is sent. */
  async #changed(
    prepared: PreparedCall,
    reading: Exclude<Reading, boolean | undefined>,
    site: Site,
  ): Promise<PreparedCall> {
    const { clock } = this.#state;
    const startedAt = clock.now();
    try {
      if (reading instanceof Promise) return (await reading)(prepared, this.#state);
      if ("schema" in reading) {
        const { validate } = await import("./response/schema.ts").catch(notLoaded);
        await validate(reading.schema, undefined);
      } else if ("stream" in reading) {
        const { chunkSizeOf } = await import("./response/equal-pieces.ts").catch(notLoaded);
        chunkSizeOf(reading.stream);
      }
      return prepared;
    } catch (error) {
      if (error instanceof ChasquiError) {
        const { request, settings } = prepared;
        attachCall(error, {
          request: request.toJSON(),
          attempts: 0,
          elapsed: clock.now() - startedAt,
          site: settings.stack ? site : undefined,
        });
      }
      throw error;
    }
  }

  #refuseClosed(): void {
    if (this.#closed === undefined && !this.#state.pool.closing.closed) return;
    throw closedClient();
  }
}
