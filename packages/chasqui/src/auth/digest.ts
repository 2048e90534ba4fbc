import { canHash, hashHex } from "#platform";
import { AuthError } from "../errors/auth-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { printable } from "../request/redact.ts";
import { ownOptions } from "../request/wrong-option.ts";
import type { Secret } from "../secret.ts";
import type { Auth, AuthorizeRequest, Challenge, Credentials } from "./auth.ts";
import { parseChallenges } from "./challenge.ts";
import { credential, filledCredential } from "./credential.ts";
import {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type DigestChallenge,
  digestAuthorization,
  readDigestChallenge,
} from "./digest-response.ts";
import { opaquely } from "./identity.ts";
import { sealed } from "./sealed.ts";

/** What Digest may do. */
export interface DigestOptions {
  /**
   * The hashes that may be used, each with its `-sess` form. Default all of them, for many servers have nothing but MD5, which
   * does not hide a weak password from somebody who listens: leave `"MD5"` and `"SHA"` out where the server can do better.
   */
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
}

/**
 * Digest authentication (RFC 7616; RFC 2069 where a server speaks that): the password itself is never sent.
 *
 * The first request to an origin goes without credentials. Its 401 says what to answer; the request is then sent again, and
 * those that follow bring the answer along. Of several challenges the strongest hash is taken. MD5, SHA, SHA-256, SHA-512 and
 * SHA-512-256 are known on Node; elsewhere MD5 and SHA-512-256 are not to be had. The protection of bodies (`qop=auth-int`) is
 * not supported.
 *
 * @throws {OptionsError} when the user or the password is no text, the user is empty, or an algorithm is not known.
 * @throws {AuthError} (from the call) when the challenge is malformed or asks for what cannot be done.
 *
 * @example
 * ```ts
 * import { Client, digest } from "chasqui";
 * await using client = new Client({ baseUrl: "http://localhost:4010", auth: digest("user", "passwd") });
 * const answer = await client.get("/auth/digest").json<{ authenticated: boolean }>();
 * console.log(answer.authenticated); // true
 * ```
 */
export function digest(
  username: string | Secret,
  password: string | Secret,
  options: DigestOptions = {},
): Auth {
  const user = filledCredential(username, "digest()", "a user name");
  const secretWord = credential(password, "digest()", "a password");
  return sealed(new Digest(user, secretWord, algorithmsOf(options)), "digest");
}

function algorithmsOf(options: DigestOptions): ReadonlySet<DigestAlgorithm> {
  const own = ownOptions("digest()", options, ["algorithms"]);
  const names: unknown = own.algorithms ?? DIGEST_ALGORITHMS;
  const chosen = DIGEST_ALGORITHMS.filter((known) => Array.isArray(names) && names.includes(known));
  if (!Array.isArray(names) || chosen.length === 0 || chosen.length !== new Set(names).size) {
    throw new OptionsError(`\`algorithms\` of digest() takes a list of ${DIGEST_ALGORITHMS.join(", ")}`, {
      option: "auth",
    });
  }
  return new Set(chosen);
}

/** What a server has asked for, and how often it has been answered: the protection space of RFC 7616 §3.3. */
interface Space {
  readonly challenge: DigestChallenge;
  /** Of a session its first request's, which is in its key; of others the random is drawn anew. */
  readonly cnonce: string;
  count: number;
}

class Digest implements Auth {
  /** A nonce belongs to the requests that it was given for: each hop, each retry may be told that it is stale. */
  readonly perRequest = true;
  readonly identity: () => string;
  readonly #username: string;
  readonly #password: string;
  readonly #algorithms: ReadonlySet<DigestAlgorithm>;
  /** By origin: what one server asked for is not for another, nor for a proxy (S34). */
  readonly #spaces = new Map<string, Space>();

  constructor(username: string, password: string, algorithms: ReadonlySet<DigestAlgorithm>) {
    this.identity = opaquely("digest", username, password);
    this.#username = username;
    this.#password = password;
    this.#algorithms = algorithms;
  }

  authorize(request: AuthorizeRequest): Credentials | Promise<Credentials> {
    const space = this.#spaces.get(request.origin);
    // Nothing before a challenge (#94).
    if (space === undefined || !covers(space.challenge.domain, request)) return {};
    return this.#answer(space, request);
  }

  answers({ header }: Challenge): boolean {
    return digests(header).length > 0;
  }

  refresh({ header, request }: Challenge): void {
    let chosen: DigestChallenge | undefined;
    let problem: string | undefined;
    for (const offered of digests(header)) {
      const read = readDigestChallenge(offered, (algorithm) => this.#refuses(algorithm));
      if ("problem" in read) problem ??= read.problem;
      else if (chosen === undefined || strength(read) > strength(chosen)) chosen = read;
    }
    if (chosen === undefined) {
      throw new AuthError(
        `The server's Digest challenge cannot be answered: ${printable(problem ?? "it is gone").slice(0, 300)}`,
      );
    }
    const { origin } = request;
    const had = this.#spaces.get(origin);
    // The same nonce again, for calls that were under way beside one another: its counter goes on, or two would bring the same.
    const goesOn = had !== undefined && had.challenge.nonce === chosen.nonce;
    // A server whose `domain` leaves out what it has just protected means something else by it.
    const domain = covers(chosen.domain, request) ? chosen.domain : [];
    this.#spaces.set(origin, {
      challenge: { ...chosen, domain },
      cnonce: goesOn ? had.cnonce : drawn(),
      count: goesOn ? had.count : 0,
    });
  }

  async #answer(space: Space, { method, target }: AuthorizeRequest): Promise<Credentials> {
    // Counted before anything is waited for: two calls at once must not have the same number (#97).
    const count = ++space.count;
    const { challenge } = space;
    const authorization = await digestAuthorization(
      challenge,
      {
        username: this.#username,
        password: this.#password,
        method,
        uri: target,
        cnonce: challenge.session ? space.cnonce : drawn(),
        count,
      },
      hashHex,
    );
    return { headers: { authorization } };
  }

  #refuses(algorithm: DigestAlgorithm): string | undefined {
    if (!this.#algorithms.has(algorithm)) return "the option `algorithms` leaves out";
    return canHash(algorithm) ? undefined : "this runtime cannot compute";
  }
}

function digests(header: Challenge["header"]): ReturnType<typeof parseChallenges> {
  return parseChallenges(header("www-authenticate") ?? "").filter(({ scheme }) => scheme === "digest");
}

function strength({ algorithm }: DigestChallenge): number {
  return -DIGEST_ALGORITHMS.indexOf(algorithm);
}

/** Whether a request is within `domain` (RFC 7616 §3.3). Other origins that it names get nothing (S35). */
function covers(domain: readonly string[], { origin, target }: AuthorizeRequest): boolean {
  if (domain.length === 0) return true;
  return domain.some((uri) => {
    const start = URL.parse(uri, origin);
    return start !== null && start.origin === origin && target.startsWith(start.pathname);
  });
}

/** The client's own part of the randomness, 128 bits of it. */
function drawn(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
