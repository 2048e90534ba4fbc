/**
 * The server of the benches, in a process of its own. It must not be the bottleneck, so it answers over bare sockets, with
 * bytes that were made before; only uploads, which may be chunked, go through `node:http`. It prints both origins as a line.
 */
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { PAGE_SIZE } from "./scenario.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
const MEBIBYTE = Buffer.alloc(1024 * 1024, 0x61);

function post(id: number): object {
  return {
    id,
    userId: 1,
    title: "sunt aut facere repellat",
    tags: ["a", "b", "c"],
    body: "x".repeat(120),
  };
}

function head(status: string, length: number, ...lines: readonly string[]): string {
  const all = [
    `HTTP/1.1 ${status}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${length}`,
    ...lines,
  ];
  return `${all.join("\r\n")}\r\n\r\n`;
}

function answer(status: string, data: unknown, ...lines: readonly string[]): Buffer {
  const body = Buffer.from(JSON.stringify(data));
  return Buffer.concat([Buffer.from(head(status, body.length, ...lines)), body]);
}

const SMALL = answer("200 OK", post(1));
const CREATED = answer("201 Created", { id: 101 });
const NOT_FOUND = answer("404 Not Found", { error: "there is no such thing" });
const DENIED = answer("401 Unauthorized", { error: "a token and a cookie are needed" });
const LOGIN = answer("200 OK", post(1), "set-cookie: session=0123456789abcdef; Path=/; HttpOnly");

/** 10 MB of JSON: made when it is asked for first. */
let large: Buffer | undefined;
function largeAnswer(): Buffer {
  if (large === undefined) {
    const row = JSON.stringify(post(10_000)).length + 1;
    large = answer(
      "200 OK",
      Array.from({ length: Math.ceil(10_000_000 / row) }, (_, index) => post(10_000 + index)),
    );
  }
  return large;
}

/** Those of a short walk: of a long one the server would hold more than it is worth. */
const MOST_PAGES = 1000;
const pages = new Map<string, Buffer>();
/** A page of rows, its number in the query, with the next one in the `Link` header. */
function page(origin: string, query: URLSearchParams): Buffer {
  const number = Number(query.get("page"));
  const last = Number(query.get("last"));
  const key = `${number}/${last}`;
  let bytes = pages.get(key);
  if (bytes === undefined) {
    const rows = Array.from({ length: PAGE_SIZE }, (_, index) => post((number - 1) * PAGE_SIZE + index + 1));
    const next = `link: <${origin}/items?page=${number + 1}&last=${last}>; rel="next"`;
    bytes = number < last ? answer("200 OK", rows, next) : answer("200 OK", rows);
    if (last <= MOST_PAGES) pages.set(key, bytes);
  }
  return bytes;
}

/** Milliseconds after which a page comes that is far away. */
const FAR = 20;

/** A page of rows whose number the client counts. The last lacks one row, so that nothing has to be asked for behind it. */
function countedPage(query: URLSearchParams): Buffer {
  const number = Number(query.get("page"));
  const last = Number(query.get("last"));
  const total = last * PAGE_SIZE - 1;
  const size = number < last ? PAGE_SIZE : PAGE_SIZE - 1;
  const rows = Array.from({ length: size }, (_, index) => post((number - 1) * PAGE_SIZE + index + 1));
  return answer("200 OK", rows, `x-total-count: ${total}`);
}

/** `count` MiB, as fast as the socket takes them. */
function pour(socket: Socket, count: number): void {
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${count * MEBIBYTE.length}\r\n\r\n`,
  );
  let left = count;
  const write = (): void => {
    while (left > 0) {
      left -= 1;
      if (!socket.write(MEBIBYTE) && left > 0) {
        socket.once("drain", write);
        return;
      }
    }
  };
  write();
}

function serve(socket: Socket, origin: string, request: string): void {
  const [method = "", target = ""] = request.slice(0, request.indexOf("\r\n")).split(" ");
  const path = target.startsWith("/session/") ? target.slice("/session".length) : target;
  if (
    path !== target &&
    !(/^authorization: Bearer /im.test(request) && /^cookie: session=/im.test(request))
  ) {
    socket.write(DENIED);
  } else if (path.startsWith("/posts")) socket.write(method === "POST" ? CREATED : SMALL);
  else if (path.startsWith("/items?")) {
    socket.write(page(origin, new URLSearchParams(path.slice(path.indexOf("?")))));
  } else if (path.startsWith("/far?")) {
    const bytes = countedPage(new URLSearchParams(path.slice(path.indexOf("?"))));
    setTimeout(() => socket.write(bytes), FAR);
  } else if (path === "/large") socket.write(largeAnswer());
  else if (path === "/login") socket.write(LOGIN);
  else if (path.startsWith("/mebibytes/")) pour(socket, Number(path.slice("/mebibytes/".length)));
  else socket.write(NOT_FOUND);
}

/** Requests one after the other, each with its whole body in memory, if it has one. */
const plain = createServer((socket) => {
  const origin = `http://127.0.0.1:${socket.localPort}`;
  let pending: Buffer | undefined;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    let rest = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    pending = undefined;
    while (rest.length > 0) {
      const end = rest.indexOf(HEAD_END);
      if (end === -1) break;
      const request = rest.toString("latin1", 0, end + 2);
      const length = /^content-length: *(\d+)/im.exec(request)?.[1] ?? "0";
      const whole = end + HEAD_END.length + Number(length);
      if (rest.length < whole) break;
      rest = rest.subarray(whole);
      serve(socket, origin, request);
    }
    if (rest.length > 0) pending = rest;
  });
});

/** Counts what is uploaded. */
const uploads = createHttpServer((request, response) => {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on("end", () => {
    const body = JSON.stringify({ bytes, type: request.headers["content-type"] });
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  });
});
uploads.keepAliveTimeout = 600_000;

function listening(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

const origins = { origin: await listening(plain), uploads: await listening(uploads) };
process.stdout.write(`${JSON.stringify(origins)}\n`);
// Whoever started it has gone, or is done.
process.stdin.on("end", () => process.exit(0)).resume();
