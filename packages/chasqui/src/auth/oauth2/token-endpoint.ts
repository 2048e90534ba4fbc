import * as oauth from "oauth4webapi";
import { AuthError } from "../../errors/auth-error.ts";
import { ChasquiError } from "../../errors/chasqui-error.ts";
import { NetworkError } from "../../errors/network-error.ts";
import { TimeoutError } from "../../errors/timeout-error.ts";
import { printable, redactUrl } from "../../request/redact.ts";
import type { StoredToken } from "../token-store.ts";
import { BackChannel, type BackChannelAnswer } from "./back-channel.ts";
import { ClientIdentity } from "./client-identity.ts";
import { errorHint } from "./error-hint.ts";
import { ServerMetadata } from "./server-metadata.ts";
import type { OAuth2Settings } from "./settings.ts";

/** What a token is asked for with. */
export type TokenQuestion =
  | { readonly grant: "client_credentials" }
  | { readonly grant: "refresh_token"; readonly refreshToken: string }
  | {
      readonly grant: "authorization_code";
      /** Of `oauth.validateAuthResponse`. */
      readonly callback: URLSearchParams;
      readonly redirectUri: string;
      readonly verifier: string;
    }
  | { readonly grant: "device_code"; readonly deviceCode: string }
  | { readonly grant: "jwt-bearer"; assertion(): Promise<string> };

/** Makes a request of `oauth4webapi` with these options, and judges its answer. */
type Exchange<T> = (
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  options: oauth.TokenEndpointRequestOptions,
) => Promise<T>;

/** An answer that `oauth4webapi` has checked. */
type Checked = Awaited<ReturnType<typeof oauth.processGenericTokenEndpointResponse>>;

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** The longest that a token is believed to live, in milliseconds: a hundred years. Beyond, a date is none any more. */
const LONGEST_LIFE = 100 * 365 * 24 * 3600 * 1000;
/** The longest that a device is waited for, in seconds: a day. A server that says more would be asked for as long as the process lives. */
const LONGEST_DEVICE = 24 * 3600;
/** How often a device is asked about where the server says nothing of it that can be, in seconds (RFC 8628 §3.2). */
const DEVICE_INTERVAL = 5;
/** The least and the most time between two polls that a server is believed, in seconds: less would be a storm, more nobody waits for. */
const LEAST_INTERVAL = 1;
const LONGEST_INTERVAL = 300;
/** A clock that was wrong by less was not why an assertion was refused, in milliseconds. */
const LEAST_SKEW = 5000;

/**
 * The endpoints of an authorization server that clients ask (RFC 6749 §3.2, RFC 8628 §3.1). `oauth4webapi` makes the requests
 * and judges the answers.
 */
export class TokenEndpoint {
  readonly channel: BackChannel;
  readonly metadata: ServerMetadata;
  readonly #settings: OAuth2Settings;
  readonly #identity: ClientIdentity;

  constructor(settings: OAuth2Settings) {
    this.#settings = settings;
    this.channel = new BackChannel(settings.client, settings.clock);
    this.metadata = new ServerMetadata(settings, this.channel);
    this.#identity = new ClientIdentity(settings, this.channel, this.metadata);
  }

  /**
   * Asks for a token.
   *
   * @throws {AuthError} when there is none, with what the server said of it; without a secret.
   */
  async ask(question: TokenQuestion): Promise<StoredToken> {
    const signs = question.grant === "jwt-bearer" || this.#identity.signs;
    const before = this.channel.now(0);
    try {
      return await this.#askOnce(question, signs);
    } catch (error) {
      if (!signs || !(error instanceof AuthError)) throw error;
      // What is signed is good for once, and for its time: another is signed where the answer was lost, or our clock was wrong.
      const lost =
        (error.cause instanceof NetworkError || error.cause instanceof TimeoutError) &&
        question.grant !== "authorization_code" &&
        question.grant !== "device_code";
      const late = error.reason !== undefined && Math.abs(this.channel.now(0) - before) >= LEAST_SKEW;
      if (!lost && !late) throw error;
      return this.#askOnce(question, signs);
    }
  }

