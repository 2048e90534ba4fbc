import type { RateLimit } from "./rate-limit.ts";

/** A limit of requests for a window of time, as the option `rate` says it. */
export interface ThrottleRate {
  readonly limit: number;
  /** Milliseconds. */
  readonly window: number;
  /** How many may start at once. */
  readonly burst: number;
}

/** What a client asks for. */
export interface ThrottleLimits {
  readonly rates: readonly ThrottleRate[];
  /** The most that are under way at once; Infinity is no limit. */
  readonly concurrency: number;
  /** Whether the limits that answers tell of count too. */
  readonly learn: boolean;
}

/** What a store is asked: whether one more request may be started. */
export interface ThrottleAsk extends ThrottleLimits {
  /** Whose limits these are: origin, and who asks or the name that was given for it. It tells no credential. */
  readonly bucket: string;
  /** Milliseconds of the client's clock, which only goes forward. A store that many processes share goes by its own. */
  readonly now: number;
}

/**
 * A slot, to be given back; or in how many milliseconds it makes sense to ask again. Infinity is when one is given back, of which
 * the client knows only those that it gives back itself. `reason` says what is waited for, for a trace and an error. `told` is true
 * where the server's word is what is waited for: longer than `throttle.maxWait` nobody waits for that.
 */
export type ThrottleTurn =
  | { readonly slot: string }
  | { readonly wait: number; readonly reason?: string | undefined; readonly told?: boolean | undefined };

/** What came of a request, told when its slot is given back. */
export interface ThrottleReport {
  /** As in `ThrottleAsk`. */
  readonly now: number;
  /** Whether the server has answered. */
  readonly answered: boolean;
  /** Whether it refused because of a limit: 429, or 503 with Retry-After. Then nobody is to ask for a while. */
  readonly refused: boolean;
  /** For how long, in milliseconds, where the server says so. */
  readonly pause: number | undefined;
  /** The quotas that it told of. */
  readonly limits: readonly RateLimit[];
}

/**
 * Where the limits of buckets are kept. `MemoryThrottleStore` keeps them for one process, and may be given to several clients;
 * one over Redis, say, keeps them for many. Who waits for a slot, and in which order, is not its business.
 *
 * What it throws ends the call in a `CallerError`.
 *
 * @example
 * ```ts
 * import { Client, MemoryThrottleStore, type ThrottleStore } from "chasqui";
 * const memory = new MemoryThrottleStore();
 * let asked = 0;
 * const store: ThrottleStore = {
 *   take: async (ask) => {
 *     asked++;
 *     return memory.take(ask);
 *   },
 *   give: async (bucket, slot, report) => memory.give(bucket, slot, report),
 * };
 * await using client = new Client({ baseUrl: "http://localhost:4010", throttle: { concurrency: 1, store } });
 * await client.get("/posts/1");
 * console.log(asked); // 1
 * ```
 */
export interface ThrottleStore {
  /** Takes a slot, if one may be started now. */
  take(ask: ThrottleAsk): ThrottleTurn | Promise<ThrottleTurn>;
  /** Gives a slot back: with what came of it, or undefined where nothing was sent. */
  give(bucket: string, slot: string, report: ThrottleReport | undefined): void | Promise<void>;
}
