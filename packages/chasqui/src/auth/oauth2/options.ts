import type { Client } from "../../client.ts";
import type { Clock } from "../../clock.ts";
import type { Duration } from "../../duration.ts";
import type { Secret } from "../../secret.ts";
import type { TokenStore } from "../token-store.ts";

/** An authorization server that says by itself where its endpoints are (RFC 8414, OpenID Connect Discovery). */
export interface DiscoveredServer {
  /** The issuer: a URL below which, or before whose path, `.well-known` is asked for the endpoints. */
  readonly issuer: string;
  readonly tokenEndpoint?: undefined;
}

/** An authorization server whose endpoints are known. */
export interface KnownServer {
  /** The URL that tokens are got from. https, or http on this machine. */
  readonly tokenEndpoint: string;
  /** What the server calls itself: an answer in the name of another is refused (RFC 9207). Nothing is asked of it. */
  readonly issuer?: string | undefined;
}

/** A client that has a secret. */
export interface ClientWithSecret {
  readonly clientId: string;
  /** The secret that the client was registered with. */
  readonly clientSecret: string | Secret;
  /** How the secret is sent. Default `"client_secret_basic"`, which each server has to take (RFC 6749 §2.3.1). */
  readonly clientAuth?: "client_secret_basic" | "client_secret_post" | undefined;
}

/** A private key: PEM (PKCS #8, or PKCS #1 for RSA), or a CryptoKey that may sign. */
export type PrivateKey = string | Secret | CryptoKey;

/** How a JWT is signed (RFC 7518 §3.1, RFC 8037, RFC 9864). */
export type SigningAlgorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA"
  | "Ed25519";

/** The key that a JWT is signed with. */
export interface SigningKey {
  readonly privateKey: PrivateKey;
  /** What the server calls the key, `kid` of the JWT. Default: it is not named. */
  readonly keyId?: string | undefined;
  /** Default: what fits the key, RS256 for RSA. */
  readonly alg?: SigningAlgorithm | undefined;
}

/** A client that signs who it is (`private_key_jwt`, RFC 7523 §2.2): no secret goes over the wire. */
export interface ClientWithKey extends SigningKey {
  readonly clientId: string;
  readonly clientSecret?: undefined;
  readonly clientAuth?: "private_key_jwt" | undefined;
  /** Whom the signed words are for. Default: the issuer where it is given, else the token endpoint. */
  readonly audience?: string | undefined;
}

/** A client that can keep no secret, such as a program on the machine of whoever uses it (RFC 6749 §2.1). */
export interface PublicClient {
  readonly clientId: string;
  readonly clientSecret?: undefined;
  readonly privateKey?: undefined;
  readonly clientAuth?: "none" | undefined;
}

/** What a device shows to whoever is to let it in (RFC 8628 §3.3). */
export interface DevicePrompt {
  /** To be entered at `verificationUri`, or compared with what is shown there. */
  readonly userCode: string;
  /** The page on which somebody decides, on whichever machine. */
  readonly verificationUri: string;
  /** The same with the code in it, for a QR code; undefined where the server has none. */
  readonly verificationUriComplete: string | undefined;
  /** When it is too late. */
  readonly expiresAt: Date;
}

/** What a JWT says on whose behalf a token is asked for (RFC 7523 §3). */
export interface AssertionOptions extends SigningKey {
  /** Who signs, `iss`: a service account, or the client. */
  readonly issuer: string;
  /** Whom the token is for, `sub`. Default: the issuer. */
  readonly subject?: string | undefined;
  /** Whom the JWT is for, `aud`. Default: the server's issuer where it is given, else the token endpoint. */
  readonly audience?: string | undefined;
  /** Further claims, such as `{ scope: "…" }`; they come before ours. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** How long the JWT is good for. Default 60 s. */
  readonly life?: Duration | undefined;
}

