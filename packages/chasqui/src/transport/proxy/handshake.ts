import type { Socket } from "node:net";
import type { NetworkError } from "../../errors/network-error.ts";
import { proxyFailure } from "./proxy-failure.ts";
import type { ProxyServer } from "./proxy-server.ts";

/** What was found in the bytes that have come, and how many of them it took. */
export interface Found<V> {
  readonly value: V;
  readonly used: number;
}

/**
 * Reads an answer of a proxy's off a connection, and nothing beyond it: what has come besides is put back for whoever reads next.
 *
 * @param find - Looks at all that has come; undefined while there is not enough of it. What it throws ends the handshake.
 * @throws {NetworkError} of kind `proxy` when the connection ends before the answer does; the promise rejects with it.
 */
export function readUntil<V>(
  socket: Socket,
  proxy: ProxyServer,
  find: (bytes: Buffer) => Found<V> | undefined,
): Promise<V> {
  const { promise, resolve, reject } = Promise.withResolvers<V>();
  let bytes: Buffer = Buffer.alloc(0);
  const read = (): void => {
    for (let piece: Buffer | null = socket.read(); piece !== null; piece = socket.read()) {
      bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece]);
      const found = find(bytes);
      if (found === undefined) continue;
      // It stops listening first, or what is put back would be read here again.
      over();
      if (found.used < bytes.length) socket.unshift(bytes.subarray(found.used));
      resolve(found.value);
      return;
    }
  };
  const onReadable = (): void => {
    try {
      read();
    } catch (error) {
      onError(error);
    }
  };
  const onError = (error: unknown): void => {
    over();
    reject(error);
  };
  const onClose = (): void => onError(closed(proxy));
  const over = (): void => {
    socket.off("readable", onReadable);
    socket.off("error", onError);
    socket.off("end", onClose);
    socket.off("close", onClose);
  };
  socket.on("readable", onReadable);
  socket.on("error", onError);
  socket.on("end", onClose);
  socket.on("close", onClose);
  // What was put back, or has come before anybody listened, is not told of again.
  onReadable();
  return promise;
}

/**
 * Refuses bytes that are there before the tunnel was used. The client speaks first, in TLS as in HTTP: they cannot be an answer
 * of the target's, and would be taken for one.
 */
export function refuseEarlyBytes(socket: Socket, proxy: ProxyServer): void {
  if (socket.readableLength === 0) return;
  socket.destroy();
  throw proxyFailure(proxy, `The proxy ${proxy.name} sent more than an answer before the tunnel was used`);
}

function closed(proxy: ProxyServer): NetworkError {
  return proxyFailure(
    proxy,
    `The proxy ${proxy.name} closed the connection instead of an answer`,
    "Is this its port, and are its scheme and credentials right?",
  );
}
