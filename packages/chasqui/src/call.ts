import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isWhole, ownerOf } from "#engine";
import { callerError } from "./errors/caller-error.ts";
import { ChasquiError } from "./errors/chasqui-error.ts";
import { notLoaded } from "./errors/not-loaded.ts";
import type { EventsOptions } from "./events-options.ts";
import { printAs } from "./printing.ts";
import { raisedAt } from "./raise.ts";
import type { StreamOptions } from "./response/equal-pieces.ts";
import type { ServerSentEvent } from "./response/events.ts";
import { LateReader } from "./response/late-reader.ts";
import type { Response } from "./response/response.ts";
import type { Saved, SaveOptions } from "./save/save-options.ts";
import type { Saving } from "./save/saving.ts";
import type { Reading, Startable } from "./start.ts";

/** What `.result()` gives: the data, or an error of the family. Whichever it is, the response is there if one came. */
export type Result<T> =
  | { readonly ok: true; readonly data: T; readonly response: Response; readonly error?: never }
  | {
      readonly ok: false;
      readonly error: ChasquiError;
      readonly response: Response | undefined;
      readonly data?: never;
    };

/**
 * A call under way: what `get()` and the other verbs give. Await it for the `Response`, whatever its status, or ask it
 * for the data, which raises an `HttpError` on a bad status.
 *
 * It starts in a microtask, so what is chained to it in the same breath decides how the body is read, and what is wrong with
 * what that was given, a schema that is none say, is an `OptionsError` before anything is sent.
 *
 * @example
 * ```ts
 * import { get } from "chasqui";
 * const post = await get("http://localhost:4010/posts/1").json<{ id: number }>();
 * for await (const line of get("http://localhost:4010/posts/1").lines()) console.log(line);
 * console.log(post.id);
 * ```
 */
export class Call implements Promise<Response> {
  readonly [Symbol.toStringTag] = "Call";
  readonly #response: Promise<Response>;
  readonly #of: Startable;
  #reading: Reading;
  #begun = false;

  static {
    // Whether it has been is nothing that a promise tells.
    printAs(Call, (call) => `Call ${call.#of.request ?? "?"} (await it)`);
  }

