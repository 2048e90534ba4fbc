import { printAs } from "../printing.ts";

/** A token as it is stored, with what is needed to get the next one. */
export interface StoredToken {
  /** The access token. */
  readonly accessToken: string;
  /** When it was got: milliseconds since 1970, UTC, by the authorization server's clock. */
  readonly obtainedAt: number;
  /** When it runs out, in the same way; undefined where the server did not say. */
  readonly expiresAt?: number | undefined;
  /** What the next token is got with. */
  readonly refreshToken?: string | undefined;
  /** What the token is good for, where the server said so (RFC 6749 §3.3). */
  readonly scope?: string | undefined;
}

/**
 * Where tokens are kept from one run of a program to the next, and for the processes that share them. `fileTokens()` and
 * `memoryTokens()` are two.
 *
 * A new token is stored before it is used: a refresh token that was replaced (rotation, RFC 9700 §2.2.2) is good for nothing.
 * What is stored is as good as a password: keep it from others.
 *
 * @example
 * ```ts
 * import type { StoredToken, TokenStore } from "chasqui";
 * const database = new Map<string, string>(); // say
 * const store: TokenStore = {
 *   get: (key) => {
 *     const text = database.get(key);
 *     return text === undefined ? undefined : (JSON.parse(text) as StoredToken);
 *   },
 *   set: (key, token) => void database.set(key, JSON.stringify(token)),
 *   delete: (key) => void database.delete(key),
 * };
 * ```
 */
export interface TokenStore {
  /** The token of a key, undefined where there is none. The key says whose it is, and tells no secret. */
  get(key: string): StoredToken | undefined | Promise<StoredToken | undefined>;
  /** Keeps a token in the place of what was there. When it returns, a crash does not lose it. */
  set(key: string, token: StoredToken): void | Promise<void>;
  /** Forgets a token. */
  delete(key: string): void | Promise<void>;
  /**
   * Does some work while nobody else does work for this key: no other process, or as far as the store reaches. Without it
   * two processes may spend the same refresh token, which a server takes for theft. The lock of a process that is killed must
   * not stay.
   */
  lock?<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Tokens in memory, for several `oauth2()` of one process that are the same client: what one of them gets serves the others.
 *
 * @example
 * ```ts
 * import { Client, memoryTokens, oauth2 } from "chasqui";
 * const store = memoryTokens();
 * const auth = oauth2({
 *   tokenEndpoint: "http://localhost:4010/auth/token",
 *   clientId: "practice-client",
 *   clientSecret: "practice-secret",
 *   grant: "client_credentials",
 *   store,
 * });
 * await using client = new Client({ baseUrl: "http://localhost:4010", auth });
 * await client.get("/auth/bearer").json();
 * ```
 */
export function memoryTokens(): TokenStore {
  const tokens = new Map<string, StoredToken>();
  const last = new Map<string, Promise<unknown>>();
  const store: TokenStore = {
    get: (key) => tokens.get(key),
    set: (key, token) => {
      tokens.set(key, token);
    },
    delete: (key) => {
      tokens.delete(key);
    },
    lock: (key, work) => {
      const before = last.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      last.set(key, mine);
      return mine;
    },
  };
  printAs({ prototype: store }, () => `memoryTokens() (tokens: ${tokens.size})`);
  return store;
}
