/** Tells equal pages of one walk. */
export class SeenPages {
  readonly #exactBySample = new Map<string, Set<string>>();
  #previousSample: string | undefined;
  #first = true;

  /**
   * Whether these rows are those of an earlier page.
   *
   * To write all rows of every page as JSON would cost as much as to parse them, so that is done of the first page, and of
   * those that look like an earlier one by the number of their rows and a few of them. That compares exactly with the first
   * page and with the one before, which is what a server gives that does not know the param, or stays on its last page; a
   * longer circle is told when it comes round the second time. An equal page is never reported where there is none.
   *
   * @param previous - Reads the rows of the page before anew: what the caller did to those it was given does not count.
   */
  isRepeat(rows: readonly unknown[], previous: () => readonly unknown[]): boolean {
    const sample = sampleOf(rows);
    const wasSame = sample === this.#previousSample;
    this.#previousSample = sample;
    const known = this.#exactBySample.get(sample);
    if (known === undefined) {
      this.#exactBySample.set(sample, this.#first ? new Set([digest(rows)]) : NOT_WRITTEN);
      this.#first = false;
      return false;
    }
    const exact = digest(rows);
    if (known.has(exact)) return true;
    if (wasSame && digest(previous()) === exact) return true;
    if (known === NOT_WRITTEN) this.#exactBySample.set(sample, new Set([exact]));
    else known.add(exact);
    return false;
  }
}

/** Of pages whose rows were not written out; shared, and never added to. */
const NOT_WRITTEN: Set<string> = new Set();

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
