/** The most runs that are remembered; the one that was used longest ago is forgotten first. */
const MOST_RUNS = 1_000;
/** The most counters of one run. */
const MOST_COUNTERS = 1_000;

/**
 * What the routes that misbehave on purpose remember, by the `run` id of the query: two tests that name different runs do
 * not see each other's requests.
 */
export class Runs {
  readonly #runs = new Map<string, Map<string, number[]>>();

  /** The numbers of one counter, to read and to write. A new counter is empty. */
  counter(run: string, name: string): number[] {
    const counters = this.#runs.get(run) ?? new Map<string, number[]>();
    const numbers = counters.get(name) ?? [];
    this.#runs.delete(run);
    this.#runs.set(run, counters);
    counters.set(name, numbers);
    trim(this.#runs, MOST_RUNS);
    trim(counters, MOST_COUNTERS);
    return numbers;
  }

  /** Counts one more and returns how many there are now. */
  count(run: string, name: string): number {
    const numbers = this.counter(run, name);
    numbers[0] = (numbers[0] ?? 0) + 1;
    return numbers[0];
  }

  /** What is remembered of a run: the first number of each counter. */
  report(run: string): Record<string, number> {
    return Object.fromEntries(
      [...(this.#runs.get(run) ?? [])].map(([name, numbers]) => [name, numbers[0] ?? 0]),
    );
  }

  /** Forgets one run, or all of them. */
  forget(run?: string): void {
    if (run === undefined) this.#runs.clear();
    else this.#runs.delete(run);
  }
}

function trim(map: Map<string, unknown>, size: number): void {
  for (const key of map.keys()) {
    if (map.size <= size) return;
    map.delete(key);
  }
}
