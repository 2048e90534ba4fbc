import type { StandardSchemaV1 } from "@standard-schema/spec";
import { DEFAULT_HEADERS, defaultTransport } from "#platform";
import type { Auth } from "./auth/auth.ts";
import { basicCredentials } from "./auth/basic.ts";
import { Call } from "./call.ts";
import { callSite } from "./call-site.ts";
import { type Clock, systemClock } from "./clock.ts";
import { CookieJar, type CookieStore } from "./cookies/cookie-jar.ts";
import { callerError } from "./errors/caller-error.ts";
import { attachCall, type CallFacts, ChasquiError } from "./errors/chasqui-error.ts";
import { OptionsError } from "./errors/options-error.ts";
import { nextRequest, type WalkStart } from "./paginate/next-request.ts";
import type { PaginateOptions } from "./paginate/options.ts";
import { withMissing } from "./paginate/page-query.ts";
import type { PageCall, PageSource } from "./paginate/page-source.ts";
import { Paginator } from "./paginate/paginator.ts";
import { readWalk } from "./paginate/walk.ts";
import { CallContext, type JarHolder } from "./pipeline/call-context.ts";
import { Closing } from "./pipeline/closing.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { headersForNextHop } from "./pipeline/redirect-rules.ts";
import type { Middleware } from "./pipeline/stage.ts";
import { makeBody } from "./request/body.ts";
import { Headers, mergeHeaders } from "./request/headers.ts";
import { kindOf } from "./request/kind-of.ts";
import { methodOf } from "./request/method.ts";
import type { RequestOptions, SharedOptions } from "./request/options.ts";
import { appendParams, mergeParams, type ParamsInit, serializeParams } from "./request/params.ts";
import { Request } from "./request/request.ts";
import {
  type CallInput,
  defaultSettings,
  readOptions,
  readSetting,
  refuseSendOptions,
  SETTING_NAMES,
  type Settings,
} from "./request/settings.ts";
import { refuseUnknown } from "./request/unknown-option.ts";
import { type Base, parseBase, resolveUrl } from "./request/url.ts";
import { isWhole, type Response } from "./response/response.ts";
import { Secret } from "./secret.ts";
import type { Transport } from "./transport/transport.ts";

/** The options of a client: what its calls share. */
export interface ClientOptions extends SharedOptions {
  /**
   * What relative URLs are appended to. Its origin is the one that the client's headers, credentials and params belong to:
   * a URL of another origin is refused unless `allowOrigins` names it, and gets none of them.
   */
  readonly baseUrl?: string | URL;
  /** Origins besides the base's that calls may go to, such as `"https://files.example.com"`. */
  readonly allowOrigins?: readonly string[];
  /** Whether cookies are kept from call to call (default true), or the jar to keep them in. */
  readonly cookies?: boolean | CookieStore;
  /** Middleware around each call, redirects and retries included; the first is the outermost. */
  readonly use?: readonly Middleware[];
  /** Middleware around each exchange; the first is the outermost. */
  readonly wire?: readonly Middleware[];
  /** What carries the requests. Default: undici's dispatcher on Node, fetch elsewhere. It is closed with the client. */
  readonly transport?: Transport;
  /** The time. Default: the machine's. */
  readonly clock?: Clock;
  /** Draws from 0 up to 1, for the jitter of retries. Default: `Math.random`. */
  readonly random?: () => number;
}

/** The connections of a client and of its children. */
interface Pool {
  transport: Transport | undefined;
  readonly closing: Closing;
}

