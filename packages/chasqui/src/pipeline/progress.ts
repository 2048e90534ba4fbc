import { CallerError } from "../errors/caller-error.ts";
import { parseContentRange } from "../response/content-range.ts";
import type { ExchangeProgress, Head } from "../transport/transport.ts";
import type { Stage } from "./stage.ts";

/** How far a body has come: what `onProgress` is told. */
export interface Progress {
  /** Of the request's body, or of the response's. */
  readonly direction: "upload" | "download";
  /**
   * Bytes so far, as they are on the wire: of a response that comes coded, coded ones, so that they and `total` count the same.
   * A file that `save()` goes on with counts from its beginning.
   */
  readonly bytes: number;
  /** How many there will be, by `Content-Length`; undefined where nobody has said. */
  readonly total: number | undefined;
  /** Whether this was the last of them. */
  readonly done: boolean;
  /** Which exchange of the call it is, from 1: each retry and each redirect begins anew. */
  readonly attempt: number;
}

/** What is told of progress: at each piece, in order. It is not waited for, and what it throws ends the call. */
export type ProgressListener = (progress: Progress) => void;

/** Counts the bytes of one exchange. */
export class CountedBytes implements ExchangeProgress {
  readonly #listener: ProgressListener;
  readonly #attempt: number;
  readonly #toSend: number | undefined;
  #sent = 0;
  /** Bytes of the piece that is being written, which is not told of yet. */
  #onItsWay = 0;
  #hasWritten: () => boolean = never;
  #sentAll: boolean;
  #received = 0;
  #toReceive: number | undefined;

  /**
   * @param toSend - The length of the request's body; undefined where it is not known.
   * @param hasBody - Whether there is a body to send.
   */
  constructor(listener: ProgressListener, attempt: number, hasBody: boolean, toSend: number | undefined) {
    this.#listener = listener;
    this.#attempt = attempt;
    this.#toSend = toSend;
    this.#sentAll = !hasBody;
  }

  /** @param hasWritten - Whether the connection has written all that it was given. */
  sendsBy(hasWritten: (() => boolean) | undefined): void {
    this.#hasWritten = hasWritten ?? never;
  }

  /** A piece is handed over. */
  sending(bytes: number): void {
    this.#onItsWay = bytes;
  }

  /** The piece that was handed over has been taken; told once. */
  sent(): void {
    const bytes = this.#onItsWay;
    if (bytes === 0) return;
    this.#onItsWay = 0;
    this.#sent += bytes;
    this.#tell("upload", this.#sent, this.#toSend, false);
  }

  /** All of the request's body is on its way; told once. */
  allSent(): void {
    if (this.#sentAll) return;
    this.#sentAll = true;
    this.#tell("upload", this.#sent, this.#toSend ?? this.#sent, true);
  }

  /**
   * The server has answered. It may have all of the body while its source has yet to say that this was all, as a file does that
   * is looked at once more: then the end is told now, or the call would be over before it. Of a body of unknown length the end
   * itself has to be sent, so nothing is told here.
   */
  answered(): void {
    if (this.#sentAll || this.#toSend === undefined) return;
    if (this.#sent + this.#onItsWay !== this.#toSend) return;
    if (this.#onItsWay > 0 && !this.#hasWritten()) return;
    this.sent();
    this.allSent();
  }

  /** A body that was in memory went out at once. */
  sentAtOnce(): void {
    this.#sent = this.#toSend ?? 0;
    this.allSent();
  }

  /** @param resumedAt - Where the range begins that was asked for to go on with a file. */
  head(head: Head, resumedAt: number): void {
    const length = head.header("content-length");
    if (length !== undefined && /^\d{1,16}$/.test(length)) this.#toReceive = Number(length);
    if (head.status !== 206 || resumedAt === 0) return;
    this.#received = resumedAt;
    this.#toReceive = parseContentRange(head.header("content-range"))?.total;
  }

  received(bytes: number): void {
    this.#received += bytes;
    this.#tell("download", this.#received, this.#toReceive, false);
  }

  allReceived(): void {
    this.answered();
    this.#tell("download", this.#received, this.#received, true);
  }

  #tell(direction: Progress["direction"], bytes: number, total: number | undefined, done: boolean): void {
    try {
      this.#listener({ direction, bytes, total, done, attempt: this.#attempt });
    } catch (cause) {
      throw new CallerError("`onProgress` has thrown", { cause });
    }
  }
}

function never(): boolean {
  return false;
}

/** Makes what counts the bytes of one exchange: its number, whether there is a body to send, and how long that is. */
export type CountBytes = (attempt: number, hasBody: boolean, toSend: number | undefined) => CountedBytes;

/** Has the bytes of each exchange counted. */
export const progress: Stage = (next) => (request, context) => {
  const { onProgress } = context.settings;
  if (onProgress !== undefined) context.counting = (...facts) => new CountedBytes(onProgress, ...facts);
  return next(request, context);
};
