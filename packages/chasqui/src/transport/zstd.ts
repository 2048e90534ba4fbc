import { constants, createZstdDecompress } from "node:zlib";
import type { CodedBytes } from "./coded-bytes.ts";
import { decompress, PIECE, refuseCrumbs, undecodable } from "./decompress.ts";

/**
 * RFC 9659 §3: as a content coding, zstd has a window of at most 8 MiB. libzstd allows 128, which a frame of four kilobytes
 * may ask for and fill.
 */
export const ZSTD_LIMITS: { readonly [param: number]: number } = { [constants.ZSTD_d_windowLogMax]: 23 };

/** Sizes of the optional fields, by their two-bit flags (RFC 8878 §3.1.1.1). */
const DICTIONARY_ID = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];

/**
 * Finds the end of one frame (RFC 8878 §3.1.1) without decoding it.
 *
 * Node 22 takes a frame that is cut short for a whole one, and only the first of several in a piece; so the frames
 * are counted here, and Node is given one at a time.
 */
class ZstdFrame {
  #head: number[] = [];
  #wanted = 5;
  #skip = 0;
  #checksum = 0;
  #inBlocks = false;
  #lastBlock = false;

  /** Whether the last byte of the frame was seen. */
  get complete(): boolean {
    return this.#lastBlock && this.#skip === 0;
  }

  /**
   * How many of the first bytes of a piece belong to the frame.
   *
   * @throws {DecodeError} where a block is of the reserved type.
   */
  accept(piece: Uint8Array): number {
    let at = 0;
    while (at < piece.length && !this.complete) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, piece.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      this.#head.push(piece[at++] ?? 0);
      if (this.#head.length < this.#wanted) continue;
      if (this.#inBlocks) this.#block();
      else this.#header();
      this.#head = [];
    }
    return at;
  }

  #header(): void {
    const descriptor = this.#head[4] ?? 0;
    const singleSegment = (descriptor >> 5) & 1;
    const window = 1 - singleSegment;
    const sizeFlag = descriptor >> 6;
    const size = sizeFlag === 0 ? singleSegment : (CONTENT_SIZE[sizeFlag] ?? 0);
    this.#skip = window + (DICTIONARY_ID[descriptor & 3] ?? 0) + size;
    this.#checksum = (descriptor & 4) === 0 ? 0 : 4;
    this.#inBlocks = true;
    this.#wanted = 3;
  }

  #block(): void {
    const [low = 0, middle = 0, high = 0] = this.#head;
    const header = low | (middle << 8) | (high << 16);
    const type = (header >> 1) & 3;
    if (type === 3) throw undecodable("zstd", "a block is of no known type");
    this.#lastBlock = (header & 1) === 1;
    // A run (type 1) is one byte, whatever its length says.
    this.#skip = (type === 1 ? 1 : header >> 3) + (this.#lastBlock ? this.#checksum : 0);
  }
}

/** Whether the bytes are one whole frame and nothing else, so that Node can be trusted with them. */
export function isOneFrame(bytes: Uint8Array): boolean {
  if (kindOfFrame(bytes) !== "data") return false;
  const frame = new ZstdFrame();
  return frame.accept(bytes) === bytes.length && frame.complete;
}

function kindOfFrame(bytes: Uint8Array): "data" | "skippable" | undefined {
  if (bytes.length < 4) return undefined;
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (magic === 0xfd2fb528) return "data";
  return (magic & 0xfffffff0) === 0x184d2a50 ? "skippable" : undefined;
}

/**
 * Undoes zstd, frame by frame (#118), and ignores what follows the last one.
 *
 * @throws {DecodeError} when a frame is damaged or cut short, or wants a larger window, or when there are thousands of tiny ones.
 */
export async function* unzstd(source: CodedBytes): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for (let frames = 0; ; frames++) {
    refuseCrumbs("zstd", frames, total);
    const kind = kindOfFrame(await source.peek(4));
    if (kind === undefined) {
      if (frames === 0) throw undecodable("zstd", "there is no zstd header");
      return;
    }
    if (kind === "data") {
      for await (const piece of oneFrame(source)) {
        total += piece.length;
        yield piece;
      }
      continue;
    }
    const header = await source.take(8);
    if (header.length < 8) throw cutShort();
    const length = new DataView(header.buffer, header.byteOffset, 8).getUint32(4, true);
    if (!(await source.skip(length))) throw cutShort();
  }
}

async function* oneFrame(source: CodedBytes): AsyncGenerator<Uint8Array, void, undefined> {
  const frame = new ZstdFrame();
  yield* decompress(createZstdDecompress({ chunkSize: PIECE, params: ZSTD_LIMITS }), "zstd", async () => {
    if (frame.complete) return undefined;
    const piece = await source.next();
    if (piece === undefined) throw cutShort();
    const own = frame.accept(piece);
    source.unread(piece.subarray(own));
    return piece.subarray(0, own);
  });
}

function cutShort(): Error {
  return undecodable("zstd", "unexpected end of file");
}
