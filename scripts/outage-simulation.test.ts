import { expect, test } from "vitest";
import { meetsOutageTargets, type OutageScenario, simulateOutage } from "./outage-simulation.ts";

const base: OutageScenario = {
  outage: "status",
  rate: 100,
  phases: [5, 30, 5],
  deadline: 10_000,
  options: {},
  seed: 7,
};

test.each(["status", "reset", "silence"] as const)(
  "a server that fails for half a minute (%s) sees less than 1.2 of what it is used to, and every call ends in time",
  async (outage) => {
    expect(await simulateOutage({ ...base, outage })).toSatisfy(meetsOutageTargets);
  },
);

test("with a circuit it sees half of that, and all goes well again", async () => {
  const figures = await simulateOutage({
    ...base,
    phases: [5, 30, 40],
    options: { circuit: { cooldown: "5s" } },
  });
  expect(figures.load).toBeLessThan(0.5);
  expect(figures.recovered).toBe(1);
});

test("without the budget it sees three times as much", async () => {
  const figures = await simulateOutage({ ...base, options: { retry: { budget: false } } });
  expect(figures.load).toBeGreaterThan(2.5);
});
