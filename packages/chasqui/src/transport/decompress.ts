import type { Transform } from "node:stream";
import { DecodeError } from "../errors/decode-error.ts";

/** One of the decoders of `node:zlib`. */
export type Decoder = Transform & { readonly bytesWritten: number };

/** Decoded bytes are handed on in pieces of up to this size. */
export const PIECE: number = 64 * 1024;

/** The error of a body that is not what its coding says. The cause is zlib's and names no byte of the body. */
export function undecodable(coding: string, cause: unknown): DecodeError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new DecodeError(`The response body cannot be decoded as ${coding}: ${said}`, {
    ...(cause instanceof Error ? { cause } : {}),
    hint: "It is damaged, cut short, or not encoded in the way its Content-Encoding says.",
  });
}

/** Parts (members of gzip, frames of zstd) that a body may have, however small. What is decoded on the spot cannot have more. */
const MOST_PARTS = 4000;
/** Of more, each must come to so many bytes on average. */
const SMALL_PART = 1024;

/**
 * Refuses a body of very many parts that hold next to nothing. Each takes a decoder of its own, so that a megabyte of empty
 * parts costs a quarter of a minute, while no limit of bytes is ever reached (S14).
 *
 * @throws {DecodeError} when there are too many.
 */
export function refuseCrumbs(coding: string, parts: number, size: number): void {
  if (parts > MOST_PARTS && size < parts * SMALL_PART) {
    throw undecodable(coding, "there are thousands of parts with next to nothing in them");
  }
}

/**
 * Runs bytes through a decoder: one piece goes in when all that came of the one before has been taken, so that no
 * more than a piece is ever held, whatever it inflates to (S14).
 *
 * @param decoder - A fresh decoder; it is destroyed in the end, also when the reader leaves early.
 * @param coding - Its name, for the error.
 * @param feed - Gives the next piece; undefined at the end. Its errors pass through as they are.
 * @returns How many bytes of the last piece the decoder did not want, since its data had ended before them.
 */
export async function* decompress(
  decoder: Decoder,
  coding: string,
  feed: () => Promise<Uint8Array | undefined>,
): AsyncGenerator<Uint8Array, number, undefined> {
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  let fed = true;
  let wake = (): void => {};
  decoder.on("readable", () => wake());
  decoder.on("end", () => {
    ended = true;
    wake();
  });
  decoder.on("error", (error) => {
    failure = { error };
    wake();
  });

  let given = 0;
  try {
    while (!ended) {
      const piece = await feed();
      const last = piece === undefined;
      if (last) {
        decoder.end();
      } else {
        given += piece.length;
        fed = false;
        decoder.write(piece, () => {
          fed = true;
          wake();
        });
      }
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const decoded: Uint8Array | null = decoder.read();
        if (decoded !== null) {
          yield decoded;
          continue;
        }
        if (failure !== undefined) throw undecodable(coding, failure.error);
        // Left over, although it was offered: the data ended before these bytes.
        if (fed && decoder.bytesWritten < given) return given - decoder.bytesWritten;
        if (ended || (fed && !last)) break;
        await woken;
      }
    }
    return 0;
  } finally {
    decoder.destroy();
  }
}
