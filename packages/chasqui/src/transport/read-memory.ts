import type { OnReadOpts, Socket } from "node:net";

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
  #shared: Uint8Array | undefined;
  readonly #spare: Uint8Array[] = [];
  /** What a piece is in, all of it and nothing else, until it is given back. */
  readonly #given: WeakSet<ArrayBufferLike> = new WeakSet();

  /** @param size - Of one read, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /**
   * How a socket is to read.
   *
   * @param socket - Gives the socket, once it has been made with this.
   */
  reading(socket: () => Socket): OnReadOpts {
    this.#shared ??= Buffer.allocUnsafeSlow(this.#size);
    const shared = this.#shared;
    let next = shared;
    return {
      buffer: () => next,
      callback: (bytes, read) => {
        if (bytes < this.#size) {
          const piece = Buffer.allocUnsafeSlow(bytes);
          piece.set(read.subarray(0, bytes));
          if (read !== shared) this.#keep(read);
          next = shared;
          return socket().push(piece);
        }
        next = this.#take();
        let piece = read;
        if (read === shared) {
          piece = this.#take();
          piece.set(read);
        }
        this.#given.add(piece.buffer);
        return socket().push(piece);
      },
    };
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

  #keep(memory: Uint8Array): void {
    if (this.#spare.length < SPARE) this.#spare.push(memory);
  }

  #take(): Uint8Array {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }
}

/** That of this thread. */
export const readMemory: ReadMemory = new ReadMemory(READ_SIZE);
