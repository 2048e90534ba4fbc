import type { RetryBudgetPolicy } from "./retry-policy.ts";

/** In how long an empty reserve is full again, in milliseconds. */
const REFILL = 60_000;
/** Accounts that are kept before those that are full again are looked for. */
const SWEEP_AT = 1000;

interface Account {
  balance: number;
  /** When the reserve was last refilled, by the clock. */
  at: number;
}

/**
 * How many retries the calls of a client may make, together, at each origin: what fails for all of them is not made worse by
 * all of them trying three times (Finagle's retry budget; the AWS SDK's retry quota).
 *
 * An origin has an account from its first retry on, and until that is full again: calls that go well cost nothing.
 */
export class RetryBudget {
  readonly #accounts = new Map<string, Account>();

  /** An exchange was begun: it earns its share of a retry. */
  earn(origin: string, policy: RetryBudgetPolicy | undefined): void {
    if (this.#accounts.size === 0 || policy === undefined) return;
    const account = this.#accounts.get(origin);
    if (account === undefined) return;
    account.balance += policy.share;
    if (account.balance >= policy.reserve) this.#accounts.delete(origin);
  }

  /** Takes one retry out of the account; false where there is none left. */
  spend(origin: string, { share, reserve }: RetryBudgetPolicy, now: number): boolean {
    const account = this.#accounts.get(origin) ?? { balance: reserve, at: now };
    account.balance = Math.min(reserve, account.balance + ((now - account.at) / REFILL) * reserve);
    account.at = now;
    // The retry is an exchange too, and will earn its own share: that is taken back here.
    const cost = 1 + share;
    if (account.balance < 1) {
      this.#accounts.set(origin, account);
      return false;
    }
    account.balance -= cost;
    if (this.#accounts.size >= SWEEP_AT) this.#sweep(reserve, now);
    this.#accounts.set(origin, account);
    return true;
  }

  #sweep(reserve: number, now: number): void {
    for (const [origin, { balance, at }] of this.#accounts) {
      if (balance + ((now - at) / REFILL) * reserve >= reserve) this.#accounts.delete(origin);
    }
  }
}
