import { BodyQueue, type Flow } from "./body-queue.ts";
import type { Connection } from "./connection.ts";
import { type DecodedStream, decodeStreamed } from "./content-decoding.ts";
import type { DispatchController } from "./dispatch.ts";

/** The exchange whose body it is. */
interface Receiver {
  /** The connection goes on after it waited for the reader. */
  onResume(): void;
  /** Nothing more is wanted. */
  onLeave(): void;
}

/** The body of a response that is read as it comes: from the connection, which waits for the reader, to what the reader has of it. */
export class IncomingStream implements Flow {
  readonly queue: BodyQueue = new BodyQueue(this);
  readonly #controller: DispatchController;
  readonly #connection: Connection | undefined;
  readonly #receiver: Receiver;
  #body: DecodedStream | undefined;
  #holds = false;

  constructor(controller: DispatchController, connection: Connection | undefined, receiver: Receiver) {
    this.#controller = controller;
    this.#connection = connection;
    this.#receiver = receiver;
  }

  /**
   * What the reader has of it.
   *
   * @param over - Told when the last of it has been read, or it was left.
   */
  decoded(encodings: readonly string[], maxBytes: number, over: () => void): DecodedStream {
    this.#body = decodeStreamed(this.queue, encodings, maxBytes, over);
    return this.#body;
  }

  /** The call is given up: the reader is told at once, and not after what waits for it. */
  giveUp(reason: unknown): void {
    this.#body?.fail(reason);
  }

  pause(): void {
    this.#holds = true;
    this.#connection?.hold();
    this.#controller.pause();
  }

  resume(): void {
    this.unhold();
    this.#receiver.onResume();
    this.#controller.resume();
  }

  cancel(): void {
    this.#receiver.onLeave();
  }

  /** The connection does not wait for the reader any more: it goes on, or the exchange is over. */
  unhold(): void {
    if (!this.#holds) return;
    this.#holds = false;
    this.#connection?.unhold();
  }
}
