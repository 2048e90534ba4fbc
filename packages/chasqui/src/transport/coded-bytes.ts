/** Bytes that come in pieces, read by count: what a file format with headers needs of a stream. */
export class CodedBytes {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Uint8Array | undefined;
  #ended = false;
  #closed = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** The next piece, never an empty one; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    if (rest !== undefined) {
      this.#rest = undefined;
      return rest;
    }
    while (!this.#ended) {
      const { done, value } = await this.#iterator.next();
      if (done === true) this.#ended = true;
      else if (value.length > 0) return value;
    }
    return undefined;
  }

  /** Puts back what was read too much. */
  unread(bytes: Uint8Array): void {
    // What was being decoded when the reader left must not go on with what is left over.
    if (bytes.length === 0 || this.#closed) return;
    this.#rest = this.#rest === undefined ? bytes : Buffer.concat([bytes, this.#rest]);
  }

  /** So many bytes; fewer only at the end. */
  async take(count: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    while (size < count) {
      const piece = await this.next();
      if (piece === undefined) break;
      const wanted = piece.subarray(0, count - size);
      this.unread(piece.subarray(wanted.length));
      pieces.push(wanted);
      size += wanted.length;
    }
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }

  /** The next bytes, which stay there. */
  async peek(count: number): Promise<Uint8Array> {
    const bytes = await this.take(count);
    this.unread(bytes);
    return bytes;
  }

  /** Leaves out so many bytes; false where there are fewer. Holds none of them. */
  async skip(count: number): Promise<boolean> {
    let left = count;
    while (left > 0) {
      const piece = await this.next();
      if (piece === undefined) return false;
      this.unread(piece.subarray(left));
      left -= Math.min(left, piece.length);
    }
    return true;
  }

  /** Leaves out all up to and including the next zero; false where there is none. */
  async skipPastZero(): Promise<boolean> {
    for (;;) {
      const piece = await this.next();
      if (piece === undefined) return false;
      const zero = piece.indexOf(0);
      if (zero < 0) continue;
      this.unread(piece.subarray(zero + 1));
      return true;
    }
  }

  /** Tells the source that nothing more is wanted. */
  async close(): Promise<void> {
    this.#rest = undefined;
    this.#closed = true;
    if (this.#ended) return;
    this.#ended = true;
    await this.#iterator.return?.();
  }
}
