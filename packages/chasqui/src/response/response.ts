import type { StandardSchemaV1 } from "@standard-schema/spec";
import { HttpError } from "../errors/http-error.ts";
import { notLoaded } from "../errors/not-loaded.ts";
import { isRedirect } from "../pipeline/redirect-rules.ts";
import { printAs } from "../printing.ts";
import { Headers } from "../request/headers.ts";
import { resolveLocation } from "../request/location.ts";
import type { Request } from "../request/request.ts";
import type { Saved, SaveOptions } from "../save/save-options.ts";
import type { Trace } from "../trace/trace.ts";
import type { Head } from "../transport/transport.ts";
import { inMemory } from "./body-memory.ts";
import type { StreamOptions } from "./equal-pieces.ts";
import type { ServerSentEvent } from "./events.ts";
import { headAlike, headOf } from "./head.ts";
import { parsedJson } from "./json.ts";
import { type Links, parseLinks } from "./links.ts";
import { loggedResponse, printedResponse } from "./printed-response.ts";
import { equalPiecesOf, eventsOf, linesOf, valuesOf } from "./readers.ts";
import type { CacheVerdict, ResponseChanges, ResponseOwner, ResponseParts } from "./response-parts.ts";
import { StreamedBody } from "./streamed-body.ts";
import { onePiece, webStream } from "./taken-body.ts";
import { decodeText } from "./text.ts";

const NOTHING = new Uint8Array(0);

/** The call of a response; for `call.ts`. Undefined where another copy of the library made the response. */
export let ownerOf: (response: Response) => ResponseOwner | undefined;

/** The response with another stream of its body, made of the one that it has; itself where its body has been read. */
export let withPieces: (response: Response, make: () => AsyncIterable<Uint8Array>) => Response;

/** Tells a redirect that is not followed which request it asks for; for `redirect.ts`. */
export let tellNext: (response: Response, next: Request | undefined) => void;

/** A response that was read, as another call's own. */
export let ownedBy: (response: Response, owner: ResponseOwner) => Response;

/** Whether nothing of a response's body is left to come; for `client.ts`. */
export let isWhole: (response: Response) => boolean;

/**
 * One header of a response by its lower-case name, repeated lines joined with a comma; for readers that look for many and
 * find few: `response.headers` makes an object of all of them, and goes through it for each.
 */
export let fieldOf: (response: Response, name: string) => string | undefined;

/** The bytes of a body that has been read, as they are kept; for the cache, which does not write to them. */
export let wholeBytes: (response: Response) => Uint8Array | undefined;

/** Says what the cache had to do with a response; gives the same one. */
export let markCached: (response: Response, verdict: CacheVerdict) => Response;

/** Whether a value is a response, of this copy of the library or another: what a middleware or a hook must answer. */
export function isResponse(value: unknown): value is Response {
  return typeof value === "object" && value !== null && "raiseForStatus" in value && "statusError" in value;
}

/**
 * What came back. Its body has been read, unless `stream: true` was asked, so it can be read as often as one likes.
 *
 * @example
 * ```ts
 * import { get } from "chasqui";
 * const response = await get("http://localhost:4010/posts/1");
 * console.log(response.status, response.headers.get("content-type"));
 * const post = await response.json<{ title: string }>();
 * console.log(post.title);
 * ```
 */
