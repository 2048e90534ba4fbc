import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Client, OptionsError } from "../../../src/index.ts";
import { caught } from "../../peers/caught.ts";
import { gate, until } from "../../peers/gate.ts";
import { OwnConnection, requestOf, Told } from "../../peers/http1-exchange.ts";
import { serveRaw } from "../../peers/raw-server.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const KIB = 1024;

/** A server that keeps what it is sent, and does what it is told to with a connection. */
interface Listener extends AsyncDisposable {
  readonly port: number;
  /** In Latin-1. */
  received(): string;
}

async function listen(serve: (socket: Socket) => void = () => {}): Promise<Listener> {
  const reads: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes: Buffer) => reads.push(bytes));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return {
    port: address.port,
    received: () => Buffer.concat(reads).toString("latin1"),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers once the request ends in so and so. */
function answeringAt(end: string): (socket: Socket) => void {
  return (socket) => {
    let last = "";
    socket.on("data", (bytes: Buffer) => {
      last = (last + bytes.toString("latin1")).slice(-100);
      if (last.endsWith(end)) socket.write(OK);
    });
  };
}

/** What goes to the kernel, call by call: one piece, or a list of them. */
function handedOver(socket: Socket): unknown[][] {
  const calls: unknown[][] = [];
  for (const way of ["_write", "_writev"] as const) {
    const original: unknown = Reflect.get(socket, way);
    if (typeof original !== "function") throw new Error(`a socket has no ${way}`);
    Reflect.set(socket, way, (...given: unknown[]) => {
      const [chunks] = given;
      calls.push(Array.isArray(chunks) ? chunks.map(({ chunk }) => chunk) : [chunks]);
      return Reflect.apply(original, socket, given);
    });
  }
  return calls;
}

const head = (port: number, method: string, framing: string): string =>
  `${method} / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\n${framing}\r\n\r\n`;

async function* inPieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe("#37 a small body goes out in one piece with its head", () => {
  test.each<[what: string, body: string | Uint8Array]>([
    ["ASCII", "a small end"],
    ["text beyond ASCII", "caf\xe9 \u65e5 \u{1f600} end"],
    ["bytes", Buffer.from("\0\xff\x80 end", "latin1")],
    ["a part of a buffer", new Uint8Array(Buffer.from("not this: end, nor this")).subarray(10, 13)],
    ["16 KiB of ASCII", `${"b".repeat(16 * KIB - 3)}end`],
    ["16 KiB of bytes", Buffer.from(`${"b".repeat(16 * KIB - 3)}end`)],
  ])("%s", async (_what, body) => {
    await using server = await listen(answeringAt("end"));
    await using connection = await OwnConnection.open(server.port);
    const calls = handedOver(connection.socket);
    const told = connection.send(requestOf({ method: "POST", body }));
    expect(await told.outcome).toMatchObject({ body: "ok" });
    const bytes = Buffer.from(body);
    expect(server.received()).toBe(
      head(server.port, "POST", `content-length: ${bytes.length}`) + bytes.toString("latin1"),
    );
    expect(calls.map((pieces) => pieces.length)).toEqual([1]);
  });

  test("no body is the head alone", async () => {
    await using server = await listen(answeringAt("\r\n\r\n"));
    await using connection = await OwnConnection.open(server.port);
    const calls = handedOver(connection.socket);
    expect(await connection.send(requestOf()).outcome).toMatchObject({ body: "ok" });
    expect(calls.map((pieces) => pieces.length)).toEqual([1]);
  });

  test("more than 16 KiB go out behind the head, uncopied", async () => {
    await using server = await listen(answeringAt("end"));
    await using connection = await OwnConnection.open(server.port);
    const calls = handedOver(connection.socket);
    const body = Buffer.from(`${"b".repeat(16 * KIB - 2)}end`);
    expect(await connection.send(requestOf({ method: "POST", body })).outcome).toMatchObject({ body: "ok" });
    expect(calls.map((pieces) => pieces.length)).toEqual([2]);
    expect(calls[0]?.[1]).toBe(body);
    expect(server.received()).toBe(head(server.port, "POST", `content-length: ${body.length}`) + body);
  });

  test("and so does a long text, whose characters are more bytes than it is long", async () => {
    await using server = await listen(answeringAt("end"));
    await using connection = await OwnConnection.open(server.port);
    const body = `${"\xe9".repeat(10 * KIB)}end`;
    expect(await connection.send(requestOf({ method: "PUT", body })).outcome).toMatchObject({ body: "ok" });
    const bytes = Buffer.from(body);
    expect(server.received()).toBe(
      head(server.port, "PUT", `content-length: ${20 * KIB + 3}`) + bytes.toString("latin1"),
    );
  });
});

describe("#39 #40 a body in pieces", () => {
  test("goes in chunks, where its length is not said; an empty piece is none, which would be the end", async () => {
    await using server = await listen(answeringAt("0\r\n\r\n"));
    await using connection = await OwnConnection.open(server.port);
    const body = inPieces("", "one", "", "0123456789abcdef", "caf\xe9");
    const told = connection.send(requestOf({ method: "POST", body }));
    expect(await told.outcome).toMatchObject({ body: "ok" });
    expect(server.received()).toBe(
      `${head(server.port, "POST", "transfer-encoding: chunked")}3\r\none\r\n10\r\n0123456789abcdef\r\n5\r\ncaf\xc3\xa9\r\n0\r\n\r\n`,
    );
    expect(told.sent).toBe(3);
    expect(connection.isKept).toBe(true);
  });

  test("goes as it is, where its length is said", async () => {
    await using server = await listen(answeringAt("end"));
    await using connection = await OwnConnection.open(server.port);
    const headers = ["content-length", "6"];
    const body = inPieces("one", "", "end");
    const told = connection.send(requestOf({ method: "PUT", headers, body }));
    expect(await told.outcome).toMatchObject({ body: "ok" });
    expect(server.received()).toBe(`${head(server.port, "PUT", "content-length: 6")}oneend`);
    expect(told.sent).toBe(2);
    expect(connection.isKept).toBe(true);
  });

  test("begins in one piece with its head", async () => {
    await using server = await listen(answeringAt("0\r\n\r\n"));
    await using connection = await OwnConnection.open(server.port);
    const calls = handedOver(connection.socket);
    await connection.send(requestOf({ method: "POST", body: inPieces("one") })).outcome;
    expect(Buffer.concat((calls[0] ?? []).map((piece) => Buffer.from(String(piece)))).toString()).toBe(
      `${head(server.port, "POST", "transfer-encoding: chunked")}3\r\none\r\n`,
    );
  });

  test.each([[[]], [["", ""]]])("that are none is a body of no bytes: %j", async (texts) => {
    await using server = await listen(answeringAt("\r\n\r\n"));
    await using connection = await OwnConnection.open(server.port);
    const told = connection.send(requestOf({ method: "POST", body: inPieces(...texts) }));
    expect(await told.outcome).toMatchObject({ body: "ok" });
    expect(server.received()).toBe(head(server.port, "POST", "content-length: 0"));
  });

  test.each([
    ["longer than was said", ["one", "two", "three"], "oneTWO".length, "onetwo"],
    ["longer than was said, in its first piece", ["one"], 2, undefined],
    ["shorter than was said", ["one"], 4, "one"],
    ["empty, where it was said not to be", [], 1, undefined],
  ])("S67 %s fails, and nothing of another length goes out", async (_what, texts, length, sent) => {
    await using server = await listen();
    await using connection = await OwnConnection.open(server.port);
    const headers = ["content-length", String(length)];
    const told = connection.send(requestOf({ method: "POST", headers, body: inPieces(...texts) }));
    expect(await told.outcome).toMatchObject({ name: "LengthMismatch" });
    expect(connection.isKept).toBe(false);
    await once(connection.socket, "close");
    const all = `${head(server.port, "POST", `content-length: ${length}`)}${sent}`;
    expect(all.startsWith(server.received())).toBe(true);
    if (sent === undefined) expect(server.received()).toBe("");
  });

  test("of which none can be read sends nothing", async () => {
    await using server = await listen();
    await using connection = await OwnConnection.open(server.port);
    // biome-ignore lint/correctness/useYield: it fails before.
    async function* failing(): AsyncGenerator<Uint8Array> {
      await setImmediate();
      throw new Error("no such file");
    }
    const told = connection.send(requestOf({ method: "POST", body: failing() }));
    expect(await told.outcome).toMatchObject({ message: "no such file" });
    await once(connection.socket, "close");
    expect(server.received()).toBe("");
  });

  test("that breaks off is no whole request", async () => {
    await using server = await listen();
    await using connection = await OwnConnection.open(server.port);
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one");
      throw new Error("the disk is gone");
    }
    const told = connection.send(requestOf({ method: "POST", body: failing() }));
    expect(await told.outcome).toMatchObject({ message: "the disk is gone" });
    expect(connection.isKept).toBe(false);
    await once(connection.socket, "close");
    expect(server.received()).not.toMatch(/0\r\n\r\n$/);
  });

  test("is asked for no more than the other side takes", async () => {
    let reader: Socket | undefined;
    await using server = await listen((socket) => {
      reader = socket.pause();
    });
    await using connection = await OwnConnection.open(server.port);
    const { socket } = connection;
    const pieces = 200;
    let most = 0;
    let wasFull = false;
    async function* many(): AsyncGenerator<Uint8Array> {
      for (let turn = 0; turn < pieces; turn++) {
        most = Math.max(most, socket.writableLength);
        yield Buffer.alloc(64 * KIB, "b");
      }
    }
    const told = connection.send(requestOf({ method: "POST", body: many() }));
    await until(() => socket.writableNeedDrain);
    wasFull = told.sent < pieces;
    reader?.on("data", () => {
      if (server.received().length > pieces * 64 * KIB) reader?.write(OK);
    });
    reader?.resume();
    expect(await told.outcome).toMatchObject({ body: "ok" });
    expect(wasFull).toBe(true);
    expect(most).toBeLessThan(socket.writableHighWaterMark);
    expect(told.sent).toBe(pieces);
  });

  test.each<[string, (socket: Socket) => void, object]>([
    ["answers", (socket) => void socket.write(OK), { status: 200, body: "ok" }],
    [
      "closes the connection",
      (socket) => void socket.destroy(),
      { name: expect.stringMatching(/Error|Ended/) },
    ],
  ])("is read no further when the server %s in the middle of it", async (_what, answer, outcome) => {
    await using server = await listen((socket) => socket.once("data", () => answer(socket.pause())));
    await using connection = await OwnConnection.open(server.port);
    let hasEnded = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(64 * KIB, "b");
      } finally {
        hasEnded = true;
      }
    }
    const told = connection.send(requestOf({ method: "POST", body: endless() }));
    expect(await told.outcome).toMatchObject(outcome);
    // What it was to send it has not: nobody could tell the rest of it from the next request.
    expect(connection.isKept).toBe(false);
    await until(() => hasEnded);
    expect(told.events.filter((event) => event === "end" || /Error|Ended/.test(event))).toHaveLength(1);
  });
});

