import * as oauth from "oauth4webapi";
import { AuthError } from "../../errors/auth-error.ts";
import { printable, redactUrl } from "../../request/redact.ts";
import type { StoredToken } from "../token-store.ts";
import { BackChannel, type BackChannelAnswer } from "./back-channel.ts";
import { errorHint } from "./error-hint.ts";
import type { OAuth2Settings } from "./settings.ts";

/** What a token is asked for with. */
export type TokenQuestion =
  | { readonly grant: "client_credentials" }
  | { readonly grant: "refresh_token"; readonly refreshToken: string };

/** An answer that `oauth4webapi` has checked. */
type Checked = Awaited<ReturnType<typeof oauth.processGenericTokenEndpointResponse>>;

/** The longest that a token is believed to live, in milliseconds: a hundred years. Beyond, a date is none any more. */
const LONGEST_LIFE = 100 * 365 * 24 * 3600 * 1000;

/** The token endpoint of an authorization server (RFC 6749 §3.2). `oauth4webapi` makes the requests and judges the answers. */
export class TokenEndpoint {
  readonly channel: BackChannel;
  readonly #settings: OAuth2Settings;
  readonly #client: oauth.Client;
  readonly #authenticate: oauth.ClientAuth;

  constructor(settings: OAuth2Settings) {
    this.#settings = settings;
    this.channel = new BackChannel(settings.client, settings.clock);
    this.#client = { client_id: settings.clientId };
    this.#authenticate = clientAuth(settings);
  }

  /**
   * Asks for a token.
   *
   * @throws {AuthError} when there is none, with what the server said of it; without a secret.
   */
  async ask(question: TokenQuestion): Promise<StoredToken> {
    const server = this.#server();
    const shown = redactUrl(server.token_endpoint ?? "");
    const secrets = this.#secretsOf(question);
    const askedAt = this.#settings.clock.date();
    let answer: BackChannelAnswer | undefined;
    const options: oauth.TokenEndpointRequestOptions = {
      // Which endpoint may be http is decided by the settings.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (url, { method, headers, body }) => {
        const sending = { twice: true, timeout: this.#settings.timeout };
        answer = await this.channel.send(url, { method, headers, body }, sending);
        return asResponse(answer);
      },
      additionalParameters: this.#params(),
    };
    try {
      const checked = await this.#exchange(server, question, options);
      return storedToken(checked, answer?.body ?? {}, this.channel.now(askedAt), shown);
    } catch (error) {
      throw asAuthError(error, question, shown, secrets, answer);
    }
  }

  /** What is known of the server, in the words of its metadata (RFC 8414 §2). */
  #server(): oauth.AuthorizationServer {
    const { issuer, endpoints } = this.#settings;
    return { ...endpoints, issuer: issuer ?? endpoints?.token_endpoint ?? "" };
  }

  async #exchange(
    server: oauth.AuthorizationServer,
    question: TokenQuestion,
    options: oauth.TokenEndpointRequestOptions,
  ): Promise<Checked> {
    const client = this.#client;
    const authenticate = this.#authenticate;
    switch (question.grant) {
      case "client_credentials": {
        const params = this.#params();
        const { scope } = this.#settings;
        if (scope !== undefined) params.set("scope", scope);
        const response = await oauth.clientCredentialsGrantRequest(
          server,
          client,
          authenticate,
          params,
          options,
        );
        return oauth.processClientCredentialsResponse(server, client, response);
      }
      case "refresh_token": {
        const { refreshToken } = question;
        const response = await oauth.refreshTokenGrantRequest(
          server,
          client,
          authenticate,
          refreshToken,
          options,
        );
        return oauth.processRefreshTokenResponse(server, client, response);
      }
    }
  }

  #params(): URLSearchParams {
    return new URLSearchParams(this.#settings.params.map(({ name, value }) => [name, value]));
  }

  /** What must not be in an error, should the server repeat it. */
  #secretsOf(question: TokenQuestion): string[] {
    const { clientAuth, params } = this.#settings;
    const secrets = params.filter(({ secret }) => secret).map(({ value }) => value);
    if (clientAuth.method !== "none") secrets.push(clientAuth.secret);
    if (question.grant === "refresh_token") secrets.push(question.refreshToken);
    return secrets;
  }
}

