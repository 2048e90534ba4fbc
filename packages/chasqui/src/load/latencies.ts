/** When a second request is sent: the option, checked. */
export interface HedgePolicy {
  readonly percentile: number;
  /** Milliseconds; undefined goes by the percentile. */
  readonly delay: number | undefined;
  readonly share: number;
}

/** Answers that a percentile is taken of: the last ones. */
const KEPT = 200;
/** Before so many answers nothing is known of an origin. */
const ENOUGH = 20;
/** Second requests that may be saved up, so that one slow moment is not the end of it. */
const SAVED = 10;
/** Origins that are kept; the one asked longest ago goes. */
const ORIGINS = 1000;

/** How long an origin takes to answer, and how many second requests it may still be sent. */
export class Latency {
  readonly #policy: HedgePolicy;
  readonly #times: number[] = [];
  #next = 0;
  #allowed = 1;

  constructor(policy: HedgePolicy) {
    this.#policy = policy;
  }

  /** A request was answered, after so many milliseconds. */
  answered(ms: number): void {
    this.#times[this.#next] = ms;
    this.#next = (this.#next + 1) % KEPT;
  }

  /** A request goes out, and earns its share of a second one. */
  sent(): void {
    this.#allowed = Math.min(SAVED, this.#allowed + this.#policy.share);
  }

  /** After how many milliseconds a second request is worth it; undefined where that is not known. */
  delay(): number | undefined {
    const { delay, percentile } = this.#policy;
    if (delay !== undefined) return delay;
    if (this.#times.length < ENOUGH) return undefined;
    const sorted = this.#times.toSorted((one, other) => one - other);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percentile))];
  }

  /** Takes leave for a second request; false where there were too many. */
  spend(): boolean {
    if (this.#allowed < 1) return false;
    this.#allowed -= 1;
    return true;
  }
}

/** Those of all origins. */
export class Latencies {
  readonly #policy: HedgePolicy;
  readonly #byOrigin = new Map<string, Latency>();

  constructor(policy: HedgePolicy) {
    this.#policy = policy;
  }

  at(origin: string): Latency {
    let latency = this.#byOrigin.get(origin);
    if (latency === undefined) {
      latency = new Latency(this.#policy);
      const [oldest] = this.#byOrigin.keys();
      if (this.#byOrigin.size >= ORIGINS && oldest !== undefined) this.#byOrigin.delete(oldest);
    } else this.#byOrigin.delete(origin);
    this.#byOrigin.set(origin, latency);
    return latency;
  }
}
