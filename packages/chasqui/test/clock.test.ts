import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../src/clock.ts";

describe("the clock of the machine", () => {
  // Once for all: the ticker that the clock has in one time must not outlive it.
  beforeAll(() => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"],
    });
  });
  afterEach(() => {
    vi.advanceTimersByTime(120_000);
  });
  afterAll(() => {
    vi.useRealTimers();
  });

  /** When a timer fires, in milliseconds from now; undefined if it does not within `within`. */
  function fired(ms: number, within = ms + 200): number | undefined {
    const start = performance.now();
    let at: number | undefined;
    systemClock.timer(ms, () => {
      at = performance.now() - start;
    });
    vi.advanceTimersByTime(within);
    return at;
  }

  test("goes forward, and knows the date", () => {
    const [now, date] = [systemClock.now(), systemClock.date()];
    vi.advanceTimersByTime(500);
    expect([systemClock.now() - now, systemClock.date() - date]).toEqual([500, 500]);
  });

  test.each([[0], [1], [50], [999]])("a timer of %i ms is exact", (ms) => {
    expect(fired(ms)).toBe(ms);
  });

  test.each([[1000], [1050], [30_000], [60_001]])(
    "a timer of %i ms is never early, and a tenth of a second late at most",
    (ms) => {
      // Of those that are armed between two ticks, too.
      systemClock.timer(5000, () => {});
      vi.advanceTimersByTime(37);
      const at = fired(ms);
      expect(at).toBeGreaterThanOrEqual(ms);
      expect(at).toBeLessThanOrEqual(ms + 100);
    },
  );

  test.each([[20], [1000]])("a timer of %i ms that was called off stays silent, however often", (ms) => {
    let called = 0;
    const timer = systemClock.timer(ms, () => called++);
    timer.cancel();
    timer.cancel();
    expect(fired(ms)).toBeDefined();
    timer.cancel();
    expect(called).toBe(0);
  });

  test("coarse timers fire in order of time, and one may arm or call off others", () => {
    const order: string[] = [];
    const late = systemClock.timer(1400, () => order.push("called off"));
    systemClock.timer(1200, () => {
      order.push("b");
      late.cancel();
      systemClock.timer(1000, () => order.push("c"));
    });
    systemClock.timer(1000, () => order.push("a"));
    vi.advanceTimersByTime(5000);
    expect(order).toEqual(["a", "b", "c"]);
  });

  test("the ticker stops with the tick after the last timer, and starts with the next", () => {
    systemClock.timer(1000, () => {}).cancel();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
    expect(fired(2000)).toBe(2050);
  });
});

describe("a process", () => {
  async function run(program: string): Promise<string> {
    const source = `import { systemClock } from ${JSON.stringify(new URL("../src/clock.ts", import.meta.url).href)};${program}`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source]);
    return stdout.trim();
  }

  test("is held by a coarse timer that waits", async () => {
    expect(await run("systemClock.timer(1000, () => console.log('fired'));")).toBe("fired");
  });

  test("is not held by the ticker when the last timer was called off", async () => {
    const program = `
      const timers = Array.from({ length: 1000 }, () => systemClock.timer(60_000, () => {}));
      for (const timer of timers) timer.cancel();
      const started = performance.now();
      process.on("exit", () => console.log(performance.now() - started < 30_000, process.getActiveResourcesInfo()));`;
    expect(await run(program)).toBe("true []");
  });
});
