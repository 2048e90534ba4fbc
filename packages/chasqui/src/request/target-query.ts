/**
 * Changes to the query of a request target, made on its text: what is not meant stays as it was written.
 *
 * @module
 */
import { formEncode } from "./params.ts";

/** The decoded name and value of one piece of a query. */
function read(pair: string): readonly [name: string, value: string] {
  const [entry] = new URLSearchParams(pair);
  return entry ?? ["", ""];
}

function split(target: string): { path: string; pairs: string[] } {
  const mark = target.indexOf("?");
  if (mark < 0) return { path: target, pairs: [] };
  const pairs = target.slice(mark + 1).split("&");
  return { path: target.slice(0, mark), pairs: pairs.filter((pair) => pair !== "") };
}

function join(path: string, pairs: readonly string[]): string {
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

/** The query of a target, read. */
export function queryOf(target: string): URLSearchParams {
  const mark = target.indexOf("?");
  return new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
}

/** A target with params set: in the place of those of the same name, or at the end. */
export function withParams(target: string, params: Readonly<Record<string, string>>): string {
  const { path, pairs } = split(target);
  const left = new Map(
    Object.entries(params).map(([name, value]) => [name, `${formEncode(name)}=${formEncode(value)}`]),
  );
  const names = new Set(left.keys());
  const kept: string[] = [];
  for (const pair of pairs) {
    const [name] = read(pair);
    if (!names.has(name)) kept.push(pair);
    else {
      const written = left.get(name);
      if (written !== undefined) kept.push(written);
      left.delete(name);
    }
  }
  return join(path, [...kept, ...left.values()]);
}

/** A target with those of the params that it lacks. */
export function withMissing(target: string, params: Readonly<Record<string, string>>): string {
  const there = queryOf(target);
  return withParams(target, Object.fromEntries(Object.entries(params).filter(([name]) => !there.has(name))));
}

/** A target with those pairs of another one that have the given names and that it lacks, as they are written there. */
export function withPairsOf(target: string, other: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return target;
  const there = queryOf(target);
  const added = split(other).pairs.filter((pair) => {
    const [name] = read(pair);
    return names.has(name) && !there.has(name);
  });
  const { path, pairs } = split(target);
  return added.length === 0 ? target : join(path, [...pairs, ...added]);
}

/** A target without the pairs that are found to be unwanted by their decoded name and value. */
export function withoutPairs(target: string, unwanted: (name: string, value: string) => boolean): string {
  const { path, pairs } = split(target);
  const kept = pairs.filter((pair) => !unwanted(...read(pair)));
  return kept.length === pairs.length ? target : join(path, kept);
}
