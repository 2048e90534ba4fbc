import { createServer, type Socket } from "node:net";

/** A server that speaks whatever it is told to, byte by byte: for answers that no HTTP library would send. */
export interface RawServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** Connections made so far. */
  connections(): number;
  /** Connections open now. */
  open(): number;
  close(): Promise<void>;
}

/** Starts one; `serve` is called with each connection once a request's head has arrived (again for each further one). */
export async function serveRaw(
  serve: (socket: Socket, head: string, turn: number) => void,
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  let made = 0;
  const server = createServer((socket) => {
    made++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let pending = "";
    socket.on("data", (chunk) => {
      pending += chunk.toString("latin1");
      for (let end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
        const head = pending.slice(0, end);
        pending = pending.slice(end + 4);
        serve(socket, head, ++turn);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    connections: () => made,
    open: () => sockets.size,
    close,
    [Symbol.asyncDispose]: close,
  };
}
