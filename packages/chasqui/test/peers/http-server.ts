import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Server, Socket } from "node:net";
import type { TlsOptions } from "node:tls";

/** What a request looked like when it arrived. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By lower-case name, repeated ones joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** Name, value, name, value … as they were on the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** Answers a request; `seen` has its body, read. */
export type Answer = (response: ServerResponse, seen: Seen, request: IncomingMessage) => void | Promise<void>;

/** A real HTTP server on a free port of the loopback, which keeps what it saw. */
export interface HttpServer extends AsyncDisposable {
  /** Scheme, host and port. */
  readonly origin: string;
  /** All requests, oldest first. */
  readonly seen: readonly Seen[];
  /** The last request. */
  last(): Seen;
  /** Connections made so far. */
  connections(): number;
  /** Connections open now. */
  open(): number;
  close(): Promise<void>;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Where a server listens, and whether it speaks TLS. */
export interface ServeOptions {
  /** Key, certificate and what else `node:tls` takes: https. */
  readonly tls?: TlsOptions;
  /** The path of a Unix socket, in place of a port; `origin` is then `http://localhost`. */
  readonly path?: string;
  /** The address. Default 127.0.0.1. */
  readonly host?: string;
  /** The port. Default: a free one. */
  readonly port?: number;
}

/** Starts a server that answers by a function, or by a table of paths; a path that the table lacks is a 404. */
export async function serve(
  answer: Answer | Readonly<Record<string, Answer>>,
  { tls, path, host = "127.0.0.1", port = 0 }: ServeOptions = {},
): Promise<HttpServer> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let made = 0;
  const act = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await read(request);
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name] = [value].flat().join(", ");
      const target = request.url ?? "";
      const entry = { method: request.method ?? "", target, headers, rawHeaders: request.rawHeaders, body };
      seen.push(entry);
      const found = typeof answer === "function" ? answer : answer[target.split("?")[0] ?? ""];
      if (found !== undefined) await found(response, entry, request);
      else response.writeHead(404).end();
    } catch {
      // A client that left in the middle of its body is what some tests are about.
      response.destroy();
    }
  };
  const server: Server = tls === undefined ? createServer(act) : createSecureServer(tls, act);
  server.on("tlsClientError", () => {});
  server.on("connection", (socket) => {
    made++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(port, host, resolve);
    else server.listen(path, resolve);
  });
  const address = server.address();
  if (address === null) throw new Error("the server has no port");
  const name = host.includes(":") ? `[${host}]` : host;
  const origin =
    typeof address === "string"
      ? "http://localhost"
      : `${tls === undefined ? "http" : "https"}://${name}:${address.port}`;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    origin,
    seen,
    last() {
      const entry = seen.at(-1);
      if (entry === undefined) throw new Error("nothing has arrived");
      return entry;
    },
    connections: () => made,
    open: () => sockets.size,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An answer of JSON. */
export function json(data: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(data));
  };
}

/** A redirect. */
export function redirectTo(location: string, status = 302, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { location, ...headers }).end("moved");
  };
}
