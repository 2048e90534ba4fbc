import { printAs } from "../printing.ts";
import type { Buckets } from "./buckets.ts";
import type { ThrottleAsk, ThrottleReport, ThrottleStore, ThrottleTurn } from "./store.ts";

/**
 * Keeps the limits of buckets in memory: what a client has unless it is given another. Given to several clients, they share their
 * limits, and their turns too.
 *
 * @example
 * ```ts
 * import { Client, MemoryThrottleStore } from "chasqui";
 * const throttle = { rate: "100/s", store: new MemoryThrottleStore() } as const;
 * await using reader = new Client({ baseUrl: "http://localhost:4010", throttle });
 * await using writer = new Client({ baseUrl: "http://localhost:4010", throttle });
 * await Promise.all([reader.get("/posts/1"), writer.put("/posts/1", { json: { title: "one" } })]);
 * ```
 */
export class MemoryThrottleStore implements ThrottleStore {
  static {
    printAs(MemoryThrottleStore, (store) => `MemoryThrottleStore (buckets: ${store.#buckets?.size ?? 0})`);
  }

  #buckets: Buckets | undefined;

  /** @see ThrottleStore */
  take(ask: ThrottleAsk): ThrottleTurn | Promise<ThrottleTurn> {
    return this.#buckets?.take(ask) ?? this.#load().then((buckets) => buckets.take(ask));
  }

  /** @see ThrottleStore */
  give(bucket: string, slot: string, report: ThrottleReport | undefined): void {
    this.#buckets?.give(bucket, slot, report);
  }

  /** Not with the library: most programs throttle nothing. */
  async #load(): Promise<Buckets> {
    const { Buckets } = await import("./buckets.ts");
    this.#buckets ??= new Buckets();
    return this.#buckets;
  }
}
