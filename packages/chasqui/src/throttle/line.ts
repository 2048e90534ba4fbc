import type { Clock, Timer } from "../clock.ts";
import { CallerError } from "../errors/caller-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { FairQueue, type ThrottlePriority, type Waiting } from "./fair-queue.ts";
import { LENGTHENED } from "./lengthened.ts";
import type { ThrottleAsk, ThrottleLimits, ThrottleReport, ThrottleStore, ThrottleTurn } from "./store.ts";

/** What a call brings when it comes for a slot. */
export interface Arrival {
  /** One object for all calls that ask for the same limits: who has it is asked for once. */
  readonly limits: ThrottleLimits;
  readonly priority: ThrottlePriority;
  readonly party: object;
  readonly clock: Clock;
  /** How many may wait, itself included. */
  readonly queue: number;
  /** The longest that it waits for what the server says, in milliseconds. */
  readonly maxWait: number;
}

/** One that waits for a slot, or has got one. */
export class Place implements Waiting<Place> {
  readonly limits: ThrottleLimits;
  readonly priority: ThrottlePriority;
  readonly party: object;
  readonly clock: Clock;
  readonly queue: number;
  readonly maxWait: number;
  /** Whether it was let in among those that wait. */
  waits = false;
  previous: Place | undefined;
  next: Place | undefined;
  /** The slot, once its turn has come. */
  slot: string | undefined;
  /** What it waits for, where it was the first to be asked. */
  reason: string | undefined;
  readonly #called = Promise.withResolvers<string>();

  constructor({ limits, priority, party, clock, queue, maxWait }: Arrival) {
    this.limits = limits;
    this.priority = priority;
    this.party = party;
    this.clock = clock;
    this.queue = queue;
    this.maxWait = maxWait;
    // One that is given up in the breath in which it came has nobody who listens yet.
    this.#called.promise.catch(() => {});
  }

  /** Resolves to the slot when its turn has come. */
  get called(): Promise<string> {
    return this.#called.promise;
  }

  call(slot: string): void {
    this.slot = slot;
    this.#called.resolve(slot);
  }

  refuse(reason: unknown): void {
    this.#called.reject(reason);
  }
}

/** All that wait for slots of one bucket, whichever clients they are of. Whether there is a slot their store says. */
export class Line {
  readonly #bucket: string;
  readonly #store: ThrottleStore;
  readonly #queue = new FairQueue<Place>();
  #timer: Timer | undefined;
  #serving = false;
  /** Whether something has changed while the store was being asked. */
  #again = false;
  /** How many slots a far store is being given back. */
  #giving = 0;
  /** What the store threw when it was given a slot back, for the next one who asks. */
  #failure: { readonly cause: unknown } | undefined;
  readonly #forget: () => void;

  /** @param forget - Called when nobody waits, and nothing has to be remembered. */
  constructor(bucket: string, store: ThrottleStore, forget: () => void) {
    this.#bucket = bucket;
    this.#store = store;
    this.#forget = forget;
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.size;
  }

  join(place: Place): void {
    this.#queue.add(place);
    this.#serve();
    // Where a far store is being asked, it is not said yet that the first of them has to wait.
    const asked = this.#serving ? 1 : 0;
    if (place.slot === undefined && this.size > asked) this.#letWait(place, asked);
  }

  /** Takes out one that was given up. Its slot, where it was just getting one, is the next one's. */
  leave(place: Place, reason: unknown): void {
    if (!this.#queue.remove(place)) return;
    place.refuse(reason);
    // Who stood behind it may have other limits; and nobody is to be waited for any more.
    this.#serve();
  }

  /** Gives a slot back. */
  give(slot: string, report: ThrottleReport | undefined): void {
    try {
      const given = this.#store.give(this.#bucket, slot, report);
      if (given !== undefined) this.#whenGiven(given);
    } catch (cause) {
      this.#failure = { cause };
    }
    this.#serve();
  }

  async #whenGiven(given: Promise<void>): Promise<void> {
    this.#giving++;
    try {
      await given;
    } catch (cause) {
      this.#failure = { cause };
    }
    this.#giving--;
    this.#serve();
  }

