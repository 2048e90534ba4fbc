import type { Socket } from "node:net";
import { type Connector, makeConnector } from "./undici-agent.ts";

/** What is known of the connections to one origin. */
export interface OriginState {
  /** Exchanges that no connection has been found for yet. */
  waiting: number;
  /** Connections that serve. */
  open: number;
  readonly connecting: Set<Socket>;
}

/**
 * Watches the connections of an agent, origin by origin: undici does not tell a request that waits for a connection to
 * be made from one that waits for a busy one, and goes on connecting when nobody waits any more.
 */
export class Connections {
  readonly #origins = new Map<string, OriginState>();
  readonly #connect: Connector = makeConnector();

  of(origin: string): OriginState {
    let state = this.#origins.get(origin);
    if (state === undefined) {
      state = { waiting: 0, open: 0, connecting: new Set() };
      this.#origins.set(origin, state);
    }
    return state;
  }

  /** One exchange less waits; when none is left, connections that are still being made are given up. */
  leave(state: OriginState): void {
    state.waiting--;
    if (state.waiting > 0) return;
    for (const socket of state.connecting)
      socket.destroy(new Error("nobody waits for this connection any more"));
  }

  /** For undici: connects and keeps the books. */
  readonly connector: Connector = (target, callback) => {
    const state = this.of(`${target.protocol}//${target.host}`);
    const socket = this.#connect(target, (error, connected) => {
      state.connecting.delete(socket);
      if (error === null && connected !== undefined) {
        state.open++;
        connected.once("close", () => state.open--);
      }
      callback(error, connected);
    });
    state.connecting.add(socket);
    return socket;
  };
}
