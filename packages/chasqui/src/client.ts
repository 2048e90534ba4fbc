import type { StandardSchemaV1 } from "@standard-schema/spec";
import { DEFAULT_HEADERS } from "#platform";
import { authBesideUrl } from "./auth/lookup.ts";
import { Call, type Reading, type StartCall } from "./call.ts";
import { callSite } from "./call-site.ts";
import { type ClientOptions, type ClientState, headersOf, leavesBase, stateOf } from "./client-options.ts";
import { CookieJar, type CookieStore } from "./cookies/cookie-jar.ts";
import { callerError } from "./errors/caller-error.ts";
import { attachCall, ChasquiError } from "./errors/chasqui-error.ts";
import { OptionsError } from "./errors/options-error.ts";
import type { PaginateOptions } from "./paginate/options.ts";
import { Paginator } from "./paginate/paginator.ts";
import { CallContext } from "./pipeline/call-context.ts";
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
import { Headers, mergeHeaders } from "./request/headers.ts";
import { withKey } from "./request/idempotency-key.ts";
import { kindOf } from "./request/kind-of.ts";
import type { RequestOptions } from "./request/options.ts";
import { redactUrl } from "./request/redact.ts";
import type { Request } from "./request/request.ts";
import { type CallInput, readOptions, refuseSendOptions } from "./request/settings.ts";
import { isWhole, type Response } from "./response/response.ts";

/** A call in the name of another function than the client's own verbs; for `verbs.ts`, whose functions stand in the stack. */
export let callThrough: (
  client: Client,
  method: string,
  url: string | URL,
  options: RequestOptions | undefined,
  verb: (...args: never[]) => unknown,
) => Call;

/**
 * A session with an API: base URL, headers, credentials, cookies, connections and policies in one place.
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 *
 * @example
 * ```ts
 * import { apiKey, Client } from "chasqui";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   auth: apiKey("practice-key"),
 *   timeout: "10s",
 *   retry: { attempts: 4 },
 * });
 * const user = await client.get("/users/{id}", { path: { id: 1 } }).json<{ name: string }>();
 * console.log(user.name);
 * ```
 */
export class Client {
  static {
    callThrough = (client, method, url, options, verb) => client.#call(method, url, options, verb);
    printAs(Client, (client) => {
      const base = client.#state.base === undefined ? "" : ` ${redactUrl(client.#state.base.href)}`;
      return `${client.constructor.name}${base}${client.#closed === undefined ? "" : " (closed)"}`;
    });
  }

  #state: ClientState;
  #headers: Headers;
  #closed: Promise<void> | undefined;

  constructor(options: ClientOptions = {}) {
    this.#state = stateOf(options, undefined);
    this.#headers = mergeHeaders(Headers.fromFlat([...DEFAULT_HEADERS]), headersOf(options));
  }

  /** The headers of every call. They may be changed at any time, as a session's can. */
  get headers(): Headers {
    return this.#headers;
  }

