import type { Auth } from "../auth/auth.ts";
import type { CacheMode } from "../cache/reuse.ts";
import type { Hooks } from "../hooks.ts";
import type { Logger, LogOptions } from "../log.ts";
import type { ProgressListener } from "../pipeline/progress.ts";
import type { RedirectOption } from "../pipeline/redirect-rules.ts";
import type { RetryOption } from "../pipeline/retry-policy.ts";
import type { Response } from "../response/response.ts";
import type { Secret } from "../secret.ts";
import type { Telemetry } from "../telemetry.ts";
import type { CallThrottleOption } from "../throttle/throttle-options.ts";
import type { BodyInit } from "./body.ts";
import type { ConnectionInit } from "./connection-init.ts";
import type { FormInit } from "./form.ts";
import type { HeadersInit } from "./headers.ts";
import type { IdempotencyKeyOption } from "./idempotency-key.ts";
import type { MultipartInit } from "./multipart.ts";
import type { ObjectShape } from "./object-shape.ts";
import type { ParamsInit, ParamsStyle } from "./params.ts";
import type { PathValues } from "./path.ts";
import type { ProxyOption } from "./proxy-init.ts";
import type { TimeoutOption } from "./timeouts.ts";

/** Credentials for a call: a scheme, what a scheme does as a function, a user and a password for Basic, or null for none. */
export type AuthOption =
  | Auth
  | Auth["authorize"]
  | readonly [username: string | Secret, password: string | Secret]
  | null;

/**
 * When a bad status (400 to 599) raises an `HttpError`: when the call is asked for data (`"readers"`), on awaiting it too
 * (`true`), never (`false`), or when the function says so.
 */
export type RaiseOption = "readers" | boolean | ((response: Response) => boolean);

/** What a call and a client both take. A call's own wins; headers and params are merged. */
export interface SharedOptions extends ConnectionInit {
  /**
   * The query: an object, pairs, a Map, URLSearchParams or a string. Arrays repeat the key; null removes the client's, and
   * null and undefined are left out; `true` and `false` are written so; a Date as ISO 8601. The types check the values of a
   * literal, the call those of an interface or a variable; so it is for `headers`, `path`, `form`, `multipart` and `cookies`.
   */
  readonly params?: ParamsInit | undefined;
  /** How arrays and nested objects in `params` are written. Without it arrays repeat the key and objects are an error. */
  readonly paramsStyle?: ParamsStyle | undefined;
  /** Headers: an object, pairs, or a Headers. Null removes a default. */
  readonly headers?: HeadersInit | undefined;
  /**
   * Sends a key with POST, PATCH and whatever else is not idempotent, by which the server knows a request that is sent again:
   * they are then retried as a GET is. `true` draws a UUID for each call; or a key of one's own (of a call only), a function
   * that makes one, or `{ header, key }`. One key goes with all attempts of a call; it is not sent to another origin. Only for
   * servers that know such keys. Default false.
   *
   * @see draft-ietf-httpapi-idempotency-key-header
   */
  readonly idempotencyKey?: IdempotencyKeyOption | undefined;
  /**
   * Credentials: an `Auth`, `[user, password]` for Basic, a function of the request that gives the headers or the query pairs to add
   * (the `authorize` of an `Auth`), or null for none.
   */
  readonly auth?: AuthOption | undefined;
  /** Limits of time. Default: connect 10 s, headers 60 s, idle 30 s, no total. Null: none at all. */
  readonly timeout?: TimeoutOption | undefined;
  /** `false`, a number of attempts, or parts of a policy. Default: 3 attempts. */
  readonly retry?: RetryOption | undefined;
  /** When a bad status raises. Default `"readers"`. */
  readonly raise?: RaiseOption | undefined;
  /**
   * `"follow"` (default, at most 20), `"manual"`, `"error"`, or `{ max, keepHeaders, allowDowngrade }`. A browser follows by
   * itself: of these it can keep `"follow"`, `"error"` and `keepHeaders`; the others are an `OptionsError` there.
   */
  readonly redirect?: RedirectOption | undefined;
  /** Most decoded bytes of a body. Default 256 MiB for what is buffered, no limit for what is streamed. */
  readonly maxBytes?: number | undefined;
  /** Most bytes of one line of `.lines()` and `.ndjson()`, and of the data of one event of `.events()`. Default 16 MiB. */
  readonly maxRecord?: number | undefined;
  /** The charset of text, whatever the response says. Default: the response's, or UTF-8. */
  readonly encoding?: string | undefined;
  /** Turns JSON text into data. Default `JSON.parse`. */
  readonly parseJson?: ((text: string) => unknown) | undefined;
  /** Turns data into JSON text. Default `JSON.stringify`, which is checked for NaN, Infinity and cycles. */
  readonly stringifyJson?: ((value: unknown) => string) | undefined;
  /** Functions that are told what happens; a client's run before a call's. */
  readonly hooks?: Hooks | undefined;
  /**
   * Where log lines go: exchanges at debug, retries and 4xx at warn, 5xx and failures at error. `console`, pino, any logger with these
   * levels, or `{ to, level, fields, correlation }`; `false` or null is nowhere. Default: nowhere.
   */
  readonly log?: Logger | LogOptions | false | null | undefined;
  /**
   * Is told of each exchange, for tracing and metrics: `openTelemetry()` of `chasqui/opentelemetry`; `false` or null is nobody.
   * Default: nobody.
   */
  readonly telemetry?: Telemetry | false | null | undefined;
  /**
   * Whether calls of a client that ask for the same at the same time are answered by one request: GET and HEAD alike in URL, headers,
   * credentials and policies; never what is streamed. Each can be given up by itself. Default false.
   */
  readonly dedupe?: boolean | undefined;
  /**
   * Whether errors show the caller's line. Default true; it costs a few percent of a small request, of which only `false` of a client
   * spares its calls. Where a client has `false`, a call's `true` finds no line noted.
   */
  readonly stack?: boolean | undefined;
  /**
   * The proxy: a URL, `{ url, auth, headers, tls, noProxy }`, a map of patterns to these, or null for none. Default: what
   * `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say, in either case. Needs Node.
   */
  readonly proxy?: ProxyOption | undefined;
  /**
   * Whether what the environment of the process says is followed: proxies, the file of `netrc()` and certificate authorities. Default true;
   * `false` is the one switch that ignores all of it.
   */
  readonly trustEnv?: boolean | undefined;
}

