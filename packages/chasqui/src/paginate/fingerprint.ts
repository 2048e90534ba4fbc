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

/** FNV-1a, twice with different numbers, and the length: 64 bits, so that two of a million are not alike. Not for security. */
function hash(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x85ebca6b);
  }
  return `${(first >>> 0).toString(36)}.${(second >>> 0).toString(36)}.${text.length}`;
}
