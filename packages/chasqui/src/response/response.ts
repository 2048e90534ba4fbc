import type { StandardSchemaV1 } from "@standard-schema/spec";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { ConsumedBodyError } from "../errors/consumed-body-error.ts";
import { DecodeError } from "../errors/decode-error.ts";
import { EmptyBodyError } from "../errors/empty-body-error.ts";
import { HttpError } from "../errors/http-error.ts";
import { notLoaded } from "../errors/not-loaded.ts";
import { joined } from "../joined.ts";
import { isRedirect } from "../pipeline/redirect-rules.ts";
import { printAs } from "../printing.ts";
import { Headers, type HeadersInit } from "../request/headers.ts";
import { printable, redactHeaders } from "../request/redact.ts";
import type { Request } from "../request/request.ts";
import { resolveLocation } from "../request/url.ts";
import type { Saved, SaveOptions } from "../save/save-options.ts";
import type { Trace } from "../trace/trace.ts";
import type { Head } from "../transport/transport.ts";
import type { StreamOptions } from "./equal-pieces.ts";
import type { ServerSentEvent } from "./events.ts";
import { LateReader } from "./late-reader.ts";
import { lines } from "./lines.ts";
import { type Links, parseLinks } from "./links.ts";
import { TakenBody, webStream } from "./taken-body.ts";
import { charsetOf, decodeJson, decodeText, newDecoder } from "./text.ts";

/** What a response asks of the call that it belongs to. */
export interface ResponseOwner {
  readonly maxBytes: number;
  readonly maxRecord: number;
  readonly encoding: string | undefined;
  readonly parseJson: ((text: string) => unknown) | undefined;
  /** Milliseconds since the call began. */
  elapsed(): number;
  /** What has happened in the call so far. */
  trace(): Trace;
  /** Says that nothing more will be read: timers and listeners of the call end. */
  settle(): void;
  /** What to do about a bad status, where the call knows. */
  statusHint(response: Pick<Response, "status" | "headers">): string | undefined;
  /** Tells an error which call it came from. */
  adopt<E>(error: E): E;
  /** Told that a response was made out of another, and stands in its place. */
  replaced(response: Response, replacement: Response): void;
}

/** What a `Response` is made of. */
export interface ResponseParts {
  readonly head: Head;
  readonly request: Request;
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
  /** Of a streamed body, what was read ahead for an `HttpError`; the stream gives it once more. */
  readonly beginning?: Uint8Array | undefined;
  readonly owner: ResponseOwner;
  readonly history: readonly Response[];
  /** Whether the runtime followed redirects by itself, of which there is no history. */
  readonly redirected?: boolean | undefined;
  /** What the cache had to do with it. */
  readonly cached?: CacheVerdict | undefined;
}

/** What a cache had to do with a response: see `response.cached`. */
export type CacheVerdict = "hit" | "miss" | "revalidated" | "stale";