/** How the client says who it is (RFC 6749 §2.3.1). */
function clientAuth({ clientAuth: { method, ...given } }: OAuth2Settings): oauth.ClientAuth {
  const secret = "secret" in given ? given.secret : "";
  switch (method) {
    case "client_secret_post":
      return oauth.ClientSecretPost(secret);
    case "none":
      return oauth.None();
    case "client_secret_basic":
      // Not the library's: it encodes "-" and "." too, which is allowed, and which servers that do not decode take for
      // another client.
      return (_server, { client_id: id }, _body, headers) => {
        headers.set("authorization", `Basic ${btoa(`${formEncoded(id)}:${formEncoded(secret)}`)}`);
      };
  }
}

/** As in `application/x-www-form-urlencoded`. */
function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

/** The answer as the library wants it: what it would stumble over, and nobody needs, is left out. */
function asResponse({ status, body }: BackChannelAnswer): Response {
  const { expires_in: _lifetime, id_token: _identity, refresh_token: refreshToken, ...rest } = body;
  const given =
    typeof refreshToken === "string" && refreshToken !== "" ? { refresh_token: refreshToken } : {};
  const isError = isErrorCode(body.error) && body.access_token === undefined;
  // Some say errors with 200, or with 500: what it is stands in the body.
  const told = isError ? 400 : status >= 200 && status < 300 ? 200 : status;
  return new Response(JSON.stringify({ ...rest, ...given }), {
    status: told,
    headers: { "content-type": "application/json" },
  });
}

/** A code of OAuth 2's, and not what some other server calls an error. */
function isErrorCode(error: unknown): error is string {
  return typeof error === "string" && /^[\w.-]{1,60}$/.test(error);
}

function storedToken(
  { access_token: accessToken, refresh_token: refreshToken, scope }: Checked,
  body: Readonly<Record<string, unknown>>,
  askedAt: number,
  shown: string,
): StoredToken {
  if (!/^[\x21-\x7e]+$/.test(accessToken)) {
    throw new AuthError(`${shown} gave a token with characters that no header can carry`);
  }
  const life = lifeOf(body.expires_in);
  return {
    accessToken,
    obtainedAt: askedAt,
    // Counted from the question: from the answer it would be believed to live for as long as that was under way.
    ...(life === undefined ? {} : { expiresAt: askedAt + life }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** Milliseconds; undefined where the server says nothing that can be: then a 401 tells that it is over. */
function lifeOf(expiresIn: unknown): number | undefined {
  const seconds = typeof expiresIn === "string" && expiresIn.trim() !== "" ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== "number" || !(seconds > 0)) return undefined;
  return Math.min(seconds * 1000, LONGEST_LIFE);
}

function asAuthError(
  error: unknown,
  question: TokenQuestion,
  shown: string,
  secrets: readonly string[],
  answer: BackChannelAnswer | undefined,
): unknown {
  if (error instanceof AuthError) return error;
  const clean = (text: string): string => printable(masked(text, secrets)).slice(0, 300);
  if (error instanceof oauth.ResponseBodyError && isErrorCode(error.error)) {
    const reason = clean(error.error);
    const description = error.error_description === undefined ? undefined : clean(error.error_description);
    const said = description === undefined ? "" : ` (${description})`;
    const hint = errorHint(reason, question.grant, answer?.resent ?? false);
    return new AuthError(`${shown} gave no token: ${reason}${said}`, {
      reason,
      description,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (answer !== undefined && (answer.status < 200 || answer.status >= 300)) {
    return new AuthError(`${shown} answered ${answer.status}, and no token`);
  }
  if (
    error instanceof Error &&
    (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
  ) {
    // Not as the cause: the whole answer is in that.
    return new AuthError(`${shown} gave no token that can be used: ${clean(error.message)}`);
  }
  return error;
}

function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, "***")), text);
}
