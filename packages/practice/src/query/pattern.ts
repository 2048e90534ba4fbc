import { Refusal } from "../refusal.ts";
import { isWord, type Node, readPattern } from "./pattern-syntax.ts";

/** A compiled `_like`: a case-insensitive search for a regular expression. */
export interface Pattern {
  test(text: string): boolean;
}

const LONGEST_PATTERN = 500;
const MOST_STATES = 5_000;
/** Steps that are remembered; beyond it the memory is emptied, and the answer stays the same. */
const MOST_REMEMBERED = 20_000;
/** States that one pattern may visit in all: well under a second. Linear in a long pattern times many rows is still long. */
const MOST_VISITS = 5_000_000;

type State =
  | { readonly type: "step"; readonly has: (code: number) => boolean; readonly next: number }
  | { readonly type: "fork"; readonly next: number[] }
  | { readonly type: "assert"; readonly at: "start" | "end" | "word" | "not-word"; readonly next: number }
  | { readonly type: "match" };

/**
 * Compiles a pattern for a matcher that never goes back: it follows all ways through the pattern at once (Thompson, 1968),
 * so that its time grows with the length of the text and not with the number of ways, as `(a+)+$` makes a backtracking
 * matcher's grow. JavaScript's own RegExp only checks the syntax.
 *
 * @throws {Refusal} 400 for what is not a regular expression, is too long, or needs backtracking.
 */
export function compilePattern(source: string): Pattern {
  if (source.length > LONGEST_PATTERN)
    throw new Refusal(400, `_like: a pattern has at most ${LONGEST_PATTERN} characters`);
  try {
    new RegExp(source, "i");
  } catch (error) {
    throw new Refusal(400, `_like: ${error instanceof Error ? error.message : "not a regular expression"}`);
  }
  if (/^[\w\s,;:@#%&=~!<>"'/-]*$/.test(source)) {
    const wanted = source.toLowerCase();
    return { test: (text) => text.toLowerCase().includes(wanted) };
  }
  return matcher(...build(readPattern(source)));
}

/** Turns the tree into states, from its end to its beginning. Returns the states and the first of them. */
function build(tree: Node): [State[], number] {
  const states: State[] = [{ type: "match" }];
  const add = (state: State): number => {
    if (states.length >= MOST_STATES) throw new Refusal(400, "_like: the pattern repeats too much");
    return states.push(state) - 1;
  };
  const before = (node: Node, next: number): number => {
    switch (node.type) {
      case "set":
        return add({ type: "step", has: node.has, next });
      case "assert":
        return add({ type: "assert", at: node.at, next });
      case "sequence":
        return node.items.reduceRight((after, item) => before(item, after), next);
      case "choice":
        return add({ type: "fork", next: node.items.map((item) => before(item, next)) });
      case "repeat":
        return beforeRepeat(node.item, node.min, node.max, next);
    }
  };
  const beforeRepeat = (item: Node, min: number, max: number, next: number): number => {
    let first = next;
    if (max === Number.POSITIVE_INFINITY) {
      const ways: number[] = [];
      first = add({ type: "fork", next: ways });
      ways.push(before(item, first), next);
    } else {
      for (let left = max - min; left > 0; left--)
        first = add({ type: "fork", next: [before(item, first), next] });
    }
    // Each copy is at least one state, so that `(){9999999}` is stopped as well.
    for (let left = min; left > 0; left--) first = add({ type: "fork", next: [before(item, first)] });
    return first;
  };
  return [states, before(tree, 0)];
}

/** Where the matcher is between two characters: the states before their forks are followed, and what came before. */
interface Place {
  readonly states: readonly number[];
  readonly after: Side;
  readonly steps: Map<number, Place | "match">;
}

type Side = "edge" | "word" | "other";
const END = -1;

function matcher(states: readonly State[], first: number): Pattern {
  let places = new Map<string, Place>();
  let remembered = 0;
  let visits = 0;
  const place = (list: readonly number[], after: Side): Place => {
    const key = `${after}:${list.join()}`;
    const known = places.get(key);
    if (known) return known;
    const made: Place = { states: list, after, steps: new Map() };
    places.set(key, made);
    return made;
  };
  const follow = ({ states: list, after }: Place, code: number): Place | "match" => {
    const before: Side = code === END ? "edge" : isWord(code) ? "word" : "other";
    const boundary = (after === "word") !== (before === "word");
    const holds = { start: after === "edge", end: code === END, word: boundary, "not-word": !boundary };
    const seen = new Set<number>();
    const open = [...list];
    const reached = new Set<number>([first]);
    if (visits > MOST_VISITS) throw new Refusal(400, "_like: the pattern takes too long on these rows");
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const state = states[index];
      if (seen.has(index) || state === undefined) continue;
      seen.add(index);
      visits++;
      if (state.type === "match") return "match";
      if (state.type === "fork") open.push(...state.next);
      else if (state.type === "assert" && holds[state.at]) open.push(state.next);
      else if (state.type === "step" && code !== END && state.has(code)) reached.add(state.next);
    }
    return place(
      [...reached].sort((a, b) => a - b),
      before,
    );
  };
  const step = (from: Place, code: number): Place | "match" => {
    const known = from.steps.get(code);
    if (known) return known;
    const to = follow(from, code);
    from.steps.set(code, to);
    if (++remembered > MOST_REMEMBERED) {
      places = new Map();
      remembered = 0;
    }
    return to;
  };
  return {
    test: (text) => {
      let here = place([first], "edge");
      for (let i = 0; i < text.length; i++) {
        const next = step(here, text.charCodeAt(i));
        if (next === "match") return true;
        here = next;
      }
      return step(here, END) === "match";
    },
  };
}
