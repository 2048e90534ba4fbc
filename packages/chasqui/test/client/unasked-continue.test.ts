import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Client, get, NetworkError, post } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { certificates } from "../peers/certificates.ts";
import { serveRaw } from "../peers/raw-server.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const once = { retry: false } as const;

/** Writes pieces that are reads of their own on the other side, as far as that can be had. */
async function inPieces(socket: Socket, pieces: readonly string[]): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece, "latin1");
    for (let turn = 0; turn < 3; turn++) await setImmediate();
  }
}

describe("#128 a 100 Continue that nobody asked for is passed over (RFC 9110 15.2)", () => {
  test.each([
    ["one", CONTINUE],
    ["one with headers", "HTTP/1.1 100 Continue\r\ndate: now\r\ncontent-length: 3\r\n\r\n"],
    ["one with many headers", `HTTP/1.1 100 Continue\r\n${`x: ${"y".repeat(1000)}\r\n`.repeat(60)}\r\n`],
    ["one without a reason", "HTTP/1.1 100 \r\n\r\n"],
    ["one of HTTP/1.0", "HTTP/1.0 100 Continue\r\n\r\n"],
    ["thirty-two", CONTINUE.repeat(32)],
  ])("%s, and the connection is kept", async (_, interim) => {
    await using server = await serveRaw((socket) => void socket.write(interim + ANSWER));
    await using client = new Client({ baseUrl: server.origin, ...once });
    for (let turn = 0; turn < 3; turn++) {
      expect(await client.post("/", { json: { turn } }).text()).toBe("ok");
      expect(await client.get("/").text()).toBe("ok");
    }
    expect(server.connections()).toBe(1);
  });

  test("wherever it is cut", async () => {
    const all = CONTINUE + ANSWER;
    let cut = 1;
    await using server = await serveRaw((socket) => {
      void inPieces(socket, [all.slice(0, cut), all.slice(cut)]);
    });
    await using client = new Client({ baseUrl: server.origin, ...once });
    for (; cut < all.length; cut++) expect(await client.get(`/${cut}`).text()).toBe("ok");
    expect(server.connections()).toBe(1);
  });

  test("byte by byte", async () => {
    await using server = await serveRaw((socket) => {
      void inPieces(socket, [...`${CONTINUE}${CONTINUE}${ANSWER}`]);
    });
    expect(await post(server.origin, { body: "x", ...once }).text()).toBe("ok");
  });

  test("over TLS", async () => {
    const { ca, localhost } = await certificates();
    const server = createServer({ key: localhost.key, cert: localhost.cert }, (_request, response) => {
      response.writeContinue();
      response.end("ok");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await using client = new Client({ baseUrl: `https://localhost:${port}`, tls: { ca: ca.cert }, ...once });
    try {
      for (const body of ["a", "b"]) expect(await client.post("/", { body }).text()).toBe("ok");
    } finally {
      server.close();
    }
  });

  test.each([
    [
      "a body that looks like one",
      `HTTP/1.1 200 OK\r\ncontent-length: ${CONTINUE.length}\r\n\r\n${CONTINUE}`,
      CONTINUE,
    ],
    ["103 before the response", `HTTP/1.1 103 Early Hints\r\n\r\n${ANSWER}`, "ok"],
    ["103 after it", `${CONTINUE}HTTP/1.1 103 Early Hints\r\n\r\n${ANSWER}`, "ok"],
    // The body is a read of its own.
    ["what comes after the head", ["HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n", CONTINUE], CONTINUE],
  ])("and nothing else is: %s", async (_, sent, text) => {
    await using server = await serveRaw((socket) => void inPieces(socket, [sent].flat()));
    expect(await get(server.origin, once).text()).toBe(text);
  });
});

describe("#128 S29 what is too much of it, or too little, is told as what it is", () => {
  test.each([
    ["thirty-three", CONTINUE.repeat(33) + ANSWER, "protocol", /more than 32 interim responses/],
    ["half of it", CONTINUE.slice(0, 15), "closed", /closed the connection/],
    ["the beginning of any response", "HTTP/1.", "closed", /closed the connection/],
    [
      "an upgrade",
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
      "protocol",
      /101 Switching Protocols, which was not asked for/,
    ],
  ])("%s", async (_, sent, kind, message) => {
    await using server = await serveRaw((socket) => void socket.end(sent));
    const error = await caught(post(server.origin, { body: "x", ...once }), NetworkError);
    expect(error).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(error.hint).toBeUndefined();
  });
});
