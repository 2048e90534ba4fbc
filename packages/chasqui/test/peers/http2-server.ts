import {
  createSecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { certificates } from "./certificates.ts";

/** A server of HTTP/2 on a free port of the loopback, over TLS. */
export interface Http2Server extends AsyncDisposable {
  readonly origin: string;
  /** Paths, in the order in which they were asked for. */
  readonly seen: readonly string[];
  /** Sessions made so far. */
  sessions(): number;
  /** Sessions that are open. */
  open(): number;
  /** The most streams that were open at a time. */
  most(): number;
  close(): Promise<void>;
}

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, session: Http2Session) => void;

/** Starts one. */
export async function serveHttp2(answer: Answer, options: SecureServerOptions = {}): Promise<Http2Server> {
  const { localhost } = await certificates();
  const sessions = new Set<Http2Session>();
  const seen: string[] = [];
  let made = 0;
  let open = 0;
  let most = 0;
  const server = createSecureServer({ ...localhost, ...options });
  server.on("session", (session) => {
    made++;
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    seen.push(String(headers[":path"]));
    open++;
    most = Math.max(most, open);
    stream.on("close", () => {
      open--;
    });
    stream.on("error", () => {});
    const { session } = stream;
    if (session !== undefined) answer(stream, headers, session);
  });
  server.on("sessionError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    origin: `https://127.0.0.1:${port}`,
    seen,
    sessions: () => made,
    open: () => sessions.size,
    most: () => most,
    close,
    [Symbol.asyncDispose]: close,
  };
}
