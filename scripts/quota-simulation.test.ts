import { expect, test } from "vitest";
import { meetsTargets, type Scenario, simulate } from "./quota-simulation.ts";

const base: Scenario = {
  kind: "bucket",
  dialect: "ratelimit",
  limit: 100,
  window: 10,
  duration: 60,
  clients: 1,
  callers: 200,
  throttle: true,
  latency: [40, 60],
  seed: 7,
};

test.each<readonly [string, Partial<Scenario>]>([
  ["a token bucket and a policy with its window", {}],
  ["a token bucket and no window", { dialect: "x" }],
  ["fixed windows", { kind: "window" }],
  ["a sliding window", { kind: "sliding" }],
  ["a rate that was given, and a server that tells nothing", { dialect: "none", throttle: "100/10s" }],
])("200 callers of one client keep a quota and use it: %s", async (_, part) => {
  const figures = await simulate({ ...base, ...part });
  expect(figures).toSatisfy(meetsTargets);
  expect(figures.failed).toBe(0);
});

test("without the option nearly all is refused", async () => {
  const figures = await simulate({ ...base, duration: 10, throttle: false });
  expect(figures.refusedShare).toBeGreaterThan(0.9);
});

test("a server that tells nothing but its refusals is felt for", async () => {
  const figures = await simulate({ ...base, dialect: "none" });
  expect(figures.refusedShare).toBeLessThan(0.3);
  expect(figures.throughput).toBeGreaterThan(0.95);
});

test("the same seed gives the same figures", async () => {
  const some = { ...base, duration: 10, callers: 20, clients: 3 };
  expect(await simulate(some)).toEqual(await simulate(some));
});