  constructor(of: Startable) {
    this.#of = of;
    this.#response = of.start(() => {
      this.#begun = true;
      return this.#reading;
    });
  }

  // biome-ignore lint/suspicious/noThenProperty: a call is awaited as a promise is.
  then<A = Response, B = never>(
    onFulfilled?: ((response: Response) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#awaited().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Response | B> {
    return this.#awaited().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Response> {
    return this.#awaited().finally(onFinally);
  }

  /**
   * The body as data, checked by a Standard Schema (zod, valibot, arktype …) where one is given.
   *
   * @throws {HttpError} on a bad status, unless `raise` is false.
   * @throws {EmptyBodyError} when the body is empty.
   * @throws {DecodeError} when it is not JSON.
   * @throws {ValidationError} when it does not match the schema.
   */
  json<S extends StandardSchemaV1>(schema: S): Promise<StandardSchemaV1.InferOutput<S>>;
  json<T = unknown>(): Promise<T>;
  async json(schema?: StandardSchemaV1): Promise<unknown> {
    if (schema !== undefined) this.#needsSchema(schema);
    const response = this.#check(await this.#response);
    if (schema !== undefined) return response.json(schema);
    return isWhole(response) ? response.bufferedJson() : response.json();
  }

  /** As `json()`, but undefined where the body is empty (a 204, say). */
  jsonOrUndefined<S extends StandardSchemaV1>(
    schema: S,
  ): Promise<StandardSchemaV1.InferOutput<S> | undefined>;
  jsonOrUndefined<T = unknown>(): Promise<T | undefined>;
  async jsonOrUndefined(schema?: StandardSchemaV1): Promise<unknown> {
    this.#needsSchema(schema);
    const response = await this.#good();
    return schema === undefined ? response.jsonOrUndefined() : response.jsonOrUndefined(schema);
  }

  /** The body as text. Raises on a bad status. */
  async text(): Promise<string> {
    return (await this.#good()).text();
  }

  /** The body as bytes. Raises on a bad status. */
  async bytes(): Promise<Uint8Array> {
    return (await this.#good()).bytes();
  }

  /** The body as an `ArrayBuffer`. Raises on a bad status. */
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.#good()).arrayBuffer();
  }

  /** The body as a `Blob`. Raises on a bad status. */
  async blob(): Promise<Blob> {
    return (await this.#good()).blob();
  }

  /**
   * The body line by line, as it comes. Raises on a bad status. Leaving the loop early frees the connection.
   *
   * @throws {BodyTooLargeError} when a line is longer than `maxRecord`.
   */
  lines(): AsyncIterableIterator<string, undefined> {
    return this.#streamedBy((response) => response.lines());
  }

  /**
   * The body as JSON Lines (NDJSON): one value a line, as it comes, each checked by a Standard Schema where one is given.
   * Raises on a bad status. Lines end in `\n` or `\r\n`; those that are empty or blank are skipped. Leaving the loop early
   * frees the connection.
   *
   * @throws {DecodeError} with `line` when a line is not JSON, a last line that was cut short too. It does not quote the line.
   * @throws {ValidationError} with `line` when a value does not match the schema.
   * @throws {BodyTooLargeError} when a line is longer than `maxRecord`.
   * @example
   * ```ts
   * import { get } from "chasqui";
   * const posts = get("http://localhost:4010/stream/lines", { params: { n: 3 } }).ndjson<{ title: string }>();
   * for await (const post of posts) console.log(post.title);
   * ```
   */
  ndjson<S extends StandardSchemaV1>(
    schema: S,
  ): AsyncIterableIterator<StandardSchemaV1.InferOutput<S>, undefined>;
  ndjson<T = unknown>(): AsyncIterableIterator<T, undefined>;
  ndjson(schema?: StandardSchemaV1): AsyncIterableIterator<unknown, undefined> {
    const values = this.#streamedBy((response) =>
      schema === undefined ? response.ndjson() : response.ndjson(schema),
    );
    this.#needsSchema(schema);
    return values;
  }

  /**
   * Server-sent events, by the algorithm of the HTML standard (9.2), as they come. Raises on a bad status. A 204 ends them.
   *
   * Asks for `text/event-stream` and `no-store` unless the headers say otherwise, and has no limit on silence unless `timeout`
   * names one. After a drop a GET connects again, with the id of the last event: see `EventsOptions`. Leaving the loop frees the
   * connection, or ends the wait for one.
   *
   * @throws {DecodeError} when the content type is not `text/event-stream`.
   * @throws {BodyTooLargeError} when a line or the data of an event are longer than `maxRecord`.
   * @throws {NetworkError} when the stream broke and is not, or cannot be, connected again.
   * @throws {OptionsError} when an option does not exist or has a bad value.
   * @example
   * ```ts
   * import { get } from "chasqui";
   * for await (const { event, id, data } of get("http://localhost:4010/stream/events").events()) {
   *   console.log(event, id, data);
   *   if (id === "3") break;
   * }
   * ```
   */
  events(options?: EventsOptions): AsyncIterableIterator<ServerSentEvent, undefined> {
    // Of a call that was begun, or is read already, the response is all there is.
    const start = this.#begun || typeof this.#reading === "object" ? undefined : this.#of.start;
    const stream = import("./event-stream.ts").catch(notLoaded).then(({ EventStream }) => {
      const check = (response: Response): Response => this.#check(response);
      return new EventStream(options, check, this.#response, start);
    });
    if (start !== undefined) this.#reading = stream.then(({ change }) => change);
    // It may be looped over later; until then a failure is not an unhandled one.
    stream.catch(() => {});
    this.#response.catch(() => {});
    return new LateReader(
      stream,
      (events) => events,
      (events) => events.return(),
    );
  }

  /**
   * The body in pieces, as it comes. Raises on a bad status. Leaving the loop early frees the connection.
   *
   * @param options - `{ chunkSize }` for pieces of one size; the last may be shorter.
   * @throws {OptionsError} when an option does not exist or has a bad value.
   */
  stream(options?: StreamOptions): AsyncIterableIterator<Uint8Array, undefined> {
    return this.#streamedBy(
      (response) => response.stream(options),
      options === undefined || { stream: options },
    );
  }

  /**
   * Saves the body as a file, decoded, as it comes. Only on Node. The file has another name until it is whole and on the
   * disk: what stood at the path is there until then, whatever happens. Raises on a status outside 200 to 299.
   *
   * A body that breaks half way is asked for from there on, as `retry` allows, where the server says by a strong validator
   * that it is still the same file.
   *
   * @param path - Of the file; or of a folder, with a slash at its end, in which a file is saved under the name that the server
   *   proposes, or the last part of the URL.
   * @throws {OptionsError} before anything is sent, when nothing can be saved there.
   * @throws {CallerError} when the disk does not take it: it is full, say.
   * @throws {DecodeError} when the file has not the digest that it is to have.
   *
   * @example
   * ```ts
   * import { get } from "chasqui";
   * const { bytes } = await get("http://localhost:4010/stream/bytes?n=2000").save("/tmp/two-thousand.bin");
   * console.log(bytes); // 2000
   * ```
   */
  save(path: string | URL, options?: SaveOptions): Promise<Saved> {
    const saving = import("./save/saving.ts")
      .catch(notLoaded)
      .then(({ openSaving }) => openSaving(path, options, "call"));
    // The call that waits for it tells what is wrong with it; one that has begun already does not.
    saving.catch(() => {});
    this.#reading = { transfer: saving };
    return this.#save(saving);
  }

  /**
   * The data or the error, without a throw: for a caller that checks and goes on. Every error is of the family.
   *
   * @example
   * ```ts
   * import { get } from "chasqui";
   * const result = await get("http://localhost:4010/posts/99999").result();
   * if (!result.ok) console.log(result.error.code); // ERR_HTTP
   * ```
   */
  result<S extends StandardSchemaV1>(schema: S): Promise<Result<StandardSchemaV1.InferOutput<S>>>;
  result<T = unknown>(): Promise<Result<T>>;
  result(schema?: StandardSchemaV1): Promise<Result<unknown>> {
    this.#needsSchema(schema);
    return this.#result((response) => (schema === undefined ? response.json() : response.json(schema)));
  }

  /**
   * As `result()`, but the data are undefined where the body is empty: for a DELETE that answers 204, say, which to
   * `result()` is an `EmptyBodyError`.
   */
  resultOrUndefined<S extends StandardSchemaV1>(
    schema: S,
  ): Promise<Result<StandardSchemaV1.InferOutput<S> | undefined>>;
  resultOrUndefined<T = unknown>(): Promise<Result<T | undefined>>;
  resultOrUndefined(schema?: StandardSchemaV1): Promise<Result<unknown>> {
    this.#needsSchema(schema);
    return this.#result((response) =>
      schema === undefined ? response.jsonOrUndefined() : response.jsonOrUndefined(schema),
    );
  }

  /** Of a call that has not begun nothing is sent where the schema is none. One that has begun tells it with the answer. */
  #needsSchema(schema: StandardSchemaV1 | undefined): void {
    if (schema !== undefined && typeof schema?.["~standard"]?.validate !== "function")
      this.#reading = { schema };
  }

  async #result(read: (response: Response) => Promise<unknown>): Promise<Result<unknown>> {
    let response: Response | undefined;
    try {
      response = await this.#response;
      this.#check(response);
      return { ok: true, data: await read(response), response };
    } catch (error) {
      const told = response === undefined ? error : (ownerOf(response)?.adopt(error) ?? error);
      return { ok: false, error: told instanceof ChasquiError ? told : callerError(told), response };
    }
  }

  async #save(saving: Promise<Saving>): Promise<Saved> {
    const response = await this.#good();
    try {
      return await (await saving).finish(response, isWhole(response));
    } catch (error) {
      throw ownerOf(response)?.adopt(error) ?? error;
    }
  }

  #streamedBy<T>(
    read: (response: Response) => AsyncIterableIterator<T, undefined>,
    reading: Reading = true,
  ): AsyncIterableIterator<T, undefined> {
    this.#reading = reading;
    // It may be looped over later; until then a failure is not an unhandled one.
    this.#response.catch(() => {});
    return new LateReader(
      this.#response,
      (response) => read(this.#check(response)),
      (response) => response.close(),
    );
  }

  #awaited(): Promise<Response> {
    const { raise } = this.#of;
    if (raise === "readers" || raise === false) return this.#response;
    return this.#response.then((response) =>
      this.#of.raise === "readers" ? response : this.#check(response),
    );
  }

  async #good(): Promise<Response> {
    return this.#check(await this.#response);
  }

  #check(response: Response): Response {
    return raisedAt(response, this.#of.raise);
  }
}
