import { randomUUID } from "node:crypto";
import { type Condition, meets } from "../query/condition.ts";
import type { Base } from "./base.ts";
import type { Keeper } from "./keeper.ts";
import { intersect, type Range } from "./ranges.ts";
import { type Row, textOf, valueAt } from "./row.ts";

/** A stretch of rows that nobody has touched, or one row that somebody wrote. */
export type Segment = { readonly from: number; readonly to: number } | { readonly row: Row };

/** What is left of a resource after the conditions that need no look at the rows. */
export interface Narrowed {
  readonly segments: readonly Segment[];
  /** Conditions that have yet to be tried on the rows of the stretches. */
  readonly rest: readonly Condition[];
}

/** One resource: the rows that it began with, and over them what was written. */
export class Collection {
  readonly name: string;
  readonly base: Base;
  readonly #keeper: Keeper;
  readonly #written: Map<string, Row | null>;
  #nextId: number | undefined;

  constructor(name: string, base: Base, keeper: Keeper) {
    this.name = name;
    this.base = base;
    this.#keeper = keeper;
    this.#written = keeper.load(name);
    this.#nextId = base.nextId;
    for (const id of this.#written.keys()) this.#reserve(id);
  }

  /** The row with this id. */
  get(id: string): Row | undefined {
    const written = this.#written.get(id);
    if (written !== undefined) return written ?? undefined;
    const position = this.base.positionOf(id);
    return position < 0 ? undefined : this.base.at(position);
  }

  /** Whether a row has the field, which may be a dotted path. */
  has(path: string): boolean {
    if (this.base.has(path)) return true;
    for (const row of this.#written.values()) if (row && valueAt(row, path) !== undefined) return true;
    return false;
  }

  /** The id that the next created row gets. */
  nextId(): number | string {
    return this.#nextId ?? randomUUID().slice(0, 8);
  }

  /** Writes a row, or with null takes it away. */
  write(id: string, row: Row | null): void {
    if (row === null && this.base.positionOf(id) < 0) this.#written.delete(id);
    else this.#written.set(id, row);
    this.#keeper.save(this.name, id, this.#written.get(id));
    this.#reserve(id);
  }

  /** Applies the conditions that need no look at the rows. */
  narrow(conditions: readonly Condition[]): Narrowed {
    let ranges: Range[] = this.base.size > 0 ? [[0, this.base.size]] : [];
    const rest: Condition[] = [];
    for (const condition of conditions) {
      const narrowed = this.base.narrow(condition);
      if (narrowed) ranges = intersect(ranges, narrowed);
      else rest.push(condition);
    }
    return { segments: this.#cutAtWritten(ranges, conditions), rest };
  }

  /** Ranges of the base become stretches between the written rows; those are tried against every condition. */
  #cutAtWritten(ranges: readonly Range[], conditions: readonly Condition[]): Segment[] {
    const placed: [number, Row | null][] = [];
    const appended: Segment[] = [];
    for (const [id, row] of this.#written) {
      const position = this.base.positionOf(id);
      const shown = row && conditions.every((condition) => meets(row, condition)) ? row : null;
      if (position >= 0) placed.push([position, shown]);
      else if (shown) appended.push({ row: shown });
    }
    placed.sort((a, b) => a[0] - b[0]);
    const segments: Segment[] = [];
    let next = 0;
    for (const [from, to] of [...ranges, [this.base.size, this.base.size] as const]) {
      let start = from;
      for (
        let item = placed[next];
        item !== undefined && (item[0] < to || to === this.base.size);
        item = placed[++next]
      ) {
        const [position, row] = item;
        if (position > start) segments.push({ from: start, to: Math.min(position, to) });
        if (row) segments.push({ row });
        start = Math.max(start, position + 1);
      }
      if (start < to) segments.push({ from: start, to });
    }
    return [...segments, ...appended];
  }

  #reserve(id: string): void {
    const number = Number(id);
    if (this.#nextId !== undefined && Number.isSafeInteger(number))
      this.#nextId = Math.max(this.#nextId, number + 1);
  }
}

/** Whether an id is taken. */
export function holds(collection: Collection, id: unknown): boolean {
  return collection.get(textOf(id)) !== undefined;
}
