import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { HEADER_LIMIT } from "./network-failure.ts";

/** The part of undici's `Agent` that is used; typed by shape, since only one of its files is loaded. */
export interface UndiciAgent {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
  destroy(): Promise<void>;
}

/** What undici's `dispatch` takes. */
export interface DispatchOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly reset?: boolean;
}

/** What undici hands to a handler to steer the response with. */
export interface DispatchController {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
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
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
}
export type ConnectCallback = (error: Error | null, socket?: Socket) => void;
export type Connector = (target: ConnectTarget, callback: ConnectCallback) => Socket;

/** What the agent is made with. */
export interface AgentOptions {
  readonly connections: number;
  readonly connect: Connector;
}

type AgentClass = new (options: Record<string, unknown>) => UndiciAgent;
type BuildConnector = (options: Record<string, unknown>) => Connector;

const require = createRequire(import.meta.url);
let agentClass: AgentClass | undefined;
let buildConnector: BuildConnector | undefined;

/**
 * undici, loaded when the first request is sent, and of it only the agent: `import "undici"` takes 90 to 130 ms, the
 * agent alone 45, most of the rest being parts of Fetch that a request never uses. The version is pinned for this, a
 * test holds the two paths, and if they move the public door still works.
 */
function load(): { Agent: AgentClass; connector: BuildConnector } {
  if (agentClass === undefined || buildConnector === undefined) {
    try {
      agentClass = require("undici/lib/dispatcher/agent.js") as AgentClass;
      buildConnector = require("undici/lib/core/connect.js") as BuildConnector;
    } catch {
      const undici = require("undici") as { Agent: AgentClass; buildConnector: BuildConnector };
      agentClass = undici.Agent;
      buildConnector = undici.buildConnector;
    }
  }
  return { Agent: agentClass, connector: buildConnector };
}

/** Makes an agent whose hidden limits are off: ours rule (P2). */
export function makeAgent(options: AgentOptions): UndiciAgent {
  const { Agent } = load();
  return new Agent({
    connections: options.connections,
    connect: options.connect,
    allowH2: false,
    maxHeaderSize: HEADER_LIMIT,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** Makes undici's own connector, without its timer. */
export function makeConnector(): Connector {
  return load().connector({ allowH2: false, timeout: 0 });
}
