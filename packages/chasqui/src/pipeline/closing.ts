import { Chain, type Link } from "../chain.ts";
import { type AbortError, clientClosed } from "../errors/abort-error.ts";
import { OptionsError } from "../errors/options-error.ts";

class Listener implements Link<Listener> {
  readonly told: (reason: AbortError) => void;
  previous: Listener | undefined;
  next: Listener | undefined;

  constructor(told: (reason: AbortError) => void) {
    this.told = told;
  }
}

/**
 * Whether a client is closed, and what waits meanwhile and has to be told: a wait for the next attempt, which holds the process,
 * and the calls that may be waiting for code of the caller's.
 */
export class Closing {
  readonly #waiting = new Chain<Listener>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Calls the listener when the client is closed, at once if it is. Returns how to stop listening. */
  listen(listener: (reason: AbortError) => void): () => void {
    const link = new Listener(listener);
    if (this.#closed) listener(clientClosed());
    else this.#waiting.add(link);
    return () => this.#waiting.remove(link);
  }

  /** @throws {AbortError} when the client is closed. */
  refuse(): void {
    if (this.#closed) throw clientClosed();
  }

  close(): void {
    this.#closed = true;
    for (const listener of this.#waiting.all())
      if (this.#waiting.remove(listener)) listener.told(clientClosed());
  }
}

/** What a call comes to that is made by a closed client. */
export function closedClient(): OptionsError {
  return new OptionsError("The client is closed", {
    option: "client",
    hint: "Make a new Client, or close this one after the last call has been awaited.",
  });
}
