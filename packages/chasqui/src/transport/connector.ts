import { connect as connectNet, isIP, type LookupFunction, type OnReadOpts, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { NetworkError } from "../errors/network-error.ts";
import type { Lookup } from "../request/connection-init.ts";
import type { ConnectionTiming } from "../trace/timing.ts";
import { type ConnectionOptions, NOTHING_SAID } from "./connection-options.ts";
import { throughProxy } from "./proxy/through-proxy.ts";
import { readMemory, type SocketReads } from "./read-memory.ts";
import { SecureSockets } from "./secure-socket.ts";
import { unixSocketFault } from "./unix-socket.ts";

/** Whom to connect to. */
export interface Target {
  readonly protocol: string;
  /** As the URL says it. */
  readonly host: string;
  /** Name or address, an IPv6 one without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The name that the Host header has where it is not the URL's, without its port: what the server is asked for by. */
  readonly servername: string | undefined;
}

/**
 * How long an address of a name is waited for, where it has others, in milliseconds. Node's own 250 ms end a connection that is
 * merely slow: a SYN that was lost is sent again after a second (RFC 6298 2), and the way around the world takes a third of
 * one. With these both have their time, and within the 10 s for connecting six addresses have their turn (P15).
 */
const ADDRESS_TIMEOUT = 1500;

/** How long a silent connection goes without a sign of life of the system's, in milliseconds. */
const KEEP_ALIVE_DELAY = 60_000;

/**
 * One connection on its way: the socket that stands for it now, so that it can be given up at any step. A step gives each
 * socket that it opens to `own()`, which destroys at once what comes too late.
 */
export class Attempt {
  readonly timing: ConnectionTiming;
  readonly now: () => number;
  /** What its socket reads, where nothing is laid over it: it does not come out of the socket itself then. */
  reads: SocketReads | undefined;
  #socket: Socket | undefined;
  #reason: Error | undefined;

  /** @param now - Milliseconds that only go forward. */
  constructor(now: () => number) {
    this.now = now;
    this.timing = {
      startedAt: now(),
      lookedUpAt: undefined,
      connectedAt: undefined,
      securedAt: undefined,
      remoteAddress: undefined,
      protocol: undefined,
    };
  }

  /** The socket of this step; the one before belongs to it from now on. */
  own<S extends Socket>(socket: S): S {
    this.#socket = socket;
    // What fails after it was given up has nobody to tell.
    socket.on("error", () => {});
    if (this.#reason !== undefined) socket.destroy(this.#reason);
    return socket;
  }

  /** Why it was given up, if it was. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Ends it at whatever step it is. */
  giveUp(reason: Error): void {
    this.#reason = reason;
    this.#socket?.destroy(reason);
  }

  /** Waits for the event that ends a step; rejects with what the socket failed with. */
  async until<S extends Socket>(socket: S, event: "connect" | "secureConnect"): Promise<S> {
    const { promise, resolve, reject } = Promise.withResolvers<S>();
    socket.once(event, () => resolve(socket));
    socket.once("error", reject);
    socket.once("close", () => reject(this.#reason ?? closedEarly(socket)));
    const ready = await promise;
    if (this.#reason !== undefined) throw this.#reason;
    return ready;
  }
}

function closedEarly(socket: Socket): Error {
  const error = new Error(
    `The connection was closed while it was being made (${socket.remoteAddress ?? ""})`,
  );
  return Object.assign(error, { code: "ECONNRESET" });
}

/** A way to the target: gives a stream of bytes that ends there, before any TLS with the target itself. */
export type Route = (
  target: Target,
  options: ConnectionOptions | undefined,
  attempt: Attempt,
) => Promise<Socket>;

/** Over TCP, to the first address of the name that answers. */
const direct: Route = (target, options, attempt) => {
  const { localAddress, lookup } = options?.settings ?? NOTHING_SAID;
  const socket: Socket = connectNet({
    ...NOT_LENT,
    ...readsOf(target, options, attempt),
    host: target.hostname,
    port: target.port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(lookup === undefined ? {} : { lookup: lookupThrough(lookup, target) }),
  });
  // Not told of for an address, which nobody has to be asked for.
  socket.once("lookup", () => {
    attempt.timing.lookedUpAt ??= attempt.now();
  });
  return attempt.until(attempt.own(socket), "connect");
};

/** The caller's own way of finding addresses. Whatever goes wrong in it, a name was not found. */
function lookupThrough(lookup: Lookup, target: Target): LookupFunction {
  return (hostname, { all = false, family = 0, hints }, callback) => {
    const fail = (cause: unknown): void => {
      const hint = "It was looked for by the `lookup` that was given.";
      const details = { cause, host: target.host, port: target.port, hint };
      callback(new NetworkError("dns", `The name of ${hostname} could not be resolved`, details), []);
    };
    try {
      const given = { all, family: Number(family), ...(hints === undefined ? {} : { hints }) };
      lookup(hostname, given, (error, found, familyOfFound) => {
        if (error !== null && error !== undefined) return fail(error);
        const addresses = (
          typeof found === "string" ? [{ address: found, family: familyOfFound }] : [...found]
        ).map(({ address, family: given }) => ({ address, family: given ?? isIP(address) }));
        const [first] = addresses;
        if (first === undefined || addresses.some(({ address }) => isIP(address) === 0)) {
          return fail(new Error("`lookup` gave no IP address"));
        }
        if (all) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    } catch (error) {
      fail(error);
    }
  };
}

function lookupOf(lookup: Lookup | undefined, target: Target): LookupFunction {
  return lookup === undefined ? process.getBuiltinModule("node:dns").lookup : lookupThrough(lookup, target);
}

/** Over a Unix socket (S48: reached by option alone). */
function overSocket(path: string): Route {
  return async (target, options, attempt) => {
    const socket: Socket = connectNet({ ...NOT_LENT, ...readsOf(target, options, attempt), path });
    try {
      return await attempt.until(attempt.own(socket), "connect");
    } catch (error) {
      throw attempt.reason ?? (await unixSocketFault(error, path));
    }
  };
}

/** How the socket is to read: what TLS or a tunnel is to be laid over is read by that. */
function readsOf(
  { protocol }: Target,
  options: ConnectionOptions | undefined,
  attempt: Attempt,
): { readonly onread?: OnReadOpts } {
  if (protocol !== "http:" || options?.settings.proxy !== undefined) return {};
  attempt.reads = readMemory.reading();
  return { onread: attempt.reads.onread };
}

/** What `net` would read of its options through Object.prototype, since it copies them: where a connection goes is not for it to say (S55). */
const NOT_LENT: object = {
  allowHalfOpen: undefined,
  fd: undefined,
  handle: undefined,
  localAddress: undefined,
  localPort: undefined,
  lookup: undefined,
  path: undefined,
  signal: undefined,
  onread: undefined,
  family: undefined,
  hints: undefined,
  blockList: undefined,
  timeout: undefined,
};

/** Makes connections: first the way to the target, then TLS over it, whatever the way was (S72). */
export class Connector {
  readonly #secure: SecureSockets = new SecureSockets();

  /** Rejects with what Node or the step that failed says; a reason that the attempt was given up with comes first. */
  async connect(target: Target, options: ConnectionOptions | undefined, attempt: Attempt): Promise<Socket> {
    const isSecure = target.protocol === "https:";
    try {
      const context = isSecure ? this.#secure.contextOf(options) : undefined;
      const { timing } = attempt;
      const socket = await this.#routeOf(options)(target, options, attempt);
      timing.connectedAt = attempt.now();
      timing.remoteAddress = socket.remoteAddress;
      timing.protocol = "http/1.1";
      if (context === undefined) return socket;
      const secure = await this.#overTls(socket, target, options, attempt);
      timing.securedAt = attempt.now();
      if (secure.alpnProtocol === "h2") timing.protocol = "h2";
      return secure;
    } catch (error) {
      throw attempt.reason ?? error;
    }
  }

  #routeOf(options: ConnectionOptions | undefined): Route {
    const { unixSocket, proxy, lookup } = options?.settings ?? NOTHING_SAID;
    if (unixSocket !== undefined) return overSocket(unixSocket);
    if (proxy === undefined) return direct;
    return throughProxy({
      proxy,
      direct,
      secure: this.#secure,
      lookup: (target) => lookupOf(lookup, target),
    });
  }

  async #overTls(
    socket: Socket,
    target: Target,
    options: ConnectionOptions | undefined,
    attempt: Attempt,
  ): Promise<TLSSocket> {
    const secure = await attempt.until(
      attempt.own(this.#secure.start(socket, target, options)),
      "secureConnect",
    );
    this.#secure.check(secure, target, options);
    return secure;
  }
}
