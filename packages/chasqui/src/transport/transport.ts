import type { RedirectPolicy } from "../pipeline/redirect-rules.ts";
import type { Body } from "../request/body.ts";
import type { Headers } from "../request/headers.ts";
import type { ExchangeTiming } from "../trace/timing.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { Proxies } from "./proxy/proxies.ts";

/** What becomes of a response's body: collected, handed on as it comes, or thrown away undecoded. */
export type BodyMode = "buffer" | "stream" | "discard";

/** What the pipeline wants done with a body, said when the headers are there. */
export interface BodyPlan {
  readonly mode: BodyMode;
  /** The most decoded bytes; more is a `BodyTooLargeError`. */
  readonly maxBytes: number;
}

/** The head of a response. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  /** One header by its lower-case name, repeated lines joined with a comma; undefined where it is absent. */
  header(name: string): string | undefined;
  /** All of them; made when read. */
  readonly headers: Headers;
  /** Where a runtime arrived that followed redirects by itself; absent where it followed none. */
  readonly arrivedAt?: string | undefined;
  /** Whether this is a redirect that the runtime shows nothing of; its status is 0 then. */
  readonly hiddenRedirect?: boolean | undefined;
}

/** What a call says of what some runtimes do in the pipeline's place: a browser follows redirects and keeps cookies. */
export interface Delegated {
  readonly redirect: RedirectPolicy;
  /** Lower-case names of the headers that were given as a `Secret`. */
  readonly secretNames: ReadonlySet<string> | undefined;
  /** Lower-case names of the query parameters that were given as a `Secret`. */
  readonly secretParams: ReadonlySet<string> | undefined;
  /** Whether cookies were asked for; `"jar"` where a jar was given, undefined where nothing was said. */
  readonly cookies: boolean | "jar" | undefined;
}

/** Limits of time for one exchange, in milliseconds; 0 is none. */
export interface ExchangeTimeouts {
  readonly connect: number;
  readonly queue: number;
  readonly headers: number;
  readonly idle: number;
  /** In line while every connection is held by a response that nobody reads, where `queue` is none. */
  readonly unread?: number;
}

/** Told by a transport of what comes, as it comes: the bytes of the wire where it knows them, else decoded ones. */
export interface ExchangeProgress {
  received(bytes: number): void;
  /** Called once, when the whole body has come; not for one that is thrown away. */
  allReceived(): void;
}

/** One request on its way to one server, as a transport sees it. */
export interface Exchange {
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** Name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: Body | undefined;
  readonly timeouts: ExchangeTimeouts;
  /** How its connection is made, where anything was said of it. */
  readonly connection: ConnectionOptions | undefined;
  /** Which proxy it goes by: undefined leaves it to the environment, null is none. */
  readonly proxy: Proxies | null | undefined;
  /** For a transport of a runtime that follows redirects or keeps cookies by itself. */
  readonly delegated?: Delegated | undefined;
  /** Whether `onHead` or the body run code of the caller's, which belongs into the caller's async context. */
  readonly callsBack: boolean;
  /** Whether the process may end before it: nobody waits for its answer. Default false. */
  readonly background?: boolean | undefined;
  /** Where bytes are counted, if anybody asked. What it throws is what the exchange ends with. */
  readonly progress?: ExchangeProgress | undefined;
  /** Where a transport writes when things happened, for the trace of the call. */
  readonly timing: ExchangeTiming;
  /** The transport calls it once, at the headers of the final response, and does with the body what it says. */
  onHead(head: Head): BodyPlan;
  /** Calls the listener once if the call is given up, at once if it was; returns how to stop listening. */
  onCancel(listener: (reason: Error) => void): () => void;
  /** The transport calls it when the first byte is about to be written. */
  onWrite(): void;
}

/** What a transport answers. A body that is `stream` ends the exchange when it has been read or its iterator returned. */
export interface RawResponse {
  readonly head: Head;
  /** Bytes that were collected, a stream of them, or null where there is no body or it was thrown away. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
}

/**
 * What carries an exchange. One method; a test needs no more than that.
 *
 * It rejects with `NetworkError`, `TimeoutError` (phases connect, queue, headers, idle), `DecodeError`,
 * `BodyTooLargeError`, or with the reason given to `onCancel`.
 */
export interface Transport {
  send(exchange: Exchange): Promise<RawResponse>;
  /** Ends every connection. */
  close(): Promise<void>;
}
