/** By so much at most a pause is longer than what the server said, in milliseconds. A call waits for so much more than its `maxWait`. */
export const LENGTHENED = 1000;

/** The share of itself that a pause is lengthened by at most. */
const SHARE = 0.1;

/**
 * The pause that is kept where a server says one: others were told the same, and must not all come at once.
 *
 * @param pause - What the server says, in milliseconds.
 * @param lot - From 0 up to 1.
 */
export function lengthened(pause: number, lot: number): number {
  return pause + lot * Math.min(pause * SHARE, LENGTHENED);
}
