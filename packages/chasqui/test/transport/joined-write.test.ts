import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Client } from "../../src/index.ts";
import { joinWrites } from "../../src/transport/joined-write.ts";

/** A server that keeps what it is sent, by its reads. */
interface Listener extends AsyncDisposable {
  readonly port: number;
  readonly reads: readonly Buffer[];
  received(): Buffer;
}

/** @param answer - What it says to what ends in `end`. */
async function listen(answer?: string): Promise<Listener> {
  const reads: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      reads.push(bytes);
      if (answer !== undefined && Buffer.concat(reads).toString("latin1").endsWith("end"))
        socket.write(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return {
    port: address.port,
    reads,
    received: () => Buffer.concat(reads),
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

async function joined(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  joinWrites(socket);
  return socket;
}

/** Counts what goes to the kernel: one piece, or a list of pieces. */
function handedOver(socket: Socket): string[] {
  const calls: string[] = [];
  for (const way of ["_write", "_writev"] as const) {
    const original: unknown = Reflect.get(socket, way);
    if (typeof original !== "function") throw new Error(`a socket has no ${way}`);
    Reflect.set(socket, way, (...given: unknown[]) => {
      calls.push(way);
      return Reflect.apply(original, socket, given);
    });
  }
  return calls;
}

test.each<[what: string, text: string, body: Buffer, calls: string[]]>([
  ["a small body", "head\r\n", Buffer.from("body"), ["_write"]],
  ["an empty body", "head\r\n", Buffer.alloc(0), ["_write"]],
  ["16 KiB", "head\r\n", Buffer.alloc(16 * 1024, "b"), ["_write"]],
  ["more than 16 KiB, which is not copied", "head\r\n", Buffer.alloc(16 * 1024 + 1, "b"), ["_writev"]],
  ["a head that is not ASCII", "caf\u00e9\r\n", Buffer.from("body"), ["_write"]],
])("a head and %s are written as they are", async (_what, text, body, calls) => {
  await using server = await listen();
  const socket = await joined(server.port);
  const made = handedOver(socket);
  socket.cork();
  socket.write(text, "latin1");
  socket.write(body);
  socket.uncork();
  socket.end();
  await once(socket, "close");
  expect(server.received().equals(Buffer.concat([Buffer.from(text, "latin1"), body]))).toBe(true);
  expect(made).toEqual(calls);
});

test("whatever is written between cork() and uncork() arrives in its order, once, and is told of", async () => {
  const piece = fc.oneof(
    fc.constant("cork" as const),
    fc.constant("uncork" as const),
    fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) }),
    fc.tuple(fc.string(), fc.constant("utf8" as const)),
    fc.integer({ min: 0, max: 40_000 }).map((length) => Buffer.alloc(length, length % 251)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (steps) => {
      await using server = await listen();
      const socket = await joined(server.port);
      const sent: Buffer[] = [];
      let told = 0;
      let asked = 0;
      let corks = 0;
      for (const [turn, step] of steps.entries()) {
        if (step === "cork") {
          socket.cork();
          corks++;
        } else if (step === "uncork") {
          socket.uncork();
          corks = Math.max(0, corks - 1);
        } else if (typeof step === "string") {
          socket.write(step, "latin1");
          sent.push(Buffer.from(step, "latin1"));
        } else if (Array.isArray(step)) {
          asked++;
          socket.write(step[0], step[1], () => told++);
          sent.push(Buffer.from(step[0]));
        } else if (turn % 2 === 0) {
          asked++;
          socket.write(step, () => told++);
          sent.push(step);
        } else {
          socket.write(step);
          sent.push(step);
        }
      }
      for (; corks > 0; corks--) socket.uncork();
      socket.end();
      await once(socket, "close");
      expect(server.received().equals(Buffer.concat(sent))).toBe(true);
      expect(told).toBe(asked);
    }),
    { seed: 5, numRuns: 60 },
  );
});

test("a socket that is full says so of what it joined, and that there is room again", async () => {
  await using server = await listen();
  const socket = await joined(server.port);
  const piece = Buffer.alloc(8 * 1024, "b");
  let goesOn = true;
  // Nothing is written before the loop of events goes on: the socket fills.
  for (let turn = 0; turn < 10_000 && goesOn; turn++) {
    socket.cork();
    socket.write("head\r\n", "latin1");
    goesOn = socket.write(piece);
    socket.uncork();
  }
  expect(goesOn).toBe(false);
  await once(socket, "drain");
  socket.end();
  await once(socket, "close");
});

test("a client sends a small JSON body in one piece with its head", async () => {
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
  await using server = await listen(answer);
  await using client = new Client({ baseUrl: `http://127.0.0.1:${server.port}` });
  await client.post("/", { body: "a small end" });
  expect(server.reads.length).toBe(1);
  await setImmediate();
  expect(server.received().toString()).toMatch(/content-length: 11\r\n\r\na small end$/);
});