/** All that a client is, but for its headers. */
interface ClientState {
  readonly settings: Settings;
  readonly params: ParamsInit | undefined;
  readonly base: Base | undefined;
  readonly allowOrigins: readonly string[] | undefined;
  /** Undefined where no cookies are kept: each call then has a jar of its own. */
  readonly jar: JarHolder | undefined;
  readonly use: readonly Middleware[];
  readonly wire: readonly Middleware[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly pool: Pool;
  /** False for a child, which shares its parent's. */
  readonly ownsPool: boolean;
  readonly pipeline: Pipeline;
}

/** A call, made ready: nothing in it may fail any more but the exchange itself. */
interface PreparedCall {
  readonly request: Request;
  readonly settings: Settings;
  readonly auth: Auth | undefined;
  /** Whether the call named its credentials itself. */
  readonly ownAuth?: boolean;
}

const NO_STATE: Omit<ClientState, "pipeline" | "pool" | "ownsPool"> = {
  settings: defaultSettings(),
  params: undefined,
  base: undefined,
  allowOrigins: undefined,
  jar: undefined,
  use: [],
  wire: [],
  clock: systemClock,
  random: Math.random,
};

function isStore(value: unknown): value is CookieStore {
  return (
    typeof value === "object" &&
    value !== null &&
    "getCookieHeader" in value &&
    typeof value.getCookieHeader === "function" &&
    "setCookies" in value &&
    typeof value.setCookies === "function"
  );
}

/** By its shape: it may have been built by another copy of the library. */
function isRequest(value: unknown): value is Request {
  return typeof value === "object" && value !== null && "with" in value && "origin" in value;
}

function jarOf(value: unknown): JarHolder | undefined {
  if (value === true) return { jar: undefined };
  if (value === false) return undefined;
  if (isStore(value)) return { jar: value };
  throw new OptionsError(`\`cookies\` of a client is ${kindOf(value)}; it takes true, false or a jar`, {
    option: "cookies",
  });
}

/** The origins that are allowed, each parsed once. */
function originsOf(value: unknown): readonly string[] {
  const option = "allowOrigins";
  if (!Array.isArray(value)) {
    throw new OptionsError(`\`${option}\` is ${kindOf(value)}; it takes a list of origins`, { option });
  }
  return value.map((entry) => {
    const { origin, stem, query } = parseBase(entry, option);
    if (stem === origin && query === "") return origin;
    throw new OptionsError(`\`${option}\` names a path of ${origin}, and allows whole origins`, { option });
  });
}

/** By own property only: a polluted prototype lends a client no headers (S55). */
function headersOf(options: ClientOptions): ClientOptions["headers"] {
  return Object.hasOwn(options, "headers") ? options.headers : undefined;
}

function middlewares(value: unknown, option: string): readonly Middleware[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isMiddleware = (entry: unknown): entry is Middleware => typeof entry === "function";
  if (list.every(isMiddleware)) return list;
  throw new OptionsError(`\`${option}\` takes a list of functions (request, next) => response`, { option });
}

/** Reads the options of a client over those of its parent; the headers are left to the client. */
function stateOf(options: ClientOptions, parent: ClientState | undefined): ClientState {
  if (typeof options !== "object" || options === null) {
    throw new OptionsError(`The options of a client are ${kindOf(options)}, not an object`, {
      option: "options",
    });
  }
  const from = parent ?? NO_STATE;
  const settings: Settings = { ...from.settings };
  const state = { ...from, settings, jar: parent === undefined ? { jar: undefined } : parent.jar };
  let transport: Transport | undefined;
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || option === "headers") continue;
    if (option === "params") state.params = mergeParams(from.params, options.params);
    else if (option === "baseUrl") state.base = parseBase(value);
    else if (option === "allowOrigins") state.allowOrigins = originsOf(value);
    else if (option === "cookies") Object.assign(state, { jar: jarOf(value) });
    else if (option === "use") state.use = [...from.use, ...middlewares(value, option)];
    else if (option === "wire") state.wire = [...from.wire, ...middlewares(value, option)];
    else if (option === "transport") transport = options.transport;
    else if (option === "clock") state.clock = options.clock ?? from.clock;
    else if (option === "random") state.random = options.random ?? from.random;
    else if (option === "signal" || option === "stream" || !readSetting(option, value, settings)) {
      refuseUnknown(option, CLIENT_OPTIONS);
    }
  }
  const { clock } = state;
  const ownsPool = parent === undefined || transport !== undefined;
  const pool = ownsPool ? { transport, closing: new Closing() } : parent.pool;
  const pipeline = new Pipeline({
    use: state.use,
    wire: state.wire,
    transport: () => {
      // Nothing is opened that nobody would close.
      pool.closing.refuse();
      pool.transport ??= defaultTransport(clock);
      return pool.transport;
    },
  });
  return { ...state, pool, ownsPool, pipeline };
}

