import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Client } from "../../../src/index.ts";
import { until } from "../../peers/gate.ts";
import { OwnConnection, requestOf, Told } from "../../peers/http1-exchange.ts";
import { ManualClock } from "../../peers/manual-clock.ts";
import { type RawServer, serveRaw } from "../../peers/raw-server.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const TWO = "content-length: 2\r\n\r\nok";
const CHUNKS = "transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A server that answers each request with the same bytes, and has the connection that was made last. */
async function answering(bytes: string): Promise<RawServer & { last(): Socket }> {
  let last: Socket | undefined;
  const server = await serveRaw((socket) => {
    last = socket;
    socket.write(bytes, "latin1");
  });
  return Object.assign(server, {
    last: () => {
      if (last === undefined) throw new Error("nobody has come");
      return last;
    },
  });
}

describe("#135 a connection is kept behind a response that ends by itself, unless either side says no", () => {
  test.each<[what: string, bytes: string, isKept: boolean, method?: string]>([
    ["a length", `${OK}${TWO}`, true],
    ["no bytes", `${OK}content-length: 0\r\n\r\n`, true],
    ["chunks", `${OK}${CHUNKS}`, true],
    ["a response to HEAD", `${OK}content-length: 2\r\n\r\n`, true, "HEAD"],
    ["one to HEAD that says no length", `${OK}\r\n`, true, "HEAD"],
    ["a 204", "HTTP/1.1 204 No Content\r\n\r\n", true],
    ["a 204 with a length of 0", "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", true],
    ["a 304", "HTTP/1.1 304 Not Modified\r\n\r\n", true],
    // Some servers send what they say.
    ["a 204 with a length", "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n", false],
    ["a 204 with chunks", "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n", false],
    ["a 304 with a length", "HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n", false],
    ["a 304 with chunks", "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", false],
    ["`Connection: keep-alive`", `${OK}connection: keep-alive\r\n${TWO}`, true],
    ["a `Connection` that says nothing", `${OK}connection:\r\n${TWO}`, true],
    ["`Connection: close`", `${OK}connection: close\r\n${TWO}`, false],
    ["it in capitals", `${OK}Connection: CLOSE\r\n${TWO}`, false],
    ["it in a list", `${OK}connection: x ,\tclose\r\n${TWO}`, false],
    ["it in a second line", `${OK}connection: keep-alive\r\nconnection: close\r\n${TWO}`, false],
    ["another word that ends so", `${OK}connection: not-close\r\n${TWO}`, true],
    ["it of an interim response", `HTTP/1.1 103 X\r\nconnection: close\r\n\r\n${OK}${TWO}`, true],
    ["HTTP/1.0", `HTTP/1.0 200 OK\r\n${TWO}`, false],
    ["HTTP/1.0 and keep-alive", `HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n${TWO}`, true],
    ["HTTP/1.0, keep-alive and close", `HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\n${TWO}`, false],
    [
      "HTTP/1.0 and chunks, which it has not",
      `HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n${CHUNKS}`,
      false,
    ],
    ["HTTP/0.9", `HTTP/0.9 200 OK\r\n${TWO}`, false],
    ["HTTP/2.0", `HTTP/2.0 200 OK\r\n${TWO}`, false],
    ["`Keep-Alive: timeout=5`", `${OK}keep-alive: timeout=5\r\n${TWO}`, true],
    ["less time than a request is on its way", `${OK}keep-alive: timeout=2\r\n${TWO}`, false],
    ["no time", `${OK}keep-alive: max=5, timeout=0\r\n${TWO}`, false],
    ["a time that is none", `${OK}keep-alive: timeout=soon\r\n${TWO}`, true],
    ["a byte behind it", `${OK}${TWO}x`, false],
    ["a line break behind it", `${OK}${TWO}\r\n`, false],
    ["a byte behind chunks", `${OK}${CHUNKS}x`, false],
    ["a byte behind no body", "HTTP/1.1 204 No Content\r\n\r\nx", false],
    ["a second response behind it", `${OK}${TWO}${OK}${TWO}`, false],
  ])("%s", async (_what, bytes, isKept, method = "GET") => {
    await using server = await answering(bytes);
    await using connection = await OwnConnection.open(server.port);
    const told = connection.send(requestOf({ method }));
    expect(await told.outcome).not.toBeInstanceOf(Error);
    expect(connection.isKept).toBe(isKept);
    if (!isKept) await until(() => server.open() === 0);
    else expect(await connection.send(requestOf({ method })).outcome).not.toBeInstanceOf(Error);
  });

  test("a request that says close is the last", async () => {
    await using server = await answering(`${OK}${TWO}`);
    await using connection = await OwnConnection.open(server.port);
    const told = connection.send(requestOf({ headers: ["connection", "close"] }));
    expect(await told.outcome).toMatchObject({ body: "ok" });
    expect(connection.isKept).toBe(false);
  });

  test("S67 what is behind a response is no answer to who comes next, be it at once", async () => {
    await using server = await answering(`${OK}${TWO}${OK}content-length: 8\r\n\r\nsmuggled`);
    await using connection = await OwnConnection.open(server.port);
    const next: Told[] = [];
    class First extends Told {
      override onResponseEnd(): void {
        super.onResponseEnd();
        if (connection.isKept) next.push(connection.send(requestOf()));
      }
    }
    expect(await connection.send(requestOf(), new First()).outcome).toMatchObject({ body: "ok" });
    expect(next).toEqual([]);
    expect(connection.isKept).toBe(false);
  });

  test("a body up to the end of the connection is the last", async () => {
    await using server = await serveRaw((socket) => void socket.end(`${OK}\r\nok`));
    await using connection = await OwnConnection.open(server.port);
    expect(await connection.send(requestOf()).outcome).toMatchObject({ body: "ok" });
    expect(connection.isKept).toBe(false);
  });
});

