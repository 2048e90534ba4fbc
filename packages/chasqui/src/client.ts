import type { StandardSchemaV1 } from "@standard-schema/spec";
import { Session } from "#engine";
import { Call } from "./call.ts";
import { brief, type CallSite, callSite } from "./call-site.ts";
import type { ClientOptions } from "./client-options.ts";
import type { CookieStore } from "./cookies/cookie-jar.ts";
import type { AnySession } from "./engine/any-session.ts";
import type { PaginateOptions } from "./paginate/options.ts";
import { Paginator } from "./paginate/paginator.ts";
import { printAs } from "./printing.ts";
import type { Headers } from "./request/headers.ts";
import type { RequestOptions } from "./request/options.ts";
import { redactUrl } from "./request/redact.ts";
import type { Request } from "./request/request.ts";

/** A call in the name of another function than the client's own verbs; for `verbs.ts`, whose functions stand in the stack. */
export let callThrough: (
  client: Client,
  method: string,
  url: string | URL,
  options: RequestOptions | undefined,
  site: CallSite,
) => Call;

/** `const { get } = client` parts the method from its client, and a private name in it would fail in words of the engine's. */
function attached(client: unknown, method: string): Client {
  if (client instanceof Client) return client;
  throw new TypeError(`${method}() was called without its client: write client.${method}(…)`);
}

/**
 * A session with an API: base URL, headers, credentials, cookies, connections and policies in one place.
 *
 * In a browser the code behind it is loaded when the first client is made, and calls wait for it: what is wrong with the
 * options of a client is told to its calls there.
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
    callThrough = (client, method, url, options, site) => client.#call(method, url, options, site);
    printAs(Client, (client) => {
      const { base, closed } = client.#session;
      const where = base === undefined ? "" : ` ${redactUrl(base)}`;
      return `${client.constructor.name}${where}${closed ? " (closed)" : ""}`;
    });
  }

  #session: AnySession;

  constructor(options: ClientOptions = {}) {
    this.#session = new Session(options);
  }

  /** The headers of every call. They may be changed at any time, as a session's can. */
  get headers(): Headers {
    return this.#session.headers;
  }

  /** The jar that the client's cookies are in; undefined where none are kept. */
  get cookies(): CookieStore | undefined {
    return this.#session.cookies;
  }

  /** GET: retrieves. Safe and idempotent (RFC 9110 9.3.1). */
  get(url: string | URL, options?: RequestOptions): Call {
    return attached(this, "get").#call(
      "GET",
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /** POST: creates, or does what the resource says. Sent twice it may be done twice (RFC 9110 9.3.3). */
  post(url: string | URL, options?: RequestOptions): Call {
    return attached(this, "post").#call(
      "POST",
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /** PUT: replaces the resource whole. Idempotent (RFC 9110 9.3.4). */
  put(url: string | URL, options?: RequestOptions): Call {
    return attached(this, "put").#call(
      "PUT",
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /** PATCH: changes part of the resource (RFC 5789). */
  patch(url: string | URL, options?: RequestOptions): Call {
    return attached(this, "patch").#call(
      "PATCH",
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /** DELETE: removes the resource. Idempotent (RFC 9110 9.3.5). */
  delete(url: string | URL, options?: RequestOptions): Call {
    return attached(this, "delete").#call(
      "DELETE",
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /** HEAD: a GET without the body (RFC 9110 9.3.2). */
  head(url: string | URL, options?: RequestOptions): Call {
    return attached(this, "head").#call(
      "HEAD",
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /** OPTIONS: asks what may be done (RFC 9110 9.3.7). */
  options(url: string | URL, options?: RequestOptions): Call {
    return attached(this, "options").#call(
      "OPTIONS",
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /** Any method. */
  request(method: string, url: string | URL, options?: RequestOptions): Call {
    return attached(this, "request").#call(
      method,
      url,
      options,
      this.#session.stack ? callSite(brief(), new Error()) : undefined,
    );
  }

  /**
   * Makes a request without sending it, to be looked at, changed and given to `send()`.
   *
   * @throws {OptionsError} when an option is bad; in a browser, before `ready()`.
   */
  build(method: string, url: string | URL, options?: RequestOptions): Request {
    return this.#session.build(method, url, options);
  }

  /**
   * Sends a request that `build()` made; a request whose body can be replayed can be sent as often as one likes.
   *
   * @param options those that say how a call is made; what shapes a request (`params`, `json`, `headers` …) is in it already
   */
  send(request: Request, options?: RequestOptions): Call {
    const site = this.#session.stack ? callSite(brief(), new Error()) : undefined;
    return new Call(this.#session.send(request, options, site));
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
    const site = this.#session.stack ? callSite(brief(), new Error()) : undefined;
    return new Paginator(() => this.#session.walk(url, options, site));
  }

  /**
   * A client with more options, which shares this one's connections and cookies. Headers, params, hooks and middleware are
   * added to, anything else is replaced. With a `baseUrl` of another origin it starts without this one's credentials, params
   * and headers that may be credentials: give them anew if that server may have them. Closing it leaves this one open; closing this one closes both.
   */
  extend(options: ClientOptions): Client {
    const session = this.#session.extend(options);
    const child = new Client();
    child.#session = session;
    return child;
  }

  /**
   * Waits until all of the client's code is there, and gives the client. Only a browser has to wait, and only for what is not
   * a promise: `build()`, and the `headers` of a client that `extend()` has given another `baseUrl`. Calls wait by themselves.
   *
   * @throws {OptionsError} in a browser, when an option of the client is bad.
   * @throws {NetworkError} of the kind `"import"`, in a browser, when the code cannot be loaded.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = await new Client({ baseUrl: "http://localhost:4010" }).ready();
   * console.log(client.build("GET", "/posts").method); // GET
   * ```
   */
  async ready(): Promise<this> {
    await this.#session.ready();
    return this;
  }

  /** Ends the connections, and what is under way with an error. A closed client refuses further calls. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #call(method: string, url: string | URL, options: RequestOptions | undefined, site: CallSite): Call {
    return new Call(this.#session.call(method, url, options, site));
  }
}
