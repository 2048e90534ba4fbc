/** How much of earlier pages is kept to be compared with, in bytes. */
const KEPT = 8 * 1024 * 1024;

/** What a page takes besides its body, about. */
const OVERHEAD = 4096;

/** A page that was there: what its rows are exactly, known or yet to be found out. */
interface Earlier {
  exact(): string;
}

/** Tells equal pages of one walk. */
export class SeenPages {
  readonly #bySample = new Map<string, Earlier[]>();
  #room = KEPT;

  /**
   * Whether these rows are those of an earlier page, however its body differs beside them. It is exact: pages are held to be
   * the same if all their rows are, and whenever they are.
   *
   * To write the rows of every page as JSON costs a good part of what it costs to fetch them. So only those are written that
   * look like an earlier page, by the number of rows and by three of them, and the earlier page is read anew; where there are
   * too many to be kept for that, they are written when they come.
   *
   * @param size - The bytes of the page's body.
   * @param again - Reads the rows anew: what the caller did to those that it was given does not count.
   */
  isRepeat(rows: readonly unknown[], size: number, again: () => readonly unknown[]): boolean {
    const sample = sampleOf(rows);
    const alike = this.#bySample.get(sample);
    if (alike === undefined) {
      this.#bySample.set(sample, [this.#remembered(rows, size, again)]);
      return false;
    }
    const exact = digest(rows);
    if (alike.some((earlier) => earlier.exact() === exact)) return true;
    alike.push({ exact: () => exact });
    return false;
  }

  #remembered(rows: readonly unknown[], size: number, again: () => readonly unknown[]): Earlier {
    const needed = size + OVERHEAD;
    if (needed <= this.#room) {
      this.#room -= needed;
      return new Kept(again);
    }
    const exact = digest(rows);
    return { exact: () => exact };
  }
}

/** A page that is kept until it is asked about. */
class Kept implements Earlier {
  #again: (() => readonly unknown[]) | undefined;
  #exact = "";

  constructor(again: () => readonly unknown[]) {
    this.#again = again;
  }

  exact(): string {
    if (this.#again !== undefined) this.#exact = digest(this.#again());
    this.#again = undefined;
    return this.#exact;
  }
}

function sampleOf(rows: readonly unknown[]): string {
  const last = rows.length - 1;
  return `${rows.length} ${digest([rows[0], rows[last >> 1], rows[last]])}`;
}

function digest(rows: readonly unknown[]): string {
  return hash(jsonOf(rows));
}

function jsonOf(rows: readonly unknown[]): string {
  try {
    return JSON.stringify(rows);
  } catch {
    // A `parseJson` of the caller's may make bigints.
    return JSON.stringify(rows, (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
  }
}

const encoder = new TextEncoder();

/**
 * MurmurHash3's mixing of words of four bytes, in two lanes of 32 bits that differ, and the length. A word at a time takes
 * a third of what a character at a time takes. Not for security.
 */
function hash(text: string): string {
  const bytes = encoder.encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let first = 0x9747b28c | 0;
  let second = 0x811c9dc5 | 0;
  const whole = bytes.length & ~3;
  for (let at = 0; at < bytes.length; at += 4) {
    const word = at < whole ? view.getInt32(at, true) : tail(bytes, at);
    let mixed = Math.imul(word, 0xcc9e2d51);
    mixed = (mixed << 15) | (mixed >>> 17);
    first ^= Math.imul(mixed, 0x1b873593);
    first = (first << 13) | (first >>> 19);
    first = (Math.imul(first, 5) + 0xe6546b64) | 0;
    second = Math.imul(second ^ mixed, 0x85ebca6b);
    second ^= second >>> 15;
  }
  return `${(first >>> 0).toString(36)}.${(second >>> 0).toString(36)}.${bytes.length}`;
}

function tail(bytes: Uint8Array, from: number): number {
  let word = 0;
  for (let at = bytes.length - 1; at >= from; at--) word = (word << 8) | (bytes[at] ?? 0);
  return word;
}
