import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { Client, type ClientOptions, NetworkError, type RequestOptions } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { certificates } from "../peers/certificates.ts";
import { serve } from "../peers/http-server.ts";
import { type RawServer, serveRaw } from "../peers/raw-server.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Answers the first request of the first connection; what comes after it on that connection ends as it is told. */
function closing(how: (socket: Socket) => void): Promise<RawServer> {
  let first: Socket | undefined;
  return serveRaw((socket, _head, turn) => {
    first ??= socket;
    if (turn > 1 && socket === first) how(socket);
    else socket.write(OK);
  });
}

async function warmed(server: RawServer, options: ClientOptions = {}): Promise<Client> {
  const client = new Client({ retry: false, ...options });
  await client.get(server.origin);
  await new Promise((resolve) => setImmediate(resolve));
  return client;
}

describe("P14 a kept connection that the server closes as a request is on its way", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["closed", (socket) => void socket.end()],
    ["reset", (socket) => void socket.resetAndDestroy()],
  ])(
    "%s: the request is sent once more on a new one, and nobody is told, `retry: false` or not",
    async (_how, how) => {
      await using server = await closing(how);
      const told: string[] = [];
      await using client = await warmed(server, {
        hooks: { onRetry: () => void told.push("retry"), onRequest: () => void told.push("request") },
      });
      told.length = 0;
      const response = await client.get(server.origin);
      expect(await response.text()).toBe("ok");
      expect(server.connections()).toBe(2);
      expect(told).toEqual(["request"]);
    },
  );

  test.each<[string, string, RequestOptions]>([
    ["HEAD", "HEAD", {}],
    ["PUT", "PUT", { json: { a: 1 } }],
    ["DELETE", "DELETE", {}],
  ])("%s may be sent twice", async (_name, method, options) => {
    await using server = await serveRaw((socket, head, turn) => {
      if (turn === 2) socket.end();
      else socket.write(head.startsWith("HEAD") ? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" : OK);
    });
    await using client = await warmed(server);
    expect((await client.request(method, server.origin, options)).status).toBe(200);
  });

  test.each<[string, string, RequestOptions]>([
    ["a POST", "POST", { json: { a: 1 } }],
    ["a PATCH", "PATCH", { json: { a: 1 } }],
    [
      "a body that is streamed",
      "PUT",
      {
        body: async function* () {
          yield Buffer.from("x");
        },
      },
    ],
  ])("%s is not sent twice", async (_what, method, options) => {
    await using server = await closing((socket) => void socket.end());
    await using client = await warmed(server);
    const error = await caught(client.request(method, server.origin, options), NetworkError);
    expect(error).toMatchObject({ kind: "closed", reused: true, attempts: 1 });
    expect(server.connections()).toBe(1);
  });

  test("once a byte of the response came it is no stale connection", async () => {
    await using server = await closing((socket) => void socket.end("HTTP/1.1 2"));
    await using client = await warmed(server);
    expect(await caught(client.get(server.origin), NetworkError)).toMatchObject({
      kind: "closed",
      reused: true,
    });
    expect(server.connections()).toBe(1);
  });

  test("it is sent anew once: a server that closes new connections too has failed", async () => {
    await using server = await serveRaw(
      (socket, _head, turn) => void (turn === 1 ? socket.write(OK) : socket.end()),
    );
    await using client = await warmed(server);
    const error = await caught(client.get(server.origin), NetworkError);
    expect(error).toMatchObject({ kind: "closed", reused: false, attempts: 1 });
    expect(server.connections()).toBe(2);
  });

  test("a connection that had carried nothing is no stale one: what fails on it has failed", async () => {
    await using server = await serveRaw((socket) => void socket.end());
    await using client = new Client({ retry: false });
    const error = await caught(client.get(server.origin), NetworkError);
    expect(error).toMatchObject({ kind: "closed", reused: false, attempts: 1 });
    expect(server.connections()).toBe(1);
  });

  test("a new connection is taken, though others are idle that may be as stale", async () => {
    let answered = 0;
    await using server = await serveRaw((socket) => {
      // The two of the beginning are used once.
      if (Reflect.get(socket, "used") === true) return void socket.end();
      Reflect.set(socket, "used", true);
      answered++;
      if (answered <= 2) setImmediate(() => socket.write(OK));
      else socket.write(OK);
    });
    await using client = new Client({ retry: false });
    await Promise.all([client.get(server.origin), client.get(server.origin)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await client.get(server.origin).text()).toBe("ok");
    expect(server.connections()).toBe(3);
  });

  test("over TLS too, whose own records are no answer", async () => {
    const { ca, localhost } = await certificates();
    let turn = 0;
    await using server = await serve(
      (response, _seen, { socket }) => {
        turn++;
        if (turn === 2) socket.destroy();
        else response.end("ok");
      },
      { tls: { ...localhost } },
    );
    await using client = new Client({ retry: false, tls: { ca: ca.cert } });
    await client.get(server.origin);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await client.get(server.origin).text()).toBe("ok");
    expect(server.connections()).toBe(2);
  });
});