  /** Begins a device code. */
  async device(scope: string | undefined): Promise<oauth.DeviceAuthorizationResponse> {
    const parameters = this.#params(scope);
    const exchange: Exchange<oauth.DeviceAuthorizationResponse> = async (server, client, options) => {
      const response = await oauth.deviceAuthorizationRequest(
        server,
        client,
        this.#identity.authenticate,
        parameters,
        options,
      );
      return oauth.processDeviceAuthorizationResponse(server, client, response);
    };
    const endpoint = "device_authorization_endpoint";
    const { checked } = await this.#request(exchange, {
      endpoint,
      grant: "device_code",
      twice: true,
      secrets: [],
    });
    return checked;
  }

  async #askOnce(question: TokenQuestion, signs: boolean): Promise<StoredToken> {
    const askedAt = this.#settings.clock.date();
    const secrets = secretsOf(question);
    const twice = !signs && (question.grant === "client_credentials" || question.grant === "refresh_token");
    const asked = { endpoint: "token_endpoint", grant: question.grant, twice, secrets } as const;
    const exchange = await this.#exchangeOf(question, secrets);
    const { checked, body, shown } = await this.#request(exchange, asked);
    return storedToken(checked, body, this.channel.now(askedAt), shown);
  }

  async #exchangeOf(question: TokenQuestion, secrets: string[]): Promise<Exchange<Checked>> {
    const { authenticate } = this.#identity;
    switch (question.grant) {
      case "client_credentials": {
        const params = this.#params(this.#settings.scope);
        return async (server, client, options) => {
          const response = await oauth.clientCredentialsGrantRequest(
            server,
            client,
            authenticate,
            params,
            options,
          );
          return oauth.processClientCredentialsResponse(server, client, response);
        };
      }
      case "refresh_token":
        return async (server, client, options) => {
          const { refreshToken } = question;
          const response = await oauth.refreshTokenGrantRequest(
            server,
            client,
            authenticate,
            refreshToken,
            options,
          );
          return oauth.processRefreshTokenResponse(server, client, response);
        };
      case "authorization_code":
        return async (server, client, options) => {
          const { callback, redirectUri, verifier } = question;
          const response = await oauth.authorizationCodeGrantRequest(
            server,
            client,
            authenticate,
            callback,
            redirectUri,
            verifier,
            options,
          );
          return oauth.processAuthorizationCodeResponse(server, client, response);
        };
      case "device_code":
        return async (server, client, options) => {
          const { deviceCode } = question;
          const response = await oauth.deviceCodeGrantRequest(
            server,
            client,
            authenticate,
            deviceCode,
            options,
          );
          return oauth.processDeviceCodeResponse(server, client, response);
        };
      case "jwt-bearer": {
        const assertion = await question.assertion();
        secrets.push(assertion);
        const params = this.#params(this.#settings.scope);
        params.set("assertion", assertion);
        return async (server, client, options) => {
          const response = await oauth.genericTokenEndpointRequest(
            server,
            client,
            authenticate,
            JWT_BEARER,
            params,
            options,
          );
          return oauth.processGenericTokenEndpointResponse(server, client, response);
        };
      }
    }
  }

  /** Makes a request, and an `AuthError` of all that can be wrong with its answer. */
  async #request<T>(
    exchange: Exchange<T>,
    asked: {
      readonly endpoint: "token_endpoint" | "device_authorization_endpoint";
      readonly grant: string;
      readonly twice: boolean;
      readonly secrets: readonly string[];
    },
  ): Promise<{
    readonly checked: T;
    readonly body: Readonly<Record<string, unknown>>;
    readonly shown: string;
  }> {
    const server = await this.metadata.get();
    const url = server[asked.endpoint];
    if (url === undefined)
      throw new AuthError(`The server ${redactUrl(server.issuer)} has no ${asked.endpoint}`);
    const shown = redactUrl(url);
    let answer: BackChannelAnswer | undefined;
    const options: oauth.TokenEndpointRequestOptions = {
      // Which endpoint may be http is decided by the settings.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (to, { method, headers, body }) => {
        const sending = { twice: asked.twice, timeout: this.#settings.timeout };
        answer = await this.channel.send(to, { method, headers, body }, sending);
        return asResponse(answer, asked.endpoint === "device_authorization_endpoint");
      },
      additionalParameters: this.#params(undefined),
    };
    try {
      const checked = await exchange(server, this.#identity.client, options);
      return { checked, body: answer?.body ?? {}, shown };
    } catch (error) {
      const secrets = [...asked.secrets, ...this.#identity.secrets, ...this.#secretParams()];
      throw asAuthError(error, asked.grant, shown, secrets, answer);
    }
  }

  #params(scope: string | undefined): URLSearchParams {
    const params = new URLSearchParams(this.#settings.params.map(({ name, value }) => [name, value]));
    if (scope !== undefined) params.set("scope", scope);
    return params;
  }

  #secretParams(): string[] {
    return this.#settings.params.filter(({ secret }) => secret).map(({ value }) => value);
  }
}

