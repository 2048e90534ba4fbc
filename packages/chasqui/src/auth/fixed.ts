import type { Auth, Credentials } from "./auth.ts";
import { sealed } from "./sealed.ts";

/** Beside the objects and not in them: whoever walks over an `Auth` to print it must not come upon what it gives (P9). */
const fixed = new WeakMap<Auth, Fixed>();

interface Fixed {
  readonly credentials: Credentials;
  readonly authorize: Auth["authorize"];
}

/**
 * An `Auth` that gives the same credentials to every request: it needs not be asked.
 *
 * @param scheme - What it prints as.
 */
export function fixedAuth(credentials: Credentials, identity: () => string, scheme: string): Auth {
  const authorize = (): Credentials => credentials;
  const auth = sealed({ authorize, identity }, scheme);
  fixed.set(auth, { credentials, authorize });
  return auth;
}

/** What such an `Auth` gives; undefined for all others, and for one whose `authorize` somebody has replaced. */
export function givenAnyway(auth: Auth): Credentials | undefined {
  const known = fixed.get(auth);
  return known?.authorize === auth.authorize ? known?.credentials : undefined;
}
