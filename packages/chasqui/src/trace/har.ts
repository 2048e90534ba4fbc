import { wrongValue } from "../request/wrong-option.ts";
import { VERSION } from "../version.ts";
import type { TracedCall, TracedExchange } from "./events.ts";
import type { ExchangePhases } from "./phases.ts";

/** A name and a value, as HAR has headers and query parameters. */
export interface HarPair {
  readonly name: string;
  readonly value: string;
}

/** One exchange in an HTTP Archive. Milliseconds; -1 is not known, or did not happen. */
export interface HarEntry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly httpVersion: string;
    readonly cookies: readonly HarPair[];
    readonly headers: readonly HarPair[];
    readonly queryString: readonly HarPair[];
    readonly headersSize: number;
    readonly bodySize: number;
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly httpVersion: string;
    readonly cookies: readonly HarPair[];
    readonly headers: readonly HarPair[];
    readonly content: { readonly size: number; readonly mimeType: string };
    readonly redirectURL: string;
    readonly headersSize: number;
    readonly bodySize: number;
    /** Of an exchange that ended without a response. */
    readonly _error?: string;
  };
  readonly cache: Readonly<Record<string, never>>;
  readonly timings: {
    readonly blocked: number;
    readonly dns: number;
    readonly connect: number;
    readonly ssl: number;
    readonly send: number;
    readonly wait: number;
    readonly receive: number;
  };
  readonly serverIPAddress?: string;
}

/** An HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/). */
export interface Har {
  readonly log: {
    readonly version: "1.2";
    readonly creator: { readonly name: string; readonly version: string };
    readonly entries: readonly HarEntry[];
  };
}

/**
 * Puts what happened in several calls into one archive, in the order in which it began.
 *
 * @throws {OptionsError} when they are no list of traces.
 */
export function har(traces: Iterable<TracedCall>): Har {
  if (typeof traces !== "object" || traces === null || !(Symbol.iterator in traces)) {
    throw wrongValue("traces", traces, "traces, in a list", "Of one call: response.trace.toHAR().");
  }
  const entries: HarEntry[] = [];
  for (const trace of traces) {
    for (const event of trace.events) {
      if (event.kind === "exchange") entries.push(entryOf(event, trace.startedAt.getTime()));
    }
  }
  entries.sort((one, other) =>
    one.startedDateTime < other.startedDateTime ? -1 : one.startedDateTime > other.startedDateTime ? 1 : 0,
  );
  return { log: { version: "1.2", creator: { name: "chasqui", version: VERSION }, entries } };
}

function entryOf(exchange: TracedExchange, callStarted: number): HarEntry {
  const { method, url, requestHeaders, responseHeaders = {}, phases, bytes, duration } = exchange;
  const httpVersion = exchange.protocol === "h2" ? "HTTP/2" : "HTTP/1.1";
  return {
    startedDateTime: new Date(callStarted + exchange.start).toISOString(),
    time: duration,
    request: {
      method,
      url,
      httpVersion,
      // Cookies are credentials: their names and values stand in no archive.
      cookies: [],
      headers: pairs(requestHeaders),
      queryString: queryOf(url),
      headersSize: -1,
      bodySize: -1,
    },
    response: {
      status: exchange.status ?? 0,
      statusText: exchange.statusText ?? "",
      httpVersion,
      cookies: [],
      headers: pairs(responseHeaders),
      content: { size: bytes, mimeType: headerOf(responseHeaders, "content-type") },
      redirectURL: headerOf(responseHeaders, "location"),
      headersSize: -1,
      bodySize: exchange.status === undefined ? -1 : bytes,
      ...(exchange.error === undefined ? {} : { _error: exchange.error }),
    },
    cache: {},
    timings: timingsOf(phases, duration),
    ...(exchange.remoteAddress === undefined ? {} : { serverIPAddress: exchange.remoteAddress }),
  };
}

/** HAR's `connect` has the handshake of TLS in it, and its parts add up to `time`. */
function timingsOf(phases: ExchangePhases, duration: number): HarEntry["timings"] {
  const { queue = 0, dns, connect, tls, firstByte, download } = phases;
  const known = queue + (dns ?? 0) + (connect ?? 0) + (tls ?? 0) + (firstByte ?? 0) + (download ?? 0);
  const connecting = connect === undefined ? -1 : connect + (tls ?? 0);
  // What nothing is known of, such as the time until an undecided failure, was spent before a byte came.
  const rest = Math.max(0, duration - known);
  return {
    blocked: queue,
    dns: dns ?? -1,
    connect: connecting,
    ssl: tls ?? -1,
    send: 0,
    wait: (firstByte ?? 0) + rest,
    receive: download ?? 0,
  };
}

function pairs(headers: Readonly<Record<string, string>>): HarPair[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

function headerOf(headers: Readonly<Record<string, string>>, wanted: string): string {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
}

function queryOf(url: string): HarPair[] {
  return [...(URL.parse(url)?.searchParams ?? [])].map(([name, value]) => ({ name, value }));
}
