import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, test } from "vitest";
import { Client, NetworkError, OptionsError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Certificates, certificates } from "../peers/certificates.ts";
import { freePort } from "../peers/free-port.ts";
import { gate, until } from "../peers/gate.ts";
import { serveRaw } from "../peers/raw-server.ts";

/** What a socket may read at a time: who has read as much has not heard all. */
const READ_SIZE = 512 * 1024;

/** What a record of TLS may carry (RFC 8446 5.1). */
const RECORD = 16 * 1024;

function answer(body: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** So that it takes as many bytes as are said, with its head. */
function answerOf(bytes: number): string {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${bytes}\r\n\r\n`;
  const length = bytes - head.length;
  return `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${"1".repeat(length)}`;
}

/** Answers `/1` with what is given, and behind it what nobody asked for; everything else by its path. */
function poisoning(first: () => string): (socket: Socket) => void {
  return (socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      const path = /^GET (\S+)/.exec(bytes.toString("latin1"))?.[1] ?? "";
      if (path !== "/1") {
        socket.write(path === "/large" ? answer("0".repeat(16 * READ_SIZE)) : answer(`to ${path}`));
        return;
      }
      // In one piece for the network: what comes later than that is looked for in vain.
      socket.cork();
      socket.write(first(), "latin1");
      socket.write(answer("POISON"));
      socket.uncork();
    });
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Asks for three paths on one connection. */
const WAYS: readonly (readonly [string, (ask: (path: string) => Promise<string>) => Promise<string[]>])[] = [
  ["one after the other", async (ask) => [await ask("/1"), await ask("/2"), await ask("/3")]],
  ["in line", (ask) => Promise.all(["/1", "/2", "/3"].map(ask))],
];

describe("#129 S67 an answer that came before a request was written is not its answer", () => {
  test.each(WAYS)("in a second record of TLS: %s", async (_how, askAll) => {
    const { ca, localhost }: Certificates = await certificates();
    const server = createTlsServer(
      { ...localhost },
      poisoning(() => answerOf(RECORD)),
    );
    const baseUrl = `https://localhost:${await listening(server)}`;
    await using client = new Client({ baseUrl, connections: 1, retry: false, tls: { ca: ca.cert } });
    const got = await askAll((path) => client.get(path).text());
    expect(got.map((text) => (text.startsWith("1111") ? "first" : text))).toEqual([
      "first",
      "to /2",
      "to /3",
    ]);
    server.close();
  });

  test.each(WAYS)("behind a read that filled its memory: %s", async (_how, askAll) => {
    const server = createServer(poisoning(() => answerOf(READ_SIZE)));
    const baseUrl = `http://127.0.0.1:${await listening(server)}`;
    await using client = new Client({ baseUrl, connections: 1, retry: false });
    // The system makes room for many bytes at a time, as it does for a connection that has brought some.
    for (let turn = 0; turn < 2; turn++) await client.get("/large").bytes();
    const got = await askAll((path) => client.get(path).text());
    expect(got.map((text) => (text.startsWith("1111") ? "first" : text))).toEqual([
      "first",
      "to /2",
      "to /3",
    ]);
    server.close();
  });

  test("nor is one that comes while the first piece of its body is waited for", async () => {
    const begun = gate();
    const piece = gate();
    let last: Socket | undefined;
    await using server = await serveRaw((socket) => {
      last = socket;
      socket.write(answer("first"));
    });
    await using client = new Client({ baseUrl: server.origin, retry: false });
    expect(await client.get("/").text()).toBe("first");
    async function* late(): AsyncGenerator<string> {
      begun.open();
      await piece.opened;
      yield "late";
    }
    const call = caught(client.post("/", { body: late() }), NetworkError);
    await begun.opened;
    last?.end("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    expect((await call).kind).toBe("closed");
    piece.open();
    await until(() => server.open() === 0);
  });
});

test.each([
  ["transfer-encoding", "chunked"],
  ["upgrade", "h2c"],
  ["content-length", "5"],
])("what cannot be sent needs no connection, and is refused as what it is: %s", async (name, value) => {
  const port = await freePort();
  const client = new Client({ baseUrl: `http://127.0.0.1:${port}` });
  const error = await caught(client.post("/", { body: "abc", headers: { [name]: value } }), OptionsError);
  expect([error.option, error.attempts]).toEqual(["headers", 0]);
  await client.close();
});
