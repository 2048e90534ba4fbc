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

/** A client that can keep no secret, such as a program on the machine of whoever uses it (RFC 6749 §2.1). */
export interface PublicClient {
  readonly clientId: string;
  readonly clientSecret?: undefined;
  readonly clientAuth?: "none" | undefined;
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
  ClientWithSecret & { readonly grant: "client_credentials" };

/** Somebody has let the client in before, and a refresh token is left of it (RFC 6749 §6). */
export type RefreshTokenOptions = OAuth2CommonOptions &
  (DiscoveredServer | KnownServer) &
  (ClientWithSecret | PublicClient) & {
    readonly grant: "refresh_token";
    /** The refresh token to begin with. One in `store` comes before it: it is younger. */
    readonly refreshToken: string | Secret;
  };

/** What `oauth2()` takes: one of the grants, with what belongs to it. */
export type OAuth2Options = ClientCredentialsOptions | RefreshTokenOptions;
