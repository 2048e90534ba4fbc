import { makeScope } from "#platform";
import { type Clock, clockOf, systemClock } from "../clock.ts";
import { type Duration, milliseconds } from "../duration.ts";
import { AuthError } from "../errors/auth-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { isSecret, type Secret } from "../secret.ts";
import type { Auth, Challenge } from "./auth.ts";
import { type BearerCredentials, bearerCredentials, wentWith } from "./bearer-credentials.ts";
import { filledCredential } from "./credential.ts";
import { fixedAuth } from "./fixed.ts";
import { opaquely, uniquely } from "./identity.ts";
import { OptionReader } from "./option-reader.ts";
import type { Scope } from "./scope.ts";
import { sealed } from "./sealed.ts";
import { type Obtained, TokenKeeper, type TokenReason, type TokenSource } from "./token-keeper.ts";

/** What a token provider is told. */
export interface TokenRequest {
  readonly reason: TokenReason;
}

/** A token that says when it runs out. */
export interface ProvidedToken {
  readonly token: string | Secret;
  /** Seconds from now on, as `expires_in` of OAuth 2 has it. */
  readonly expiresIn?: number | undefined;
  /** The same as a moment. */
  readonly expiresAt?: Date | undefined;
}

/** Gives a token: from an identity provider, a file, a secrets manager. */
export type TokenProvider = (
  request: TokenRequest,
) => string | Secret | ProvidedToken | Promise<string | Secret | ProvidedToken>;

/** How the tokens of a provider are kept. */
export interface BearerOptions {
  /**
   * How long before its end a token is renewed, where the provider says when that is; no more than a quarter of its life.
   * Default 60 s.
   */
  readonly refreshBefore?: Duration | undefined;
  /** The time by which a token runs out. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** How long before its end a token is renewed, in milliseconds. */
const REFRESH_BEFORE = 60_000;

/**
 * A Bearer token (RFC 6750): a value, or a provider that is asked for one when it is first needed.
 *
 * On a 401 a provider is asked again, once for all the calls that wait, and each of them is sent once more. A 401 that
 * comes late, for a token that has been replaced meanwhile, does not ask again; nor does one to a new token for a while, if
 * the server refused that too. A provider that says when its token runs out (`{ token, expiresIn }`) is asked again before
 * that, while calls go on with the old one.
 *
 * A provider that asks with the very client that it gives tokens to says `auth: null` in that call: without it the call would
 * wait for the token that it is there to fetch. From Node 24 on that is an `AuthError`; elsewhere neither ends before its timeout.
 *
 * @param options `refreshBefore` and `clock`, for a provider.
 * @throws {OptionsError} when the token is no text or empty, or an option is bad.
 * @throws {AuthError} (from the call) when the provider throws or gives no token. A token that was had before stays in use
 * for the calls that come later.
 *
 * @example
 * ```ts
 * import { bearer, Client, post } from "chasqui";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   auth: bearer(async ({ reason }) => {
 *     const form = { grant_type: "client_credentials", client_id: "practice-client", client_secret: "practice-secret" };
 *     const answer = await post("http://localhost:4010/auth/token", { form }).json<{ access_token: string; expires_in: number }>();
 *     return { token: answer.access_token, expiresIn: answer.expires_in };
 *   }),
 * });
 * await client.get("/auth/bearer").json();
 * ```
 */
export function bearer(provider: TokenProvider, options?: BearerOptions): Auth;
export function bearer(token: string | Secret | TokenProvider): Auth;
export function bearer(token: string | Secret | TokenProvider, options: BearerOptions = {}): Auth {
  if (typeof token !== "function") {
    const text = filledCredential(token, "bearer()", "a token");
    if (/^bearer /i.test(text)) {
      throw new OptionsError("bearer() writes `Bearer ` itself", {
        option: "auth",
        hint: "Give the token alone.",
      });
    }
    const credentials = bearerCredentials(text);
    const identity = opaquely(credentials.headers.authorization);
    return fixedAuth(credentials, identity, "bearer");
  }
  return sealed(new ProvidedBearer(token, options), "bearer");
}

function waitsForItself(): AuthError {
  return new AuthError(
    "The token provider asks with the client that it gives tokens to, and waits for itself",
    {
      hint: "That call has no credentials of the client's: client.post(url, { auth: null, … }).",
    },
  );
}

class ProvidedBearer implements Auth, TokenSource<BearerCredentials> {
  readonly #provider: TokenProvider;
  readonly #scope: Scope | undefined = makeScope();
  readonly #identity: string = uniquely();
  readonly #keeper: TokenKeeper<BearerCredentials> = new TokenKeeper(this);
  readonly #clock: Clock;
  readonly refreshBefore: number;

