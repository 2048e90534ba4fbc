/** What a scenario came to, as a person reads it. */
import { figuresOf, type Rounds, verdictOn } from "./comparison.ts";
import { type Comparison, REFERENCE } from "./scenario.ts";
import type { Table } from "./table.ts";

export interface Report {
  readonly name: string;
  readonly title: string;
  /** How it was measured. */
  readonly how: string;
  readonly table: Table;
  /** The targets, each with its figure and whether it was met. */
  readonly verdicts: readonly string[];
}

/** A time of so many milliseconds, in a unit in which it can be read. */
function time(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1000).toFixed(1)} µs`;
  return milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

export function reportOf(
  scenario: Comparison,
  rounds: readonly Rounds[],
  versions: ReadonlyMap<string, string>,
): Report {
  const { unit, by, units, memory = false } = scenario;
  const names = [...(rounds[0]?.keys() ?? [])].sort(
    (a, b) => scenario.clients.indexOf(a) - scenario.clients.indexOf(b),
  );
  const rows = names.map((name) => {
    const { wall, cpu, ratio, peak } = figuresOf(rounds, scenario, name);
    return [
      name,
      versions.get(name) ?? "",
      time(wall),
      time(cpu),
      ratio?.median.toFixed(2) ?? "",
      ratio === undefined ? "" : `${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)}`,
      ...(memory ? [`${peak.toFixed(0)} MB`] : []),
    ];
  });
  // The sign of a unit has no plural.
  const many = unit === "MiB" || units === 1 ? unit : `${unit}s`;
  const what = by === "cpu" ? "CPU" : "wall time";
  return {
    name: scenario.name,
    title: scenario.title,
    how: `${rounds.length} rounds of ${units} ${many}. Ratio: the ${what} of ${REFERENCE} divided by the client's; higher is better.`,
    table: {
      head: [
        "client",
        "version",
        `wall time a ${unit}`,
        `CPU a ${unit}`,
        "ratio",
        "middle half",
        ...(memory ? ["peak memory"] : []),
      ],
      rows,
    },
    verdicts: scenario.targets
      .map((target) => verdictOn(target, rounds, scenario))
      .filter((verdict) => verdict !== undefined),
  };
}
