import { printable } from "../request/redact.ts";
import type { Response } from "../response/response.ts";
import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

/**
 * What a server says of an error by the rules of RFC 9457 (`application/problem+json`). Servers add members of their own.
 */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly [member: string]: unknown;
}

/**
 * The server answered with a status from 400 to 599.
 *
 * @example
 * ```ts
 * import { get, HttpError } from "chasqui";
 * try {
 *   await get("http://localhost:4010/posts/99999").json();
 * } catch (error) {
 *   if (error instanceof HttpError && error.status === 404) console.log("no such post");
 * }
 * ```
 */
export class HttpError extends ChasquiError {
  readonly code = "ERR_HTTP";
  /** The status code, such as 404. */
  readonly status: number;
  /** The response, with its headers and its body, which has been read. */
  declare readonly response: Response;

  static {
    brandError(HttpError, "HttpError");
  }

  constructor(response: Response, details: ErrorDetails = {}) {
    const { status } = response;
    const kind = status < 400 ? "Unexpected Status" : status < 500 ? "Client Error" : "Server Error";
    const reason = response.statusText === "" ? "" : `: ${printable(response.statusText)}`;
    const { method, url } = response.request.toJSON();
    super(`${status} ${kind}${reason} for ${method} ${url}`, details);
    this.status = status;
    Object.defineProperty(this, "response", { value: response, enumerable: false });
  }

  /** The body as text; empty where there was none. At most the first 1 MiB of a body that was to be streamed. */
  get text(): string {
    try {
      return this.response.bufferedText();
    } catch {
      // Made of a response that nobody has read.
      return "";
    }
  }

  /**
   * The body as data.
   *
   * @throws {DecodeError} when it is not JSON.
   * @throws {EmptyBodyError} when it is empty.
   * @throws {ConsumedBodyError} when it was to be streamed, and has not been read.
   */
  json<T = unknown>(): T {
    return this.response.bufferedJson<T>();
  }

  /** The body as a problem of RFC 9457, where the server sent one. */
  get problem(): Problem | undefined {
    const type = this.response.headers.get("content-type") ?? "";
    if (!/^application\/problem\+json\b/i.test(type)) return undefined;
    try {
      const data = this.response.bufferedJson<Problem | null>();
      return typeof data === "object" && data !== null && !Array.isArray(data) ? data : undefined;
    } catch {
      return undefined;
    }
  }

  protected override facts(): Record<string, unknown> {
    return { status: this.status };
  }
}
