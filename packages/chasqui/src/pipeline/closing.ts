import { AbortError } from "../errors/abort-error.ts";

/**
 * Whether a client is closed, and what waits meanwhile and has to be told: a wait for the next attempt, which holds the process,
 * and the calls that may be waiting for code of the caller's. To come and to go is O(1).
 */
export class Closing {
  readonly #waiting = new Set<(reason: AbortError) => void>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Calls the listener when the client is closed, at once if it is. Returns how to stop listening. */
  listen(listener: (reason: AbortError) => void): () => void {
    if (this.#closed) listener(closed());
    else this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  /** @throws {AbortError} when the client is closed. */
  refuse(): void {
    if (this.#closed) throw closed();
  }

  close(): void {
    this.#closed = true;
    for (const listener of this.#waiting) listener(closed());
    this.#waiting.clear();
  }
}

function closed(): AbortError {
  return new AbortError("The client was closed while the request was under way");
}
