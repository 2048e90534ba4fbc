import type { Auth } from "./auth.ts";

/** Marks an `Auth` that looks up who one is on a host, as netrc does: it may speak for more hosts than one. */
export const lookup: unique symbol = Symbol("chasqui.auth.lookup");

/** What such an `Auth` is asked before it is used. */
export interface AuthLookup extends Auth {
  readonly [lookup]: {
    /** Whether the environment names its source, which `trustEnv: false` switches off (#111). */
    readonly fromEnvironment: boolean;
    /** The same where the URL names the user, and only that login will do (S30). */
    forLogin(login: string): Auth;
    /** What it gives to another host that a redirect led to: that host's own, and never the first one's (#78). */
    readonly elsewhere: Auth;
  };
}

/** Whether an `Auth` looks credentials up by host. */
export function isLookup(auth: Auth | null | undefined): auth is AuthLookup {
  return typeof auth === "object" && auth !== null && lookup in auth;
}

/**
 * The `Auth` of a call, given what its URL says: the URL's own user and password come before what is looked up (#92).
 *
 * @returns undefined where the URL's own are to be used, or nothing.
 */
export function authBesideUrl(
  auth: Auth | null | undefined,
  { username, password }: { readonly username?: string | undefined; readonly password?: string | undefined },
  trustEnv: boolean,
): Auth | null | undefined {
  if (!isLookup(auth)) return auth;
  const source = auth[lookup];
  if ((password ?? "") !== "" || (source.fromEnvironment && !trustEnv)) return undefined;
  return (username ?? "") === "" ? auth : source.forLogin(username ?? "");
}

/** What an `Auth` gives to another host than the call's own; undefined for all but those that look up. */
export function authElsewhere(auth: Auth): Auth | undefined {
  return isLookup(auth) ? auth[lookup].elsewhere : undefined;
}
