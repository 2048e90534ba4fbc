import type { Condition } from "../query/condition.ts";
import { KINDS, type Kind, makeRow, sizes } from "./make-rows.ts";
import { type Range, tidy } from "./ranges.ts";
import { isRow, type Row, textOf, valueAt } from "./row.ts";

/** The rows that a resource begins with. They never change; what is written lies over them (collection.ts). */
export interface Base {
  readonly size: number;
  /** Whether rows are made when they are asked for, and so count against the limit of one answer. */
  readonly generated: boolean;
  at(position: number): Row;
  /** The position of a row, or -1. */
  positionOf(id: string): number;
  /** Whether any row has the field, which may be a dotted path. */
  has(path: string): boolean;
  /** The positions that a condition selects, or undefined when only looking at the rows can tell. */
  narrow(condition: Condition): Range[] | undefined;
  /** The id that a created row gets; undefined when ids are not numbers. */
  readonly nextId: number | undefined;
}

/** The six resources, made from a seed. */
export function generatedBases(posts: number, seed: number): Map<string, Base> {
  const size = new Map(Object.entries(sizes(posts)));
  return new Map(
    Object.entries<Kind>(KINDS).map(([name, kind], index): [string, Base] => {
      return [name, generated(kind, size.get(name) ?? 0, (id) => makeRow(kind, seed, index, id))];
    }),
  );
}

function generated(kind: Kind, size: number, make: (id: number) => Row): Base {
  const shape = make(1);
  return {
    size,
    generated: true,
    nextId: size + 1,
    at: (position) => make(position + 1),
    positionOf: (id) => (/^[1-9]\d{0,14}$/.test(id) && Number(id) <= size ? Number(id) - 1 : -1),
    has: (path) => valueAt(shape, path) !== undefined,
    narrow: (condition) => {
      if (condition.path === "id") return narrowCounted(condition, 1, size);
      if (condition.path === kind.parentKey) return narrowCounted(condition, kind.perParent, size);
      return undefined;
    },
  };
}

/**
 * `id` and the parent's id grow with the position (value = ceil((position + 1) / per)), so that a condition on them is a
 * range of positions: a million rows are filtered by a parent without making one of them.
 */
function narrowCounted(condition: Condition, per: number, size: number): Range[] | undefined {
  const numbers = condition.values.map(Number).filter((value) => !Number.isNaN(value));
  const exact = condition.values.filter((value) => /^[1-9]\d{0,14}$/.test(value)).map(Number);
  switch (condition.operator) {
    case "eq":
      return tidy(
        exact.map((value): Range => [(value - 1) * per, value * per]),
        size,
      );
    case "gte":
      return tidy(numbers.length ? [[(Math.ceil(Math.min(...numbers)) - 1) * per, size]] : [], size);
    case "lte":
      return tidy(numbers.length ? [[0, Math.floor(Math.max(...numbers)) * per]] : [], size);
    case "ne": {
      const edges = [0, ...exact.sort((a, b) => a - b).flatMap((v) => [(v - 1) * per, v * per]), size];
      const gaps: Range[] = [];
      for (let i = 0; i < edges.length; i += 2) gaps.push([edges[i] ?? 0, edges[i + 1] ?? size]);
      return tidy(gaps, size);
    }
    case "like":
      return undefined;
  }
}

/** The rows of an array of somebody's own file. What is not an object has no fields to ask for and is left out. */
export function listedBase(items: readonly unknown[]): Base {
  const rows = items.filter(isRow);
  const positions = new Map<string, number>();
  rows.forEach((row, position) => {
    const id = textOf(row.id);
    if (id !== "" && !positions.has(id)) positions.set(id, position);
  });
  const ids = rows.map((row) => row.id).filter((id) => id !== undefined);
  const numeric = ids.every((id): id is number => typeof id === "number");
  return {
    size: rows.length,
    generated: false,
    nextId: numeric ? 1 + ids.reduce((max, id) => Math.max(max, id), 0) : undefined,
    at: (position) => rows[position] ?? {},
    positionOf: (id) => positions.get(id) ?? -1,
    has: (path) => rows.some((row) => valueAt(row, path) !== undefined),
    narrow: () => undefined,
  };
}