test("what is given up as it begins is not sent, and its body not opened", async () => {
  await using server = await listen();
  let isOpened = false;
  const pieces = {
    [Symbol.asyncIterator]() {
      isOpened = true;
      return inPieces("one");
    },
  };
  for (const body of [null, "text", pieces]) {
    await using connection = await OwnConnection.open(server.port);
    class GivenUp extends Told {
      override onRequestStart(...[controller]: Parameters<Told["onRequestStart"]>): void {
        controller.abort(new Error("given up"));
      }
    }
    const told = connection.send(requestOf({ method: "POST", body }), new GivenUp());
    expect(await told.outcome).toMatchObject({ message: "given up" });
    expect(connection.isKept).toBe(false);
    await once(connection.socket, "close");
  }
  expect(server.received()).toBe("");
  expect(isOpened).toBe(false);
});

test("#135 a body that the server answers and does not take is the last on its connection", async () => {
  await using server = await listen((socket) => {
    socket.once("data", () => {
      socket.pause();
      socket.write(OK);
    });
  });
  await using connection = await OwnConnection.open(server.port);
  const told = connection.send(requestOf({ method: "POST", body: Buffer.alloc(32 * KIB * KIB, "b") }));
  expect(await told.outcome).toMatchObject({ status: 200, body: "ok" });
  // The next request would stand behind what nobody may ever read.
  expect(connection.isKept).toBe(false);
});

