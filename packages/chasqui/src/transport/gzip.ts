import { crc32, createInflateRaw } from "node:zlib";
import type { CodedBytes } from "./coded-bytes.ts";
import { decompress, PIECE, refuseCrumbs, undecodable } from "./decompress.ts";

/** The fixed part of a member's header (RFC 1952 §2.3). */
const HEADER = 10;
const TRAILER = 8;
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

/**
 * Undoes gzip, member by member (RFC 1952 §2.2), and ignores what follows the last one (#118).
 *
 * The frame around the deflate data is read here and not by zlib: Node's own decoder takes every byte after a member
 * for the next one, fails on garbage there, and loses what it had decoded of the same piece.
 *
 * @throws {DecodeError} when a member is damaged or cut short, or when there are thousands of tiny ones.
 */
export async function* gunzip(source: CodedBytes): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for (let member = 0; ; member++) {
    refuseCrumbs("gzip", member, total);
    const header = await source.take(HEADER);
    if (!looksLikeMember(header)) {
      if (member === 0) throw undecodable("gzip", "there is no gzip header");
      return;
    }
    if (header.length < HEADER || !(await skipOptional(source, header[3] ?? 0))) throw cutShort();

    let crc = 0;
    let size = 0;
    for await (const piece of inflate(source)) {
      crc = crc32(piece, crc);
      size += piece.length;
      yield piece;
    }

    total += size;
    const trailer = await source.take(TRAILER);
    if (trailer.length < TRAILER) throw cutShort();
    const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER);
    if (view.getUint32(0, true) !== crc) throw undecodable("gzip", "the checksum is not that of the data");
    if (view.getUint32(4, true) !== size % 2 ** 32)
      throw undecodable("gzip", "the length is not that of the data");
  }
}

function looksLikeMember(header: Uint8Array): boolean {
  return (
    header[0] === 0x1f && header[1] === 0x8b && header[2] === 8 && ((header[3] ?? 0) & FLAG.reserved) === 0
  );
}

async function skipOptional(source: CodedBytes, flags: number): Promise<boolean> {
  if ((flags & FLAG.extra) !== 0) {
    const [low, high] = await source.take(2);
    if (low === undefined || high === undefined || !(await source.skip(low | (high << 8)))) return false;
  }
  if ((flags & FLAG.name) !== 0 && !(await source.skipPastZero())) return false;
  if ((flags & FLAG.comment) !== 0 && !(await source.skipPastZero())) return false;
  return (flags & FLAG.headerCrc) === 0 || (await source.skip(2));
}

async function* inflate(source: CodedBytes): AsyncGenerator<Uint8Array, void, undefined> {
  let last: Uint8Array | undefined;
  const unwanted = yield* decompress(createInflateRaw({ chunkSize: PIECE }), "gzip", async () => {
    last = await source.next();
    return last;
  });
  if (last !== undefined && unwanted > 0) source.unread(last.subarray(last.length - unwanted));
}

function cutShort(): Error {
  return undecodable("gzip", "unexpected end of file");
}
