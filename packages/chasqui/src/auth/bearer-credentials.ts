import type { Challenge } from "./auth.ts";
import { lastingCredentials } from "./lasting.ts";

/** What goes out for a token (RFC 6750 §2.1). */
export interface BearerCredentials {
  readonly headers: { readonly authorization: string };
}

/** The credentials of a token. */
export function bearerCredentials(token: string): BearerCredentials {
  return lastingCredentials({ headers: { authorization: `Bearer ${token}` } });
}

/** Whether a request that was refused went with these. */
export function wentWith({ request }: Challenge): (credentials: BearerCredentials) => boolean {
  const sent = request.header("authorization");
  return ({ headers }) => headers.authorization === sent;
}
