import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { isSecret, revealed, type Secret } from "../secret.ts";

/**
 * The value of a credential that was given as such.
 *
 * @param scheme what it was given to, for the message
 * @param what what it is there
 * @throws {OptionsError} when it is no text; an unset variable of the environment is the usual reason. It is never printed.
 */
export function credential(value: string | Secret | undefined, scheme: string, what: string): string {
  const given: unknown = value;
  if (typeof given === "string" || isSecret(given)) return revealed(given);
  throw new OptionsError(`${scheme} takes ${what} as a string or a Secret, not ${kindOf(given)}`, {
    option: "auth",
    ...(given === undefined
      ? { hint: 'A variable of the environment that is not set is undefined; env("NAME") says which it was.' }
      : {}),
  });
}

/** The same where an empty one is as good as none. */
export function filledCredential(value: string | Secret, scheme: string, what: string): string {
  const text = credential(value, scheme, what);
  if (text !== "") return text;
  throw new OptionsError(`${scheme} was given an empty string for ${what}`, { option: "auth" });
}
