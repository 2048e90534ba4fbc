import { Chain, type Link } from "./chain.ts";
import { OptionsError } from "./errors/options-error.ts";
import { kindOf } from "./request/kind-of.ts";

/** A timer that can be called off. */
export interface Timer {
  cancel(): void;
}

/**
 * Time, as the pipeline sees it. Tests give a clock of their own (`new Client({ clock })`), so that no test waits.
 */
export interface Clock {
  /** Milliseconds that only go forward. */
  now(): number;
  /** Milliseconds since 1970, UTC. */
  date(): number;
  /**
   * Calls back once, after `ms` milliseconds.
   *
   * @param background - Whether the process may end before that: something else keeps it, as the connection does whose
   *   silence is timed.
   */
  timer(ms: number, callback: () => void, background?: boolean): Timer;
}

/** How late a coarse timer may be, in milliseconds. */
const GRAIN = 100;
/** How often they are looked at: a timer is late by up to one tick when its time begins, and by up to another when it ends. */
const TICK = GRAIN / 2;

class NativeTimer implements Timer {
  readonly #id: ReturnType<typeof setTimeout>;

  constructor(ms: number, callback: () => void) {
    this.#id = setTimeout(callback, ms);
  }

  cancel(): void {
    clearTimeout(this.#id);
  }
}

/**
 * The timers of a second and more of all calls, on one ticking interval: a call pays for a few pointers instead of a
 * `setTimeout` and a `clearTimeout`. undici's own fast timers drift by half a second; these by `GRAIN`.
 */
class Wheel {
  readonly #armed = new Chain<CoarseTimer>();
  /** How many of them hold the process. */
  #holding = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;

  add(timer: CoarseTimer): void {
    this.#armed.add(timer);
    if (this.#ticker === undefined) {
      this.#ticker = setInterval(() => this.#tick(), TICK);
      hold(this.#ticker, false);
    }
    // To hold and to let go are calls into libuv, four of them for a request: hence `background`.
    if (!timer.background && ++this.#holding === 1) hold(this.#ticker, true);
  }

  /** False when it was removed before. */
  remove(timer: CoarseTimer): boolean {
    if (!this.#armed.remove(timer)) return false;
    // The ticker goes on without holding the process: the next call is likely to follow at once.
    if (!timer.background && --this.#holding === 0 && this.#ticker !== undefined) hold(this.#ticker, false);
    return true;
  }

  #tick(): void {
    if (this.#armed.first === undefined) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
      return;
    }
    const now = performance.now();
    // What one of them does may call another off.
    for (const timer of this.#armed.all()) if (timer.isDue(now) && this.remove(timer)) timer.callback();
  }
}

function hold(ticker: ReturnType<typeof setInterval>, wanted: boolean): void {
  // A browser's timer is a number and holds nothing.
  if (typeof ticker !== "object") return;
  if (wanted) ticker.ref();
  else ticker.unref();
}

const wheel = new Wheel();

class CoarseTimer implements Timer, Link<CoarseTimer> {
  readonly callback: () => void;
  readonly background: boolean;
  previous: CoarseTimer | undefined;
  next: CoarseTimer | undefined;
  readonly #ms: number;
  #due: number | undefined;

  constructor(ms: number, callback: () => void, background: boolean) {
    this.#ms = ms;
    this.callback = callback;
    this.background = background;
    wheel.add(this);
  }

  /** Its time begins with the first tick: most are called off before that, and need not ask what time it is. */
  isDue(now: number): boolean {
    this.#due ??= now + this.#ms;
    return this.#due <= now;
  }

  cancel(): void {
    wheel.remove(this);
  }
}

/**
 * The clock of the machine. Timers under a second are exact, longer ones up to a tenth of a second late, and by as long as the loop of
 * events was held up when they were armed.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  timer: (ms, callback, background = false) =>
    ms < 1000 ? new NativeTimer(ms, callback) : new CoarseTimer(ms, callback, background),
};

/**
 * A clock that was given as an option.
 *
 * @throws {OptionsError} when it is none.
 */
export function clockOf(value: unknown): Clock {
  if (isClock(value)) return value;
  throw new OptionsError(`\`clock\` is ${kindOf(value)}; it takes an object with now(), date() and timer()`, {
    option: "clock",
  });
}

function isClock(value: unknown): value is Clock {
  return (
    typeof value === "object" &&
    value !== null &&
    ["now", "date", "timer"].every((method) => typeof Reflect.get(value, method) === "function")
  );
}
