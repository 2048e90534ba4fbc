import type { Clock, Timer } from "chasqui";

interface Armed extends Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
  called: boolean;
}

/** So many turns of the event loop without a new timer, and what was set off by the last one has come to rest. */
const TURNS = 3;

/**
 * A clock for simulations: nothing waits. Time stands still while something is under way, and jumps to the next timer when all
 * have come to rest.
 */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #epoch: number;
  /** A heap, the next one first. */
  readonly #armed: Armed[] = [];

  constructor(epoch: number = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return Math.floor(this.#epoch + this.#now);
  }

  timer(ms: number, callback: () => void): Timer {
    const armed: Armed = {
      due: this.#now + ms,
      order: this.#order++,
      callback,
      called: false,
      cancel: () => {
        armed.called = true;
      },
    };
    this.#push(armed);
    return armed;
  }

  /** Resolves after `ms` milliseconds. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.timer(ms, resolve);
    });
  }

  /** Lets the time go on for `ms` milliseconds. */
  async run(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await atRest();
      const next = this.#pop(end);
      if (next === undefined) break;
      this.#now = next.due;
      next.callback();
    }
    this.#now = end;
  }

  #push(armed: Armed): void {
    const heap = this.#armed;
    let at = heap.push(armed) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, armed)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = armed;
  }

  /** Takes the next one out that was not called off, if it is due by then. */
  #pop(end: number): Armed | undefined {
    for (;;) {
      const [first] = this.#armed;
      if (first === undefined || (first.due > end && !first.called)) return undefined;
      this.#removeFirst();
      if (!first.called) return first;
    }
  }

  #removeFirst(): void {
    const heap = this.#armed;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const smaller = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (smaller === undefined || before(last, smaller)) break;
      heap[at] = smaller;
      at = smaller === left ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = last;
  }
}

function before(one: Armed, other: Armed): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

async function atRest(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