/** The options of a call. */
export interface RequestOptions extends SharedOptions {
  /** Fills `{name}` in the URL, percent-encoded. */
  readonly path?: PathValues | undefined;
  /** A body as JSON. One of `json`, `form`, `multipart` and `body` at most. */
  readonly json?: unknown | undefined;
  /** A body as `application/x-www-form-urlencoded`. */
  readonly form?: FormInit | undefined;
  /** A body as `multipart/form-data`: fields and files, streamed. */
  readonly multipart?: MultipartInit | undefined;
  /** A body as it is: a string, bytes, Blob, FormData, URLSearchParams, a stream, or a function that makes one. */
  readonly body?: BodyInit | undefined;
  /** `false` sends this call though the circuit of its origin is open, and has it count for nothing there. */
  readonly circuit?: false | undefined;
  /** `false` sends no second request beside this call's. */
  readonly hedge?: false | undefined;
  /** Stops the call at once, in a wait too. `AbortSignal.timeout` ends in a `TimeoutError` of phase `signal`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Cookies for this call, sent and never stored; `false` leaves the jar out, in a browser the browser's own. Cookies of a
   * call are an `OptionsError` in a browser.
   */
  readonly cookies?: Readonly<Record<string, string | Secret>> | ObjectShape | false | undefined;
  /**
   * How this call uses its client's cache, by the names of Fetch: `"default"`, `"no-store"`, `"reload"`, `"no-cache"`,
   * `"force-cache"`, `"only-if-cached"`; `false` or null leaves it out, but for what the call changes. Default: what the client says. An `OptionsError`
   * where the client has no cache, but for `false` and `"no-store"`.
   */
  readonly cache?: CacheMode | false | null | undefined;
  /** `true` resolves at the headers and leaves the body to be read as it comes. Default false. */
  readonly stream?: boolean | undefined;
  /**
   * Told of each piece of the bodies, both ways, as it goes out or comes in; a body in memory goes out as one. Bytes are those
   * of the wire, where the runtime shows them (Node; elsewhere they are decoded). It is not waited for, and what it throws ends
   * the call in a `CallerError`.
   *
   * @example
   * ```ts
   * import { get } from "chasqui";
   * await get("http://localhost:4010/stream/bytes?n=100000", {
   *   onProgress: ({ direction, bytes, total, done }) => {
   *     if (done) console.log(direction, bytes, total); // download 100000 100000
   *   },
   * }).bytes();
   * ```
   */
  readonly onProgress?: ProgressListener | undefined;
  /**
   * Where the call waits within the limits that its client has by `throttle`: `{ priority: "high" }` before others, `{ bucket:
   * "search" }` with limits of its own; `false` does not wait and is not counted.
   */
  readonly throttle?: CallThrottleOption | undefined;
}
