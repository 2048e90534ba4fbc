import { describe, expect, test } from "vitest";
import { type Bound, Quota, Remainder } from "../../src/throttle/quota.ts";

/** The times at which so many are started that come as soon as they may, from a moment on. */
function starts(bound: Bound, count: number, from: number = 0): number[] {
  const times: number[] = [];
  let now = from;
  while (times.length < count) {
    const wait = bound.wait(now);
    // The clock of a bucket goes on by whole microseconds.
    now += Math.ceil(wait * 1000) / 1000;
    if (wait > 0) continue;
    bound.take(now);
    times.push(Math.round(now));
  }
  return times;
}

describe("a limit for a window", () => {
  test("as many as there are go at once, those after the window one by one at the pace of the limit", () => {
    expect(starts(new Quota("", 4, 10_000), 8)).toEqual([0, 0, 0, 0, 10_200, 12_700, 15_200, 17_700]);
  });

  test("of a large limit the last twentieth is spread over the time until some comes back", () => {
    const times = starts(new Quota("", 40, 10_000), 41);
    expect(times.slice(0, 38).every((time) => time === 0)).toBe(true);
    expect(times.slice(38)).toEqual([3400, 6800, 10_200]);
  });

  test("a burst of its own is spread from the first one on, and is there again after a pause", () => {
    const quota = new Quota("", 10, 10_000, 2);
    expect(starts(quota, 4)).toEqual([0, 0, 1000, 2000]);
    expect(starts(quota, 3, 60_000)).toEqual([60_000, 60_000, 61_000]);
  });

  test("who waited is followed at the pace of the limit, and not by the next crowd", () => {
    const times = starts(new Quota("", 10, 1000), 30);
    const gaps = times.slice(11).map((time, at) => time - (times[at + 10] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99);
  });

  test("P22 never more than the limit in any window, wherever it begins", () => {
    for (const [limit, window] of [
      [1, 100],
      [7, 1000],
      [100, 1000],
      [1000, 60_000],
    ] as const) {
      const times = starts(new Quota("", limit, window), limit * 4);
      for (const [at, time] of times.entries()) {
        const later = times[at + limit];
        if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(window);
      }
    }
  });

  test("what the server says is left goes before what was counted here", () => {
    const quota = new Quota("", 4, 10_000);
    expect(starts(quota, 4)).toEqual([0, 0, 0, 0]);
    quota.hear({ remaining: 2, until: 11_000, beside: 0, alone: true }, 1000);
    expect(starts(quota, 3, 1000)).toEqual([1000, 1000, 10_200]);
  });

  test("where others use it up, it is waited until it is restored", () => {
    const quota = new Quota("", 10, 10_000);
    quota.take(0);
    quota.hear({ remaining: 0, until: 3000, beside: 0, alone: true }, 100);
    expect(quota.wait(100)).toBe(2900);
    expect(quota.wait(3000)).toBe(0);
  });

  test("a count that differs by what is rounded is nobody else's", () => {
    const quota = new Quota("", 100, 10_000);
    for (let n = 0; n < 10; n++) quota.take(0);
    quota.hear({ remaining: 88, until: 10_000, beside: 0, alone: true }, 0);
    expect(starts(quota, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  test("after a refusal that should not have been, all that is left is spread", () => {
    const quota = new Quota("", 100, 10_000);
    quota.take(0);
    quota.hear({ remaining: 9, until: 10_000, beside: 0, alone: true }, 0);
    quota.beCautious(0);
    expect(starts(quota, 3)).toEqual([1000, 2000, 3000]);
  });
});

describe("what is left until a moment", () => {
  test("goes at once but for the last twentieth, which is spread; then it is whole again", () => {
    const remainder = new Remainder("");
    remainder.hear({ remaining: 40, until: 10_000, beside: 0, alone: true }, 40, 0);
    const times = starts(remainder, 40);
    expect(times.slice(0, 38).every((time) => time === 0)).toBe(true);
    expect(times.slice(38)).toEqual([3333, 6667]);
    remainder.settle();
    expect(starts(remainder, 2, 6667)).toEqual([10_000, 10_000]);
  });

  test("P22 those beside the one that was answered may not be counted yet", () => {
    const remainder = new Remainder("");
    for (let n = 0; n < 6; n++) remainder.take(0);
    remainder.hear({ remaining: 9, until: 10_000, beside: 5, alone: false }, 10, 50);
    expect(starts(remainder, 5, 50)).toEqual([50, 50, 50, 50, 10_000]);
  });

  test("once none is under way the least that was said is what is left", () => {
    const remainder = new Remainder("");
    for (let n = 0; n < 6; n++) remainder.take(0);
    for (const remaining of [7, 4, 6]) {
      remainder.hear({ remaining, until: 10_000, beside: 5, alone: false }, 10, 50);
    }
    remainder.hear({ remaining: 5, until: 10_000, beside: 5, alone: true }, 10, 60);
    expect(starts(remainder, 5, 60)).toEqual([60, 60, 60, 60, 10_000]);
  });

  test("of several answers the latest moment counts, whichever arrives last; a later request's own is believed", () => {
    const remainder = new Remainder("");
    for (let n = 0; n < 3; n++) remainder.take(0);
    remainder.hear({ remaining: 0, until: 9000, beside: 2, alone: false }, 3, 10);
    remainder.hear({ remaining: 2, until: 3000, beside: 2, alone: false }, 3, 11);
    remainder.hear({ remaining: 1, until: 6000, beside: 2, alone: true }, 3, 12);
    expect(remainder.wait(12)).toBe(8988);
    remainder.hear({ remaining: 0, until: 4000, beside: 0, alone: true }, 3, 20);
    expect(remainder.wait(20)).toBe(3980);
  });

  test("nothing left, and nobody says how much there will be: it is over when it is restored", () => {
    const remainder = new Remainder("");
    remainder.hear({ remaining: 0, until: 500, beside: 0, alone: true }, undefined, 0);
    expect([remainder.wait(0), remainder.isOver(499), remainder.wait(500), remainder.isOver(500)]).toEqual([
      500,
      false,
      0,
      true,
    ]);
  });
});
