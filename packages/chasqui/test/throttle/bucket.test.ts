import { describe, expect, test } from "vitest";
import { Bucket } from "../../src/throttle/bucket.ts";
import type { RateLimit } from "../../src/throttle/rate-limit.ts";
import type { ThrottleLimits } from "../../src/throttle/store.ts";

const LEARNING: ThrottleLimits = { rates: [], concurrency: Number.POSITIVE_INFINITY, learn: true };

/** A bucket at a moment, and those that are under way in it. */
class Try {
  readonly bucket = new Bucket();
  readonly limits: ThrottleLimits;
  readonly slots: number[] = [];
  now = 0;

  constructor(limits: ThrottleLimits = LEARNING) {
    this.limits = limits;
  }

  /** In how many milliseconds one may start: 0 where one did. */
  take(): number {
    const turn = this.bucket.take({ ...this.limits, bucket: "", now: this.now });
    if ("wait" in turn) return turn.wait;
    this.slots.push(Number(turn.slot));
    return 0;
  }

  /** How many start now, one after the other, up to a thousand. */
  takeAll(): number {
    let count = 0;
    while (count < 1000 && this.take() === 0) count++;
    return count;
  }

  answer(limits: readonly Partial<RateLimit>[] = []): void {
    this.#give({ answered: true, refused: false, pause: undefined }, limits);
  }

  refuse(pause?: number): void {
    this.#give({ answered: true, refused: true, pause }, []);
  }

  fail(): void {
    this.#give({ answered: false, refused: false, pause: undefined }, []);
  }

  #give(
    came: { answered: boolean; refused: boolean; pause: number | undefined },
    limits: readonly Partial<RateLimit>[],
  ): void {
    const told = limits.map((limit) => ({ name: "", unit: "requests" as const, ...limit }));
    this.bucket.give(this.slots.shift() ?? -1, { ...came, now: this.now, limits: told });
  }
}

describe("before anything is known", () => {
  test("four start, and one more with each that is answered without a word of limits", () => {
    const some = new Try();
    expect(some.takeAll()).toBe(4);
    some.answer();
    expect(some.takeAll()).toBe(2);
    for (let n = 0; n < 5; n++) some.answer();
    expect(some.takeAll()).toBe(10);
  });

  test("those that fail tell nothing", () => {
    const some = new Try();
    some.takeAll();
    some.fail();
    expect(some.takeAll()).toBe(1);
  });

  test("with a rate that was given as many start as that lets", () => {
    const rates = [{ limit: 9, window: 1000, burst: 9 }];
    expect(new Try({ ...LEARNING, rates }).takeAll()).toBe(9);
  });

  test("learn: false does not feel its way", () => {
    expect(new Try({ ...LEARNING, learn: false }).takeAll()).toBe(1000);
  });
});

