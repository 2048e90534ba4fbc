import { makeScope } from "#platform";
import { AuthError } from "../errors/auth-error.ts";
import { isSecret, type Secret } from "../secret.ts";
import type { Auth, Challenge } from "./auth.ts";
import { filledCredential } from "./credential.ts";
import { opaque, uniquely } from "./identity.ts";
import type { Scope } from "./scope.ts";
import { sealed } from "./sealed.ts";

/** Why a token is asked for: the first time, or because the server answered 401 to the last one. */
export type TokenReason = "first" | "unauthorized";

/** What a token provider is told. */
export interface TokenRequest {
  readonly reason: TokenReason;
}

/** Gives a token: from an identity provider, a file, a secrets manager. */
export type TokenProvider = (request: TokenRequest) => string | Secret | Promise<string | Secret>;

function checked(token: unknown): string {
  const text = isSecret(token) ? token.reveal() : token;
  if (typeof text !== "string" || text === "") {
    throw new AuthError(
      `The token provider gave ${text === "" ? "an empty string" : typeof text}, not a token`,
    );
  }
  return text;
}

/**
 * A Bearer token (RFC 6750): a value, or a provider that is asked for one when it is first needed.
 *
 * On a 401 a provider is asked again, once for all the calls that wait, and each of them is sent once more. A 401 that
 * comes late, for a token that has been replaced meanwhile, does not ask again.
 *
 * A provider that asks with the very client that it gives tokens to says `auth: null` in that call: without it the call would
 * wait for the token that it is there to fetch. From Node 24 on that is an `AuthError`; elsewhere neither ends before its timeout.
 *
 * @throws {OptionsError} when the token is no text or empty.
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
 *     const token = await post("http://localhost:4010/auth/token", { form }).json<{ access_token: string }>();
 *     return token.access_token;
 *   }),
 * });
 * await client.get("/auth/bearer").json();
 * ```
 */
export function bearer(token: string | Secret | TokenProvider): Auth {
  if (typeof token !== "function") {
    const authorization = `Bearer ${filledCredential(token, "bearer()", "a token")}`;
    const identity = (): string => opaque(authorization);
    return sealed({ authorize: () => ({ headers: { authorization } }), identity }, "bearer");
  }
  return sealed(new ProvidedBearer(token), "bearer");
}

function waitsForItself(): AuthError {
  return new AuthError(
    "The token provider asks with the client that it gives tokens to, and waits for itself",
    {
      hint: "That call has no credentials of the client's: client.post(url, { auth: null, … }).",
    },
  );
}

class ProvidedBearer implements Auth {
  readonly #provider: TokenProvider;
  readonly #scope: Scope | undefined = makeScope();
  readonly #identity: string = uniquely();
  #header: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(provider: TokenProvider) {
    this.#provider = provider;
  }

  authorize(): { headers: { authorization: string } } | Promise<{ headers: { authorization: string } }> {
    const had = this.#header;
    if (had !== undefined && this.#asking === undefined) return { headers: { authorization: had } };
    // While a new token is being fetched the old one is known to be refused: wait with the rest. Somebody was refused,
    // though, and not everybody: where no new one can be had, the old one may still do here (P5).
    if (this.#scope?.isInside() === true) throw waitsForItself();
    const asked = this.#ask("first");
    const answered = had === undefined ? asked : asked.catch(() => had);
    return answered.then((authorization) => ({ headers: { authorization } }));
  }

  /** A provider is somebody, whichever token it gives. */
  identity(): string {
    return this.#identity;
  }

  answers(): boolean {
    return true;
  }

  async refresh(challenge: Challenge): Promise<void> {
    const refused = challenge.request.header("authorization");
    // Somebody was faster: the token in hand is newer than the one that was refused.
    if (this.#asking === undefined && this.#header !== undefined && refused !== this.#header) return;
    await this.#ask("unauthorized");
  }

  /** One question at a time; everybody who comes meanwhile gets its answer. */
  #ask(reason: TokenReason): Promise<string> {
    this.#asking ??= this.#fetch(reason).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  #provide(reason: TokenReason): ReturnType<TokenProvider> {
    const provide = (): ReturnType<TokenProvider> => this.#provider({ reason });
    return this.#scope === undefined ? provide() : this.#scope.run(provide);
  }

  async #fetch(reason: TokenReason): Promise<string> {
    try {
      this.#header = `Bearer ${checked(await this.#provide(reason))}`;
      return this.#header;
    } catch (error) {
      if (error instanceof AuthError) throw error;
      throw new AuthError("The token provider failed", { cause: error });
    }
  }
}
