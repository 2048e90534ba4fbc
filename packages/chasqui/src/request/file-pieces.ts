/** Opens the bytes of a file, from the first; `taken` is as of a `ByteSource`. */
export type OpenPieces = (taken?: () => boolean) => AsyncIterable<Uint8Array>;

const known = new WeakMap<Blob, OpenPieces>();

/**
 * Says how a file of the disk is read. What a Blob of the runtime gives passes through a web stream, in small pieces: twice
 * the work for a large upload.
 */
export function readsBy(file: Blob, open: OpenPieces): void {
  known.set(file, open);
}

/** How a file is read, undefined where it is as any other Blob. */
export function piecesOf(file: Blob): OpenPieces | undefined {
  return known.get(file);
}
