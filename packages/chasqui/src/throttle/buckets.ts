import { Bucket } from "./bucket.ts";
import type { ThrottleAsk, ThrottleReport, ThrottleTurn } from "./store.ts";

/** Buckets that are kept before those in which nothing is left to remember are looked for. */
const SWEEP_AT = 1000;

/** The buckets of a store, by name. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = SWEEP_AT;

  get size(): number {
    return this.#buckets.size;
  }

  take(ask: ThrottleAsk): ThrottleTurn {
    let bucket = this.#buckets.get(ask.bucket);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#sweepAt) this.#sweep(ask.now);
      bucket = new Bucket();
      this.#buckets.set(ask.bucket, bucket);
    }
    return bucket.take(ask);
  }

  give(bucket: string, slot: string, report: ThrottleReport | undefined): void {
    this.#buckets.get(bucket)?.give(Number(slot), report);
  }

  #sweep(now: number): void {
    for (const [name, bucket] of this.#buckets) if (bucket.isQuiet(now)) this.#buckets.delete(name);
    this.#sweepAt = Math.max(SWEEP_AT, this.#buckets.size * 2);
  }
}
