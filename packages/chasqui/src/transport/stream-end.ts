import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import type { Socket } from "node:net";

/** The session that undici speaks HTTP/2 in over a socket; it keeps it at the socket, by a symbol of its own. */
function sessionOver(socket: Socket): ClientHttp2Session | undefined {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === "http2Session");
  const session: unknown = key === undefined ? undefined : Reflect.get(socket, key);
  return isSession(session) ? session : undefined;
}

function isSession(value: unknown): value is ClientHttp2Session {
  return typeof value === "object" && value !== null && "request" in value;
}

/**
 * Has every stream of a connection fail that the server resets with NO_ERROR or CANCEL before it has ended it (RFC 9113 5.1, 8.1). Node
 * has no error for these two codes, and lets the readers see an end, which undici takes for that of a whole body.
 *
 * @param socket - Of HTTP/2, when undici is connected and has sent no request.
 */
export function failWhatIsCutOff(socket: Socket): void {
  const session = sessionOver(socket);
  if (session === undefined) return;
  // A stream that is given up before it has opened, and answered all the same, is another object to Node. Without a listener of
  // its own it would end the process with its session.
  session.on("stream", (stream) => stream.on("error", () => {}).close());
  const { request } = session;
  session.request = (...given) => watched(request.apply(session, given));
}

function watched(stream: ClientHttp2Stream): ClientHttp2Stream {
  const { push } = stream;
  let isCutOff = false;
  let hasEnded = false;
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !hasEnded) {
      hasEnded = true;
      // At the END_STREAM of the server it is open yet; where it was reset Node has closed it before it ends its readers.
      isCutOff = stream.closed;
    }
    return push.call(stream, chunk, encoding);
  };
  // Ahead of undici's own listener, which it adds to the stream that it is given.
  stream.on("end", () => {
    // Where nobody listens for it any more, undici has given the stream up.
    if (!isCutOff || stream.listenerCount("error") === 0) return;
    const name = stream.rstCode === 0 ? "NO_ERROR" : "CANCEL";
    const error = new Error(`Stream closed with error code NGHTTP2_${name}`);
    stream.emit("error", Object.assign(error, { code: "ERR_HTTP2_STREAM_ERROR" }));
  });
  return stream;
}
