import type { Secret } from "../secret.ts";

/** What an `Auth` is told of the request that it is to authorize. */
export interface AuthorizeRequest {
  readonly method: string;
  /** The absolute URL. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** One header of the request, null where it is absent. */
  header(name: string): string | null;
}

/** What an `Auth` adds to a request. Both are bound to the origin and never shown in a log, an error or `url`. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string | Secret>>;
  readonly query?: Readonly<Record<string, string | Secret>>;
}

/** The answer that an `Auth` is asked about: a 401, with its headers. */
export interface Challenge {
  readonly status: number;
  header(name: string): string | undefined;
  readonly request: AuthorizeRequest;
}

/**
 * A scheme of authentication. `basic`, `bearer` and `apiKey` make the usual ones; one of your own needs `authorize`.
 *
 * @example
 * ```ts
 * import { type Auth, get } from "chasqui";
 * const byTenant: Auth = { authorize: () => ({ headers: { "x-tenant": "t1" } }) };
 * await get("http://localhost:4010/echo", { auth: byTenant });
 * ```
 */
export interface Auth {
  /** The credentials for one request. Called for every request, so it should remember what is costly. */
  authorize(request: AuthorizeRequest): Credentials | Promise<Credentials>;
  /**
   * Whether this 401 can be answered by trying again: then `refresh` is called, `authorize` asked again, and the request
   * sent once more, once a call and origin. It decides at the headers, so it is not asynchronous.
   */
  answers?(challenge: Challenge): boolean;
  /** Gets new credentials after a 401. What it throws ends the call. */
  refresh?(challenge: Challenge): void | Promise<void>;
}
