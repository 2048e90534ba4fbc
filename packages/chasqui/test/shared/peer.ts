import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";

/** A peer of the shared tests: what it answers is in its URL, and every page may read it. */
export interface Peer {
  readonly origin: string;
  close(): Promise<void>;
}

type Route = (response: ServerResponse, query: URLSearchParams, request: IncomingMessage) => unknown;

const counts = new Map<string, number>();

function count(query: URLSearchParams): number {
  const run = query.get("run") ?? "";
  const times = (counts.get(run) ?? 0) + 1;
  counts.set(run, times);
  return times;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function echo(
  response: ServerResponse,
  _query: URLSearchParams,
  request: IncomingMessage,
): Promise<void> {
  const body = await bytesOf(request);
  const { method, url, headers } = request;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method, url, headers, body: body.toString("latin1"), length: body.length }));
}

const CODERS: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  "deflate-raw": deflateRawSync,
  br: brotliCompressSync,
  "gzip, gzip": (text) => gzipSync(gzipSync(text)),
};

const ROUTES: Readonly<Record<string, Route>> = {
  "/echo": echo,
  "/text": (response, query) => {
    response.setHeader("content-type", query.get("type") ?? "text/plain");
    response.end(Buffer.from(query.get("base64") ?? "", "base64"));
  },
  "/status": (response, query) => {
    response.writeHead(Number(query.get("is")), { "content-type": "application/json" });
    response.end(query.get("body") ?? "");
  },
  /** A bad status so many times, then the echo; what came is counted. */
  "/flaky": async (response, query, request) => {
    if (count(query) > Number(query.get("times") ?? 1)) {
      await echo(response, query, request);
      return;
    }
    const after = query.get("after");
    request.resume();
    response.writeHead(Number(query.get("is") ?? 503), after === null ? {} : { "retry-after": after }).end();
  },
  "/counted": (response, query) => response.end(String(counts.get(query.get("run") ?? "") ?? 0)),
  "/redirect": (response, query, request) => {
    request.resume();
    response.writeHead(Number(query.get("is") ?? 302), { location: query.get("to") ?? "" }).end("moved");
  },
  "/loop": (response, query) => {
    count(query);
    response.writeHead(302, { location: `/loop?${query}` }).end();
  },
  "/cookie/set": (response, query) => {
    response.setHeader("set-cookie", `${query.get("name")}=${query.get("value")}; Path=/cookie`);
    const to = query.get("to");
    if (to !== null) response.writeHead(302, { location: to });
    response.end("set");
  },
  "/cookie/echo": echo,
  "/coded": (response, query) => {
    const coding = query.get("as") ?? "";
    const text = "coded ".repeat(100);
    const coded = CODERS[coding]?.(text);
    response.writeHead(200, { "content-encoding": coding.replace("-raw", ""), "content-type": "text/plain" });
    response.end(coded);
  },
  "/damaged": (response, query) => {
    response.writeHead(200, { "content-encoding": query.get("as") ?? "gzip" });
    response.end("this is no gzip at all, and long enough to be read as such");
  },
  "/bytes": (response, query) => response.end(Buffer.alloc(Number(query.get("n")), "x")),
  "/lines": async (response, query) => {
    response.setHeader("content-type", "application/x-ndjson");
    for (let n = 0; n < Number(query.get("n") ?? 3); n++) response.write(`{"n":${n}}\n`);
    if (!query.has("open")) response.end();
  },
  "/never": () => {},
  "/half": (response) => {
    response.write("half of it");
  },
  "/reset": (_response, _query, request) => request.socket.resetAndDestroy(),
  "/drop": (_response, _query, request) => request.socket.destroy(),
  "/truncated": (response, _query, request) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("short", () => setImmediate(() => request.socket.destroy()));
  },
  "/links": (response) => {
    response.writeHead(200, { link: '</links?page=2>; rel="next", </links?page=9>; rel="last"' }).end("[]");
  },
  "/page": (response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>shared tests</title>");
  },
};

/** Lets pages of every origin read everything, with cookies, and send any header. */
function allowPages(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-expose-headers", "link, retry-after, location, content-length");
  const wanted = request.headers["access-control-request-headers"];
  if (wanted !== undefined) response.setHeader("access-control-allow-headers", wanted);
  const method = request.headers["access-control-request-method"];
  if (method !== undefined) response.setHeader("access-control-allow-methods", method);
}

export async function startPeer(): Promise<Peer> {
  const server = createServer((request, response) => {
    allowPages(request, response);
    const url = new URL(request.url ?? "", "http://peer.test");
    const asked = request.headers["access-control-request-method"] !== undefined;
    const route = ROUTES[url.pathname];
    if (asked) response.writeHead(204).end();
    else if (route === undefined) response.writeHead(404).end();
    else void Promise.resolve(route(response, url.searchParams, request)).catch(() => response.destroy());
  });
  server.on("connection", (socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the peer has no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
