import type { Secret } from "../secret.ts";

/** What an `Auth` is told of the request that it is to authorize. */
export interface AuthorizeRequest {
  readonly method: string;
  /** The absolute URL. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query as they are sent, percent-encoded. */
  readonly target: string;
  /** One header of the request, null where it is absent. */
  header(name: string): string | null;
  /** All of its headers, with names as they were given. */
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** The whole body, for an `Auth` that `needs` it; empty where there is none. */
  readonly body?: Uint8Array;
}

/** What an `Auth` adds to a request. Both are bound to the origin and never shown in a log, an error or `url`. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string | Secret>>;
  readonly query?: Readonly<Record<string, string | Secret>>;
}

/** The answer that an `Auth` is asked about, with its headers: a 401, or another of its `statuses`. */
export interface Challenge {
  readonly status: number;
  header(name: string): string | undefined;
  readonly request: AuthorizeRequest;
  /** Whether the request had been sent anew after such an answer already: then this one is the answer. Default false. */
  readonly again?: boolean;
  /** For `refresh`: what `authorize` gave for the request that was refused, the same object. */
  readonly credentials?: Credentials;
  /** For `refresh`: the body of the answer, decoded, where the `Auth` `needs` it. */
  readonly body?: Uint8Array;
}

/** What an `Auth` has to read, and what that costs. */
export interface AuthNeeds {
  /**
   * `authorize` is given the body of the request, to sign it, say. It is held in memory, whole; a stream that can be read once
   * is read for it, and then sent from memory, so that it can be sent again. `"buffered"` gives it where it is in memory anyway,
   * and reads none: of a stream or a file there is no `body`. Default false.
   */
  readonly requestBody?: boolean | "buffered";
  /** `refresh` is given the body of the answer; more than 1 MiB of it is a `BodyTooLargeError`. */
  readonly responseBody?: boolean;
}

/**
 * A scheme of authentication. `basic`, `bearer`, `oauth2`, `apiKey`, `digest`, `hmac`, `awsSigV4` and `netrc` make the usual ones; one of your own needs
 * `authorize`.
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
   * Whether trying again can be of use after this answer: then `refresh` is called, `authorize` asked again, and the request
   * sent once more, once a call and origin. It decides at the headers, so it is not asynchronous.
   */
  answers?(challenge: Challenge): boolean;
  /**
   * The statuses from 400 to 599 that `answers` and `refresh` are for, in the place of the default, which is 401 alone. An `OptionsError`
   * names it where it is no list of such numbers.
   *
   * @example
   * ```ts
   * import { type Auth, get } from "chasqui";
   * let key = "old";
   * const byKey: Auth = {
   *   authorize: () => ({ headers: { "x-key": key } }),
   *   statuses: [401, 403],
   *   refresh: () => void (key = "new"),
   * };
   * const response = await get("http://localhost:4010/faults/status/403", { params: { times: 1, run: "statuses" }, auth: byKey });
   * console.log(response.status, response.request.headers.get("x-key") === null); // 200 false
   * ```
   */
  readonly statuses?: readonly number[];
  /** Gets new credentials after a 401, or another of the `statuses`. What it throws ends the call. */
  refresh?(challenge: Challenge): void | Promise<void>;
  /**
   * Whether a challenge belongs to the one request that it answers, as Digest's nonce does: then each hop of a redirect and
   * each retry may be answered once, and not the call as a whole. Default false.
   */
  readonly perRequest?: boolean;
  /**
   * Whether `authorize` signs what goes out: then it is asked last, after middleware, cookies and hooks have had their say, so
   * that all of the headers are there. Hooks do not see what it adds. Default false.
   */
  readonly signs?: boolean;
  /**
   * Who asks with these credentials at an origin, as a text that does not tell them: the same for as long as it is the same
   * somebody, over a new token too. Rate limits, caches and shared requests are kept apart by it. It is asked for each request
   * of a call that needs it, and does not wait for anything. Where it is missing or undefined nobody is known to be the same:
   * nothing is cached, and nothing shared.
   *
   * @example
   * ```ts
   * import { type Auth, get } from "chasqui";
   * const byTenant: Auth = {
   *   authorize: () => ({ headers: { "x-tenant-key": "k-123" } }),
   *   identity: () => "tenant 1",
   * };
   * await get("http://localhost:4010/echo", { auth: byTenant });
   * ```
   */
  identity?(origin: string): string | undefined;
  /** What it has to read besides the head. Default nothing. */
  readonly needs?: AuthNeeds;
}
