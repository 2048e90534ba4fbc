/**
 * `npm run simulate-outage`: what a server that fails for half a minute sees of a client, in virtual time. It prints one line a
 * scenario, and fails where one that has a target misses it.
 *
 * @module
 */
import { meetsOutageTargets, type Outage, type OutageScenario, simulateOutage } from "./outage-simulation.ts";

const base: OutageScenario = {
  outage: "status",
  rate: 100,
  phases: [30, 30, 90],
  deadline: 10_000,
  options: {},
  seed: Number(process.argv[2] ?? 1),
};

interface Run {
  readonly title: string;
  readonly scenario: OutageScenario;
  readonly target: boolean;
}

const titles: Readonly<Record<Outage, string>> = { status: "503", reset: "resets", silence: "silence" };
const outages: readonly Outage[] = ["status", "reset", "silence"];

const RUNS: readonly Run[] = outages.flatMap((outage): Run[] => {
  const scenario = { ...base, outage };
  const said = titles[outage];
  return [
    { title: `${said}, by default`, scenario, target: true },
    {
      title: `${said}, 20 calls a second`,
      scenario: { ...scenario, rate: 20 },
      target: outage === "silence",
    },
    { title: `${said}, circuit`, scenario: { ...scenario, options: { circuit: true } }, target: true },
    {
      title: `${said}, no budget`,
      scenario: { ...scenario, options: { retry: { budget: false, phases: ["headers"] } } },
      target: false,
    },
  ];
});

console.log(
  `${"".padEnd(32)}   calls    load    peak   late  longest  well again   (targets: load < 1.2, none late)`,
);
for (const { title, scenario, target } of RUNS) {
  const figures = await simulateOutage(scenario);
  const { calls, load, peak, late, longest, recovered } = figures;
  const verdict = target ? (meetsOutageTargets(figures) ? "ok" : "MISSED") : "report only";
  const cells = [
    String(calls).padStart(8),
    load.toFixed(2).padStart(8),
    peak.toFixed(2).padStart(8),
    String(late).padStart(7),
    `${(longest / 1000).toFixed(1)} s`.padStart(9),
    `${(100 * recovered).toFixed(1)} %`.padStart(12),
  ];
  console.log(`${title.padEnd(32)}${cells.join("")}  ${verdict}`);
  if (target && !meetsOutageTargets(figures)) process.exitCode = 1;
}
