import { connect, createServer, type Socket } from "node:net";

/** What a SOCKS proxy was asked. */
export interface SocksSeen {
  /** The methods that the client offered. */
  readonly methods: readonly number[];
  /** User and password, where it gave them. */
  readonly user: string | undefined;
  /** `name`, `ipv4` or `ipv6`. */
  readonly kind: string;
  readonly host: string;
  readonly port: number;
}

/** A SOCKS5 proxy (RFC 1928) on a free port of the loopback, which keeps what it was asked. Names are this machine. */
export interface SocksProxy extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
  readonly seen: readonly SocksSeen[];
  connections(): number;
  /** Connections open now. */
  open(): number;
}

/** Reads a connection by count. */
async function* pieces(socket: Socket): AsyncGenerator<Buffer, void, number> {
  let bytes = Buffer.alloc(0);
  let wanted: number = yield Buffer.alloc(0);
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, piece]);
    while (bytes.length >= wanted) {
      const taken = bytes.subarray(0, wanted);
      bytes = bytes.subarray(wanted);
      wanted = yield taken;
    }
  }
}

const KINDS: Readonly<Record<number, string>> = { 1: "ipv4", 3: "name", 4: "ipv6" };

/**
 * Starts one.
 *
 * @param login - `user:password`, which it then asks everybody for (RFC 1929).
 */
export async function startSocksProxy(login?: string): Promise<SocksProxy> {
  const seen: SocksSeen[] = [];
  const sockets = new Set<Socket>();
  let made = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  };
  const talk = async (socket: Socket): Promise<void> => {
    const reader = pieces(socket);
    await reader.next();
    const take = async (count: number): Promise<Buffer> => {
      const { value } = await reader.next(count);
      if (value === undefined) throw new Error("the client left");
      return value;
    };
    const [, count = 0] = await take(2);
    const methods = [...(await take(count))];
    const method = login === undefined ? 0 : 2;
    if (!methods.includes(method)) {
      socket.end(Buffer.of(5, 0xff));
      return;
    }
    socket.write(Buffer.of(5, method));
    let user: string | undefined;
    if (login !== undefined) {
      const [, nameLength = 0] = await take(2);
      const name = await take(nameLength);
      const [passwordLength = 0] = await take(1);
      user = `${name}:${passwordLength === 0 ? "" : await take(passwordLength)}`;
      socket.write(Buffer.of(1, user === login ? 0 : 1));
      if (user !== login) {
        socket.end();
        return;
      }
    }
    const [, , , kind = 0] = await take(4);
    const length = kind === 3 ? (await take(1))[0] : kind === 1 ? 4 : 16;
    const address = await take(length ?? 0);
    const [high = 0, low = 0] = await take(2);
    const port = high * 256 + low;
    const host = kind === 3 ? address.toString("latin1") : [...address].join(".");
    seen.push({ methods, user, kind: KINDS[kind] ?? "", host, port });
    const onward = connect(port, "127.0.0.1");
    keep(onward);
    onward.once("connect", async () => {
      // Or it would go on reading what is the server's now.
      await reader.return();
      socket.write(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, high, low));
      socket.pipe(onward).pipe(socket);
    });
    onward.once("error", () => socket.end(Buffer.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0)));
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
  };
  const server = createServer((socket) => {
    made++;
    keep(socket);
    talk(socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the proxy has no port");
  return {
    host: `127.0.0.1:${address.port}`,
    seen,
    connections: () => made,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
