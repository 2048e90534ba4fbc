import { type Bound, Quota, Remainder } from "./quota.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { ThrottleAsk, ThrottleRate, ThrottleReport, ThrottleTurn } from "./store.ts";

const SECOND = 1000;
/** The longest that a server is believed without being asked again, in milliseconds. */
const LONGEST_PAUSE: number = 3_600_000;
/** The first pause after a refusal that does not say how long, doubled with each one after another, and its bound. */
const FIRST_PAUSE: number = SECOND;
const LONGEST_GUESS: number = 60 * SECOND;
/** How many are under way at first, while no answer has told what the limits are. */
const AT_FIRST = 4;
/** As many as this at once are no longer counted. */
const PLENTY = 1000;
/** Quotas that are remembered of one bucket. */
const MOST_LEARNED = 16;

/** A quota that answers told of. */
interface Learned {
  readonly bound: Quota | Remainder;
  readonly limit: number | undefined;
  readonly window: number | undefined;
  toldAt: number;
  /** Whether there were answers that told of others and not of it: it is for some requests, and nobody knows for which. */
  partial: boolean;
}

/** The limits of one bucket: what its calls ask for, what its answers tell, and what is under way. */
export class Bucket {
  /** Requests begun, ever; a slot is the number of its request. */
  #begun = 0;
  #answered = 0;
  /** Of each request under way, how many had been answered when it was begun. */
  readonly #answeredBefore = new Map<number, number>();
  readonly #own = new Map<string, Quota>();
  readonly #learned = new Map<string, Learned>();
  /** What a server says that may be under way at once. */
  #concurrency = Number.POSITIVE_INFINITY;
  /**
   * How many may be under way while no answer tells of limits: with each that is served one more, after a refusal one, as TCP
   * feels its way. Undefined before the first.
   */
  #window: number | undefined;
  /** From here on it grows slowly. */
  #threshold = Number.POSITIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Refusals one after another, each of a request that was begun after the last pause. */
  #refusals = 0;
  /** The last request that was begun before the last pause. */
  #begunAtPause = 0;

