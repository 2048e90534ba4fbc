import { Chain, type Link } from "../chain.ts";

/** How urgent a call is among those that wait: `"high"` before `"auto"` before `"low"`. The words are those of Fetch. */
export type ThrottlePriority = "high" | "auto" | "low";

const LEVELS: readonly ThrottlePriority[] = ["high", "auto", "low"];

/** So many go first at most while somebody of a lower priority waits, and then one of those does. */
const MOST_PASSED = 8;

/** Somebody who waits. */
export interface Waiting<W extends Waiting<W>> extends Link<W> {
  readonly priority: ThrottlePriority;
  /** With whom it waits: each party has its turn, however many it sends. */
  readonly party: object;
}

class Level<W extends Waiting<W>> {
  /** The parties of which somebody waits, the one whose turn it is first. */
  readonly parties = new Map<object, Chain<W>>();
  /** How many of higher priority went since one of these did. */
  passed = 0;
}

/**
 * Who waits, in the order in which they are served: by priority, within that the parties one after the other, within a party who
 * came first. To come, to be served and to leave is O(1) for each party.
 */
export class FairQueue<W extends Waiting<W>> {
  readonly #levels: readonly Level<W>[] = LEVELS.map(() => new Level<W>());
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(waiting: W): void {
    const { parties } = this.#levelOf(waiting);
    let chain = parties.get(waiting.party);
    if (chain === undefined) {
      chain = new Chain<W>();
      parties.set(waiting.party, chain);
    }
    chain.add(waiting);
    this.#size++;
  }

  /** Takes out one that does not wait any more; false where it is not there. */
  remove(waiting: W): boolean {
    const { parties } = this.#levelOf(waiting);
    const chain = parties.get(waiting.party);
    if (chain === undefined || !chain.remove(waiting)) return false;
    if (chain.first === undefined) parties.delete(waiting.party);
    this.#size--;
    return true;
  }

  /** The first of each party, in the order in which they are to be tried. */
  *heads(): Generator<W, void, undefined> {
    const starved = this.#levels.find((level) => level.passed >= MOST_PASSED && level.parties.size > 0);
    const order =
      starved === undefined ? this.#levels : [starved, ...this.#levels.filter((level) => level !== starved)];
    for (const { parties } of order) {
      for (const { first } of parties.values()) if (first !== undefined) yield first;
    }
  }

  /** Takes out one whose turn has come; its party is the last to have the next one. False where it waits no more. */
  serve(waiting: W): boolean {
    const level = this.#levelOf(waiting);
    const chain = level.parties.get(waiting.party);
    if (!this.remove(waiting) || chain === undefined) return false;
    if (chain.first !== undefined) {
      level.parties.delete(waiting.party);
      level.parties.set(waiting.party, chain);
    }
    level.passed = 0;
    const below = this.#levels.slice(this.#levels.indexOf(level) + 1);
    for (const lower of below) lower.passed = lower.parties.size > 0 ? lower.passed + 1 : 0;
    return true;
  }

  #levelOf({ priority }: W): Level<W> {
    const level = this.#levels[LEVELS.indexOf(priority)];
    if (level === undefined) throw new RangeError(`no priority ${priority}`);
    return level;
  }
}
