import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { DispatchController, DispatchOptions } from "./dispatch.ts";
import { HEADER_LIMIT } from "./network-failure.ts";

/** The part of undici's `Client`, one connection of HTTP/2, that is used; typed by shape, since only one of its files is loaded. */
export interface UndiciClient {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
  destroy(reason?: Error): Promise<void>;
  on(event: "connect" | "disconnect", listener: () => void): unknown;
}

/** What undici tells of a dispatch. `controller` is null in `onResponseError` when nothing was sent. */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController): void;
  /** A piece of the body was handed to the connection. */
  onBodySent?(): void;
  onResponseStart(
    controller: DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusText?: string,
  ): void;
  onResponseData(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd(controller: DispatchController): void;
  onResponseError(controller: DispatchController | null, error: unknown): void;
}

/** What undici tells a connector, and how it is answered. */
export interface ConnectTarget {
  /** The name in a Host header; null or empty where there is none, or an address. */
  readonly servername: string | null;
}
export type ConnectCallback = (error: Error | null, socket?: Socket) => void;
export type Connect = (target: ConnectTarget, callback: ConnectCallback) => void;

type ClientClass = new (origin: string, options: Record<string, unknown>) => UndiciClient;

const require = createRequire(import.meta.url);
let loaded: ClientClass | undefined;

/**
 * undici, loaded when the first connection speaks HTTP/2, and of it only the client: `import "undici"` takes 90 to 130 ms, most of
 * them for parts of Fetch that a request never uses. The version is pinned for this, a test holds the path, and if it
 * moves the public door still works.
 */
function clientClass(): ClientClass {
  if (loaded !== undefined) return loaded;
  try {
    loaded = require("undici/lib/dispatcher/client.js") as ClientClass;
  } catch {
    loaded = (require("undici") as { readonly Client: ClientClass }).Client;
  }
  return loaded;
}

/** Makes a client that speaks HTTP/2 over the socket that `connect` gives, with undici's hidden limits off: ours rule (P2). */
export function makeClient(origin: string, connect: Connect, idleTimeout: number): UndiciClient {
  const Client = clientClass();
  return new Client(origin, {
    // What is not said here must not be lent by a polluted Object.prototype (S55).
    __proto__: null,
    connect,
    allowH2: true,
    keepAliveTimeout: idleTimeout,
    maxHeaderSize: HEADER_LIMIT,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
