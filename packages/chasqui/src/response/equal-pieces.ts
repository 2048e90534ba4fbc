import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { unknownField } from "../request/wrong-option.ts";
import { type Cutter, Records } from "./records.ts";

/** How `stream()` cuts a body. */
export interface StreamOptions {
  /**
   * The bytes of each piece but the last, which may be shorter. Default: the pieces are as they come. Each has a buffer of its own.
   */
  readonly chunkSize?: number | undefined;
}

/** More than this nobody should have in memory at once, and engines differ in what they can. */
const MOST = 2 ** 30;

/**
 * The body in pieces of one size (#121).
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 */
export function equalPieces(
  chunks: AsyncIterableIterator<Uint8Array, undefined>,
  options: StreamOptions,
  adopt: (<E>(error: E) => E) | undefined,
): AsyncIterableIterator<Uint8Array, undefined> {
  const size = chunkSizeOf(options);
  return size === undefined ? chunks : new Records(chunks, new PieceCutter(size), adopt);
}

/**
 * The size of the pieces; undefined where they are as they come.
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 */
export function chunkSizeOf(options: unknown): number | undefined {
  if (typeof options !== "object" || options === null) {
    throw new OptionsError(`The options of stream() are ${kindOf(options)}; they take { chunkSize }`, {
      option: "stream",
    });
  }
  const own: Record<string, unknown> = { ...options };
  const odd = Object.keys(own).find((name) => name !== "chunkSize");
  if (odd !== undefined) throw unknownField("stream", odd, ["chunkSize"]);
  const { chunkSize } = own;
  if (chunkSize === undefined) return undefined;
  if (typeof chunkSize === "number" && Number.isInteger(chunkSize) && chunkSize >= 1 && chunkSize <= MOST)
    return chunkSize;
  throw new OptionsError(
    `\`stream.chunkSize\` is ${kindOf(chunkSize)}; it takes a whole number from 1 to ${MOST}`,
    {
      option: "stream.chunkSize",
    },
  );
}

class PieceCutter implements Cutter<Uint8Array> {
  readonly failure: undefined;
  readonly #size: number;
  /** The piece that is not full; undefined while nothing of one has come. */
  #piece: Uint8Array | undefined;
  #filled = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(bytes: Uint8Array): readonly Uint8Array[] {
    const full: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; ) {
      this.#piece ??= new Uint8Array(this.#size);
      const part = bytes.subarray(from, from + this.#size - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === this.#size) full.push(this.#take(this.#piece));
    }
    return full;
  }

  end(): readonly Uint8Array[] {
    // A copy: the last piece does not keep the room that it did not need.
    return this.#piece === undefined ? [] : [this.#take(this.#piece.slice(0, this.#filled))];
  }

  #take(piece: Uint8Array): Uint8Array {
    this.#piece = undefined;
    this.#filled = 0;
    return piece;
  }
}
