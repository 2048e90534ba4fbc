import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import { certificates } from "./certificates.ts";

/** A server that writes the frames of HTTP/2 (RFC 9113 4.1) as a test says, where Node's own would end a stream in good order. */
export interface RawHttp2 extends AsyncDisposable {
  readonly origin: string;
}

const HEADERS = 1;
const SETTINGS = 4;
const ACK = 1;
const PREFACE = 24;
const HEAD = 9;

function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A response of status 200 without other headers: the eighth entry of HPACK's table. */
export const ok = (stream: number): Buffer => frame(HEADERS, 4, stream, Buffer.from([0x88]));

/** The head of a response as it is said, each name and value in full (RFC 7541 6.2.2). */
export function headOf(
  stream: number,
  ...fields: readonly (readonly [name: string, value: string])[]
): Buffer {
  const literals = fields.map(([name, value]) =>
    Buffer.from([0, name.length, ...Buffer.from(name), value.length, ...Buffer.from(value)]),
  );
  return frame(HEADERS, 4, stream, Buffer.concat(literals));
}

export const data = (stream: number, text: string, isLast: boolean): Buffer =>
  frame(0, isLast ? 1 : 0, stream, Buffer.from(text));

export function reset(stream: number, code: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frame(3, 0, stream, payload);
}

/** Starts one, which is told of each stream that a request opens. */
export async function serveRawHttp2(answer: (socket: Socket, stream: number) => void): Promise<RawHttp2> {
  const { localhost } = await certificates();
  const sockets = new Set<Socket>();
  const server = createServer({ ...localhost, ALPNProtocols: ["h2"] }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.write(frame(SETTINGS, 0, 0));
    let come = Buffer.alloc(0);
    let isPast = false;
    socket.on("data", (bytes: Buffer) => {
      come = Buffer.concat([come, bytes]);
      if (!isPast && come.length >= PREFACE) {
        come = come.subarray(PREFACE);
        isPast = true;
      }
      while (isPast && come.length >= HEAD && come.length >= HEAD + come.readUIntBE(0, 3)) {
        const [type, flags, stream] = [come[3], come[4] ?? 0, come.readUInt32BE(5)];
        come = come.subarray(HEAD + come.readUIntBE(0, 3));
        if (type === SETTINGS && (flags & ACK) === 0) socket.write(frame(SETTINGS, ACK, 0));
        if (type === HEADERS) answer(socket, stream);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
