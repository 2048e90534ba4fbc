/** What pieces may keep from being freed besides themselves, however small they are. */
const SPARE = 2 * 1024 * 1024;
/** How many times of themselves they may keep beyond that. */
const SHARE = 4;

/**
 * The memory that the pieces of one body keep from being freed. Each is a view of all that was read with it, and of that a
 * server may let nearly everything be no body: the extensions of chunks, or padding. One byte would then hold half a MiB, and no
 * limit of a body's size would mean anything (S13). Where it has become too much, pieces are copied; those of an honest server never are.
 */
export class HeldMemory {
  #held = 0;
  #size = 0;
  #last: ArrayBufferLike | undefined;

  /** The piece itself, or a copy that holds nothing else. */
  kept(piece: Uint8Array): Uint8Array {
    const { buffer, length } = piece;
    this.#size += length;
    if (buffer === this.#last) return piece;
    const held = this.#held + buffer.byteLength;
    if (held > SPARE + SHARE * this.#size) return new Uint8Array(piece);
    this.#last = buffer;
    this.#held = held;
    return piece;
  }
}
