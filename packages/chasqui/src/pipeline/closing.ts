import { AbortError } from "../errors/abort-error.ts";

/** Whether a client is closed, and what waits meanwhile and has to be told: a wait for the next attempt holds the process. */
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
  return new AbortError("The client was closed while the call was under way");
}