  take({ rates, concurrency, learn, now }: ThrottleAsk): ThrottleTurn {
    if (now < this.#pausedUntil)
      return { wait: this.#pausedUntil - now, reason: "the server's pause", told: true };
    const own: Bound[] = rates.map((rate) => this.#ownQuota(rate));
    const bounds = learn ? [...own, ...this.#learnedBounds(now)] : own;
    this.#window ??= learn && rates.length === 0 ? AT_FIRST : Number.POSITIVE_INFINITY;
    const most = Math.min(concurrency, learn ? this.#concurrency : concurrency, Math.floor(this.#window));
    if (this.#underWay >= most) return { wait: Number.POSITIVE_INFINITY, reason: `${most} under way` };
    let wait = 0;
    let longest: Bound | undefined;
    for (const bound of bounds) {
      const asked = bound.wait(now);
      if (asked <= wait) continue;
      wait = asked;
      longest = bound;
    }
    // In whole microseconds: a wait that is lost in the rounding of the clock would never end.
    if (longest !== undefined) {
      return { wait: Math.ceil(wait * 1000) / 1000, reason: longest.name, told: !own.includes(longest) };
    }
    // Of all of them: what one client begins is begun for another that shares the bucket, whatever limits that one asks for.
    for (const quota of this.#own.values()) quota.take(now);
    for (const { bound } of this.#learned.values()) bound.take(now);
    this.#begun++;
    this.#answeredBefore.set(this.#begun, this.#answered);
    return { slot: String(this.#begun) };
  }

  give(slot: number, report: ThrottleReport | undefined): void {
    const before = this.#answeredBefore.get(slot);
    // It was given back before.
    if (before === undefined) return;
    this.#answeredBefore.delete(slot);
    this.#answered++;
    if (this.#underWay === 0) {
      for (const { bound } of this.#learned.values()) if (bound instanceof Remainder) bound.settle();
    }
    if (report === undefined || !report.answered) return;
    const { now, limits } = report;
    const afterPause = slot > this.#begunAtPause;
    if (limits.length > 0) this.#learn(limits, this.#begun - before - 1, now);
    if (report.refused) this.#pause(report, afterPause);
    else if (afterPause) this.#widen();
  }

  /** Whether nothing would be lost with it. */
  isQuiet(now: number): boolean {
    if (this.#underWay > 0 || now < this.#pausedUntil) return false;
    this.#dropStale(now);
    return this.#learned.size === 0 && [...this.#own.values()].every((quota) => quota.isWhole(now));
  }

  get #underWay(): number {
    return this.#answeredBefore.size;
  }

  /** One was served. */
  #widen(): void {
    this.#refusals = 0;
    const window = this.#window ?? AT_FIRST;
    const known = [...this.#learned.values()].some(({ partial }) => !partial);
    const wider = window < this.#threshold ? window + 1 : window + 1 / window;
    this.#window = known || wider > PLENTY ? Number.POSITIVE_INFINITY : wider;
  }

  #ownQuota({ limit, window, burst }: ThrottleRate): Quota {
    const key = `${limit}/${window}/${burst}`;
    let quota = this.#own.get(key);
    if (quota === undefined) {
      quota = new Quota(`${limit} in ${window} ms`, limit, window, burst);
      this.#own.set(key, quota);
    }
    return quota;
  }

  #learnedBounds(now: number): Bound[] {
    this.#dropStale(now);
    return [...this.#learned.values()].filter(({ partial }) => !partial).map(({ bound }) => bound);
  }

  /** What nobody has told of for an hour is not known any more, nor what was left of something that is restored by now. */
  #dropStale(now: number): void {
    for (const [name, { bound, toldAt }] of this.#learned) {
      const over = bound instanceof Remainder && bound.isOver(now);
      if (!over && now < toldAt + LONGEST_PAUSE) continue;
      this.#learned.delete(name);
      if (this.#learned.size + this.#own.size === 0) this.#window = AT_FIRST;
    }
  }

  #pause({ pause, now }: ThrottleReport, afterPause: boolean): void {
    if (afterPause) {
      this.#refusals++;
      this.#threshold = Math.max(1, Math.min(this.#window ?? AT_FIRST, this.#underWay + 1) / 2);
      this.#window = 1;
      for (const { bound } of this.#learned.values()) bound.beCautious(now);
    }
    const guess = Math.min(LONGEST_GUESS, FIRST_PAUSE * 2 ** Math.max(0, this.#refusals - 1));
    const until = now + Math.min(pause ?? guess, LONGEST_PAUSE);
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#begunAtPause = this.#begun;
  }

  /** @param beside - How many were under way beside the request that was answered. */
  #learn(limits: readonly RateLimit[], beside: number, now: number): void {
    const names = new Set<string>();
    this.#concurrency = Number.POSITIVE_INFINITY;
    for (const quota of limits) {
      const { name, unit, limit, window, remaining, reset } = quota;
      if (unit === "concurrent-requests") {
        this.#concurrency = Math.min(this.#concurrency, limit ?? Number.POSITIVE_INFINITY);
        continue;
      }
      const counts = unit === "requests";
      // Of what is no request nobody knows how much the next one takes; that nothing is left, though, is a word.
      if (!counts && remaining !== 0) continue;
      const key = `${unit} ${name}`;
      names.add(key);
      const windowed = counts && limit !== undefined && window !== undefined;
      // So much is left, and nobody says how long that is true: there is nothing to keep to.
      if (!windowed && (remaining === undefined || (remaining > 0 && reset === undefined))) continue;
      const learned = this.#learnedAs(key, quota, now);
      learned.toldAt = now;
      if (remaining === undefined) continue;
      const until = now + Math.min(reset ?? window ?? SECOND, LONGEST_PAUSE);
      const told = { remaining, until, beside, alone: this.#underWay === 0 };
      if (learned.bound instanceof Quota) learned.bound.hear(told, now);
      else learned.bound.hear(told, limit, now);
    }
    for (const [key, learned] of this.#learned) {
      if (key.startsWith("requests ")) learned.partial ||= !names.has(key);
    }
  }

  #learnedAs(key: string, { unit, limit, window }: RateLimit, now: number): Learned {
    const had = this.#learned.get(key);
    if (had !== undefined && had.limit === limit && had.window === window) return had;
    const name = "the server's limit";
    let bound: Quota | Remainder = new Remainder(name);
    if (unit === "requests" && limit !== undefined && window !== undefined) {
      bound = new Quota(name, limit, window);
      bound.count(
        had?.bound instanceof Quota ? had.bound.used(now) : Math.min(this.#begun, this.#underWay + AT_FIRST),
        now,
      );
    }
    const learned = { bound, limit, window, toldAt: now, partial: had?.partial ?? false };
    this.#learned.delete(key);
    this.#learned.set(key, learned);
    const [oldest] = this.#learned.keys();
    if (this.#learned.size > MOST_LEARNED && oldest !== undefined) this.#learned.delete(oldest);
    return learned;
  }
}
