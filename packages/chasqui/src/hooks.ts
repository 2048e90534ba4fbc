import type { ChasquiError } from "./errors/chasqui-error.ts";
import type { RequestOptions } from "./request/options.ts";
import type { Request } from "./request/request.ts";
import type { Response } from "./response/response.ts";

/** What `onRetry` is told. */
export interface RetryEvent {
  readonly request: Request;
  /** The attempt that failed, counted from 1. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly delay: number;
  /** Why, such as `status 503` or `network fault (reset)`. */
  readonly reason: string;
}

/** What `onClientError` is told: a response of 400 to 499 that was the answer. */
export interface ClientErrorEvent {
  readonly request: Request;
  readonly response: Response;
  readonly attempts: number;
}

/** What `onServerError` is told: a response of 500 and above, or the error that ended the call without one. */
export interface ServerErrorEvent {
  readonly request: Request;
  readonly response: Response | undefined;
  readonly error: ChasquiError | undefined;
  readonly attempts: number;
}

/** What `onRequest` takes: the request, and the options that the call was given. */
export type RequestHook = (request: Request, options: RequestOptions) => void | Promise<void>;

/**
 * What `onResponse` takes: the response, and the options that the call was given. Nothing is answered by a hook that only looks.
 *
 * @example
 * ```ts
 * import { get, type ResponseHook } from "chasqui";
 * const told: ResponseHook = (response, { timeout }) => console.log(response.status, timeout); // 200 5s
 * await get("http://localhost:4010/posts/1", { timeout: "5s", hooks: { onResponse: told } });
 * ```
 */
export type ResponseHook = (
  response: Response,
  options: RequestOptions,
) => ResponseAnswer | Promise<ResponseAnswer>;

/** What a hook may answer. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks is written without a return.
type ResponseAnswer = Response | void;

/** One function or several; those of a client run before those of a call. */
export type HookList<F> = F | readonly F[];

/**
 * Functions that are told what happens. They may be asynchronous; one that throws ends the call with its error.
 *
 * Where there is a failure already, which `onRetry` and `onServerError` are told of, the call ends with that failure, and what
 * the hook threw is in its `suppressed`: an alert that cannot be sent must not hide what it was about.
 *
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   hooks: { onServerError: ({ request, attempts }) => console.error("alert:", request.url, attempts) },
 * });
 * await client.get("/posts/1");
 * ```
 */
export interface Hooks {
  /** Before every exchange, redirects and retries included; the credentials are on the request. It may change the headers. */
  readonly onRequest?: HookList<RequestHook> | undefined;
  /** After every exchange. A response that it returns takes the place of the one that came. */
  readonly onResponse?: HookList<ResponseHook> | undefined;
  /** Before the wait for the next attempt. */
  readonly onRetry?: HookList<(event: RetryEvent) => void | Promise<void>> | undefined;
  /** Once a call, when all attempts are over: it ended in a status from 400 to 499, which is most often the caller's own mistake. */
  readonly onClientError?: HookList<(event: ClientErrorEvent) => void | Promise<void>> | undefined;
  /**
   * Once a call, when all attempts are over: it ended in a status of 500 and above, or the server could not be reached or did not answer
   * in time. It is not told of a call that was given up, nor of one that ended in the client's own line (`TimeoutError` of phase `queue`).
   */
  readonly onServerError?: HookList<(event: ServerErrorEvent) => void | Promise<void>> | undefined;
}
