/** A source of numbers in [0, 1) that is the same on every machine. */
export type Random = () => number;

/**
 * The random source of one row. It depends on nothing but its arguments, so that row 900,000 costs as much as row 1.
 * The generator is mulberry32; the arguments are mixed with the finaliser of MurmurHash3.
 */
export function randomFor(seed: number, resource: number, id: number): Random {
  let state = mix(mix(mix(seed) ^ Math.imul(resource + 1, 0x9e3779b1)) ^ Math.imul(id, 0x85ebca6b));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** An integer from `low` to `high`, both included. */
export function integer(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One of the items. */
export function pick(random: Random, items: readonly string[]): string {
  return items[integer(random, 0, items.length - 1)] ?? "";
}
