import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** A port of the loopback to which no connection can be made: it listens, its queue is full, and nobody accepts. */
export interface FullListener extends AsyncDisposable {
  readonly origin: string;
}

const PROGRAM = `
const { createServer } = require("node:net");
const { parentPort } = require("node:worker_threads");
const server = createServer();
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  // Nothing is accepted while the thread sleeps.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** Starts one. A connection to it neither comes about nor fails. */
export async function listenFull(): Promise<FullListener> {
  const worker = new Worker(PROGRAM, { eval: true });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const fillers: Socket[] = [];
  // The kernel takes one or two more than the backlog says; from the first that it does not take, it takes none.
  for (let made = true; made; ) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    fillers.push(socket);
    made = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      setTimeout(() => resolve(false), 100);
    });
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}
