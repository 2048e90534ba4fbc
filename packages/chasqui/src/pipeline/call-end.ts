import type { Clock } from "../clock.ts";
import type { Closing } from "./closing.ts";

type CancelListener = (reason: Error) => void;

/**
 * How a call ends: it is given up, or nothing more of it will be read. A `CallContext` is one, and not has one: that would be an
 * object more for each call.
 */
export abstract class CallEnd {
  abstract readonly clock: Clock;
  abstract readonly closing: Closing;
  /** While it is true, a body that ends or breaks is not the end of the call: the rest will be asked for. */
  goesOn = false;
  /** When nothing more was to be read, by the clock; undefined until then. */
  endedAt: number | undefined;
  #listeners: CancelListener[] | undefined;
  #whenCancelled: CancelListener | undefined;
  #cancelled: Error | undefined;
  #atSettle: (() => void) | undefined;

  /** Why the call was given up, if it was. */
  get cancelled(): Error | undefined {
    return this.#cancelled;
  }

  /** Gives the whole call up. */
  cancel(reason: Error): void {
    if (this.#cancelled !== undefined || this.endedAt !== undefined) return;
    this.#cancelled = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener(reason);
    this.#whenCancelled?.(reason);
  }

  /** Tells one listener when the whole call is given up. */
  whenCancelled(listener: CancelListener): void {
    this.#whenCancelled = listener;
  }

  /** Calls the listener when the call is given up. Returns how to stop listening. */
  onCancel(listener: CancelListener): () => void {
    if (this.#cancelled !== undefined) {
      listener(this.#cancelled);
      return () => {};
    }
    this.#listeners ??= [];
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners?.indexOf(listener) ?? -1;
      if (at >= 0) this.#listeners?.splice(at, 1);
    };
  }

  /** Waits, unless the call is given up (P4) or the client closed first. */
  async sleep(ms: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.clock.timer(ms, resolve);
    const unlisten = [this.onCancel(reject), this.closing.listen(reject)];
    try {
      await promise;
    } finally {
      timer.cancel();
      for (const stop of unlisten) stop();
    }
  }

  /** Remembers what to undo when the call is over: when its response, or the streamed body of it, has been read. */
  atSettle(undo: () => void): void {
    this.#atSettle = undo;
  }

  /** Says that nothing more will be read. */
  settle(): void {
    if (this.endedAt !== undefined || this.goesOn) return;
    this.endedAt = this.clock.now();
    this.#atSettle?.();
  }
}
