import type { Socket } from "node:net";
import type { Clock, Timer } from "../clock.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import { type Connector, makeConnector } from "./undici-agent.ts";

/** What is known of the connections to one origin. */
export interface OriginState {
  readonly origin: string;
  /** Exchanges that no connection has been found for yet. */
  waiting: number;
  /** Connections that serve. */
  open: number;
  readonly connecting: Set<Socket>;
  /** Connections that were ever begun. */
  begun: number;
  /** The limit of a connection that is begun now, in milliseconds: that of the exchange that came last; 0 is none. */
  connectLimit: number;
  /** True while a connection that was just made is handed over: what is sent in that moment is its first request. */
  fresh: boolean;
}

/**
 * Makes the connections of an agent and keeps the books, origin by origin. undici has one limit of time a pool, does not
 * tell a request that waits for a connection to be made from one that waits for a busy one, and goes on connecting when
 * nobody waits any more.
 */
export class Connections {
  readonly #origins = new Map<string, OriginState>();
  readonly #connect: Connector = makeConnector();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(origin: string): OriginState {
    let state = this.#origins.get(origin);
    if (state === undefined) {
      state = {
        origin,
        waiting: 0,
        open: 0,
        connecting: new Set(),
        begun: 0,
        connectLimit: 0,
        fresh: false,
      };
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
    this.#forget(state);
  }

  /** For undici: connects, within the limit of time. */
  readonly connector: Connector = (target, callback) => {
    const state = this.of(`${target.protocol}//${target.host}`);
    const { connectLimit } = state;
    let timer: Timer | undefined;
    const socket = this.#connect(target, (error, connected) => {
      timer?.cancel();
      state.connecting.delete(socket);
      if (error === null && connected !== undefined) {
        state.open++;
        connected.once("close", () => {
          state.open--;
          this.#forget(state);
        });
      }
      state.fresh = true;
      callback(error, connected);
      state.fresh = false;
    });
    state.begun++;
    state.connecting.add(socket);
    // The limit is the connection's own: whoever waits for another one, or in the queue, is not touched by it.
    if (connectLimit > 0) {
      timer = this.#clock.timer(connectLimit, () =>
        socket.destroy(new TimeoutError("connect", connectLimit)),
      );
    }
    return socket;
  };

  /** Who walks the web meets many origins once. */
  #forget(state: OriginState): void {
    if (state.waiting === 0 && state.open === 0 && state.connecting.size === 0) {
      this.#origins.delete(state.origin);
    }
  }
}
