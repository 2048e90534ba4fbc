import fc from "fast-check";
import { expect, test } from "vitest";
import { WindowLog } from "../../src/throttle/window-log.ts";

test("what is older than a window is not counted any more, to the millisecond", () => {
  const log = new WindowLog(2, 1000);
  log.add(0);
  log.add(400);
  expect([log.remaining(999), log.next(999)]).toEqual([0, 1]);
  expect([log.remaining(1000), log.next(1000)]).toEqual([1, 400]);
  expect([log.remaining(1400), log.next(1400)]).toEqual([2, 0]);
});

test.each([3, 300, 5000])("of a limit of %i no window ever has more, and none much less", (limit) => {
  const delays = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 50, maxLength: 400 });
  fc.assert(
    fc.property(delays, (pauses) => {
      const log = new WindowLog(limit, 1000);
      const starts: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        // Bursts of a hundredth of the limit, as far as they are let.
        for (let n = 0; n < Math.max(1, limit / 100) && log.remaining(now) >= 1; n++) {
          log.add(now);
          starts.push(now);
        }
        const within = starts.filter((start) => start > now - 1000).length;
        expect(within).toBeLessThanOrEqual(limit);
        // Entries that are kept as one are forgotten with the last of them.
        const sure = starts.filter((start) => start > now - 1000 - 1000 / 256).length;
        expect(log.remaining(now)).toBeGreaterThanOrEqual(limit - sure);
      }
    }),
    { numRuns: 30 },
  );
});
