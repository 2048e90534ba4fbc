import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Request } from "../request/request.ts";
import { isSensitiveHeader, sensitiveParam } from "../request/sensitive-headers.ts";
import { queryOf } from "../request/target-query.ts";
import type { Auth } from "./auth.ts";
import { siphash } from "./siphash.ts";

const encoder = new TextEncoder();

/** Drawn when it is first needed, and never leaves the process: a hash that got out says nothing of what it was made of. */
let key: Uint8Array | undefined;

/**
 * A name for a credential that does not tell it: the same for the same parts, as long as the process runs.
 *
 * @example
 * ```ts
 * opaque("Bearer", "t-123"); // "9ae1…", 32 digits
 * ```
 */
export function opaque(...parts: readonly string[]): string {
  key ??= globalThis.crypto.getRandomValues(new Uint8Array(16));
  // As JSON: ["ab", "c"] and ["a", "bc"] are two.
  return siphash(encoder.encode(JSON.stringify(parts)), key);
}

/** The same, made when it is first asked for, and once. */
export function opaquely(...parts: readonly string[]): () => string {
  let name: string | undefined;
  return () => {
    name ??= opaque(...parts);
    return name;
  };
}

let made = 0;

/** A name for what is nobody else's, such as the tokens of one provider, whichever it gives. */
export function uniquely(): string {
  return opaque("one of its kind", String(++made));
}

/** What besides the request and its `Auth` may say who asks. */
export interface FurtherCredentials {
  /** Cookies that go out and do not stand in the request. */
  readonly cookies?: Iterable<readonly [name: string, value: string]>;
  /** A digest of how the connection is made: it may show a certificate. */
  readonly connection?: string | undefined;
}

/** Who asks, where nobody says so. */
export const NOBODY = "nobody";
/** Says that a URL is signed and not by whom: it is another for each URL, and two of them may be of one person. */
const SIGNATURE = /signature|^sig$|hmac/;

/**
 * Who asks: what caches, shared flights and rate limits keep apart. Two requests have the same identity where their `Auth` has
 * the same, and all that the caller set by hand and that the one list knows as a secret (`Authorization`, `Cookie`, API keys in
 * headers or in the query) is equal. It does not tell any of these. `"nobody"` where there is none of them.
 *
 * @param request - Before the credentials of its `Auth` were added or after: they count as that `Auth`, whatever they are now.
 * @param auth - The `Auth` whose credentials go with it, undefined for none.
 * @returns undefined where the `Auth` does not say who it is.
 * @throws {OptionsError} when `identity` of an `Auth` gives something else than a text.
 *
 * @example
 * ```ts
 * identityOf(request, basic("ann", "pa55")) === identityOf(request, basic("ann", "pa55")); // true
 * identityOf(request, { authorize: () => ({}) }); // undefined
 * ```
 */
export function identityOf(
  request: Request,
  auth: Auth | undefined,
  further: FurtherCredentials = {},
): string | undefined {
  const parts: string[] = [];
  if (auth !== undefined) {
    const own: unknown = auth.identity?.(request.origin);
    if (own === undefined) return undefined;
    if (typeof own !== "string" || own === "") {
      throw new OptionsError(
        `\`auth.identity\` gave ${own === "" ? "an empty string" : kindOf(own)}, not a text or undefined`,
        { option: "auth", hint: "It is not asynchronous, and is not the credential itself." },
      );
    }
    parts.push("auth", own);
  }
  const { headers, credentialHeaders } = request;
  const { secretNames } = headers;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const secret = isSensitiveHeader(lower) || secretNames?.has(lower) === true;
    if (secret && !credentialHeaders.has(lower)) parts.push(`header ${lower}`, value);
  }
  if (request.target.includes("?")) {
    for (const [name, value] of queryOf(request.target)) {
      if (SIGNATURE.test(name.toLowerCase())) continue;
      if (sensitiveParam(name, request.secretParams)) parts.push(`query ${name}`, value);
    }
  }
  for (const [name, value] of further.cookies ?? []) parts.push(`cookie ${name}`, value);
  if (further.connection !== undefined) parts.push("connection", further.connection);
  return parts.length === 0 ? NOBODY : opaque(...parts);
}
