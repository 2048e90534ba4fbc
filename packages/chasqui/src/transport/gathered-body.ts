import { inMemory } from "../response/body-memory.ts";
import { HeldMemory } from "./held-memory.ts";
import { readMemory } from "./read-memory.ts";

/** How many times of what has come a body may announce for itself and be given the memory for it. */
const TRUSTED = 16;
/** Pieces that are kept as they came, however small they are: most bodies have fewer. */
const FEW = 64;
/** Of very many pieces a smaller one is copied to those before it: an object for each would take a hundred times of a byte. */
const SMALL = 4096;
/** What small ones are copied into. */
const BLOCK = 64 * 1024;

/**
 * The pieces of a body that is wanted whole and comes in more than one. Where its length was announced they are written to their
 * place as they come, so that they need not be kept until the end and be put together then. Memory is given to who has sent a
 * part of it: a server that announces much and sends little gets none. Without a length they are kept, and take no more than a few
 * times of what they are, whatever they are cut into (S14).
 */
export class GatheredBody {
  /** The length that was announced; NaN where it was not. */
  readonly #announced: number;
  readonly #held: HeldMemory = new HeldMemory();
  #pieces: Uint8Array[];
  #size: number;
  #memory: Uint8Array | undefined;
  /** Small pieces, of which those from `#from` to `#to` are not among the pieces yet. */
  #block: Uint8Array | undefined;
  #from = 0;
  #to = 0;

  constructor(announced: number, first: Uint8Array) {
    this.#announced = announced;
    this.#pieces = [first];
    this.#size = first.length;
  }

  add(piece: Uint8Array): void {
    const from = this.#size;
    this.#size += piece.length;
    // To count what was announced is for the parser; here nothing is written beyond it, whoever was to count.
    if (this.#size > this.#announced) this.#partAgain(from);
    else if (this.#memory === undefined && this.#announced <= this.#size * TRUSTED) this.#give();
    if (this.#memory !== undefined) {
      this.#memory.set(piece, from);
      readMemory.takeBack(piece);
    } else if (piece.length < SMALL && this.#pieces.length >= FEW) this.#copy(piece);
    else {
      this.#endBlock();
      this.#pieces.push(this.#held.kept(piece));
    }
  }

  /**
   * All that has come.
   *
   * @throws {BodyTooLargeError} where there is no memory for it; `add()` throws it too.
   */
  whole(): Uint8Array {
    this.#endBlock();
    return (
      this.#memory?.subarray(0, this.#size) ??
      inMemory(this.#size, () => Buffer.concat(this.#pieces, this.#size))
    );
  }

  #give(): void {
    this.#endBlock();
    this.#memory = inMemory(this.#announced, () => Buffer.allocUnsafe(this.#announced));
    let at = 0;
    for (const piece of this.#pieces) {
      this.#memory.set(piece, at);
      at += piece.length;
      readMemory.takeBack(piece);
    }
    this.#pieces = [];
    this.#block = undefined;
  }

  /** What has its place already is a piece among pieces again. */
  #partAgain(size: number): void {
    if (this.#memory !== undefined) this.#pieces = [this.#memory.subarray(0, size)];
    this.#memory = undefined;
  }

  #copy(piece: Uint8Array): void {
    if (this.#block === undefined || this.#to + piece.length > BLOCK) {
      this.#endBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK);
      this.#from = 0;
      this.#to = 0;
    }
    this.#block.set(piece, this.#to);
    this.#to += piece.length;
  }

  /** What was copied comes before the next of the pieces. */
  #endBlock(): void {
    if (this.#block === undefined || this.#from === this.#to) return;
    this.#pieces.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
