import type { Auth, Credentials } from "./auth.ts";
import { sealed } from "./sealed.ts";

const fixed: unique symbol = Symbol("chasqui.auth.fixed");

/** An `Auth` that gives the same whoever asks. */
interface FixedAuth extends Auth {
  readonly [fixed]: Credentials;
}

/**
 * An `Auth` that gives the same credentials to every request: it needs not be asked.
 *
 * @param scheme - What it prints as.
 */
export function fixedAuth(credentials: Credentials, identity: () => string, scheme: string): Auth {
  const auth: FixedAuth = { authorize: () => credentials, identity, [fixed]: credentials };
  return sealed(auth, scheme);
}

/** What such an `Auth` gives; undefined for all others. */
export function givenAnyway(auth: Auth): Credentials | undefined {
  return isFixed(auth) ? auth[fixed] : undefined;
}

function isFixed(auth: Auth): auth is FixedAuth {
  return fixed in auth;
}
