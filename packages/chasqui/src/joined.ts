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