describe("what answers tell", () => {
  test("a policy with its window holds from then on, less what was started before", () => {
    const some = new Try();
    some.takeAll();
    some.answer([{ limit: 50, window: 10_000 }]);
    // Four were started; the last twentieth, two, is spread.
    expect(some.takeAll()).toBe(44);
  });

  test("two policies hold both", () => {
    const some = new Try();
    some.take();
    some.answer([
      { name: "minute", limit: 100, window: 60_000, remaining: 99, reset: 60_000 },
      { name: "day", limit: 1000, window: 86_400_000, remaining: 7, reset: 3_600_000 },
    ]);
    const taken = some.takeAll();
    expect(taken).toBeLessThanOrEqual(7);
    some.now = 600_000;
    expect(taken + some.takeAll()).toBeLessThanOrEqual(7);
  });

  test("a policy that some answers do not tell of is for some requests, and stops not all", () => {
    const some = new Try();
    some.take();
    some.take();
    some.answer([
      { name: "core", limit: 1000, window: 60_000 },
      { name: "search", limit: 1, window: 60_000 },
    ]);
    expect(some.take()).toBeGreaterThan(0);
    some.answer([{ name: "core", limit: 1000, window: 60_000 }]);
    expect(some.take()).toBe(0);
  });

  test("a limit of what is under way at once", () => {
    const some = new Try();
    some.take();
    some.answer([
      { unit: "concurrent-requests", limit: 2 },
      { limit: 1000, window: 1000 },
    ]);
    expect(some.takeAll()).toBe(2);
  });

  test("of tokens or bytes it counts that none is left, and nothing else", () => {
    const some = new Try();
    some.take();
    some.answer([{ unit: "other", name: "tokens", limit: 9, window: 1000, remaining: 1, reset: 500 }]);
    expect(some.take()).toBe(0);
    some.answer([{ unit: "other", name: "tokens", limit: 9, window: 1000, remaining: 0, reset: 500 }]);
    expect(some.take()).toBe(500);
  });

  test("nothing left, and nobody says until when: a second", () => {
    const some = new Try();
    some.take();
    some.answer([{ remaining: 0 }]);
    expect(some.take()).toBe(1000);
  });

  test("much left, and nobody says until when: nothing to keep to", () => {
    const some = new Try();
    some.take();
    some.answer([{ limit: 40, remaining: 39 }]);
    expect(some.takeAll()).toBe(5);
  });

  test("P22 no server holds anybody for more than an hour at a time", () => {
    const some = new Try();
    some.take();
    some.answer([{ limit: 1, window: 1e12, remaining: 0, reset: 1e12 }]);
    expect(some.take()).toBeGreaterThan(0);
    some.now = 3_600_000;
    expect(some.take()).toBe(0);
  });

  test("quotas without number do not pile up", () => {
    const some = new Try();
    for (let n = 0; n < 100; n++) {
      some.now += 1;
      some.take();
      some.answer([
        { name: `n${n}`, limit: 5, window: 1000 },
        { name: "all", limit: 1000, window: 1000 },
      ]);
    }
    // Those of before were for some requests only, and the last one still stands.
    expect(some.takeAll()).toBeGreaterThan(0);
  });
});

describe("refusals", () => {
  test("a pause is for as long as was said, and the longest counts", () => {
    const some = new Try();
    some.takeAll();
    some.refuse(5000);
    some.refuse(2000);
    expect(some.take()).toBe(5000);
    some.refuse(9000);
    expect(some.take()).toBe(9000);
  });

  test("where nothing is said they are guessed: doubled from one pause to the next, up to a minute, not by those of one crowd", () => {
    const some = new Try();
    const pauses: number[] = [];
    for (let round = 0; round < 8; round++) {
      const count = some.takeAll();
      for (let n = 0; n < count; n++) some.refuse();
      const pause = some.take();
      pauses.push(pause);
      some.now += pause;
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("P22 after it one goes first, and the next ones when that is served", () => {
    const some = new Try();
    some.takeAll();
    for (let n = 0; n < 4; n++) some.refuse(1000);
    some.now = 1000;
    expect(some.takeAll()).toBe(1);
    some.answer();
    expect(some.takeAll()).toBe(2);
  });

  test("an answer to one that was sent before the pause does not end it", () => {
    const some = new Try();
    some.takeAll();
    some.refuse(1000);
    some.answer();
    expect(some.take()).toBe(1000);
  });
});

describe("slots", () => {
  test("one that is given back twice, or was never given, is nobody's", () => {
    const bucket = new Bucket();
    const ask = { ...LEARNING, concurrency: 1, bucket: "", now: 0 };
    expect(bucket.take(ask)).toEqual({ slot: "1" });
    bucket.give(7, undefined);
    expect(bucket.take(ask)).toHaveProperty("wait");
    bucket.give(1, undefined);
    bucket.give(1, undefined);
    expect(bucket.take(ask)).toEqual({ slot: "2" });
    expect(bucket.take(ask)).toHaveProperty("wait");
  });

  test("a bucket is quiet when nothing is under way, paused, used or told", () => {
    const some = new Try({ ...LEARNING, rates: [{ limit: 2, window: 1000, burst: 2 }] });
    expect(some.bucket.isQuiet(0)).toBe(true);
    some.take();
    expect(some.bucket.isQuiet(0)).toBe(false);
    some.answer();
    expect(some.bucket.isQuiet(0)).toBe(false);
    expect(some.bucket.isQuiet(1020)).toBe(true);
    some.now = 2000;
    some.take();
    some.refuse(5000);
    expect(some.bucket.isQuiet(6999)).toBe(false);
    expect(some.bucket.isQuiet(7000)).toBe(true);
  });
});
