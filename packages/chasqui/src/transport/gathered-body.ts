/** How many times of what has come a body may announce for itself and be given the memory for it. */
const TRUSTED = 16;

/**
 * The pieces of a body that is wanted whole and comes in more than one. Where its length was announced they are written to their
 * place as they come, so that they need not be kept until the end and be put together then. Memory is given to who has sent a
 * part of it: a server that announces much and sends little gets none.
 */
export class GatheredBody {
  /** The length that was announced; NaN where it was not. */
  readonly #announced: number;
  #pieces: Uint8Array[];
  #size: number;
  #memory: Uint8Array | undefined;

  constructor(announced: number, first: Uint8Array) {
    this.#announced = announced;
    this.#pieces = [first];
    this.#size = first.length;
  }

  add(piece: Uint8Array): void {
    const from = this.#size;
    this.#size += piece.length;
    // HTTP/2 may bring more than was announced; then they are put together in the end.
    if (this.#size > this.#announced) this.#takeBack(from);
    else if (this.#memory === undefined && this.#announced <= this.#size * TRUSTED) this.#give();
    if (this.#memory === undefined) this.#pieces.push(piece);
    else this.#memory.set(piece, from);
  }

  /** All that has come. */
  whole(): Uint8Array {
    return this.#memory?.subarray(0, this.#size) ?? Buffer.concat(this.#pieces, this.#size);
  }

  #give(): void {
    this.#memory = Buffer.allocUnsafe(this.#announced);
    let at = 0;
    for (const piece of this.#pieces) {
      this.#memory.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
  }

  #takeBack(size: number): void {
    if (this.#memory !== undefined) this.#pieces = [this.#memory.subarray(0, size)];
    this.#memory = undefined;
  }
}
