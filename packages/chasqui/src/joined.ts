/**
 * Pieces of bytes as one.
 *
 * @param pieces - In order. One piece alone is given back itself, without a copy.
 * @param size - How many bytes they are together.
 * @example
 * ```ts
 * joined([new Uint8Array([1]), new Uint8Array([2, 3])], 3); // 1, 2, 3
 * ```
 */
export function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** All the pieces of a stream as one. */
export async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    read.push(piece);
    size += piece.length;
  }
  return joined(read, size);
}
