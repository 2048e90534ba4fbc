import type { Challenge } from "./auth.ts";

/** Why a token is asked for: the first time, because the last one runs out, or because the server answered 401 to it. */
export type TokenReason = "first" | "expiring" | "unauthorized";

/** What was got, such as the headers of a token. Each has an object of its own: by it is told with which a request went. */
export interface Obtained<T extends object> {
  readonly value: T;
  /** When it was got and when it runs out, by the keeper's clock; Infinity where nobody says. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/** What a keeper of tokens works with. */
export interface TokenSource<T extends object> {
  /** Gets a token. `had` is the one in hand, which runs out or was refused. It is asked one question at a time. */
  obtain(reason: TokenReason, had: T | undefined): Promise<Obtained<T>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** How long before its end a token is renewed, in milliseconds. */
  readonly refreshBefore: number;
}

/** A token in hand. */
interface Held<T> {
  readonly value: T;
  readonly expiresAt: number;
  readonly refreshAt: number;
}

/** A short-lived token is not renewed for more than this share of its life. */
const LARGEST_SHARE = 0.25;
/** After a renewal that failed, or one that was in vain: the first pause and the longest, in milliseconds. */
const FIRST_PAUSE = 1000;
const LONGEST_RENEWAL_PAUSE = 30_000;
const LONGEST_VAIN_PAUSE = 60_000;

/**
 * Keeps a token for all the calls that need it (P5), and decides when a new one is got:
 *
 * - before the old one runs out, while calls go on with that one: nobody waits, and if it fails nothing is lost;
 * - after it has run out or was refused: then all wait for one question and its answer;
 * - not for a 401 that comes late, to a token that was replaced meanwhile;
 * - not again at once where a new token was refused as the old one was: that server wants something else.
 */
export class TokenKeeper<T extends object> {
  readonly #source: TokenSource<T>;
  #held: Held<T> | undefined;
  /** The token in hand, while a 401 to it is being answered. */
  #refused: Held<T> | undefined;
  #asking: Promise<Held<T>> | undefined;
  /** The last question that was asked ahead of time. */
  #ahead: Promise<Held<T>> | undefined;
  /** Renewals ahead of time that failed one after the other, and when the next may be tried. */
  #failures = 0;
  #renewalFrom = Number.NEGATIVE_INFINITY;
  /** New tokens that were refused at once, one after the other, and until when no further one is got for a 401. */
  #vain = 0;
  #vainUntil = Number.NEGATIVE_INFINITY;

  constructor(source: TokenSource<T>) {
    this.#source = source;
  }

  /** What to send, where nothing has to be waited for. */
  ready(): T | undefined {
    const held = this.#held;
    if (held === undefined || held === this.#refused) return undefined;
    const now = this.#source.now();
    if (now >= held.expiresAt) return undefined;
    if (now >= held.refreshAt && now >= this.#renewalFrom && this.#asking === undefined) this.#renew();
    return held.value;
  }

  /** What to send, as soon as it is there. */
  async wait(): Promise<T> {
    const had = this.#held;
    const asked = this.#askNow(had === undefined ? "first" : "expiring");
    // Somebody was refused and not everybody: where no new token can be had, the old one may still do here (P5).
    const answered = had !== undefined && had === this.#refused ? asked.catch(() => had) : asked;
    return (await answered).value;
  }

  /**
   * Whether a 401 is worth a new token.
   *
   * @param went whether a request went with this token
   */
  answers({ again = false }: Challenge, went: (value: T) => boolean): boolean {
    const held = this.#held;
    if (held === undefined || !went(held.value)) return true;
    const now = this.#source.now();
    if (again) {
      // Long after the last one it is another story.
      if (now >= this.#vainUntil + LONGEST_VAIN_PAUSE) this.#vain = 0;
      this.#vainUntil = now + pause(this.#vain++, LONGEST_VAIN_PAUSE);
      return true;
    }
    return now >= this.#vainUntil;
  }

  /** Gets a new token after a 401, unless that is done already. */
  async refresh({ credentials }: Challenge): Promise<void> {
    const held = this.#held;
    // Somebody was faster. If that one was refused too, whoever needs it waits for the next.
    if (held !== undefined && credentials !== undefined && credentials !== held.value) return;
    this.#refused = held;
    await this.#askNow("unauthorized");
  }

  /** Forgets the token, and the one that is under way. */
  async clear(): Promise<void> {
    await this.#asking?.catch(() => undefined);
    this.#held = undefined;
  }

  #heldOf({ value, obtainedAt, expiresAt }: Obtained<T>): Held<T> {
    const lead = Math.min(this.#source.refreshBefore, (expiresAt - obtainedAt) * LARGEST_SHARE);
    return {
      value,
      expiresAt,
      refreshAt: expiresAt === Number.POSITIVE_INFINITY ? expiresAt : expiresAt - lead,
    };
  }

  /** Ahead of time, and nobody waits for it. */
  #renew(): void {
    this.#ahead = this.#ask("expiring");
    this.#ahead.then(
      () => {
        this.#failures = 0;
      },
      () => {
        this.#renewalFrom = this.#source.now() + pause(this.#failures++, LONGEST_RENEWAL_PAUSE);
      },
    );
  }

  /** What is asked ahead of time may do less than is needed now, and where it fails that is nobody's answer. */
  async #askNow(reason: TokenReason): Promise<Held<T>> {
    if (this.#asking !== undefined && this.#asking === this.#ahead) {
      const refused = this.#refused;
      try {
        return await this.#asking;
      } catch {
        this.#refused ??= refused;
      }
    }
    return this.#ask(reason);
  }

  /** One question at a time; everybody who comes meanwhile gets its answer. */
  #ask(reason: TokenReason): Promise<Held<T>> {
    this.#asking ??= this.#obtain(reason).finally(() => {
      this.#asking = undefined;
      this.#refused = undefined;
    });
    return this.#asking;
  }

  async #obtain(reason: TokenReason): Promise<Held<T>> {
    const held = this.#heldOf(await this.#source.obtain(reason, this.#held?.value));
    this.#held = held;
    return held;
  }
}

function pause(before: number, longest: number): number {
  return Math.min(FIRST_PAUSE * 2 ** before, longest);
}
