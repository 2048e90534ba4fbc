/** What the benches measure. One line a scenario; `clients.ts` says how each client does it. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Units (requests) a round. */
  readonly units: number;
  readonly rounds: number;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "S1", title: "small sequential GET with JSON", units: 1500, rounds: 15 },
];
