import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { TlsOptions } from "node:tls";

/** What a proxy was asked. */
export interface ProxySeen {
  /** GET and the like, or CONNECT. */
  readonly method: string;
  /** A whole URL, or host and port. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
}

/** An http proxy on a free port of the loopback, which keeps what it was asked. Hosts below `.test` are this machine. */
export interface HttpProxy extends AsyncDisposable {
  /** `http://` or `https://`, host and port. */
  readonly url: string;
  readonly port: number;
  readonly seen: readonly ProxySeen[];
  /** Connections made so far. */
  connections(): number;
  /** Connections open now. */
  open(): number;
  close(): Promise<void>;
}

/** What it is. */
export interface HttpProxyOptions {
  /** TLS to the proxy itself. */
  readonly tls?: TlsOptions;
  /** The one value of Proxy-Authorization that it takes. */
  readonly authorization?: string;
}

function locally(hostname: string): string {
  return hostname.endsWith(".test") ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1");
}

/** Starts one. */
export async function startHttpProxy({ tls, authorization }: HttpProxyOptions = {}): Promise<HttpProxy> {
  const seen: ProxySeen[] = [];
  const sockets = new Set<Socket>();
  let made = 0;
  const server: Server = tls === undefined ? createServer() : createSecureServer(tls);
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  };
  const look = ({ method = "", url = "", headers }: IncomingMessage): boolean => {
    seen.push({ method, target: url, headers });
    return authorization === undefined || headers["proxy-authorization"] === authorization;
  };
  server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    made++;
    keep(socket);
  });
  server.on("request", (asked: IncomingMessage, response) => {
    if (!look(asked)) {
      response.writeHead(407, { "proxy-authenticate": 'Basic realm="test"' }).end("who are you?");
      return;
    }
    if (!URL.canParse(asked.url ?? "")) {
      response.writeHead(400).end("a proxy wants a whole URL");
      return;
    }
    const { host, hostname, port, pathname, search } = new URL(asked.url ?? "");
    const { "proxy-authorization": _own, "proxy-connection": _hop, ...headers } = asked.headers;
    const onward = request(
      {
        host: locally(hostname),
        port: port === "" ? 80 : port,
        path: pathname + search,
        method: asked.method ?? "GET",
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    for (const [name, value] of Object.entries({ ...headers, host })) {
      if (value !== undefined) onward.setHeader(name, value);
    }
    onward.on("error", () => response.writeHead(502).end());
    asked.pipe(onward);
  });
  server.on("connect", (asked: IncomingMessage, client: Socket) => {
    if (!look(asked)) {
      client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n',
      );
      return;
    }
    const { hostname, port } = new URL(`http://${asked.url}`);
    const onward = connect(port === "" ? 80 : Number(port), locally(hostname));
    keep(onward);
    onward.once("connect", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(onward).pipe(client);
    });
    onward.on("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    client.on("close", () => onward.destroy());
    onward.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the proxy has no port");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    port: address.port,
    seen,
    connections: () => made,
    open: () => sockets.size,
    close,
    [Symbol.asyncDispose]: close,
  };
}
