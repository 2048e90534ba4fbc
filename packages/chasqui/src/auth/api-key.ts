import { OptionsError } from "../errors/options-error.ts";
import type { Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { sealed } from "./sealed.ts";

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
 *
 * @example
 * ```ts
 * import { apiKey, get } from "chasqui";
 * await get("http://localhost:4010/auth/key", { auth: apiKey("key-123") });
 * await get("http://localhost:4010/auth/key", { auth: apiKey("key-123", { query: "api_key" }) });
 * ```
 */
export function apiKey(key: string | Secret, place: ApiKeyPlace = { header: "X-API-Key" }): Auth {
  if ("header" in place && typeof place.header === "string" && place.header !== "") {
    const headers = { [place.header]: key };
    return sealed({ authorize: () => ({ headers }) }, "apiKey");
  }
  if ("query" in place && typeof place.query === "string" && place.query !== "") {
    const query = { [place.query]: key };
    return sealed({ authorize: () => ({ query }) }, "apiKey");
  }
  throw new OptionsError(
    'An API key goes into a header or the query: { header: "X-API-Key" } or { query: "api_key" }',
    {
      option: "auth",
    },
  );
}
