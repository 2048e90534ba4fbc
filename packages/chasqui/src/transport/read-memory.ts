import type { OnReadOpts } from "node:net";

/** Who takes what a socket has read. */
export interface Receiver {
  /** @param isLent - Whether the memory is read into again as soon as this returns. */
  receive(bytes: Buffer, length: number, isLent: boolean): void;
}

/** How one socket reads. What comes before anybody takes it is given to whoever then does. */
export class SocketReads {
  readonly onread: OnReadOpts;
  #receiver: Receiver | undefined;
  readonly #early: Buffer[] = [];

  constructor(onread: OnReadOpts) {
    this.onread = onread;
  }

  /** From now on they go to its connection. */
  giveTo(receiver: Receiver): void {
    this.#receiver = receiver;
    for (const bytes of this.#early.splice(0)) receiver.receive(bytes, bytes.length, false);
  }

  take(bytes: Buffer, length: number, isLent: boolean): void {
    if (this.#receiver !== undefined) this.#receiver.receive(bytes, length, isLent);
    else {
      const early = Buffer.allocUnsafeSlow(length);
      bytes.copy(early, 0, 0, length);
      this.#early.push(early);
    }
  }
}

/** What one read of a socket may bring. */
const READ_SIZE = 512 * 1024;
/** How much memory of that size waits to be read into again: as much as a body has under way that is saved as a file. */
const SPARE = 8;

/**
 * The memory into which sockets read that are not encrypted. Node's own way takes new memory for each read, of 64 KiB at most.
 * Here a socket reads 512 KiB at a time, into memory that all sockets share, and out of it before the next read, by a copy of
 * what came: a small answer takes no more memory than it is long, and a connection that is kept takes none. A socket that fills
 * it with one read has more to bring, and reads on into memory of its own, which is handed on as it is.
 */
export class ReadMemory {
  readonly #size: number;
  /** Made when the first socket connects. */
  #shared: Buffer | undefined;
  readonly #spare: Buffer[] = [];
  /** What a piece is in, all of it and nothing else, until it is given back. */
  readonly #given: WeakSet<ArrayBufferLike> = new WeakSet();

  /** @param size - Of one read, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How a socket is to read. */
  reading(): SocketReads {
    this.#shared ??= Buffer.allocUnsafeSlow(this.#size);
    const shared = this.#shared;
    let next = shared;
    const callback = (length: number): boolean => {
      const read = next;
      if (length < this.#size) {
        next = shared;
        reads.take(read, length, true);
        if (read !== shared) this.#keep(read);
        return true;
      }
      next = this.#take();
      let piece = read;
      if (read === shared) {
        piece = this.#take();
        piece.set(read);
      }
      this.#given.add(piece.buffer);
      reads.take(piece, length, false);
      return true;
    };
    const reads = new SocketReads({ buffer: () => next, callback });
    return reads;
  }

  /**
   * Takes back what a piece of a body was in, to be read into again. Of a piece that has other memory, or a part of it, nothing is
   * taken. New memory costs the system a page at a time: a file is saved for half the CPU with what its pieces before were in.
   *
   * @param piece - One that is not needed any more. It is empty afterwards, and so is whatever else looked at its memory: nobody
   *   can see what is read into it next, or give it back twice.
   */
  takeBack(piece: Uint8Array): void {
    const { buffer } = piece;
    if (piece.length !== this.#size || !(buffer instanceof ArrayBuffer) || !this.#given.delete(buffer))
      return;
    this.#keep(Buffer.from(buffer.transfer()));
  }

  #keep(memory: Buffer): void {
    if (this.#spare.length < SPARE) this.#spare.push(memory);
  }

  #take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }
}

/** That of this thread. */
export const readMemory: ReadMemory = new ReadMemory(READ_SIZE);