export class Response {
  static {
    ownerOf = (response) => (#owner in response ? response.#owner : undefined);
    withPieces = (response, make) => {
      if (response.#bytes !== undefined) return response;
      const { request, history } = response;
      const body = make();
      const head = response.#head;
      const owner = response.#owner;
      const beginning = response.#streamed?.beginning;
      const cached = response.#cached;
      const replacement = new Response({ head, request, body, beginning, owner, history, cached });
      owner.replaced(response, replacement);
      return replacement;
    };
    fieldOf = (response: Pick<Response, "headers">, name) =>
      #head in response ? response.#head.header(name) : (response.headers.get(name) ?? undefined);
    tellNext = (response, next) => {
      if (#next in response) response.#next = next;
    };
    ownedBy = (response, owner) => {
      if (!(#owner in response) || response.#owner === owner) return response;
      const { request, history } = response;
      const redirected = response.#redirected;
      const body = response.#bytes ?? null;
      const cached = response.#cached;
      const head = headAlike(response.#head);
      const own = new Response({ head, request, body, owner, history, redirected, cached });
      own.#next = response.#next;
      return own;
    };
    wholeBytes = (response) => (#head in response ? response.#bytes : undefined);
    markCached = (response, verdict) => {
      if (#cached in response) response.#cached = verdict;
      return response;
    };
    isWhole = (response) => !(#head in response) || response.#bytes !== undefined;
  }

  /** The request that was sent for this response. */
  readonly request: Request;
  /**
   * The responses that led here, redirects and those that an `Auth` answered, such as a 401, oldest first; never this one. A browser shows
   * no redirects.
   */
  readonly history: readonly Response[];
  readonly #head: Head;
  readonly #owner: ResponseOwner;
  /** The body, where it came whole; a response has either this or a stream. */
  readonly #buffered: Uint8Array | undefined;
  readonly #streamed: StreamedBody | undefined;
  #next: Request | undefined;
  readonly #elapsed: number;
  readonly #redirected: boolean;
  #cached: CacheVerdict | undefined;

  static {
    printAs(Response, (response) => printedResponse(response, response.#bytes?.length));
  }

  constructor(parts: ResponseParts) {
    this.request = parts.request;
    this.history = parts.history;
    this.#head = parts.head;
    this.#owner = parts.owner;
    const { body } = parts;
    if (body === null || body instanceof Uint8Array) this.#buffered = body ?? NOTHING;
    else this.#streamed = new StreamedBody(body, parts.beginning, parts.owner);
    this.#redirected = parts.redirected === true;
    this.#cached = parts.cached;
    this.#elapsed = parts.owner.elapsed();
  }

  /** The status code, such as 200. */
  get status(): number {
    return this.#head.status;
  }

  /** The reason phrase, such as `OK`; empty with HTTP/2 and for statuses that the server does not name. */
  get statusText(): string {
    return this.#head.statusText;
  }

  /** Whether the status is from 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The URL that answered, after redirects, with its fragment; without a credential that was added to the query. */
  get url(): string {
    return this.request.url;
  }

  /** Whether a redirect led here. */
  get redirected(): boolean {
    return this.#redirected || this.history.some(({ status }) => status < 400);
  }

  /**
   * What the client's cache had to do with this response: `"hit"` it was stored and is fresh, `"revalidated"` it was stored and
   * the server said that it is still true, `"stale"` it was stored and was given although it is stale, `"miss"` the server gave it.
   * Undefined where no cache was asked: none is on, the method is none that is stored, or the call left it out.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010", cache: true });
   * console.log((await client.get("/posts/1")).cached); // miss
   * console.log((await client.get("/posts/1")).cached); // revalidated
   * ```
   */
  get cached(): CacheVerdict | undefined {
    return this.#cached;
  }

  /** The headers. */
  get headers(): Headers {
    const { headers } = this.#head;
    const { secretParams } = this.request;
    if (secretParams !== undefined && secretParams.size > 0) Headers.knowParams(headers, secretParams);
    return headers;
  }

  /** Milliseconds from the start of the call until the body was read; until the headers while a streamed body is not. */
  get elapsed(): number {
    return this.#streamed?.elapsed ?? this.#elapsed;
  }

  /**
   * What happened in the call: requests, waits and why, redirects, tokens that were fetched, and how long each part took. Made
   * when it is read; of a body that is still being read it says what is known so far.
   *
   * @example
   * ```ts
   * import { get } from "chasqui";
   * const response = await get("http://localhost:4010/posts/1");
   * console.log(String(response.trace));
   * ```
   */
  get trace(): Trace {
    return this.#owner.trace();
  }

  /**
   * The links of the `Link` header, by relation (RFC 8288): `response.links.next?.url` is absolute.
   */
  get links(): Links {
    return parseLinks(this.headers.getAll("link"), this.url);
  }

  /** The absolute URL of a redirect's `Location`, where redirects are not followed; undefined where there is none. */
  get location(): string | undefined {
    const location = this.#head.header("location");
    if (location === undefined || !isRedirect(this.status, location)) return undefined;
    const to = resolveLocation(location, this.url);
    // What Chasqui does not go to (an app's own scheme, say) the caller may.
    return "problem" in to ? URL.parse(location, this.url)?.href : to.href + to.fragment;
  }

  /**
   * The request that a redirect asks for, where redirects are not followed: with the method, the body and the headers that
   * following it would have, for `client.send()`. What may not go to another origin is not in it, and does not come back where the
   * client sends it. Undefined where there is none that may be sent: `location` says where the redirect leads all the same.
   *
   * @example
   * ```ts
   * import { Client } from "chasqui";
   * await using client = new Client({ baseUrl: "http://localhost:4010" });
   * const { next } = await client.get("/faults/redirect?to=/posts/1", { redirect: "manual" });
   * if (next !== undefined) console.log((await client.send(next)).status); // 200
   * ```
   */
  get next(): Request | undefined {
    return this.#next;
  }

  /** Whether a streamed body has been taken. A body that was read for you can be read again, so it never is. */
  get bodyUsed(): boolean {
    return this.#streamed?.used ?? false;
  }

  /**
   * The body as a web stream, decoded. Null where there is none. Of a streamed body it is the same stream each time, and
   * takes the body when it is first read.
   *
   * Reading throws `ConsumedBodyError` when a streamed body was taken before.
   */
  get body(): ReadableStream<Uint8Array> | null {
    const bytes = this.#bytes;
    if (bytes !== undefined) return bytes.length === 0 ? null : webStream(() => onePiece(copyOf(bytes)));
    return this.#streamed?.web ?? null;
  }

  /**
   * The body in pieces, decoded, as it comes.
   *
   * Leaving the loop early frees the connection. A piece of a streamed body may be a view of a larger buffer that holds
   * more than the piece, the response's head for one: what keeps pieces, or hands their `buffer` on, takes `piece.length`
   * bytes of them with `new Uint8Array(piece)`, which the stream leaves to its reader for the sake of large bodies.
   *
   * @param options - `{ chunkSize }` for pieces of one size.
   * @throws {ConsumedBodyError} when a streamed body was taken before.
   * @example
   * ```ts
   * import { get } from "chasqui";
   * const response = await get("http://localhost:4010/stream/bytes?n=2500", { stream: true });
   * for await (const piece of response.stream({ chunkSize: 1000 })) console.log(piece.length); // 1000
   * ```
   */
  stream(options?: StreamOptions): AsyncIterableIterator<Uint8Array, undefined> {
    const pieces = this.#bytes === undefined ? this.#chunks() : onePiece(copyOf(this.#bytes));
    return options === undefined ? pieces : equalPiecesOf(pieces, options, this.#owner);
  }

  /**
   * The body line by line, without line ends (`\n`, `\r\n` or `\r`), in the charset that `text()` reads it in.
   *
   * @throws {BodyTooLargeError} when a line is longer than `maxRecord`.
   */
  lines(): AsyncIterableIterator<string, undefined> & AsyncDisposable {
    return linesOf(this.#chunks(), this.#head.header("content-type"), this.#owner);
  }

  /**
   * The body as JSON Lines (NDJSON): one value a line, as it comes, each checked by a Standard Schema where one is given.
   * Lines end in `\n` or `\r\n`; those that are empty or blank are skipped. Leaving the loop early frees the connection.
   *
   * @throws {DecodeError} with `line` when a line is not JSON, a last line that was cut short too. It does not quote the line.
   * @throws {ValidationError} with `line` when a value does not match the schema.
   * @throws {BodyTooLargeError} when a line is longer than `maxRecord`.
   * @example
   * ```ts
   * import { get } from "chasqui";
   * const response = await get("http://localhost:4010/stream/lines", { params: { n: 3 }, stream: true });
   * for await (const post of response.ndjson<{ title: string }>()) console.log(post.title);
   * ```
   */
  ndjson<S extends StandardSchemaV1>(
    schema: S,
  ): AsyncIterableIterator<StandardSchemaV1.InferOutput<S>, undefined>;
  ndjson<T = unknown>(): AsyncIterableIterator<T, undefined>;
  ndjson(schema?: StandardSchemaV1): AsyncIterableIterator<unknown, undefined> {
    return valuesOf(this.#chunks(), schema, this.#owner);
  }

  /**
   * The body as server-sent events, by the algorithm of the HTML standard (9.2.6). It ends with the body: only
   * `call.events()` connects again. A 204 has no events.
   *
   * @throws {DecodeError} when the content type is not `text/event-stream`.
   * @throws {BodyTooLargeError} when a line or the data of an event are longer than `maxRecord`.
   * @example
   * ```ts
   * import { get } from "chasqui";
   * const response = await get("http://localhost:4010/stream/events", { params: { n: 3 }, stream: true });
   * for await (const { id, data } of response.events()) console.log(id, data);
   * ```
   */
  events(): AsyncIterableIterator<ServerSentEvent, undefined> {
    return eventsOf(this.#chunks(), this.status, this.#head.header("content-type"), this.#owner);
  }

  /**
   * Saves the body as a file, as `save()` of a call does, but for what has to ask the server again: it is not gone on with
   * where it breaks, and `resume` is an `OptionsError`.
   *
   * @throws {OptionsError} when nothing can be saved there.
   * @throws {HttpError} when the status is not from 200 to 299.
   * @throws {CallerError} when the disk does not take it: it is full, say.
   * @throws {DecodeError} when the file has not the digest that it is to have.
   */
  async save(path: string | URL, options?: SaveOptions): Promise<Saved> {
    try {
      const { openSaving } = await import("../save/saving.ts").catch(notLoaded);
      const saving = await openSaving(path, options, "response");
      return await saving.finish(this, this.#bytes !== undefined);
    } catch (error) {
      throw this.#owner.adopt(error);
    }
  }

  /**
   * The body as bytes: a copy each time, with a buffer of its own, that the caller may write to.
   *
   * @throws {BodyTooLargeError} when the system has no memory for it.
   */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#whole();
    try {
      return copyOf(bytes);
    } catch (error) {
      throw this.#owner.adopt(error);
    }
  }

  /** The body as an `ArrayBuffer` of its own. */
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  /** The body as a `Blob` with the response's content type. */
  async blob(): Promise<Blob> {
    const type = this.headers.get("content-type") ?? "";
    return new Blob([await this.bytes()], { type });
  }

  /** The body as text, in the charset of the content type, UTF-8 where it names none. */
  async text(): Promise<string> {
    if (this.#bytes === undefined) await this.#streamed?.whole();
    return this.bufferedText();
  }

  /**
   * The body as data, checked by a Standard Schema where one is given. `unknown` unless a type or a schema says more.
   *
   * @throws {EmptyBodyError} when the body is empty; `jsonOrUndefined()` does not.
   * @throws {DecodeError} when it is not JSON.
   * @throws {ValidationError} when it does not match the schema.
   */
  json<S extends StandardSchemaV1>(schema: S): Promise<StandardSchemaV1.InferOutput<S>>;
  json<T = unknown>(): Promise<T>;
  async json(schema?: StandardSchemaV1): Promise<unknown> {
    if (this.#bytes === undefined) await this.#streamed?.whole();
    const data = this.bufferedJson();
    return schema === undefined ? data : this.#validated(schema, data);
  }

  /** As `json()`, but undefined where the body is empty (a 204, say). */
  jsonOrUndefined<S extends StandardSchemaV1>(
    schema: S,
  ): Promise<StandardSchemaV1.InferOutput<S> | undefined>;
  jsonOrUndefined<T = unknown>(): Promise<T | undefined>;
  async jsonOrUndefined(schema?: StandardSchemaV1): Promise<unknown> {
    if ((await this.#whole()).length === 0) return undefined;
    const data = this.bufferedJson();
    return schema === undefined ? data : this.#validated(schema, data);
  }

  async #validated(schema: StandardSchemaV1, data: unknown): Promise<unknown> {
    try {
      const { validate } = await import("./schema.ts").catch(notLoaded);
      return await validate(schema, data, { response: this });
    } catch (error) {
      throw this.#owner.adopt(error);
    }
  }

  /**
   * The text of a body that has been read.
   *
   * @throws {ConsumedBodyError} when it has not.
   * @throws {BodyTooLargeError} when it is longer than a string can be.
   */
  bufferedText(): string {
    const type = this.#head.header("content-type");
    try {
      return decodeText(this.#read(), type, this.#owner.encoding);
    } catch (error) {
      throw this.#owner.adopt(error);
    }
  }

  /**
   * The data of a body that has been read.
   *
   * @throws {ConsumedBodyError} when it has not.
   * @throws {EmptyBodyError} when it is empty.
   * @throws {DecodeError} when it is not JSON.
   */
  bufferedJson<T = unknown>(): T;
  bufferedJson(): unknown {
    return parsedJson(this.#read(), this, this.#owner);
  }

  /**
   * Itself, so that calls can be chained.
   *
   * @throws {HttpError} when the status is from 400 to 599.
   */
  raiseForStatus(): this {
    if (this.status >= 400 && this.status < 600) throw this.statusError();
    return this;
  }

  /** The `HttpError` that `raiseForStatus()` would throw, for whatever status this is. */
  statusError(): HttpError {
    // What the error says of the body it has; nobody is left to read the rest.
    if (this.#streamed?.beginning !== undefined) this.close().catch(() => {});
    const hint = this.#owner.statusHint(this);
    return this.#owner.adopt(new HttpError(this, hint === undefined ? {} : { hint }));
  }

  /**
   * The cookies of this very response, by name, as the server sent them: also those that it deletes (`Max-Age=0`), and those that no jar
   * takes, since they are for a domain that is not the server's. The jar of a `Client`, `client.cookies`, has what holds, of all
   * responses; `headers.getSetCookie()` has the attributes.
   */
  get cookies(): Record<string, string> {
    const cookies: Record<string, string> = Object.create(null);
    for (const line of this.headers.getSetCookie()) {
      const pair = line.split(";", 1)[0] ?? "";
      const at = pair.indexOf("=");
      if (at > 0) cookies[pair.slice(0, at).trim()] = pair.slice(at + 1).trim();
    }
    return cookies;
  }

  /**
   * A copy with another status, headers or body, for a middleware or a hook that answers something else. A streamed body
   * goes over to the copy; where it is replaced it is let go.
   */
  with(changes: ResponseChanges): Response {
    const status = changes.status ?? this.status;
    const statusText = changes.statusText ?? this.statusText;
    const headers = changes.headers === undefined ? this.headers : new Headers(changes.headers);
    let body: ResponseParts["body"];
    if (changes.body === undefined) body = this.#bytes ?? this.#chunks();
    else {
      // Nobody reads the one that is replaced, and it holds a connection.
      this.close().catch(() => {});
      body = typeof changes.body === "string" ? new TextEncoder().encode(changes.body) : changes.body;
    }
    const head = headOf(status, statusText, headers);
    const { request, history } = this;
    const owner = this.#owner;
    const replacement = new Response({ head, request, body, owner, history, cached: this.#cached });
    owner.replaced(this, replacement);
    return replacement;
  }

  /** Fetch's own `Response`, where another library wants one. A streamed body is handed over. */
  toFetchResponse(): globalThis.Response {
    // Fetch forbids a body with these (a "null body status").
    const bodyless = this.status === 204 || this.status === 205 || this.status === 304;
    return new globalThis.Response(bodyless ? null : this.body, {
      status: this.status,
      statusText: this.statusText,
      headers: [...this.headers],
    });
  }

  /** Gives the connection back without reading the rest of a streamed body. */
  async close(): Promise<void> {
    await this.#streamed?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Status, URL and headers without secrets and without the body, for logs. */
  toJSON(): Record<string, unknown> {
    return loggedResponse(this, this.#bytes?.length);
  }

  /** The body, where it has been read; for readers of our own, who do not write to it. */
  get #bytes(): Uint8Array | undefined {
    return this.#buffered ?? this.#streamed?.bytes;
  }

  /** What has been read of it, if it can be told. */
  #read(): Uint8Array {
    return this.#buffered ?? this.#streamed?.read ?? NOTHING;
  }

  /** Reads it, where it has not been. */
  async #whole(): Promise<Uint8Array> {
    return this.#bytes ?? (await this.#streamed?.whole()) ?? NOTHING;
  }

  #chunks(): AsyncIterableIterator<Uint8Array, undefined> {
    return this.#streamed?.chunks() ?? onePiece(this.#bytes ?? NOTHING);
  }
}

/** Not `slice`, which is a view where the bytes are a `Buffer`. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return inMemory(bytes.length, () => new Uint8Array(bytes));
}
