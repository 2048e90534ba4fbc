import { Secret } from "../../secret.ts";
import type { Auth, Challenge } from "../auth.ts";
import { type BearerCredentials, bearerCredentials, wentWith } from "../bearer-credentials.ts";
import { uniquely } from "../identity.ts";
import { sealed } from "../sealed.ts";
import { type Obtained, TokenKeeper, type TokenReason, type TokenSource } from "../token-keeper.ts";
import type { OAuth2Options } from "./options.ts";
import { type OAuth2Settings, readOAuth2 } from "./settings.ts";
import type { Tokens } from "./tokens.ts";

/** An `Auth` that gets its tokens from an authorization server. */
export interface OAuth2 extends Auth {
  /** The access token, got now where there is none: to sign in before the first call, or for another library. */
  token(): Promise<Secret>;
  /** Forgets the token and what is stored of it: the next call begins anew. Nothing is said to the server. */
  forget(): Promise<void>;
}

/**
 * OAuth 2: tokens of an authorization server, got when the first call needs one, and renewed before they run out (RFC 6749,
 * RFC 9700).
 *
 * All calls share one token, and one question for the next. Calls go on with a token while it is renewed; a renewal that fails
 * does not take it away. A new token is stored before it is used, so that a refresh token that was replaced is not lost.
 * Requests for tokens have a timeout, are tried again where that is safe, follow no redirect, and go by https alone, or by
 * http on this machine.
 *
 * @throws {OptionsError} when an option is missing, bad, or belongs to another grant.
 * @throws {AuthError} (from the call) when there is no token; `reason` has the error code of OAuth 2.
 *
 * @example
 * ```ts
 * import { Client, oauth2 } from "chasqui";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   auth: oauth2({
 *     tokenEndpoint: "http://localhost:4010/auth/token",
 *     clientId: "practice-client",
 *     clientSecret: "practice-secret", // or env("CLIENT_SECRET")
 *     grant: "client_credentials",
 *   }),
 * });
 * await client.get("/auth/bearer").json();
 * ```
 */
export function oauth2(options: OAuth2Options): OAuth2 {
  const auth = new GrantedTokens(readOAuth2(options));
  sealed(auth, "oauth2");
  return auth;
}

class GrantedTokens implements OAuth2, TokenSource<BearerCredentials> {
  readonly #settings: OAuth2Settings;
  readonly #identity: string = uniquely();
  readonly #keeper: TokenKeeper<BearerCredentials> = new TokenKeeper(this);
  readonly refreshBefore: number;
  /** Loaded when the first token is needed. */
  #tokens: Tokens | undefined;

  constructor(settings: OAuth2Settings) {
    this.#settings = settings;
    this.refreshBefore = settings.refreshBefore;
  }

  authorize(): BearerCredentials | Promise<BearerCredentials> {
    return this.#keeper.ready() ?? this.#keeper.wait();
  }

  /** One client and whoever it acts for, whichever the token. */
  identity(): string {
    return this.#identity;
  }

  answers(challenge: Challenge): boolean {
    return this.#keeper.answers(challenge, wentWith(challenge));
  }

  refresh(challenge: Challenge): Promise<void> {
    // An answer out of a cache has the time of another day.
    if (challenge.header("age") === undefined) this.#tokens?.learnTime(challenge.header("date"));
    return this.#keeper.refresh(challenge);
  }

  async token(): Promise<Secret> {
    return new Secret(tokenOf(await this.authorize()));
  }

  async forget(): Promise<void> {
    await this.#keeper.clear();
    await (await this.#loaded()).forget();
  }

  now(): number {
    return this.#tokens?.now() ?? this.#settings.clock.date();
  }

  async obtain(
    reason: TokenReason,
    had: BearerCredentials | undefined,
  ): Promise<Obtained<BearerCredentials>> {
    const tokens = await this.#loaded();
    const { accessToken, obtainedAt, expiresAt } = await tokens.obtain(reason, had && tokenOf(had));
    const value = bearerCredentials(accessToken);
    return { value, obtainedAt, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY };
  }

  async #loaded(): Promise<Tokens> {
    const { Tokens } = await import("./tokens.ts");
    this.#tokens ??= new Tokens(this.#settings);
    return this.#tokens;
  }
}

function tokenOf({ headers }: BearerCredentials): string {
  return headers.authorization.slice("Bearer ".length);
}
