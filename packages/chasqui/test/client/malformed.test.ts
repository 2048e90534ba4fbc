import { createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  BodyTooLargeError,
  ChasquiError,
  Client,
  DecodeError,
  NetworkError,
  TimeoutError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { MALFORMED, type Malformed } from "../peers/malformed-responses.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { type RawServer, serveRaw } from "../peers/raw-server.ts";

/** How the bytes come, and what the server does then. */
type How = "held" | "ended" | "reset" | "byte by byte";

const HOWS: readonly How[] = ["held", "ended", "reset", "byte by byte"];

/** A right answer that says whose it is. */
function right(head: string): string {
  const path = head.split(" ")[1] ?? "";
  return `HTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function write(socket: Socket, bytes: string, how: How): Promise<void> {
  if (how === "byte by byte") {
    socket.setNoDelay(true);
    for (const byte of bytes) {
      if (socket.destroyed) return;
      socket.write(byte, "latin1");
      await turns(1);
    }
    return;
  }
  if (how === "ended") return void socket.end(bytes, "latin1");
  await new Promise((resolve) => socket.write(bytes, "latin1", resolve));
  if (how === "reset") socket.resetAndDestroy();
}

function kindOf(error: unknown): string {
  // Whatever it is, it is of the family, and no assertion of somebody else's.
  if (!(error instanceof ChasquiError)) return inspect(error);
  if (error instanceof NetworkError) return error.kind;
  if (error instanceof TimeoutError) return error.phase;
  if (error instanceof BodyTooLargeError) return "large";
  return error instanceof DecodeError ? "decode" : error.name;
}

/** A server that answers `/case` with what it is told to, and anything else right; and a client of it whose time stands still. */
class Meeting implements AsyncDisposable {
  readonly #server: RawServer;
  readonly #clock = new ManualClock();
  readonly #client: Client;
  static #count = 0;
  bytes = "";
  how: How = "held";
  #written = gate();

  private constructor(server: RawServer) {
    this.#server = server;
    this.#client = new Client({ baseUrl: server.origin, retry: false, clock: this.#clock, connections: 1 });
  }

  static async begin(): Promise<Meeting> {
    let meeting: Meeting | undefined;
    const server = await serveRaw((socket, head) => void meeting?.answer(socket, head));
    meeting = new Meeting(server);
    return meeting;
  }

  async answer(socket: Socket, head: string): Promise<void> {
    if (!head.includes(" /case ")) return void socket.write(right(head));
    await write(socket, this.bytes, this.how);
    this.#written.open();
  }

  /** What comes of a call: the text, or what went wrong. Who waits then waits for longer than any limit. */
  async call(bytes: string, how: How): Promise<string> {
    this.bytes = bytes;
    this.how = how;
    this.#written = gate();
    const outcome = this.#client.get("/case").then(
      async (response) => `${response.status} ${await response.text()}`,
      (error: unknown) => kindOf(error),
    );
    await this.#written.opened;
    await turns(20);
    this.#clock.advance(61_000);
    return outcome;
  }

  /** Whether the next calls get what they asked for. */
  async next(count = 1): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      const path = `/next/${++Meeting.#count}`;
      expect(await this.#client.get(path).text()).toBe(path);
    }
  }

  /** The same of calls that wait in line for the connection while the case has it. */
  async crowded(bytes: string): Promise<string> {
    this.bytes = bytes;
    this.how = "held";
    const outcome = this.#client.get("/case").then(
      async (response) => `${response.status} ${await response.text()}`,
      (error: unknown) => kindOf(error),
    );
    const paths = [1, 2, 3].map(() => `/line/${++Meeting.#count}`);
    const texts = paths.map((path) => this.#client.get(path).text());
    expect(await Promise.all(texts)).toEqual(paths);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    expect(this.#clock.pending).toBe(0);
    await until(() => this.#server.open() === 0);
    await this.#server.close();
  }
}

describe("#128 #129 an answer that is no HTTP ends in an error of the family or is right, and the next one is right", () => {
  const isAnswer = (outcome: string): boolean => outcome === "ok" || outcome === "empty";

  function expected({ held, ended, bytes }: Malformed, how: How): (string | RegExp)[] {
    const outcome = how === "ended" ? ended : held;
    const status = /HTTP\/\d\.\d (?!1\d\d)(\d{3})/.exec(bytes)?.[1];
    const said = outcome === "ok" ? `${status} ok` : outcome === "empty" ? `${status} ` : outcome;
    if (how !== "reset") return [said];
    // A reset may overtake what came before it; what waits for more has it.
    return held === "idle" || held === "headers" ? ["reset", "closed"] : [said, "reset", "closed"];
  }

  test.each(MALFORMED.map((row) => [row.what, row] as const))("%s", async (_, row) => {
    await using meeting = await Meeting.begin();
    for (const how of HOWS) {
      expect(expected(row, how), how).toContain(await meeting.call(row.bytes, how));
      await meeting.next();
    }
  });

  const SMUGGLED = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled";

  test.each(MALFORMED.filter(({ held }) => isAnswer(held)).map((row) => [row.what, row] as const))(
    "S67 what is smuggled behind it is handed to nobody: %s",
    async (_, row) => {
      await using meeting = await Meeting.begin();
      for (const behind of [SMUGGLED, `\r\n${SMUGGLED}`, SMUGGLED.repeat(3), "garbage", "\0".repeat(100)]) {
        for (const how of ["held", "ended", "byte by byte"] as const) {
          expect(expected(row, "held")).toContain(await meeting.call(row.bytes + behind, how));
          await meeting.next(3);
        }
        expect(expected(row, "held")).toContain(await meeting.crowded(row.bytes + behind));
      }
    },
  );
});

function gzipped(message: (body: string) => string): string {
  return `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n${message(gzipSync("0123456789").toString("latin1"))}`;
}

describe("#128 an answer that is cut off at any byte is none", () => {
  test.each([
    ["a length", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\nx-a: b\r\n\r\n0123456789"],
    [
      "chunks, extensions and trailers",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\n012\r\n07\r\n3456789\r\n0\r\nx-t: 1\r\n\r\n",
    ],
    [
      "an interim answer before it",
      "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789",
    ],
    ["no body", "HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n"],
    ["gzip with a length", gzipped((body) => `content-length: ${body.length}\r\n\r\n${body}`)],
    [
      "gzip in chunks",
      gzipped(
        (body) => `transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ),
    ],
  ])("%s", async (_, bytes) => {
    await using meeting = await Meeting.begin();
    expect(await meeting.call(bytes, "held")).toMatch(/^(?:204 |200 0123456789)$/);
    for (let cut = 0; cut < bytes.length; cut++) {
      const part = bytes.slice(0, cut);
      expect(await meeting.call(part, "ended"), `${cut}`).toBe("closed");
      expect(["closed", "reset"], `${cut}`).toContain(await meeting.call(part, "reset"));
      expect(["headers", "idle"], `${cut}`).toContain(await meeting.call(part, "held"));
      await meeting.next();
    }
  });

  // RFC 9112 6.3: the end of the connection is the end of the body, and of a part of it there is nothing to see.
  test.each([
    ["a body up to the end of the connection", "HTTP/1.0 200 OK\r\nx-a: b\r\n\r\n0123456789", false],
    ["gzip up to the end of the connection", gzipped((body) => `\r\n${body}`), true],
  ])("%s, where its coding shows it", async (_, bytes, coded) => {
    await using meeting = await Meeting.begin();
    expect(await meeting.call(bytes, "ended")).toBe("200 0123456789");
    const head = bytes.indexOf("\r\n\r\n") + 4;
    for (let cut = 0; cut < bytes.length; cut++) {
      const part = bytes.slice(0, cut);
      const came = cut > head && coded ? "decode" : `200 ${bytes.slice(head, cut)}`;
      expect(await meeting.call(part, "ended"), `${cut}`).toBe(cut < head ? "closed" : came);
      expect(["closed", "reset"], `${cut}`).toContain(await meeting.call(part, "reset"));
      expect(["headers", "idle"], `${cut}`).toContain(await meeting.call(part, "held"));
      await meeting.next();
    }
  });
});

/** A server that goes on and on once it is asked, as fast as it is read; `/next` is answered right. */
async function serveEndless(start: string, more: string): Promise<RawServer & { written(): number }> {
  let written = 0;
  const server = await serveRaw((socket, head) => {
    if (!head.includes(" /case ")) return void socket.write(right(head));
    socket.write(start, "latin1");
    const flood = (): void => {
      while (!socket.destroyed) {
        written += more.length;
        if (!socket.write(more, "latin1")) return void socket.once("drain", flood);
      }
    };
    flood();
  });
  return Object.assign(server, { written: () => written });
}

describe("what has no end is ended, and the process has room for the next", () => {
  const MOST = 16 * 1024 * 1024;

  test.each<[string, string, string, abstract new (...args: never[]) => Error]>([
    ["S29 headers", "HTTP/1.1 200 OK\r\n", "x-a: b\r\n", BodyTooLargeError],
    ["S29 headers of one letter", "HTTP/1.1 200 OK\r\n", "a:\r\n", BodyTooLargeError],
    ["S29 a header's name", "HTTP/1.1 200 OK\r\n", "x".repeat(1000), BodyTooLargeError],
    ["S29 a header's value", "HTTP/1.1 200 OK\r\nx: ", "y".repeat(1000), BodyTooLargeError],
    ["S29 the headers of an interim answer", "HTTP/1.1 103 Early Hints\r\n", "x-a: b\r\n", BodyTooLargeError],
    ["S29 interim answers", "", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", NetworkError],
    [
      "S42 trailers",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
      "x-a: b\r\n",
      BodyTooLargeError,
    ],
    [
      "S42 a trailer",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: ",
      "y".repeat(1000),
      BodyTooLargeError,
    ],
    ["S29 a reason phrase", "HTTP/1.1 200 ", "O".repeat(1000), BodyTooLargeError],
    [
      "S29 the extension of a chunk",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;x=",
      "y".repeat(1000),
      NetworkError,
    ],
    ["S49 a body", "HTTP/1.1 200 OK\r\n\r\n", "y".repeat(1000), BodyTooLargeError],
    ["S49 chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\ny\r\n", BodyTooLargeError],
  ])("%s", async (_, start, more, expected) => {
    await using server = await serveEndless(start, more);
    await using client = new Client({ baseUrl: server.origin, retry: false, maxBytes: 64 * 1024 });
    await caught(client.get("/case"), expected);
    expect(server.written()).toBeLessThan(MOST);
    expect(await client.get("/next").text()).toBe("/next");
    await until(() => server.open() === 1);
  });

  test.each([
    ["empty lines", "", "\r\n".repeat(100), "headers"],
    [
      "zeros of a chunk's size",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
      "0".repeat(1000),
      "idle",
    ],
  ])("P1 %s, which are nothing of an answer: their time ends", async (_, start, more, phase) => {
    await using server = await serveEndless(start, more);
    const clock = new ManualClock();
    await using client = new Client({ baseUrl: server.origin, retry: false, clock });
    const error = caught(client.get("/case"), TimeoutError);
    await until(() => server.written() > MOST);
    clock.advance(61_000);
    expect((await error).phase).toBe(phase);
    expect(await client.get("/next").text()).toBe("/next");
    await until(() => server.open() === 1);
  });

  test("P1 a head that comes a byte at a time has its time, and no more", async () => {
    const clock = new ManualClock();
    await using server = await serveRaw(async (socket) => {
      for (const byte of `HTTP/1.1 200 OK\r\nx: ${"y".repeat(10_000)}`) {
        if (socket.destroyed) return;
        socket.write(byte);
        await turns(1);
        clock.advance(1000);
      }
    });
    await using client = new Client({ baseUrl: server.origin, retry: false, clock });
    const began = clock.now();
    expect((await caught(client.get("/case"), TimeoutError)).phase).toBe("headers");
    expect(clock.now() - began).toBeLessThan(62_000);
  });

  test("#138 a body that comes a byte at a time goes on, until it stalls for longer than the limit", async () => {
    const clock = new ManualClock();
    let sent = 0;
    await using server = await serveRaw(async (socket) => {
      socket.setNoDelay(true);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
      for (; sent < 50; sent++) {
        await turns(3);
        clock.advance(29_000);
        socket.write("y");
      }
      await turns(3);
      clock.advance(31_000);
    });
    await using client = new Client({ baseUrl: server.origin, retry: false, clock });
    expect((await caught(client.get("/case"), TimeoutError)).phase).toBe("idle");
    expect(sent).toBe(50);
  });
});

describe("#129 a server that does not wait for its turn", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["ends the connection as it is made", (socket) => void socket.end()],
    ["destroys it", (socket) => void socket.destroy()],
    ["resets it", (socket) => void socket.resetAndDestroy()],
    ["greets", (socket) => void socket.write("220 hello\r\n")],
    ["answers before it is asked", (socket) => void socket.write(right("GET /case "))],
    ["answers before it is asked, and ends", (socket) => void socket.end(right("GET /case "))],
    ["answers three times", (socket) => void socket.write(right("GET /case ").repeat(3))],
  ])("%s", async (_, greet) => {
    let first = true;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket)).on("error", () => {});
      socket.resume();
      if (first) greet(socket);
      else socket.on("data", (chunk) => void socket.write(right(chunk.toString("latin1"))));
      first = false;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const client = new Client({ baseUrl: `http://127.0.0.1:${port}`, retry: false });
    const outcome = await client.get("/case").then(
      (response) => response.text(),
      (error: unknown) => kindOf(error),
    );
    expect(["/case", "closed", "reset", "protocol"]).toContain(outcome);
    // The first connection may have been kept, and answers nobody: what may be sent twice is.
    for (const path of ["/one", "/two"]) {
      const next = await client.get(path, { timeout: "1s" }).then(
        (response) => response.text(),
        (error: unknown) => kindOf(error),
      );
      expect([path, "total"]).toContain(next);
    }
    expect(await client.get("/three").text()).toBe("/three");
    await client.close();
    await until(() => sockets.size === 0);
    await new Promise((resolve) => server.close(resolve));
  });

  test("answers in the middle of an upload: that is the answer, and the connection is not used again", async () => {
    let asked = 0;
    await using server = await serveRaw((socket, head) => {
      asked++;
      if (head.startsWith("POST")) {
        socket.write("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig");
      } else socket.write(right(head));
    });
    await using client = new Client({ baseUrl: server.origin, retry: false });
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield new Uint8Array(1000).fill(0x61);
        await turns(1);
      }
    }
    const response = await client.post("/case", { body: endless() });
    expect([response.status, await response.text()]).toEqual([413, "big"]);
    expect(await client.get("/next").text()).toBe("/next");
    expect([asked, server.connections()]).toEqual([2, 2]);
    await until(() => server.open() === 1);
  });
});

test("#26 white space around a value is no part of it, in one line and in several", async () => {
  await using server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nx:  a b \t \r\ny: \t\r\nz: 1 \r\nz: 2\t\r\nset-cookie: a=b \r\n");
    socket.write("content-type: application/json \r\ncontent-length: 2\r\n\r\n{}");
  });
  await using client = new Client();
  const { headers } = await client.get(server.origin);
  expect(headers.get("x")).toBe("a b");
  expect(headers.get("y")).toBe("");
  expect(headers.getAll("z")).toEqual(["1", "2"]);
  expect(headers.getAll("set-cookie")).toEqual(["a=b"]);
  expect(headers.get("content-type")).toBe("application/json");
});

test("P9 what a server puts into its reason phrase does nothing to a terminal", async () => {
  await using meeting = await Meeting.begin();
  expect(await meeting.call("HTTP/1.1 200 O\x1b[2J\0K\r\ncontent-length: 2\r\n\r\nok", "held")).toBe(
    "200 ok",
  );
  await using server = await serveRaw(
    (socket) => void socket.write("HTTP/1.1 404 \x1b[2J\0\x07\r\ncontent-length: 0\r\n\r\n"),
  );
  await using client = new Client({ baseUrl: server.origin });
  const response = await client.get("/");
  const error = await caught(client.get("/").json(), ChasquiError);
  for (const text of [inspect(response), JSON.stringify(response), error.message, inspect(error)]) {
    for (const control of ["\0", "\x07", "\x1b[2J"]) expect(text).not.toContain(control);
  }
});