/** What each `oauth2()` takes, whichever the grant is. */
export interface OAuth2CommonOptions {
  /** What the token is to be good for: names with spaces between, or a list of them. Default: what the server gives unasked. */
  readonly scope?: string | readonly string[] | undefined;
  /** Further parameters of the request for a token, such as `{ audience: "https://api.example.com" }`. */
  readonly params?: Readonly<Record<string, string | Secret>> | undefined;
  /** Where tokens are kept for the next run and for other processes. Default: in memory, for this `oauth2()` alone. */
  readonly store?: TokenStore | undefined;
  /** Whose token it is, where one client has tokens of several people in one `store`; part of the key. Default none. */
  readonly account?: string | undefined;
  /**
   * How long before its end a token is renewed, while calls go on with it; no more than a quarter of its life. Default 60 s.
   */
  readonly refreshBefore?: Duration | undefined;
  /** How long a token may take to get, retries included, without what a person does. Default 30 s. */
  readonly timeout?: Duration | undefined;
  /**
   * The client that asks for tokens: its proxy, certificates and hooks are used, its `auth`, base URL and cookies are not.
   * Default: one of its own.
   */
  readonly client?: Client | undefined;
  /** Whether an endpoint may be http on another machine, where whoever listens gets the secrets. Default false. */
  readonly allowHttp?: boolean | undefined;
  /** The time by which tokens run out. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** The client acts for itself (RFC 6749 §4.4). */
export type ClientCredentialsOptions = OAuth2CommonOptions &
  (DiscoveredServer | KnownServer) &
  (ClientWithSecret | ClientWithKey) & { readonly grant: "client_credentials" };

/** Somebody has let the client in before, and a refresh token is left of it (RFC 6749 §6). */
export type RefreshTokenOptions = OAuth2CommonOptions &
  (DiscoveredServer | KnownServer) &
  (ClientWithSecret | ClientWithKey | PublicClient) & {
    readonly grant: "refresh_token";
    /** The refresh token to begin with. One in `store` comes before it: it is younger. */
    readonly refreshToken: string | Secret;
  };

/**
 * Somebody lets the client in, in a browser on the same machine (RFC 6749 §4.1), with PKCE (RFC 7636): the browser comes back
 * to a port of the loopback (RFC 8252 §7.3). Needs Node.
 */
export type AuthorizationCodeOptions = OAuth2CommonOptions &
  (
    | DiscoveredServer
    | (KnownServer & { /** The page on which somebody decides. */ readonly authorizationEndpoint: string })
  ) &
  (ClientWithSecret | ClientWithKey | PublicClient) & {
    readonly grant: "authorization_code";
    /** Opens the page. Default: writes its URL to stderr, and opens the browser of the system. */
    readonly open?: ((url: string) => void | Promise<void>) | undefined;
    /**
     * Where the browser comes back to: http on the loopback, as it was registered. Port 0 is any free one, which servers have
     * to allow. Default `"http://127.0.0.1:0/"`.
     */
    readonly redirectUri?: string | undefined;
    /** Further parameters of the page, such as `{ prompt: "consent" }`. */
    readonly authorizationParams?: Readonly<Record<string, string>> | undefined;
    /** How long somebody has to decide. Default 5 min. */
    readonly signInTimeout?: Duration | undefined;
  };

/** Somebody lets the client in, in a browser on any machine (RFC 8628): for what has no browser, or no keyboard. */
export type DeviceCodeOptions = OAuth2CommonOptions &
  (
    | DiscoveredServer
    | (KnownServer & { /** What a device code is got from. */ readonly deviceAuthorizationEndpoint: string })
  ) &
  (ClientWithSecret | ClientWithKey | PublicClient) & {
    readonly grant: "device_code";
    /** Shows where to go and what to enter. Default: writes it to stderr. */
    readonly prompt?: ((prompt: DevicePrompt) => void | Promise<void>) | undefined;
  };

/** A signed JWT says on whose behalf a token is asked for (RFC 7523 §2.1): service accounts. */
export type JwtBearerOptions = OAuth2CommonOptions &
  (DiscoveredServer | KnownServer) &
  (
    | ClientWithSecret
    | ClientWithKey
    | PublicClient
    | {
        readonly clientId?: undefined;
        readonly clientSecret?: undefined;
        readonly privateKey?: undefined;
        readonly clientAuth?: undefined;
      }
  ) & {
    readonly grant: "jwt-bearer";
    /** What the JWT says and what it is signed with, or a function that gives one that somebody else has made. */
    readonly assertion: AssertionOptions | (() => string | Secret | Promise<string | Secret>);
  };

/** What `oauth2()` takes: one of the grants, with what belongs to it. */
export type OAuth2Options =
  | ClientCredentialsOptions
  | RefreshTokenOptions
  | AuthorizationCodeOptions
  | DeviceCodeOptions
  | JwtBearerOptions;
