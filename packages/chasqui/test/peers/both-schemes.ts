import { createServer as createHttpServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import type { TlsOptions } from "node:tls";

/** A request, and the scheme by which it came. */
export interface SeenByScheme {
  readonly scheme: "http" | "https";
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** One host and one port that speak http and https: two origins that differ in nothing but the scheme. */
export interface BothSchemes extends AsyncDisposable {
  readonly http: string;
  readonly https: string;
  readonly seen: readonly SeenByScheme[];
}

/** The first byte of a TLS record that begins a handshake (RFC 8446 5.1). */
const HANDSHAKE = 22;

/** Starts such a server; `leads` says where a target redirects to, and nothing for one that is answered. */
export async function serveBothSchemes(
  tls: TlsOptions,
  leads: (target: string, server: BothSchemes) => string | undefined,
): Promise<BothSchemes> {
  const seen: SeenByScheme[] = [];
  const sockets = new Set<Socket>();
  const listener =
    (scheme: "http" | "https"): RequestListener =>
    ({ url = "", headers }, response) => {
      seen.push({ scheme, target: url, headers });
      const location = leads(url, both);
      if (location === undefined) response.end(scheme);
      else response.writeHead(302, { location }).end();
    };
  const plain = createHttpServer(listener("http"));
  const secure = createHttpsServer(tls, listener("https"));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", (chunk) => {
      socket.pause();
      socket.unshift(chunk);
      (chunk[0] === HANDSHAKE ? secure : plain).emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  const both: BothSchemes = {
    http: `http://127.0.0.1:${address.port}`,
    https: `https://127.0.0.1:${address.port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return both;
}
