/**
 * What it means that the stream of one request ends over HTTP/2, while its connection goes on for others (RFC 9113 5.4.2).
 *
 * @module
 */

/** What is told of it. */
export interface StreamFailure {
  readonly kind: "reset" | "closed" | "protocol";
  readonly said: string;
  readonly hint: string | undefined;
  /** Whether the server says that it did not process the request (RFC 9113 8.7). */
  readonly unprocessed: boolean;
}

/** Of RFC 9113 7, the codes that say that what was spoken is no HTTP/2; with the others a server ends a stream as it likes. */
export const HTTP2_FAULT: RegExp =
  /PROTOCOL_ERROR|FLOW_CONTROL_ERROR|FRAME_SIZE_ERROR|COMPRESSION_ERROR|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED/;

const HINTS: ReadonlyMap<string, string> = new Map([
  ["INTERNAL_ERROR", "The server failed at this request; the connection goes on for others."],
  [
    "REFUSED_STREAM",
    "The server says that it did not process the request (RFC 9113 8.7): it may be sent again, whatever its method.",
  ],
  [
    "ENHANCE_YOUR_CALM",
    "The server wants to be asked less: `throttle` says how often, and how many at a time.",
  ],
  ["HTTP_1_1_REQUIRED", "The server wants HTTP/1.1 for this request: `http2: false` speaks it."],
]);

const THIS_ALONE = "The server ended this request alone; the connection goes on for others.";

/** Either side ends a stream with such a code, and nothing says which did. */
const NOT_HTTP2 = "One side took what the other sent for no HTTP/2. Does it go well with `http2: false`?";

/** What undici says of a stream that was reset with NO_ERROR or CANCEL, which Node has no error for. */
const ENDED = /^HTTP\/2: stream (?:half-closed \(remote\)|closed before the response was complete)/;

/**
 * What is told of an error of Node's or undici's, by its code; undefined where it is not one of a stream.
 *
 * @param inBody - Whether the headers had come: what was answered in part was processed, whatever the server says.
 */
export function streamFailure(
  error: unknown,
  code: string,
  host: string,
  inBody: boolean,
): StreamFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (code === "UND_ERR_INFO" && ENDED.test(error.message)) {
    const said = `${host} ended the stream of the request before the response was complete`;
    return { kind: "closed", said, hint: undefined, unprocessed: false };
  }
  if (code !== "ERR_HTTP2_STREAM_ERROR") return undefined;
  const name = /error code (?:NGHTTP2_)?(\w+)/.exec(error.message)?.[1] ?? "no code";
  if (HTTP2_FAULT.test(name)) {
    const hint = HINTS.get(name) ?? NOT_HTTP2;
    const said = `The stream of the request to ${host} was reset (${name})`;
    return { kind: "protocol", said, hint, unprocessed: false };
  }
  const said = `${host} reset the stream of the request (${name})${inBody ? " before the response was complete" : ""}`;
  const unprocessed = name === "REFUSED_STREAM" && !inBody;
  const hint = name === "REFUSED_STREAM" && inBody ? undefined : HINTS.get(name);
  return { kind: "reset", said, hint: hint ?? THIS_ALONE, unprocessed };
}
