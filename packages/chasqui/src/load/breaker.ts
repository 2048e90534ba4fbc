/** When an origin is left alone: the option, checked. */
export interface CircuitPolicy {
  readonly share: number;
  readonly minimum: number;
  /** Milliseconds. */
  readonly window: number;
  /** Milliseconds. */
  readonly cooldown: number;
  readonly probes: number;
  readonly statuses: readonly number[];
}

/** What became of a request: `"neutral"` says nothing of the server, such as a call that its caller gave up. */
export type Outcome = "success" | "failure" | "neutral";

/** In so many parts the window is counted; what is older than it goes part by part. */
const PARTS = 10;
/** Origins that are kept before those that say nothing any more are looked for. */
const SWEEP_AT = 1000;

/** The requests of a window: how many there were, and how many failed. */
class Window {
  readonly #part: number;
  readonly #totals: number[] = new Array(PARTS).fill(0);
  readonly #failures: number[] = new Array(PARTS).fill(0);
  #at = 0;

  constructor(length: number) {
    this.#part = length / PARTS;
  }

  count(failed: boolean, now: number): void {
    this.#goTo(now);
    const part = this.#at % PARTS;
    this.#totals[part] = (this.#totals[part] ?? 0) + 1;
    if (failed) this.#failures[part] = (this.#failures[part] ?? 0) + 1;
  }

  /** Of how many requests. */
  total(now: number): number {
    this.#goTo(now);
    return sum(this.#totals);
  }

  failures(now: number): number {
    this.#goTo(now);
    return sum(this.#failures);
  }

  clear(): void {
    this.#totals.fill(0);
    this.#failures.fill(0);
  }

  #goTo(now: number): void {
    const at = Math.floor(now / this.#part);
    const passed = Math.min(PARTS, at - this.#at);
    for (let back = 0; back < passed; back++) {
      const part = (at - back) % PARTS;
      this.#totals[part] = 0;
      this.#failures[part] = 0;
    }
    this.#at = Math.max(this.#at, at);
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** What a request that is let through says when it is over. */
export type Settle = (outcome: Outcome, now: number) => void;

/**
 * The circuit breaker of one origin (Nygard, "Release It!"). Closed, all requests go; where too large a share of them fails it
 * opens, and none do; after the cooldown it is half open, and a few go to see whether the server is well.
 */
export class Breaker {
  readonly #policy: CircuitPolicy;
  readonly #window: Window;
  /** When it opened; undefined while it is closed. */
  #openedAt: number | undefined;
  #probing = 0;

  constructor(policy: CircuitPolicy) {
    this.#policy = policy;
    this.#window = new Window(policy.window);
  }

  /**
   * Asks whether a request may go. Whoever is let through says what became of it, once; who is not gets the milliseconds until it is
   * worth asking again.
   */
  enter(now: number): Settle | number {
    const { cooldown, probes } = this.#policy;
    if (this.#openedAt === undefined) return (outcome, then) => this.#count(outcome, then);
    const left = this.#openedAt + cooldown - now;
    if (left > 0) return left;
    if (this.#probing >= probes) return 0;
    this.#probing++;
    const generation = this.#openedAt;
    return (outcome, then) => this.#probed(outcome, then, generation);
  }

  /** Whether nothing is known that has to be remembered: of one that opened, when nobody has asked for as long again as it was. */
  idle(now: number): boolean {
    if (this.#openedAt === undefined) return this.#window.total(now) === 0;
    return this.#probing === 0 && now >= this.#openedAt + 2 * this.#policy.cooldown;
  }

  #count(outcome: Outcome, now: number): void {
    // What was sent before it opened says nothing new.
    if (outcome === "neutral" || this.#openedAt !== undefined) return;
    this.#window.count(outcome === "failure", now);
    if (outcome !== "failure") return;
    const total = this.#window.total(now);
    if (total >= this.#policy.minimum && this.#window.failures(now) / total >= this.#policy.share)
      this.#open(now);
  }

  #probed(outcome: Outcome, now: number, generation: number): void {
    // Another probe has decided meanwhile.
    if (generation !== this.#openedAt) return;
    this.#probing--;
    if (outcome === "failure") this.#open(now);
    else if (outcome === "success") {
      this.#openedAt = undefined;
      this.#probing = 0;
      this.#window.clear();
    }
  }

  #open(now: number): void {
    this.#openedAt = now;
    this.#probing = 0;
  }
}

/** The breakers of all origins. */
export class Breakers {
  readonly #policy: CircuitPolicy;
  readonly #byOrigin = new Map<string, Breaker>();
  #sweepAt = SWEEP_AT;

  constructor(policy: CircuitPolicy) {
    this.#policy = policy;
  }

  at(origin: string, now: number): Breaker {
    let breaker = this.#byOrigin.get(origin);
    if (breaker === undefined) {
      if (this.#byOrigin.size >= this.#sweepAt) this.#sweep(now);
      breaker = new Breaker(this.#policy);
      this.#byOrigin.set(origin, breaker);
    }
    return breaker;
  }

  #sweep(now: number): void {
    for (const [origin, breaker] of this.#byOrigin) if (breaker.idle(now)) this.#byOrigin.delete(origin);
    // Not at each new one, where all of them have to be remembered.
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#byOrigin.size);
  }
}
