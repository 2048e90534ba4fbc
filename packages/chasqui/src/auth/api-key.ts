import { OptionsError } from "../errors/options-error.ts";
import { Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { filledCredential } from "./credential.ts";
import { fixedAuth } from "./fixed.ts";
import { opaquely } from "./identity.ts";
import { lastingCredentials } from "./lasting.ts";

/** Where an API key goes: into a header (`X-API-Key` unless named) or into the query. */
export type ApiKeyPlace = { readonly header: string } | { readonly query: string };

/**
 * An API key in a header or in the query.
 *
 * In the query it is added on the wire alone: `response.url`, logs and errors do not show it, and a redirect to another
 * origin does not carry it.
 *
 * @param key the key, or a `Secret` such as `env("API_KEY")` gives
 * @param place `{ header: "X-API-Key" }` (default) or `{ query: "api_key" }`
 * @throws {OptionsError} when the key is no text or empty, or the place is none
 *
 * @example
 * ```ts
 * import { apiKey, get } from "chasqui";
 * await get("http://localhost:4010/auth/key", { auth: apiKey("practice-key") });
 * await get("http://localhost:4010/auth/key", { auth: apiKey("practice-key", { query: "api_key" }) });
 * ```
 */
export function apiKey(key: string | Secret, place: ApiKeyPlace = { header: "X-API-Key" }): Auth {
  const text = filledCredential(key, "apiKey()", "a key");
  const [where, name] = placeOf(place);
  const identity = opaquely(where, name, text);
  // Asked for its value once: what is sent is what the identity was made of, and not what a subclass of Secret says by then.
  const added = { [name]: new Secret(text) };
  const credentials = lastingCredentials(where === "header" ? { headers: added } : { query: added });
  return fixedAuth(credentials, identity, "apiKey");
}

/** Read by own property only: a polluted prototype must not move a key into a header (S55). */
function placeOf(place: unknown): [place: "header" | "query", name: string] {
  if (typeof place === "object" && place !== null) {
    const given = new Map<string, unknown>(Object.entries(place));
    const header = given.get("header");
    if (typeof header === "string" && header !== "") return ["header", header];
    const query = given.get("query");
    if (typeof query === "string" && query !== "") return ["query", query];
  }
  throw new OptionsError(
    'An API key goes into a header or the query: { header: "X-API-Key" } or { query: "api_key" }',
    {
      option: "auth",
    },
  );
}
