/** Knows what is called from within a function, across all that it waits for. */
export interface Scope {
  run<T>(work: () => T): T;
  isInside(): boolean;
}
