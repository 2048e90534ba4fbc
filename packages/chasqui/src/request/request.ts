import type { RequestSnapshot } from "../errors/chasqui-error.ts";
import { printAs } from "../printing.ts";
import { type Body, type BodyInit, makeBody } from "./body.ts";
import { Headers } from "./headers.ts";
import { contentTypeFor } from "./multipart.ts";
import { redactHeaders, redactUrl } from "./redact.ts";

/** What a `Request` is made of. */
export interface RequestParts {
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** Empty, or `#` and the rest. It is never sent. */
  readonly fragment: string;
  readonly headers: Headers;
  readonly body: Body | undefined;
  /** Query pairs that a credential adds on the wire, already encoded; never part of `url`. */
  readonly credentialQuery?: string;
  /** Lower-case names of query parameters whose values came as a `Secret`. */
  readonly secretParams?: ReadonlySet<string> | undefined;
  /** Lower-case names of the headers that a credential added. */
  readonly credentialHeaders?: ReadonlySet<string> | undefined;
  /** Whether a redirect led here from another origin. */
  readonly crossed?: boolean | undefined;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** What `request.with()` may change. */
export interface RequestChanges extends Partial<Omit<RequestParts, "body">> {
  /** A body as the option `body` takes it, or one of another request; undefined or null for none. */
  readonly body?: Body | BodyInit | null | undefined;
}

/**
 * A request as it is to be sent: `client.build()` makes one, `client.send()` sends it, as often as one likes.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010" });
 * const request = client.build("GET", "/posts/1");
 * request.headers.set("x-trace", "1");
 * const response = await client.send(request);
 * console.log(request.url, response.status);
 * ```
 */
export class Request {
  /** The method, in capitals where it is a standard one. */
  readonly method: string;
  /** Scheme, host and port of the server. */
  readonly origin: string;
  /** The headers. They may be changed until the request is sent. */
  readonly headers: Headers;
  // Private, because `console.dir` and a debugger print what is not: a query and a body may hold secrets (P9).
  readonly #target: string;
  readonly #body: Body | undefined;
  readonly #fragment: string;
  readonly #credentialQuery: string;
  readonly #secretParams: ReadonlySet<string>;
  readonly #credentialHeaders: ReadonlySet<string>;
  readonly #crossed: boolean;

  static {
    printAs(Request, (request) => {
      const { method, url, headers } = request.toJSON();
      const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
      return [`Request ${method} ${url}`, ...lines].join("\n");
    });
  }

  constructor(parts: RequestParts) {
    this.method = parts.method;
    this.origin = parts.origin;
    this.#target = parts.target;
    this.headers = parts.headers;
    this.#body = parts.body;
    this.#fragment = parts.fragment;
    this.#credentialQuery = parts.credentialQuery ?? "";
    this.#secretParams = parts.secretParams ?? NO_NAMES;
    this.#crossed = parts.crossed === true;
    this.#credentialHeaders = parts.credentialHeaders ?? NO_NAMES;
    if (this.#secretParams.size > 0) Headers.knowParams(parts.headers, this.#secretParams);
  }

  /** Path and query as they are sent, less what a credential adds. */
  get target(): string {
    return this.#target;
  }

  /** The body, undefined where there is none. */
  get body(): Body | undefined {
    return this.#body;
  }

  /** The absolute URL, with its fragment, without a credential in its query. */
  get url(): string {
    return this.origin + this.target + this.#fragment;
  }

  /** The fragment with its `#`, or an empty string. */
  get fragment(): string {
    return this.#fragment;
  }

  /**
   * Lower-case names of query parameters whose values came as a `Secret`; `redactUrl(request.url, request.secretParams)`
   * masks them. Redirects and further pages keep them.
   */
  get secretParams(): ReadonlySet<string> {
    return this.#secretParams;
  }

  /** @internal Lower-case names of the headers that an `Auth` has added to this very request: they do not say who asks. */
  get credentialHeaders(): ReadonlySet<string> {
    return this.#credentialHeaders;
  }

  /**
   * Whether a redirect led here from another origin than the one that was asked first: a client's own credentials do not go along,
   * also where `send()` sends it.
   */
  get crossed(): boolean {
    return this.#crossed;
  }

  /** What stands in the request line: `target`, and the query pairs of a credential. */
  wireTarget(): string {
    if (this.#credentialQuery === "") return this.target;
    return this.target + (this.target.includes("?") ? "&" : "?") + this.#credentialQuery;
  }

  /**
   * A copy with some parts changed; the headers are copied unless given.
   *
   * With a `body`, `content-length` is written anew, so that what is announced is what is sent (RFC 9110 §8.6), and
   * `content-type` is the new body's, where it has one, unless `headers` that are given say another.
   *
   * @throws {OptionsError} when `body` is nothing that can be sent.
   * @throws {ConsumedBodyError} when it is a stream that was read before.
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * const request = client.build("POST", "/posts", { json: { title: "hi" } });
   * const other = request.with({ body: JSON.stringify({ title: "hello" }) });
   * console.log(other.headers.get("content-length"), other.headers.get("content-type")); // 17 application/json
   * ```
   */
  with(changes: RequestChanges): Request {
    let headers = changes.headers ?? this.headers.clone();
    let body = this.#body;
    if ("body" in changes) {
      const said = changes.headers?.get("content-type") ?? undefined;
      body = isBody(changes.body)
        ? changes.body
        : makeBody({ body: changes.body ?? undefined }, undefined, said);
      headers = describing(headers, body, said);
    }
    return new Request({
      method: changes.method ?? this.method,
      origin: changes.origin ?? this.origin,
      target: changes.target ?? this.target,
      fragment: changes.fragment ?? this.#fragment,
      headers,
      body,
      credentialQuery: changes.credentialQuery ?? this.#credentialQuery,
      secretParams: changes.secretParams ?? this.#secretParams,
      crossed: changes.crossed ?? this.#crossed,
      // Not of a copy: what stands in that was given to it.
      credentialHeaders: changes.credentialHeaders,
    });
  }

  /** Method and URL, without secrets. */
  toString(): string {
    return `${this.method} ${redactUrl(this.url, this.#secretParams)}`;
  }

  /** Method, URL and headers without secrets, for logs and errors. */
  toJSON(): RequestSnapshot {
    return {
      method: this.method,
      url: redactUrl(this.url, this.#secretParams),
      headers: redactHeaders(this.headers),
    };
  }
}

/** Whether a value is a body that was made before, and not what one is made of. */
function isBody(value: Body | BodyInit | null | undefined): value is Body {
  return typeof value === "object" && value !== null && "open" in value && "replayable" in value;
}

/** The headers, or a copy of them, with the length and the type of a body. */
function describing(headers: Headers, body: Body | undefined, said: string | undefined): Headers {
  const own = headers.clone();
  if (body?.length === undefined) own.delete("content-length");
  else own.set("content-length", String(body.length));
  const type = body === undefined ? undefined : contentTypeFor(body, said);
  if (body === undefined) own.delete("content-type");
  else if (type !== undefined && type !== said) own.set("content-type", type);
  return own;
}