const CLIENT_OPTIONS: readonly string[] = [
  ...SETTING_NAMES.filter((name) => name !== "signal" && name !== "stream"),
  ...["baseUrl", "allowOrigins", "params", "headers", "use", "wire", "transport", "clock", "random"],
];

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
    jar.jar ??= new CookieJar();
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
    return this.#prepare(method, url, readOptions(options, this.#state.settings)).request;
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
      return {
        request: request.with({}),
        settings: input.settings,
        auth: this.#authFor(input, within) ?? undefined,
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
    return new Paginator(() => {
      try {
        const { walk, call } = readWalk(options);
        return { walk, source: this.#pageSource(url, call, site) };
      } catch (error) {
        throw adopted(error, { request: undefined, attempts: 0, elapsed: 0, site });
      }
    });
  }

  /**
   * A client with more options, which shares this one's connections and cookies. Headers, params and hooks are added to,
   * anything else is replaced. Closing it leaves this one open; closing this one closes both.
   */
  extend(options: ClientOptions): Client {
    this.#refuseClosed();
    const child = new Client();
    child.#state = stateOf(options, this.#state);
    child.#headers = mergeHeaders(this.#headers, headersOf(options));
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

  /** Where one walk gets its pages: all are made from the call of the first, whose credentials stay at its origin. */
  #pageSource(url: string | URL, options: RequestOptions, site: CallFacts["site"]): PageSource {
    const { base, params, clock } = this.#state;
    const startedAt = clock.now();
    let home: { readonly call: PreparedCall; readonly start: WalkStart } | undefined;
    let left = false;
    const page = (call: PreparedCall, withheld: readonly string[]): PageCall => ({
      request: call.request,
      withheld,
      // A copy: what middleware does to the request of one page is not for the next.
      send: () => this.#run({ ...call, request: call.request.with({}) }, false, site),
    });
    return {
      first: (defaults) => {
        this.#refuseClosed();
        const call = this.#prepare("GET", url, readOptions(options, this.#state.settings));
        const request = call.request.with({ target: withMissing(call.request.target, defaults) });
        const own = base === undefined || base.origin === request.origin;
        const { paramsStyle, redirect } = call.settings;
        const clientQuery = own ? `${base?.query ?? ""}&${serializeParams(params, paramsStyle)}` : "";
        const clientParams = new Set(new URLSearchParams(clientQuery).keys());
        home = { call: { ...call, request }, start: { request, clientParams, policy: redirect } };
        return page(home.call, []);
      },
      next: (asks, from) => {
        this.#refuseClosed();
        if (home === undefined) throw new TypeError("the first page comes first");
        const next = nextRequest(home.start, asks, from, left);
        if ("refused" in next) return next;
        const { request, foreign, withheld } = next;
        left ||= foreign;
        if (!foreign) return page({ ...home.call, request }, withheld);
        const { settings } = home.call;
        // The cookies of a call belong to its origin; the jar knows by itself which of its own go where.
        const cookies = settings.cookies === false ? false : undefined;
        return page({ request, settings: { ...settings, cookies }, auth: undefined }, withheld);
      },
      adopt: (error, request) => {
        const elapsed = clock.now() - startedAt;
        return adopted(error, { request: request?.toJSON(), attempts: 0, elapsed, site });
      },
    };
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
    const start = (streamed: boolean): Promise<Response> => this.#run(prepared, streamed, site);
    return new Call(start, settings.raise, settings.stream);
  }

  async #run(
    call: PreparedCall,
    streamed: boolean,
    site: { readonly stack?: string } | undefined,
  ): Promise<Response> {
    const { clock, random, jar, pipeline, pool } = this.#state;
    const { settings, auth, request } = call;
    const context = new CallContext({
      settings,
      clock,
      random,
      streamed,
      auth,
      // A call without a session has a jar of its own: a redirect may set a cookie for the next hop.
      jar: settings.cookies === false ? undefined : (jar ?? { jar: undefined }),
      closing: pool.closing,
      site,
    });
    context.boundOrigin = request.origin;
    if (!call.ownAuth) context.clientHeaders = this.#headers;
    context.request = request;
    try {
      const response = await pipeline.handlerFor(context)(request, context);
      if (!streamed || isWhole(response)) context.settle();
      return response;
    } catch (error) {
      context.settle();
      // Of what is no object nobody could see where it came from.
      throw context.adopt(typeof error === "object" && error !== null ? error : callerError(error));
    }
  }

  #prepare(method: string, url: string | URL, input: CallInput): PreparedCall {
    const { base, allowOrigins } = this.#state;
    const { settings } = input;
    const where = resolveUrl(url, { baseUrl: base, allowOrigins, path: input.path });
    const own = where.withinBase;
    // Params of the client are as much its own as its headers: a key may be among them.
    const query = own ? mergeParams(this.#state.params, input.params) : input.params;
    const href = appendParams(where.href, serializeParams(query, settings.paramsStyle));
    const headers = mergeHeaders(own ? this.#headers : strippedHeaders(this.#headers), input.headers);
    const auth = this.#authFor(input, own);
    const { username, password } = where;
    // The URL's own user comes last (#92), and is a header like any other: it stays behind at a border.
    if (auth === undefined && (username ?? password) !== undefined && !headers.has("authorization"))
      headers.set("authorization", new Secret(basicCredentials(username ?? "", password ?? "")));
    const body =
      input.body === undefined
        ? undefined
        : makeBody(input.body, settings.stringifyJson, headers.get("content-type") ?? undefined);
    if (body?.contentType !== undefined && !headers.has("content-type"))
      headers.set("content-type", body.contentType);
    if (body?.length !== undefined && !headers.has("content-length"))
      headers.set("content-length", String(body.length));
    return {
      request: new Request({
        method: methodOf(method),
        origin: where.origin,
        target: href.slice(where.origin.length),
        fragment: where.fragment,
        headers,
        body,
      }),
      settings,
      auth: auth ?? undefined,
      ownAuth: input.ownAuth,
    };
  }

  /** The call's before the client's (#92); null switches off, and the client's stay within its base. */
  #authFor(input: CallInput, withinBase: boolean): Auth | null | undefined {
    return input.ownAuth || withinBase ? input.settings.auth : undefined;
  }

  #refuseClosed(): void {
    if (this.#closed === undefined && !this.#state.pool.closing.closed) return;
    throw new OptionsError("The client is closed", {
      option: "client",
      hint: "Make a new Client, or close this one after the last call has been awaited.",
    });
  }
}

/** Of headers, those that say nothing about who asks. */
function strippedHeaders(headers: Headers): Headers {
  const { flat } = headers;
  return Headers.fromFlat(
    headersForNextHop(flat, { crossing: true, bodyDropped: false, keepHeaders: [] }).headers,
  );
}

function adopted<E>(error: E, facts: CallFacts): E {
  if (error instanceof ChasquiError) attachCall(error, facts);
  return error;
}