/** What must not be in an error, should the server repeat it. */
function secretsOf(question: TokenQuestion): string[] {
  switch (question.grant) {
    case "refresh_token":
      return [question.refreshToken];
    case "authorization_code":
      return [question.callback.get("code") ?? "", question.verifier];
    case "device_code":
      return [question.deviceCode];
    default:
      return [];
  }
}

/** The answer as the library wants it: what it would stumble over, and nobody needs, is left out. */
function asResponse({ status, body }: BackChannelAnswer, ofDevice: boolean): Response {
  const { expires_in: expiresIn, interval, id_token: _identity, refresh_token: refreshToken, ...rest } = body;
  const given =
    typeof refreshToken === "string" && refreshToken !== "" ? { refresh_token: refreshToken } : {};
  // A lifetime has to be there.
  const times = ofDevice
    ? {
        expires_in: Math.min(secondsIn(expiresIn) ?? 600, LONGEST_DEVICE),
        interval: Math.min(
          Math.max(secondsIn(interval) ?? DEVICE_INTERVAL, LEAST_INTERVAL),
          LONGEST_INTERVAL,
        ),
      }
    : {};
  const isError = isErrorCode(body.error) && body.access_token === undefined;
  // Some say errors with 200, or with 500: what it is stands in the body.
  const told = isError ? 400 : status >= 200 && status < 300 ? 200 : status;
  return Response.json({ ...rest, ...given, ...times }, { status: told });
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
  const seconds = secondsIn(body.expires_in);
  // Where the server says nothing that can be, a 401 tells that it is over.
  const life = seconds === undefined ? undefined : Math.min(seconds * 1000, LONGEST_LIFE);
  return {
    accessToken,
    obtainedAt: askedAt,
    // Counted from the question: from the answer it would be believed to live for as long as that was under way.
    ...(life === undefined ? {} : { expiresAt: askedAt + life }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** A number of seconds above 0, in a string too; undefined for anything else. */
function secondsIn(value: unknown): number | undefined {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof seconds === "number" && seconds > 0 ? seconds : undefined;
}

function asAuthError(
  error: unknown,
  grant: string,
  shown: string,
  secrets: readonly string[],
  answer: BackChannelAnswer | undefined,
): unknown {
  if (error instanceof ChasquiError) return error;
  const clean = (text: string): string => printable(masked(text, secrets)).slice(0, 300);
  if (error instanceof oauth.ResponseBodyError && isErrorCode(error.error)) {
    // Programs compare it: it is what it is, unless it is a secret itself.
    const reason = secrets.some((secret) => secret.length >= 8 && error.error.includes(secret))
      ? "***"
      : error.error;
    const description = error.error_description === undefined ? undefined : clean(error.error_description);
    const said = description === undefined ? "" : ` (${description})`;
    const hint = errorHint(reason, grant, answer?.resent ?? false);
    return new AuthError(`${shown} gave no token: ${reason}${said}`, {
      reason,
      description,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (answer !== undefined && (answer.status < 200 || answer.status >= 300)) {
    return new AuthError(`${shown} answered ${answer.status}, and no token`);
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    // Not as the cause: the whole answer is in that.
    return new AuthError(`${shown} gave no token that can be used: ${clean(error.message)}`);
  }
  return error;
}

/** What is shorter than this would be found in any word. */
const SHORTEST_SECRET = 4;

function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (shown, secret) => (secret.length < SHORTEST_SECRET ? shown : shown.replaceAll(secret, "***")),
    text,
  );
}