/** What `response.with()` may change. */
export interface ResponseChanges {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: HeadersInit;
  readonly body?: Uint8Array | string | null;
}

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
      const owner = response.#owner;
      const replacement = new Response({
        head: response.#head,
        request,
        body,
        beginning: response.#beginning,
        owner,
        history,
        cached: response.#cached,
      });
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
    wholeBytes = (response) => (#bytes in response ? response.#bytes : undefined);
    markCached = (response, verdict) => {
      if (#cached in response) response.#cached = verdict;
      return response;
    };
    isWhole = (response) => !(#bytes in response) || response.#bytes !== undefined;
  }

  /** The request that was sent for this response. */
  readonly request: Request;
  /**
   * The responses that led here, redirects and 401s that were answered, oldest first; never this one. A browser shows no
   * redirects.
   */
  readonly history: readonly Response[];
  readonly #head: Head;
  readonly #owner: ResponseOwner;
  readonly #beginning: Uint8Array | undefined;
  #bytes: Uint8Array | undefined;
  #stream: AsyncIterable<Uint8Array> | undefined;
  #taken: TakenBody | undefined;
  #web: ReadableStream<Uint8Array> | undefined;
  #collecting: Promise<Uint8Array> | undefined;
  #next: Request | undefined;
  #used: "no" | "yes" | "closed" = "no";
  #elapsed: number;
  readonly #redirected: boolean;
  #cached: CacheVerdict | undefined;

  static {
    printAs(Response, (response) => response.#printed());
  }

  constructor(parts: ResponseParts) {
    this.request = parts.request;
    this.history = parts.history;
    this.#head = parts.head;
    this.#owner = parts.owner;
    this.#beginning = parts.beginning;
    const { body } = parts;
    if (body === null || body instanceof Uint8Array) this.#bytes = body ?? NOTHING;
    else this.#stream = body;
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
    return this.#elapsed;
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
    return this.#used !== "no";
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
    this.#web ??= webStream(() => this.#chunks()[Symbol.asyncIterator]());
    return this.#web;
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
    if (options !== undefined) {
      const adopt = adopting(this.#owner);
      return this.#readBy(import("./equal-pieces.ts"), (chunks, { equalPieces }) =>
        equalPieces(chunks, options, adopt),
      );
    }
    return this.#bytes === undefined ? this.#chunks() : onePiece(copyOf(this.#bytes));
  }

  /**
   * The body line by line, without line ends (`\n`, `\r\n` or `\r`), in the charset that `text()` reads it in.
   *
   * @throws {BodyTooLargeError} when a line is longer than `maxRecord`.
   */
  lines(): AsyncIterableIterator<string, undefined> & AsyncDisposable {
    const { maxRecord, encoding } = this.#owner;
    const charset = charsetOf(this.#head.header("content-type"));
    // A name that nobody knows is as good as none (#113).
    const known = charset === undefined || newDecoder(charset) === undefined ? undefined : charset;
    return lines(this.#chunks(), { maxRecord, encoding: encoding ?? known, adopt: adopting(this.#owner) });
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
    const { maxRecord, encoding, parseJson } = this.#owner;
    const options = { maxRecord, encoding, parseJson, schema, adopt: adopting(this.#owner) };
    return this.#readBy(import("./ndjson.ts").catch(notLoaded), (chunks, { ndjson }) =>
      ndjson(chunks, options),
    );
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
    const { maxRecord, parseJson } = this.#owner;
    const contentType = this.#head.header("content-type");
    const reading = { maxRecord, parseJson, status: this.status, contentType, adopt: adopting(this.#owner) };
    return this.#readBy(import("./events.ts").catch(notLoaded), (chunks, { events }) =>
      events(chunks, reading),
    );
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

  /** The body as bytes: a copy each time, with a buffer of its own, that the caller may write to. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return copyOf(await this.#whole());
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
    if (this.#bytes === undefined) await this.#collect();
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
    if (this.#bytes === undefined) await this.#collect();
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
   */
  bufferedText(): string {
    const type = this.#head.header("content-type");
    return decodeText(this.#read(), type, this.#owner.encoding);
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
    const bytes = this.#read();
    if (bytes.length === 0) {
      throw this.#owner.adopt(
        new EmptyBodyError(`JSON was asked, but the body of the ${this.status} response is empty`, {
          hint:
            this.request.method === "HEAD"
              ? "The answer to a HEAD has no body, only headers: GET has it."
              : "Use jsonOrUndefined() where an empty body is to be expected.",
        }),
      );
    }
    const parse = this.#owner.parseJson ?? JSON.parse;
    const text = decodeJson(bytes);
    try {
      return parse(text);
    } catch (error) {
      // V8's message quotes the document, which may hold what must not be logged (#115).
      const type = this.#head.header("content-type") ?? "no content type";
      const html = /^text\/html\b/i.test(type);
      throw this.#owner.adopt(
        new DecodeError(
          `The body of the ${this.status} response is not JSON (${type}, ${bytes.length} bytes)`,
          {
            cause: error instanceof SyntaxError ? undefined : error,
            text,
            ...(html ? { hint: "The server sent a web page: look at response.url and the status." } : {}),
          },
        ),
      );
    }
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
    if (this.#beginning !== undefined) this.close().catch(() => {});
    const hint = this.#owner.statusHint(this);
    return this.#owner.adopt(new HttpError(this, hint === undefined ? {} : { hint }));
  }

  /** The cookies that this very response set, by name. The jar of a `Client` has those of all. */
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
    const head: Head = {
      status,
      statusText,
      headers,
      header: (name) => headers.get(name) ?? undefined,
    };
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
    if (this.#stream === undefined || this.#bytes !== undefined || this.#used === "closed") return;
    const taken = this.#taken ?? this.#take(this.#stream);
    this.#used = "closed";
    await taken.return();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Status, URL and headers without secrets and without the body, for logs. */
  toJSON(): Record<string, unknown> {
    const { method, url } = this.request.toJSON();
    return {
      status: this.status,
      statusText: printable(this.statusText),
      method,
      url,
      headers: redactHeaders(this.headers),
      elapsed: Math.round(this.#elapsed),
      bytes: this.#bytes?.length,
    };
  }

  #printed(): string {
    const { method, url } = this.request.toJSON();
    const size = this.#bytes === undefined ? "streamed" : `${this.#bytes.length} bytes`;
    const lines = Object.entries(redactHeaders(this.headers)).map(([name, value]) => `  ${name}: ${value}`);
    const reason = this.statusText === "" ? "" : ` ${printable(this.statusText)}`;
    return [`Response ${this.status}${reason} ${method} ${url} (${size})`, ...lines].join("\n");
  }

  /** What has been read; of a body of which nothing was, there is no telling what it is (#122). */
  #read(): Uint8Array {
    const read = this.#bytes ?? this.#beginning;
    if (read !== undefined) return read;
    throw this.#owner.adopt(
      new ConsumedBodyError("The streamed body has not been read whole, and can be had only as it comes", {
        hint: "Await text(), json() or bytes(), which read it.",
      }),
    );
  }

  /** The body as it is kept: for readers of our own, who do not write to it. */
  async #whole(): Promise<Uint8Array> {
    return this.#bytes ?? (await this.#collect());
  }

  #collect(): Promise<Uint8Array> {
    this.#collecting ??= this.#readAll();
    return this.#collecting;
  }

  async #readAll(): Promise<Uint8Array> {
    const { maxBytes } = this.#owner;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.#chunks()) {
      size += chunk.length;
      if (size > maxBytes) throw this.#owner.adopt(new BodyTooLargeError(maxBytes));
      chunks.push(chunk);
    }
    // Closing ends the pieces as their end would: what has come is not the whole.
    if (this.#closed())
      throw this.#owner.adopt(new ConsumedBodyError("The response was closed while it was read"));
    this.#bytes = joined(chunks, size);
    return this.#bytes;
  }

  /** Takes the body at once, and reads it by a module that a plain call does not need. */
  #readBy<T, M>(
    module: Promise<M>,
    read: (
      chunks: AsyncIterableIterator<Uint8Array, undefined>,
      module: M,
    ) => AsyncIterableIterator<T, undefined>,
  ): AsyncIterableIterator<T, undefined> {
    const chunks = this.#chunks();
    return new LateReader(
      module,
      (loaded) => read(chunks, loaded),
      () => chunks.return?.() ?? Promise.resolve(),
    );
  }

  #closed(): boolean {
    return this.#used === "closed";
  }

  /** The pieces of the body: taken at once, so that a second taker is told so at the place of its own mistake. */
  #chunks(): AsyncIterableIterator<Uint8Array, undefined> {
    const stream = this.#stream;
    if (this.#bytes !== undefined || stream === undefined) return onePiece(this.#bytes ?? NOTHING);
    if (this.#used !== "no") {
      const how = this.#used === "closed" ? "was closed" : "has been read";
      throw this.#owner.adopt(
        new ConsumedBodyError(`The streamed body ${how}, and can be read once`, {
          hint: "`await get(url)`, without `stream: true`, gives a response whose body can be read again.",
        }),
      );
    }
    this.#used = "yes";
    return this.#take(stream);
  }

  #take(stream: AsyncIterable<Uint8Array>): TakenBody {
    const owner = this.#owner;
    const over = (): void => {
      this.#elapsed = owner.elapsed();
      owner.settle();
    };
    this.#taken = new TakenBody(stream[Symbol.asyncIterator](), over, (error) => owner.adopt(error));
    return this.#taken;
  }
}

function adopting(owner: ResponseOwner): <E>(error: E) => E {
  return (error) => owner.adopt(error);
}

/** Not `slice`, which is a view where the bytes are a `Buffer`. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined, undefined> {
  if (bytes.length > 0) yield bytes;
}

/** The same head with headers of its own, made when they are read: one of several callers may write to them. */
function headAlike(head: Head): Head {
  const { status, statusText } = head;
  let own: Headers | undefined;
  return {
    status,
    statusText,
    header: (name) => (own === undefined ? head.header(name) : (own.get(name) ?? undefined)),
    get headers() {
      own ??= head.headers.clone();
      return own;
    },
  };
}