describe("#135 an idle connection", () => {
  /** Its exchange is over, and it waits. The timers of this test go on when they are told to. */
  async function idle(
    bytes: string,
    idleTimeout = 60_000,
  ): Promise<{ server: RawServer & { last(): Socket }; connection: OwnConnection } & AsyncDisposable> {
    const server = await answering(bytes);
    const connection = await OwnConnection.open(server.port);
    connection.idleTimeout = idleTimeout;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await connection.send(requestOf()).outcome;
    connection.rest();
    return {
      server,
      connection,
      async [Symbol.asyncDispose]() {
        await connection[Symbol.asyncDispose]();
        await server.close();
      },
    };
  }

  function pass(connection: OwnConnection, ms: number): void {
    connection.time += ms;
    vi.advanceTimersByTime(ms);
  }

  test.each([
    ["as long as was said", "", 60_000, 60_000],
    ["a second and a half", "", 1500, 1500],
    ["less than the server says it would be", "keep-alive: timeout=5\r\n", 60_000, 3000],
    ["it in another spelling", "Keep-Alive: max=100,Timeout=5\r\n", 60_000, 3000],
    ["as long as the server says, where that is longer", "keep-alive: timeout=90\r\n", 60_000, 88_000],
    ["ten minutes, whatever a server says", "keep-alive: timeout=99999999\r\n", 60_000, 600_000],
    ["as long as was said, where the server names another thing", "keep-alive: xtimeout=5\r\n", 4000, 4000],
  ])("is kept for %s", async (_what, line, idleTimeout, ms) => {
    await using it = await idle(`${OK}${line}${TWO}`, idleTimeout);
    pass(it.connection, ms - 10);
    expect(it.connection.isKept).toBe(true);
    pass(it.connection, 10);
    expect(it.connection.isKept).toBe(false);
    await until(() => it.server.open() === 0);
  });

  test("is kept for as long as it may be, where there is no limit", async () => {
    await using it = await idle(`${OK}${TWO}`, Number.POSITIVE_INFINITY);
    expect(vi.getTimerCount()).toBe(0);
    pass(it.connection, 2 ** 31);
    expect(it.connection.isKept).toBe(true);
  });

  test("is kept for longer than a timer of Node's can be, and the timer does not go off at once", async () => {
    const longest = 2 ** 31 - 1;
    await using it = await idle(`${OK}${TWO}`, longest + 500);
    const armed = vi.spyOn(globalThis, "setTimeout");
    pass(it.connection, 5);
    expect(armed).not.toHaveBeenCalled();
    pass(it.connection, longest - 5);
    expect(armed).toHaveBeenCalledTimes(1);
    pass(it.connection, 490);
    expect(it.connection.isKept).toBe(true);
    pass(it.connection, 10);
    expect(it.connection.isKept).toBe(false);
  });

  test("is idle since its last exchange; one that is under way is not ended", async () => {
    await using it = await idle(`${OK}${TWO}`, 1000);
    pass(it.connection, 900);
    await it.connection.send(requestOf()).outcome;
    it.connection.rest();
    pass(it.connection, 900);
    expect(it.connection.isKept).toBe(true);
    const told = it.connection.send(requestOf());
    pass(it.connection, 900);
    expect(await told.outcome).toMatchObject({ body: "ok" });
    it.connection.rest();
    pass(it.connection, 990);
    expect(it.connection.isKept).toBe(true);
    pass(it.connection, 10);
    expect(it.connection.isKept).toBe(false);
  });

  test("has less time from the response on that says so", async () => {
    let line = "";
    await using server = await serveRaw((socket) => void socket.write(`${OK}${line}${TWO}`));
    await using connection = await OwnConnection.open(server.port);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await connection.send(requestOf()).outcome;
    connection.rest();
    line = "keep-alive: timeout=3\r\n";
    await connection.send(requestOf()).outcome;
    connection.rest();
    pass(connection, 1000);
    expect(connection.isKept).toBe(false);
  });

  test.each<[string, (socket: Socket) => void]>([
    ["sends what nobody asked for", (socket) => void socket.write(`${OK}${TWO}`)],
    ["sends an empty line", (socket) => void socket.write("\r\n")],
    ["closes it", (socket) => void socket.end()],
    ["resets it", (socket) => void socket.resetAndDestroy()],
  ])("is over when the server %s", async (_what, end) => {
    await using it = await idle(`${OK}${TWO}`);
    vi.useRealTimers();
    end(it.server.last());
    await until(() => !it.connection.isKept);
    expect(it.connection.unsent).toEqual([]);
    await until(() => it.connection.socket.closed);
  });
});