  /** The jar that the client's cookies are in; undefined where none are kept. */
  get cookies(): CookieStore | undefined {
    const { jar } = this.#state;
    if (jar === undefined) return undefined;
    jar.jar ??= new CookieJar({ now: () => this.#state.clock.date() });
    return jar.jar;
  }

  /** GET: retrieves. Safe and idempotent (RFC 9110 9.3.1). */
  get(url: string | URL, options?: RequestOptions): Call {
    return this.#call("GET", url, options, this.get);
  }

  /** POST: creates, or does what the resource says. Sent twice it may be done twice (RFC 9110 9.3.3). */
  post(url: string | URL, options?: RequestOptions): Call {
    return this.#call("POST", url, options, this.post);
  }

  /** PUT: replaces the resource whole. Idempotent (RFC 9110 9.3.4). */
  put(url: string | URL, options?: RequestOptions): Call {
    return this.#call("PUT", url, options, this.put);
  }

  /** PATCH: changes part of the resource (RFC 5789). */
  patch(url: string | URL, options?: RequestOptions): Call {
    return this.#call("PATCH", url, options, this.patch);
  }

  /** DELETE: removes the resource. Idempotent (RFC 9110 9.3.5). */
  delete(url: string | URL, options?: RequestOptions): Call {
    return this.#call("DELETE", url, options, this.delete);
  }

  /** HEAD: a GET without the body (RFC 9110 9.3.2). */
  head(url: string | URL, options?: RequestOptions): Call {
    return this.#call("HEAD", url, options, this.head);
  }

  /** OPTIONS: asks what may be done (RFC 9110 9.3.7). */
  options(url: string | URL, options?: RequestOptions): Call {
    return this.#call("OPTIONS", url, options, this.options);
  }

  /** Any method. */
  request(method: string, url: string | URL, options?: RequestOptions): Call {
    return this.#call(method, url, options, this.request);
  }

  /**
   * Makes a request without sending it, to be looked at, changed and given to `send()`.
   *
   * @throws {OptionsError} when an option is bad.
   */
  build(method: string, url: string | URL, options?: RequestOptions): Request {
    refuseSendOptions(options);
    const input = readOptions(options, this.#state.settings);
    const { request } = this.#prepare(method, url, inputToBuild(input));
    const { idempotencyKey } = input.settings;
    return idempotencyKey === undefined ? request : withKey(request, idempotencyKey);
  }

  /**
   * Sends a request that `build()` made; a request whose body can be replayed can be sent as often as one likes.
   *
   * @param options those that say how a call is made; what shapes a request (`params`, `json`, `headers` …) is in it already
   */
  send(request: Request, options?: RequestOptions): Call {
    return this.#start(this.send, () => {
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
      const within = this.#state.base === undefined || this.#state.base.origin === request.origin;
      const connection = connectionFor(input, this.#state.settings, within);
      return {
        request: request.with({}),
        settings:
          connection === input.settings.connection ? input.settings : { ...input.settings, connection },
        auth: authBesideUrl(authFor(input, within), {}, input.settings.trustEnv) ?? undefined,
        ownAuth: input.ownAuth,
      };
    });
  }

  /**
   * The pages of a resource, walked to their end: rows one by one, `.pages()`, `.all()` or `.take(n)`.
   *
   * Nothing is sent until it is looped over; what is wrong with the options is told then. A next URL of the server's on another
   * origin is followed without credentials, without the client's params and without the headers that may be credentials, as a
   * redirect is.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * for await (const post of client.paginate<{ title: string }>("/paging/next/posts")) console.log(post.title);
   * ```
   */
  paginate<S extends StandardSchemaV1>(
    url: string | URL,
    options: PaginateOptions & { readonly schema: S },
  ): Paginator<StandardSchemaV1.InferOutput<S>>;
  paginate<T = unknown>(url: string | URL, options?: PaginateOptions): Paginator<T>;
  paginate(url: string | URL, options: PaginateOptions = {}): Paginator<unknown> {
    const site = this.#state.settings.stack ? callSite(this.paginate) : undefined;
    const prepare = (method: string, call: RequestOptions): PreparedCall => {
      this.#refuseClosed();
      return this.#prepare(method, url, readOptions(call, this.#state.settings));
    };
    const run = (page: PreparedCall, streamed: boolean): Promise<Response> => {
      this.#refuseClosed();
      return this.#run(page, () => streamed, site);
    };
    return new Paginator(async () => {
      // A program that walks no pages does not load what it takes, a sixth of all the code.
      const { beginWalk } = await import("./paginate/begin-walk.ts");
      return beginWalk(options, { client: this.#state, prepare, run, site });
    });
  }

  /**
   * A client with more options, which shares this one's connections and cookies. Headers, params, hooks and middleware are
   * added to, anything else is replaced. With a `baseUrl` of another origin it starts without this one's credentials, params
   * and headers that may be credentials: give them anew if that server may have them. Closing it leaves this one open; closing this one closes both.
   */
  extend(options: ClientOptions): Client {
    this.#refuseClosed();
    const child = new Client();
    child.#state = stateOf(options, this.#state);
    const inherited = leavesBase(options, this.#state) ? strippedHeaders(this.#headers) : this.#headers;
    child.#headers = mergeHeaders(inherited, headersOf(options));
    return child;
  }

  /** Ends the connections, and what is under way with an error. A closed client refuses further calls. */
  async close(): Promise<void> {
    this.#closed ??= this.#end();
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<void> {
    const { pool, ownsPool } = this.#state;
    if (!ownsPool) return;
    pool.closing.close();
    await pool.transport?.close();
  }

  #prepare(method: string, url: string | URL, input: CallInput): PreparedCall {
    return prepareCall(this.#state, this.#headers, method, url, input);
  }

  #call(
    method: string,
    url: string | URL,
    options: RequestOptions | undefined,
    verb: (...args: never[]) => unknown,
  ): Call {
    return this.#start(verb, () => this.#prepare(method, url, readOptions(options, this.#state.settings)));
  }

  /** Makes a call ready at once, and starts it in a microtask. What is wrong with the options is told by rejecting. */
  #start(verb: (...args: never[]) => unknown, prepare: () => PreparedCall): Call {
    const site = this.#state.settings.stack ? callSite(verb) : undefined;
    let prepared: PreparedCall;
    try {
      this.#refuseClosed();
      prepared = prepare();
    } catch (error) {
      if (error instanceof ChasquiError)
        attachCall(error, { request: undefined, attempts: 0, elapsed: 0, site });
      return new Call(() => Promise.reject(error), this.#state.settings.raise, false);
    }
    const { settings } = prepared;
    const start: StartCall = (reading) => this.#run(prepared, reading, site);
    return new Call(start, settings.raise, settings.stream);
  }

  async #run(
    prepared: PreparedCall,
    readingOf: () => Reading,
    site: { readonly stack?: string } | undefined,
  ): Promise<Response> {
    // What is chained to the call in the same breath decides how its body is read.
    await undefined;
    const reading = readingOf();
    const streamed = reading !== false;
    const call = reading instanceof Promise ? (await reading)(prepared, this.#state) : prepared;
    const { clock, random, jar, pipeline, pool } = this.#state;
    const { settings, auth } = call;
    const context = new CallContext({
      settings,
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
    if (!call.ownAuth) context.clientHeaders = this.#headers;
    context.request = request;
    try {
      // Here and not where the call is made ready: each page of a walk is a request of its own.
      if (settings.idempotencyKey !== undefined) request = withKey(request, settings.idempotencyKey);
      const response = await pipeline.handlerFor(context)(request, context);
      if (!streamed || isWhole(response)) context.settle();
      return response;
    } catch (error) {
      context.settle();
      // Of what is no object nobody could see where it came from.
      throw context.adopt(typeof error === "object" && error !== null ? error : callerError(error));
    }
  }

  #refuseClosed(): void {
    if (this.#closed === undefined && !this.#state.pool.closing.closed) return;
    throw new OptionsError("The client is closed", {
      option: "client",
      hint: "Make a new Client, or close this one after the last call has been awaited.",
    });
  }
}