test("#135 a body of which more has yet to come is the last on its connection, though all that came was taken", async () => {
  await using server = await listen((socket) => socket.once("data", () => socket.write(OK)));
  await using connection = await OwnConnection.open(server.port);
  const more = gate();
  async function* waiting(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("one");
    await more.opened;
    yield Buffer.from("two");
  }
  const told = connection.send(requestOf({ method: "POST", body: waiting() }));
  expect(await told.outcome).toMatchObject({ status: 200, body: "ok" });
  expect(connection.isKept).toBe(false);
  more.open();
  await once(connection.socket, "close");
  expect(server.received()).not.toMatch(/two/);
});

test("#129 what a server says before a body has begun is no answer to it", async () => {
  await using server = await listen((socket) => void socket.write(OK));
  await using connection = await OwnConnection.open(server.port);
  const late = gate();
  async function* waiting(): AsyncGenerator<Uint8Array> {
    await late.opened;
    yield Buffer.from("one");
  }
  const told = connection.send(requestOf({ method: "POST", body: waiting() }));
  expect(await told.outcome).toMatchObject({ name: "ConnectionEnded" });
  late.open();
  await once(connection.socket, "close");
  expect([told.events, server.received()]).toEqual([["start", "ConnectionEnded"], ""]);
});

test("#40 what cannot be sent is refused before a connection is made for it", async () => {
  await using server = await serveRaw((socket) => void socket.write(OK));
  await using client = new Client({ baseUrl: server.origin });
  for (const headers of [{ "content-length": "5" }, { upgrade: "h2c" }, { host: ["a", "b"] }]) {
    const error = await caught(client.post("/", { body: "abc", headers }), OptionsError);
    // Nothing was tried.
    expect(error.attempts).toBe(0);
  }
  expect(server.connections()).toBe(0);
});