describe("P14 what ended a connection while nobody looked is seen before the next request goes out", () => {
  const ENDS: readonly (readonly [string, (socket: Socket) => Promise<unknown>])[] = [
    ["the server closed it", (socket) => new Promise<void>((resolve) => socket.end(resolve))],
    [
      "the server sent what nobody asked for",
      (socket) => new Promise((resolve) => socket.write(`${OK}${TWO}`, resolve)),
    ],
    ["the server reset it", async (socket) => void socket.resetAndDestroy()],
  ];

  test.each(ENDS)("%s: the request is given back, and not begun", async (_what, end) => {
    await using server = await answering(`${OK}${TWO}`);
    await using connection = await OwnConnection.open(server.port);
    await connection.send(requestOf()).outcome;
    connection.rest();
    connection.time += 1000;
    await end(server.last());
    const request = requestOf({ method: "POST", body: "once" });
    const told = connection.send(request);
    await until(() => !connection.isKept);
    expect(told.events).toEqual([]);
    expect(connection.unsent).toMatchObject([{ request: { asked: request }, handler: told }]);
  });

  test("a connection that was just used is not looked at: it was heard", async () => {
    await using server = await answering(`${OK}${TWO}`);
    await using connection = await OwnConnection.open(server.port);
    await connection.send(requestOf()).outcome;
    connection.rest();
    const told = connection.send(requestOf());
    expect(told.events).toEqual(["start"]);
    expect(await told.outcome).toMatchObject({ body: "ok" });
    // Nor one that is new.
    await using other = await OwnConnection.open(server.port);
    other.time = 1000;
    expect(other.send(requestOf()).events).toEqual(["start"]);
  });

  test("S67 one that may have more to say, as TLS with its records, is looked at though it was just used", async () => {
    await using server = await answering("");
    await using connection = await OwnConnection.open(server.port);
    const first = connection.send(requestOf());
    connection.receive(Buffer.from(`${OK}${TWO}`));
    expect(await first.outcome).toMatchObject({ body: "ok" });
    connection.rest();
    const told = connection.send(requestOf());
    expect(told.events).toEqual([]);
    connection.receive(Buffer.from(`${OK}${TWO}`));
    expect(connection.unsent).toMatchObject([{ handler: told }]);
  });

  test("a request that is given up meanwhile is not written", async () => {
    await using server = await answering(`${OK}${TWO}`);
    await using connection = await OwnConnection.open(server.port);
    await connection.send(requestOf()).outcome;
    connection.time += 1000;
    const told = connection.send(requestOf());
    const closed = once(connection.socket, "close");
    void connection[Symbol.asyncDispose]();
    await closed;
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(told.events).toEqual(["ConnectionEnded"]);
  });

  test.each(ENDS)("%s: a POST goes by a new connection, and nobody is told", async (_what, end) => {
    const heads: string[] = [];
    let last: Socket | undefined;
    await using server = await serveRaw((socket, head) => {
      heads.push(head);
      last = socket;
      socket.write(`${OK}${TWO}`);
    });
    const clock = new ManualClock();
    await using client = new Client({ baseUrl: server.origin, retry: false, clock });
    await client.get("/");
    clock.advance(100);
    if (last !== undefined) await end(last);
    const response = await client.post("/", { json: { a: 1 } });
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
    expect(heads.map((head) => head.split(" ", 1)[0])).toEqual(["GET", "POST"]);
    expect(server.connections()).toBe(2);
  });
});
