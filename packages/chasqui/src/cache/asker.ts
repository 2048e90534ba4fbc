import { RUNTIME_KEEPS_COOKIES } from "#platform";
import { identityOf, NOBODY } from "../auth/identity.ts";
import type { CallContext } from "../pipeline/call-context.ts";
import { cookieHeader } from "../pipeline/cookies.ts";
import { authFor } from "../pipeline/verdict.ts";
import type { Request } from "../request/request.ts";
import { hashOf } from "./hash.ts";

/** Who asks, by all the credentials that a request goes out with. */
async function identity(request: Request, context: CallContext): Promise<string | undefined> {
  const who = (await named(request, context)) ?? identityOf(request, authFor(request, context));
  const connection = context.connectionTo(request.origin)?.key;
  return who === undefined || connection === undefined ? who : hashOf(who, connection);
}

/** Who asks, by the name that the client has for it, where nothing goes along that is not the client's own. */
async function named(request: Request, context: CallContext): Promise<string | undefined> {
  const { clientHeaders, boundOrigin, crossed, settings } = context;
  const name = settings.cache?.identity;
  const atHome = request.origin === boundOrigin && !crossed;
  if (name === undefined || clientHeaders === undefined || !atHome) return undefined;
  const rest = request.with({ credentialHeaders: request.credentialHeaders });
  for (const [header, value] of clientHeaders)
    if (rest.headers.get(header) === value) rest.headers.delete(header);
  return identityOf(rest, undefined) === NOBODY ? hashOf("named", name) : undefined;
}

/**
 * Who asks with a request of a call: its `Auth`, what was set by hand, and the cookies of the jar. A session's cookie says who
 * asks as well as any token does.
 *
 * @returns undefined where that is not known: then nothing may be stored, and nothing that is stored may be shown.
 */
export async function askerOf(request: Request, context: CallContext): Promise<string | undefined> {
  const { jar, settings } = context;
  const noCookies = settings.cookies === false || jar?.wanted === false;
  // A browser does not say which cookies it sends.
  if (RUNTIME_KEEPS_COOKIES && !noCookies) return undefined;
  const cookies = await cookieHeader(request, context);
  if (cookies === undefined) return identity(request, context);
  const sent = request.with({});
  sent.headers.set("cookie", cookies);
  return identity(sent, context);
}

/**
 * Whether a request went out as it was expected to: a middleware around the exchange may have added a credential, and another call
 * may have changed the jar.
 */
export async function wasAskedBy(
  asker: string,
  sent: Request,
  asked: Request,
  context: CallContext,
): Promise<boolean> {
  if (sent.origin !== asked.origin || sent.target !== asked.target) return false;
  return (await identity(sent, context)) === asker;
}
