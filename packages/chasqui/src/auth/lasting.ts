import type { Credentials } from "./auth.ts";

const lasting = new WeakSet<Credentials>();

/**
 * Credentials that stay what they are, so that the pipeline needs to read and check them once. An `Auth` of the caller's may
 * give one object and change it between two calls, or hide a getter in one that is frozen: of those nothing is remembered.
 */
export function lastingCredentials<T extends Credentials>(credentials: T): T {
  for (const part of Object.values(credentials)) Object.freeze(part);
  Object.freeze(credentials);
  lasting.add(credentials);
  return credentials;
}

/** Whether they were made so. */
export function isLasting(credentials: Credentials): boolean {
  return lasting.has(credentials);
}
