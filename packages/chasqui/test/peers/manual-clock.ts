import type { Clock, Timer } from "chasqui";

interface Armed extends Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. What waits on it is called in order of time. */
export class ManualClock implements Clock {
  #now = 1000;
  readonly #epoch: number;
  readonly #armed = new Set<Armed>();
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: number[] = [];
  readonly #onArm = new Set<() => void>();

  constructor(epoch: number = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#epoch + this.#now;
  }

  timer(ms: number, callback: () => void): Timer {
    const armed: Armed = { due: this.#now + ms, callback, cancel: () => this.#armed.delete(armed) };
    this.waits.push(ms);
    this.#armed.add(armed);
    for (const told of this.#onArm) told();
    return armed;
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#armed.size;
  }

  /** Goes on by `ms`, calling what falls due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#armed].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.#armed.delete(next);
      this.#now = next.due;
      next.callback();
    }
    this.#now = end;
  }

  /** Resolves when a timer of exactly `ms` is waiting: the moment at which a test may go on with the time. */
  async armed(ms: number): Promise<void> {
    const there = (): boolean => [...this.#armed].some(({ due }) => Math.abs(due - this.#now - ms) < 1e-6);
    if (there()) return;
    await new Promise<void>((resolve) => {
      const told = (): void => {
        if (!there()) return;
        this.#onArm.delete(told);
        resolve();
      };
      this.#onArm.add(told);
    });
  }
}