  constructor(provider: TokenProvider, options: BearerOptions) {
    this.#provider = provider;
    const reader = new OptionReader("bearer()", options);
    this.#clock = clockOf(reader.take("clock") ?? systemClock);
    this.refreshBefore = milliseconds(reader.take("refreshBefore") ?? REFRESH_BEFORE, "refreshBefore");
    reader.end();
  }

  authorize(): BearerCredentials | Promise<BearerCredentials> {
    const ready = this.#keeper.ready();
    if (ready !== undefined) return ready;
    if (this.#scope?.isInside() === true) throw waitsForItself();
    return this.#keeper.wait();
  }

  /** A provider is somebody, whichever token it gives. */
  identity(): string {
    return this.#identity;
  }

  answers(challenge: Challenge): boolean {
    return this.#keeper.answers(challenge, wentWith(challenge));
  }

  refresh(challenge: Challenge): Promise<void> {
    return this.#keeper.refresh(challenge);
  }

  now(): number {
    return this.#clock.date();
  }

  async obtain(reason: TokenReason): Promise<Obtained<BearerCredentials>> {
    // What it says of its token it says after it was asked: the token may be older than the answer, and never younger.
    const obtainedAt = this.now();
    try {
      const { token, expiresAt } = readToken(await this.#provide(reason), obtainedAt);
      return { value: bearerCredentials(token), obtainedAt, expiresAt };
    } catch (error) {
      if (error instanceof AuthError) throw error;
      throw new AuthError("The token provider failed", { cause: error });
    }
  }

  #provide(reason: TokenReason): ReturnType<TokenProvider> {
    const provide = (): ReturnType<TokenProvider> => this.#provider({ reason });
    return this.#scope === undefined ? provide() : this.#scope.run(provide);
  }
}

function readToken(given: unknown, now: number): { readonly token: string; readonly expiresAt: number } {
  if (typeof given !== "object" || given === null || isSecret(given)) {
    return { token: checked(given), expiresAt: Number.POSITIVE_INFINITY };
  }
  const fields = new Map<string, unknown>(Object.entries(given));
  const { size } = fields;
  const [token, expiresIn, expiresAt] = ["token", "expiresIn", "expiresAt"].map((name) => {
    const value = fields.get(name);
    fields.delete(name);
    return value;
  });
  const [odd] = fields.keys();
  if (size === 0 || odd !== undefined) {
    throw new AuthError(`The token provider gave ${kindOf(given)}, not a token`, {
      hint: "It gives the token itself, or { token, expiresIn } with the seconds that it lives.",
    });
  }
  return { token: checked(token), expiresAt: momentOf(expiresIn, expiresAt, now) };
}

function momentOf(expiresIn: unknown, expiresAt: unknown, now: number): number {
  if (expiresAt instanceof Date && Number.isFinite(expiresAt.getTime())) return expiresAt.getTime();
  if (expiresAt !== undefined) {
    throw new AuthError(`The token provider gave ${kindOf(expiresAt)} as expiresAt, not a Date`);
  }
  if (expiresIn === undefined) return Number.POSITIVE_INFINITY;
  if (typeof expiresIn === "number" && expiresIn > 0) return now + expiresIn * 1000;
  throw new AuthError(
    `The token provider gave ${kindOf(expiresIn)} as expiresIn, not a number of seconds above 0`,
  );
}

function checked(token: unknown): string {
  const text = isSecret(token) ? token.reveal() : token;
  if (typeof text !== "string" || text === "") {
    throw new AuthError(
      `The token provider gave ${text === "" ? "an empty string" : kindOf(text)}, not a token`,
    );
  }
  return text;
}
