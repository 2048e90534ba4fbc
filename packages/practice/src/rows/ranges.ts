/** Positions from `from` up to, and not including, `to`. */
export type Range = readonly [from: number, to: number];

/** Clamps ranges to a size, sorts them and joins those that touch. */
export function tidy(ranges: readonly Range[], size: number): Range[] {
  const out: [number, number][] = [];
  const clamped = ranges.map(([from, to]): Range => [Math.max(0, from), Math.min(size, to)]);
  for (const [from, to] of clamped.sort((a, b) => a[0] - b[0])) {
    if (from >= to) continue;
    const last = out.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** The positions that are in both. Both are tidy, and so is the answer. */
export function intersect(left: readonly Range[], right: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const [a, b] of left) {
    for (const [c, d] of right) {
      if (Math.max(a, c) < Math.min(b, d)) out.push([Math.max(a, c), Math.min(b, d)]);
    }
  }
  return out;
}
