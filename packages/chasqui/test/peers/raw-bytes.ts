import { createServer, type Socket } from "node:net";

/** A server of bytes, for protocols that are no HTTP. */
export interface RawBytes extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
}

/** Starts one; `serve` is called once with each connection, when its first bytes have come. */
export async function serveRawBytes(serve: (socket: Socket) => void | Promise<void>): Promise<RawBytes> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", () => void serve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return {
    host: `127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
