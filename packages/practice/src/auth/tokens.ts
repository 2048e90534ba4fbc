import { randomBytes } from "node:crypto";

/** The most tokens that are remembered; the oldest are forgotten first. */
const MOST_TOKENS = 10_000;

interface AccessToken {
  readonly kind: "access";
  readonly family: string;
  readonly issued: number;
  readonly expires: number;
  readonly scope: string;
  uses: number;
}

interface RefreshToken {
  readonly kind: "refresh";
  readonly family: string;
  readonly client: string;
  readonly scope: string;
  spent: boolean;
}

/** How long an access token lives. */
export interface Lifetime {
  /** Seconds. */
  readonly seconds: number;
  /** How often it may be used; `Infinity` for as often as one likes. */
  readonly uses: number;
}

/** Tokens that were handed out: access tokens that expire, refresh tokens that rotate. */
export class Tokens {
  readonly #now: () => number;
  readonly #tokens = new Map<string, AccessToken | RefreshToken>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes an access token. Tokens of one family fall together. */
  access(lifetime: Lifetime, scope: string, family: string): string {
    const issued = this.#now();
    const expires = issued + lifetime.seconds * 1000;
    return this.#add({ kind: "access", family, issued, expires, scope, uses: lifetime.uses });
  }

  /** Makes a refresh token, for a client. */
  refresh(scope: string, family: string, client: string): string {
    return this.#add({ kind: "refresh", family, client, scope, spent: false });
  }

  /** Uses an access token once: undefined when it is good, and younger than so many seconds; otherwise why not. */
  use(token: string, youngerThan: number = Number.POSITIVE_INFINITY): string | undefined {
    const known = this.#tokens.get(token);
    if (known?.kind !== "access") return "the token is unknown or revoked";
    if (known.uses <= 0) return "the token has been used up";
    const now = this.#now();
    if (now >= known.expires || now - known.issued >= youngerThan * 1000) return "the token has expired";
    known.uses--;
    return undefined;
  }

  /**
   * Spends a refresh token. One that was spent before is in two hands, and nobody knows which is the thief's: the whole
   * family is revoked (RFC 9700, 4.14.2). Another client's is none (RFC 6749, 6).
   */
  spend(token: string, client: string): { readonly scope: string; readonly family: string } | undefined {
    const known = this.#tokens.get(token);
    if (known?.kind !== "refresh" || known.client !== client) return undefined;
    if (known.spent) {
      this.revoke(known.family);
      return undefined;
    }
    known.spent = true;
    return known;
  }

  /** Revokes all tokens of a family. */
  revoke(family: string): void {
    for (const [name, token] of this.#tokens) if (token.family === family) this.#tokens.delete(name);
  }

  /** A name for tokens that belong together. */
  family(): string {
    return randomBytes(9).toString("base64url");
  }

  /** Forgets every token. */
  forget(): void {
    this.#tokens.clear();
  }

  #add(token: AccessToken | RefreshToken): string {
    const name = randomBytes(24).toString("base64url");
    this.#tokens.set(name, token);
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= MOST_TOKENS) break;
      this.#tokens.delete(oldest);
    }
    return name;
  }
}