  #serve(): void {
    if (this.#serving) {
      this.#again = true;
      return;
    }
    this.#serving = true;
    // With a store that answers at once all of it happens now.
    this.#serveAll().catch((cause) => this.#end(cause));
  }

  /** A clock of the caller's that throws serves nobody. */
  #end(cause: unknown): void {
    this.#serving = false;
    for (let [place] = this.#queue.heads(); place !== undefined; [place] = this.#queue.heads()) {
      this.#queue.remove(place);
      place.refuse(new CallerError("The clock has thrown", { cause }));
    }
    this.#forget();
  }

  async #serveAll(): Promise<void> {
    let wait: number;
    let clock: Clock | undefined;
    do {
      this.#again = false;
      this.#timer?.cancel();
      this.#timer = undefined;
      wait = Number.POSITIVE_INFINITY;
      const refused = new Set<ThrottleLimits>();
      for (const place of this.#queue.heads()) {
        if (refused.has(place.limits)) continue;
        clock = place.clock;
        const asked = this.#ask(place);
        // Not awaited where there is nothing to wait for: turns are then given in the breath in which they can be.
        const far = asked instanceof Promise;
        const turn = far ? await asked : asked;
        if (turn === undefined || "slot" in turn) {
          if (turn !== undefined) this.#call(place, turn.slot);
          this.#again = true;
          break;
        }
        place.reason = turn.reason;
        if (turn.told === true && turn.wait > place.maxWait + LENGTHENED) {
          if (this.#queue.remove(place)) place.refuse(tooLong(place, turn.wait));
          this.#again = true;
          break;
        }
        if (far && !this.#letWait(place, 0)) {
          this.#again = true;
          break;
        }
        refused.add(place.limits);
        wait = Math.min(wait, turn.wait);
      }
    } while (this.#again);
    this.#serving = false;
    if (this.size === 0 && this.#giving === 0 && this.#failure === undefined) this.#forget();
    if (clock !== undefined && wait < Number.POSITIVE_INFINITY) {
      this.#timer = clock.timer(Math.max(wait, 0), () => this.#serve());
    }
  }

  /**
   * Lets somebody in among those that wait; false where there are too many of them.
   *
   * @param asked - How many are in the queue that need not have to wait.
   */
  #letWait(place: Place, asked: number): boolean {
    if (place.waits) return true;
    place.waits = this.size - asked <= place.queue;
    if (!place.waits && this.#queue.remove(place)) place.refuse(tooMany(place));
    return place.waits;
  }

  #call(place: Place, slot: string): void {
    if (this.#queue.serve(place)) place.call(slot);
    // It was given up while a store was asked that is far away.
    else this.give(slot, undefined);
  }

  /** Whether there is a slot for somebody; undefined where that was not to be learned, which he has been told. */
  #ask(place: Place): ThrottleTurn | undefined | Promise<ThrottleTurn | undefined> {
    const failed = (cause: unknown): undefined => {
      const error = new CallerError("The store of `throttle` has thrown", { cause });
      if (this.#queue.remove(place)) place.refuse(error);
    };
    if (this.#failure !== undefined) {
      const { cause } = this.#failure;
      this.#failure = undefined;
      return failed(cause);
    }
    const { rates, concurrency, learn } = place.limits;
    const ask: ThrottleAsk = { bucket: this.#bucket, rates, concurrency, learn, now: place.clock.now() };
    try {
      const answer = this.#store.take(ask);
      return "then" in answer ? Promise.resolve(answer).then(checkedTurn).catch(failed) : checkedTurn(answer);
    } catch (cause) {
      return failed(cause);
    }
  }
}

/** The lines of a store, one a bucket. */
export class Lines {
  readonly #store: ThrottleStore;
  readonly #lines = new Map<string, Line>();

  constructor(store: ThrottleStore) {
    this.#store = store;
  }

  /** The line of a bucket; nobody may stand in it yet. */
  at(bucket: string): Line {
    let line = this.#lines.get(bucket);
    if (line === undefined) {
      const made = new Line(bucket, this.#store, () => {
        if (this.#lines.get(bucket) === made) this.#lines.delete(bucket);
      });
      this.#lines.set(bucket, made);
      line = made;
    }
    return line;
  }
}

function tooMany({ queue, reason }: Place): TimeoutError {
  return new TimeoutError("queue", undefined, {
    said: `The queue of \`throttle\` is full: ${queue} wait`,
    hint: `More calls are made than the limits let through${reason === undefined ? "" : ` (${reason})`}: wait for some of them, or raise \`throttle.queue\`.`,
  });
}

function tooLong({ maxWait, reason = "its limits" }: Place, wait: number): TimeoutError {
  const seconds = Math.ceil(wait / 1000);
  return new TimeoutError("queue", maxWait, {
    said: `The server lets nobody in for another ${seconds} s (${reason}), and no call waits for that`,
    hint: `Nothing was sent. Come back after ${seconds} s, or let calls wait longer: \`throttle.maxWait\`.`,
  });
}

/** A store is the caller's: what it answers is looked at. */
function checkedTurn(turn: ThrottleTurn): ThrottleTurn {
  const given: unknown = turn;
  if (typeof given === "object" && given !== null) {
    if ("slot" in given && typeof given.slot === "string") return turn;
    if ("wait" in given && typeof given.wait === "number" && given.wait >= 0) return turn;
  }
  throw new TypeError(`take() gave ${kindOf(given)}, not { slot } or { wait }`);
}
