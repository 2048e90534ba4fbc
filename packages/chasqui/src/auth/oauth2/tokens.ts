import { AuthError } from "../../errors/auth-error.ts";
import { ChasquiError } from "../../errors/chasqui-error.ts";
import { kindOf } from "../../request/kind-of.ts";
import type { TokenReason } from "../token-keeper.ts";
import type { StoredToken } from "../token-store.ts";
import { asksSomebody, grantedToken } from "./grants.ts";
import type { OAuth2Settings } from "./settings.ts";
import { TokenEndpoint } from "./token-endpoint.ts";

/**
 * Gets the tokens of one `oauth2()`: from the store, where another process or another run has left one; by the refresh token;
 * by the grant. What was got is stored before it is used.
 */
export class Tokens {
  readonly #settings: OAuth2Settings;
  readonly #endpoint: TokenEndpoint;
  #current: StoredToken | undefined;
  /** What the store has not taken yet. */
  #unsaved: StoredToken | undefined;

  constructor(settings: OAuth2Settings) {
    this.#settings = settings;
    this.#endpoint = new TokenEndpoint(settings);
  }

  /** Milliseconds since 1970 by the server's clock. */
  now(): number {
    return this.#endpoint.channel.now();
  }

  /** Learns the time from the answer of a server, now. */
  learnTime(date: string | undefined): void {
    this.#endpoint.channel.learnTime(date, this.#settings.clock.date());
  }

  /**
   * A token, other than the one that was had.
   *
   * @throws {AuthError} when there is none.
   */
  async obtain(reason: TokenReason, had: string | undefined): Promise<StoredToken> {
    const { store, key } = this.#settings;
    if (store === undefined) return this.#renewed(reason);
    const found = await this.#stored(had);
    if (found !== undefined) return found;
    const renew = async (): Promise<StoredToken> => (await this.#stored(had)) ?? this.#renewed(reason);
    return store.lock === undefined ? renew() : store.lock(key, renew);
  }

  /** Forgets the token, and takes it out of the store. */
  async forget(): Promise<void> {
    const { store, key } = this.#settings;
    this.#current = undefined;
    this.#unsaved = undefined;
    await stored("forgotten", async () => store?.delete(key));
  }

  /** The token of the store, where it can be used in the place of the one that was had. */
  async #stored(had: string | undefined): Promise<StoredToken | undefined> {
    const { store, key } = this.#settings;
    if (this.#unsaved !== undefined) return undefined;
    const found: unknown = await stored("read", async () => store?.get(key));
    if (found !== undefined && !isToken(found)) {
      throw new AuthError(`The store gave ${kindOf(found)}, not what set() was given`);
    }
    // Whoever stored it has the refresh token that is good now.
    this.#current = found ?? this.#current;
    if (found === undefined || found.accessToken === had) return undefined;
    return found.expiresAt === undefined || this.now() < found.expiresAt ? found : undefined;
  }

  async #renewed(reason: TokenReason): Promise<StoredToken> {
    const { store, key } = this.#settings;
    const token = this.#unsaved ?? (await this.#asked(reason));
    this.#unsaved = token;
    // First this: a refresh token that was replaced is good for nothing, should the process end now.
    await stored("stored", async () => store?.set(key, token));
    this.#unsaved = undefined;
    this.#current = token;
    return token;
  }

  async #asked(reason: TokenReason): Promise<StoredToken> {
    const { grant } = this.#settings;
    const had = this.#current?.refreshToken;
    const candidates = grant.type === "refresh_token" ? [had, grant.refreshToken] : [had];
    let refused: AuthError | undefined;
    for (const refreshToken of new Set(candidates)) {
      if (refreshToken === undefined) continue;
      try {
        const token = await this.#endpoint.ask({ grant: "refresh_token", refreshToken });
        // A server that does not replace it leaves it out (RFC 6749 §6).
        return { refreshToken, ...token };
      } catch (error) {
        if (!(error instanceof AuthError) || error.reason !== "invalid_grant") throw error;
        refused ??= error;
      }
    }
    if (grant.type === "refresh_token") throw refused;
    // Nobody is called to a browser because of a token that still does.
    const does = reason === "expiring" && this.now() < (this.#current?.expiresAt ?? 0);
    if (does && asksSomebody(this.#settings)) {
      throw refused ?? new AuthError("The token can be renewed by nobody but whoever has signed in");
    }
    return grantedToken(this.#settings, this.#endpoint);
  }
}

function isToken(value: unknown): value is StoredToken {
  return (
    typeof value === "object" &&
    value !== null &&
    "accessToken" in value &&
    typeof value.accessToken === "string" &&
    "obtainedAt" in value &&
    typeof value.obtainedAt === "number"
  );
}

async function stored<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ChasquiError) throw cause;
    throw new AuthError(`The token could not be ${what}: the store failed`, { cause });
  }
}
