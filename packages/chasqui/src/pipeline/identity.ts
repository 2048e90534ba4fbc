import { identityOf } from "../auth/identity.ts";
import type { Request } from "../request/request.ts";
import { revealed } from "../secret.ts";
import type { CallContext } from "./call-context.ts";
import { authFor } from "./verdict.ts";

/**
 * Who asks with a request of a call: by the credentials that go with it at its origin, of an `Auth` or set by hand. The cookies
 * of a jar do not count: they are the client's own, and change from one answer to the next.
 *
 * @returns undefined where that is not known.
 */
export function identityAt(request: Request, context: CallContext): string | undefined {
  const { cookies } = context.settings;
  const atHome = request.origin === context.boundOrigin && !context.crossed;
  const given = typeof cookies === "object" && atHome ? Object.entries(cookies) : [];
  return identityOf(request, authFor(request, context), {
    cookies: given.map(([name, value]) => [name, revealed(value)] as const),
    connection: context.connectionTo(request.origin)?.key,
  });
}
