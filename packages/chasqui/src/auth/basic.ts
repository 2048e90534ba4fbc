import { OptionsError } from "../errors/options-error.ts";
import type { Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { credential } from "./credential.ts";
import { fixedAuth } from "./fixed.ts";
import { opaquely } from "./identity.ts";
import { lastingCredentials } from "./lasting.ts";

function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Basic authentication (RFC 7617), in UTF-8.
 *
 * @throws {OptionsError} when the user name holds a colon, which the scheme cannot carry, or one of both is no text.
 *
 * @example
 * ```ts
 * import { basic, get } from "chasqui";
 * await get("http://localhost:4010/auth/basic", { auth: basic("user", "passwd") });
 * ```
 */
export function basic(username: string | Secret, ...rest: [password?: string | Secret]): Auth {
  // One that is left out is empty, as keys in the place of a user want it. One that is undefined is a variable that is not set.
  const [password] = rest.length === 0 ? [""] : rest;
  const authorization = basicCredentials(username, password);
  const identity = opaquely(authorization);
  const credentials = lastingCredentials({ headers: { authorization } });
  return fixedAuth(credentials, identity, "basic");
}

/** The value of the `Authorization` header. */
export function basicCredentials(username: string | Secret, password: string | Secret | undefined): string {
  const user = credential(username, "basic()", "a user name");
  const secretWord = credential(password, "basic()", "a password");
  if (user.includes(":")) {
    throw new OptionsError("The user name of Basic authentication has a colon, which RFC 7617 forbids", {
      option: "auth",
    });
  }
  return `Basic ${base64(`${user}:${secretWord}`)}`;
}
