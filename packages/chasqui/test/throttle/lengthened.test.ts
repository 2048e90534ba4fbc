import { expect, test } from "vitest";
import { LENGTHENED, lengthened } from "../../src/throttle/lengthened.ts";

test.each([
  [0, 0.9, 0],
  [2000, 0, 2000],
  [2000, 0.5, 2100],
  [10_000, 0.5, 10_500],
  [3_600_000, 0.5, 3_600_500],
])(
  "a pause of %i ms with the lot %f is one of %i ms: up to a tenth longer, and no more than a second",
  (pause, lot, kept) => {
    expect(lengthened(pause, lot)).toBe(kept);
  },
);

test("no pause is lengthened by more than what a call waits for beyond its maxWait", () => {
  for (const pause of [0, 1, 999, 10_000, 86_400_000]) {
    expect(lengthened(pause, 1 - Number.EPSILON) - pause).toBeLessThanOrEqual(LENGTHENED);
  }
});
