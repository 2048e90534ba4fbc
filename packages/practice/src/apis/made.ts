import { amount } from "../faults/count.ts";
import type { Ask } from "../route.ts";
import { type Random, randomFor } from "../rows/random.ts";
import type { Row } from "../rows/row.ts";

/** Resources of the generated rows are numbered from 0; those of the look-alikes begin here. */
const FIRST = 100;

/** Rows of a look-alike, made from a seed when they are asked for. */
export class Made {
  readonly count: number;
  readonly #make: (index: number, random: Random) => Row;
  readonly #number: number;

  /** @param number - Another one for each list, so that their rows differ. */
  constructor(number: number, count: number, make: (index: number, random: Random) => Row) {
    this.#number = FIRST + number;
    this.count = count;
    this.#make = make;
  }

  /** The row at an index from 0; undefined behind the last. */
  at(index: number, seed: number): Row | undefined {
    return index >= 0 && index < this.count
      ? this.#make(index, randomFor(seed, this.#number, index))
      : undefined;
  }

  slice(from: number, size: number, seed: number): Row[] {
    const rows: Row[] = [];
    for (let index = from; index < from + size; index++) {
      const row = this.at(index, seed);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  all(seed: number): Row[] {
    return this.slice(0, this.count, seed);
  }
}

/** How many rows a page is to have, as the query says it: from 1 to `most`. */
export function sizeOf(ask: Ask, name: string, usual: number, most: number): number {
  return Math.min(Math.trunc(amount(ask, name, usual, 1)), most);
}

/** A cursor says nothing to whoever looks at it. */
export function opaque(from: number): string {
  return Buffer.from(`after:${from}`).toString("base64url");
}

/** Where a cursor points: 0 where there is none, undefined where it is not one of ours. */
export function placeOf(cursor: string): number | undefined {
  if (cursor === "") return 0;
  const from = /^after:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  return from === undefined ? undefined : Number(from);
}

/** A day from `first`, as a date. */
export function dayAfter(first: string, days: number): string {
  return new Date(Date.parse(first) + days * 86_400_000).toISOString().slice(0, 10);
}
