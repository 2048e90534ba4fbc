import type { HeadersInit } from "../request/headers.ts";
import type { Request } from "../request/request.ts";
import type { Trace } from "../trace/trace.ts";
import type { Head } from "../transport/transport.ts";
import type { Response } from "./response.ts";

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
