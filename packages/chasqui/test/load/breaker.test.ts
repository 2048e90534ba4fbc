import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Breaker, Breakers, type CircuitPolicy, type Outcome } from "../../src/load/breaker.ts";

const policy: CircuitPolicy = {
  share: 0.5,
  minimum: 4,
  window: 1000,
  cooldown: 500,
  probes: 1,
  statuses: [],
};

/** Sends requests one after the other, all at one time; gives how many were let through. */
function send(breaker: Breaker, outcomes: readonly Outcome[], now: number): number {
  let through = 0;
  for (const outcome of outcomes) {
    const entered = breaker.enter(now);
    if (typeof entered === "number") continue;
    through++;
    entered(outcome, now);
  }
  return through;
}

function isOpen(breaker: Breaker, now: number): boolean {
  return typeof breaker.enter(now) === "number";
}

const failures = (count: number): Outcome[] => new Array(count).fill("failure");
const successes = (count: number): Outcome[] => new Array(count).fill("success");

describe("a breaker opens", () => {
  test.each([
    ["not before there were enough requests", failures(3), false],
    ["at the share of enough requests", failures(4), true],
    ["at half of them", [...successes(2), ...failures(2)], true],
    ["not below the share", [...successes(3), ...failures(2)], false],
    ["not by what says nothing of the server", new Array(10).fill("neutral"), false],
  ])("%s", (_, outcomes: Outcome[], open) => {
    const breaker = new Breaker(policy);
    send(breaker, outcomes, 0);
    expect(isOpen(breaker, 1)).toBe(open);
  });

  test("by the requests of the window alone", () => {
    const breaker = new Breaker(policy);
    send(breaker, failures(3), 0);
    send(breaker, failures(1), 1100);
    expect(isOpen(breaker, 1100)).toBe(false);
    send(breaker, failures(3), 1200);
    expect(isOpen(breaker, 1200)).toBe(true);
  });
});

describe("an open breaker", () => {
  function opened(): Breaker {
    const breaker = new Breaker(policy);
    send(breaker, failures(4), 0);
    return breaker;
  }

  test("says how long it will be", () => {
    const breaker = opened();
    expect(breaker.enter(100)).toBe(400);
    expect(breaker.enter(499)).toBe(1);
  });

  test("lets one through after its cooldown, and nobody else while that is under way", () => {
    const breaker = opened();
    const probe = breaker.enter(500);
    expect(typeof probe).toBe("function");
    expect(breaker.enter(501)).toBe(0);
    if (typeof probe === "function") probe("success", 510);
    expect(send(breaker, successes(3), 520)).toBe(3);
  });

  test("is closed by one that succeeds, with nothing held against the server", () => {
    const breaker = opened();
    send(breaker, ["success"], 500);
    send(breaker, failures(3), 510);
    expect(isOpen(breaker, 511)).toBe(false);
  });

  test("opens anew by one that fails", () => {
    const breaker = opened();
    send(breaker, ["failure"], 500);
    expect(breaker.enter(600)).toBe(400);
  });

  test("lets another through where the one before was given up", () => {
    const breaker = opened();
    send(breaker, ["neutral"], 500);
    expect(typeof breaker.enter(501)).toBe("function");
  });

  test("is not moved by what was sent before it opened", () => {
    const breaker = new Breaker(policy);
    const late = [breaker.enter(0), breaker.enter(0)];
    send(breaker, failures(4), 0);
    for (const settle of late) if (typeof settle === "function") settle("success", 100);
    expect(isOpen(breaker, 101)).toBe(true);
  });

  test("is not closed twice by two that were let through", () => {
    const breaker = new Breaker({ ...policy, probes: 2 });
    send(breaker, failures(4), 0);
    const [one, other] = [breaker.enter(500), breaker.enter(500)];
    expect(breaker.enter(500)).toBe(0);
    if (typeof one === "function") one("failure", 510);
    if (typeof other === "function") other("success", 520);
    expect(breaker.enter(520)).toBe(490);
  });
});

test("whatever happens, no more than the probes are under way before it is closed, and it never stays shut", () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 400 }),
    outcome: fc.constantFrom<Outcome>("success", "failure", "neutral"),
    later: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const breaker = new Breaker(policy);
      const waiting: {
        readonly settle: (outcome: Outcome, now: number) => void;
        readonly outcome: Outcome;
      }[] = [];
      let now = 0;
      for (const { wait, outcome, later } of steps) {
        now += wait;
        const entered = breaker.enter(now);
        if (typeof entered === "number") {
          expect(entered).toBeLessThanOrEqual(policy.cooldown);
          expect(entered).toBeGreaterThanOrEqual(0);
          if (entered === 0) expect(waiting.length).toBeGreaterThan(0);
        } else if (later) waiting.push({ settle: entered, outcome });
        else entered(outcome, now);
      }
      for (const { settle, outcome } of waiting) settle(outcome, now);
      expect(typeof breaker.enter(now + policy.cooldown)).toBe("function");
    }),
    { seed: 7 },
  );
});

test("each origin has its own, and those that know nothing are forgotten", () => {
  const breakers = new Breakers(policy);
  send(breakers.at("https://a.test", 0), failures(4), 0);
  expect(isOpen(breakers.at("https://a.test", 0), 1)).toBe(true);
  expect(isOpen(breakers.at("https://b.test", 0), 1)).toBe(false);
  for (let origin = 0; origin < 3000; origin++) breakers.at(`https://${origin}.test`, 0);
  expect(isOpen(breakers.at("https://a.test", 0), 1)).toBe(true);
});

test("one that opened is forgotten where nobody has asked for long, so that a thousand dead servers are not remembered for ever", () => {
  const breakers = new Breakers(policy);
  const dead = breakers.at("https://dead.test", 0);
  send(dead, failures(4), 0);
  for (let origin = 0; origin < 3000; origin++) breakers.at(`https://${origin}.test`, 999);
  expect(breakers.at("https://dead.test", 999)).toBe(dead);
  for (let origin = 3000; origin < 6000; origin++) breakers.at(`https://${origin}.test`, 1001);
  expect(breakers.at("https://dead.test", 1001)).not.toBe(dead);
});
