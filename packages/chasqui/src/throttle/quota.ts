import { WindowLog } from "./window-log.ts";

/** A bound on when the next request may be started. Times are milliseconds of one clock. */
export interface Bound {
  /** What it is, for who has to wait. */
  readonly name: string;
  /** In how many milliseconds one may be started; 0 is now. Asked again then, it may say more. */
  wait(now: number): number;
  /** One is started. */
  take(now: number): void;
}

/**
 * What the window is lengthened by. The server counts when a request arrives, which is sooner after the one before it than it was
 * sent, whenever that one was slower on its way.
 */
const GUARD = 0.02;
const LONGEST_GUARD = 250;

/** Of what is left, the last share of the limit is not spent at once. */
const RESERVE = 20;

/** How much of a limit the server's count may differ from ours before it is somebody else who shares it: it rounds, we race. */
const ROUNDING = 50;

/** For so long after a refusal that should not have been, all of what is left is spread: others take from it too. */
const CAUTION = 600_000;

/** What is left is gone after this, where nothing is heard of it any more, in milliseconds. */
const SILENCE = 60_000;

/** What an answer says is left of a quota. */
export interface Told {
  readonly remaining: number;
  /** Until when that holds. */
  readonly until: number;
  /**
   * How many were under way beside the request that was answered: whether they are counted already nobody knows, for what is sent
   * first need not arrive first.
   */
  readonly beside: number;
  /** Whether none is under way any more: then all of them are counted. */
  readonly alone: boolean;
}

/** What the server says is left, made out of one answer after the other. */
class Word {
  /** So many may be started, whatever becomes of those that are under way. */
  left = 0;
  until = Number.NEGATIVE_INFINITY;
  /** How many were started that the last answer may not have counted. */
  uncounted = 0;
  /** The least that was said since the last time that none was under way. */
  #least = Number.POSITIVE_INFINITY;

  holds(now: number): boolean {
    return now < this.until;
  }

  take(): void {
    this.left--;
    this.uncounted++;
  }

  say({ remaining, until, beside, alone }: Told, now: number): void {
    const sure = remaining - beside;
    // More than was thought possible is gone: others share it, and what was thought is worth nothing.
    const wrong = !this.holds(now) || this.left > remaining;
    this.left = wrong ? sure : Math.max(this.left, sure);
    this.#least = Math.min(this.#least, remaining);
    if (alone) {
      this.left = Math.max(this.left, this.#least);
      this.#least = Number.POSITIVE_INFINITY;
    }
    this.uncounted = alone ? 0 : beside;
    // Of several that were under way together the one that was counted last says it, and that need not be the last to arrive.
    this.until = beside > 0 && this.holds(now) ? Math.max(this.until, until) : until;
  }
}

/**
 * A limit for a window of time. As long as enough of it is left nobody waits; the last twentieth is spread over the time until
 * some of it comes back; and who had to wait is followed at the pace of the limit, one by one, and not by the next crowd.
 *
 * What is left the server says, where it does. Where it does not, or what it said holds no more, it is what was not started within
 * the last window.
 */
export class Quota implements Bound {
  readonly name: string;
  readonly #log: WindowLog;
  readonly #burst: number;
  /** Milliseconds between two that are started one after the other at the pace of the limit. */
  readonly #pace: number;
  readonly #word = new Word();
  #cautiousUntil = Number.NEGATIVE_INFINITY;
  /** How many may go at once. */
  #credit: number;
  #creditAt = Number.NEGATIVE_INFINITY;
  #takenAt = Number.NEGATIVE_INFINITY;
  /** What others had used of it when the server last said what is left. */
  #foreign = 0;

  constructor(name: string, limit: number, window: number, burst: number = limit) {
    const guard = Math.min(window * GUARD, LONGEST_GUARD);
    this.name = name;
    this.#log = new WindowLog(limit, window + guard);
    this.#burst = burst;
    this.#pace = window / limit;
    this.#credit = burst;
  }

  /** Whether nothing of it is used. */
  isWhole(now: number): boolean {
    return this.#log.remaining(now) === this.#log.limit;
  }

  /** How much of it is used by us. */
  used(now: number): number {
    return this.#log.limit - this.#log.remaining(now);
  }

  wait(now: number): number {
    const held = this.#held(now);
    if (held > 0) {
      // What is not used while it is scarce is not saved up: it would be spent at once.
      this.#credit = 1;
      this.#creditAt = now + held;
      return held;
    }
    // The server itself says that there is plenty.
    if (this.#word.holds(now) && this.#word.left > this.#reserve(now) && this.#burst === this.#log.limit)
      return 0;
    this.#earn(now);
    return this.#credit >= 1 ? 0 : (1 - this.#credit) * this.#pace;
  }

  take(now: number): void {
    this.#earn(now);
    this.#credit = Math.max(0, this.#credit - 1);
    this.#takenAt = now;
    this.#log.add(now);
    this.#word.take();
  }

  /** Counts some that were started before anybody knew of the limit. */
  count(started: number, now: number): void {
    const some = Math.min(started, this.#log.limit);
    if (some > 0) this.#log.add(now, some);
    this.#credit = Math.min(this.#credit, this.#log.limit - some);
  }

  /** A request was refused that should not have been. */
  beCautious(now: number): void {
    this.#cautiousUntil = now + CAUTION;
  }

  /** The server says what is left. Where it is less than we know of, others share it. */
  hear(told: Told, now: number): void {
    const others = this.#log.remaining(now) - told.remaining;
    this.#foreign = others > Math.floor(this.#log.limit / ROUNDING) ? others : 0;
    this.#word.say(told, now);
  }

  #reserve(now: number): number {
    const { limit } = this.#log;
    return now < this.#cautiousUntil ? limit : Math.floor(limit / RESERVE);
  }

  /** How long nothing may be started because of what is used. */
  #held(now: number): number {
    const word = this.#word;
    const told = word.holds(now);
    const own = this.#log.remaining(now);
    const next = this.#log.next(now);
    const left = told ? Math.max(word.left, own - this.#foreign) : own;
    if (left < 1) return told && own >= 1 ? word.until - now : next;
    if (left > this.#reserve(now)) return 0;
    const ownBack = next > 0 ? now + next : Number.POSITIVE_INFINITY;
    const back = told && (this.#foreign > 0 || word.until < ownBack) ? word.until : ownBack;
    const spread = Math.max(0, this.#takenAt + (back - this.#takenAt) / (left + 1) - now);
    // Some of our own may be free before that.
    return next > 0 ? Math.min(spread, next) : spread;
  }

  #earn(now: number): void {
    if (now <= this.#creditAt) return;
    if (this.#creditAt !== Number.NEGATIVE_INFINITY) {
      this.#credit = Math.min(this.#burst, this.#credit + (now - this.#creditAt) / this.#pace);
    }
    this.#creditAt = now;
  }
}

/**
 * What is left of a limit until a moment, where the server tells no window: that much, the last twentieth spread over the time
 * that remains. Then all of it is there again, less what was started since the server said so.
 */
export class Remainder implements Bound {
  readonly name: string;
  readonly #word = new Word();
  #cautiousUntil = Number.NEGATIVE_INFINITY;
  #limit: number | undefined;
  /** The limit, or the most that was ever left. */
  #most = 0;
  #takenAt = Number.NEGATIVE_INFINITY;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether it is not known any more: it is restored, and how much there is then was not said, or too long ago. */
  isOver(now: number): boolean {
    return now >= this.#word.until + (this.#limit === undefined ? 0 : SILENCE);
  }

  wait(now: number): number {
    const word = this.#word;
    if (!word.holds(now)) {
      const restored = this.#limit ?? Number.POSITIVE_INFINITY;
      return restored - word.uncounted >= 1 ? 0 : Math.max(0, word.until + SILENCE - now);
    }
    if (word.left < 1) return word.until - now;
    if (word.left > (now < this.#cautiousUntil ? this.#most : Math.floor(this.#most / RESERVE))) return 0;
    return Math.max(0, this.#takenAt + (word.until - this.#takenAt) / (word.left + 1) - now);
  }

  take(now: number): void {
    this.#word.take();
    this.#takenAt = now;
  }

  beCautious(now: number): void {
    this.#cautiousUntil = now + CAUTION;
  }

  /** None is under way any more: what was started is counted in the time before it is restored. */
  settle(): void {
    this.#word.uncounted = 0;
  }

  hear(told: Told, limit: number | undefined, now: number): void {
    this.#limit = limit;
    this.#most = limit ?? Math.max(told.remaining, this.#most);
    this.#word.say(told, now);
  }
}
