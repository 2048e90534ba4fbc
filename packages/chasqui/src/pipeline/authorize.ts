import type { Auth, Credentials } from "../auth/auth.ts";
import { AuthError } from "../errors/auth-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { serializeParams } from "../request/params.ts";
import type { Request } from "../request/request.ts";
import { isSecret, Secret } from "../secret.ts";
import type { CallContext } from "./call-context.ts";
import type { Stage } from "./stage.ts";
import { authorizes, authorizeView } from "./verdict.ts";

/** The credentials of the call, at its own origin; after a 401 got anew and the request sent once more. */
export const authorize: Stage = (next) => async (request, context) => {
  const { auth } = context;
  if (auth === undefined || !authorizes(request, context)) return next(request, context);
  const response = await next(await withCredentials(request, auth, context), context);
  const verdict = context.verdictOf(response);
  if (verdict?.kind !== "challenge") return response;
  context.challenged.add(request.origin);
  try {
    await auth.refresh?.(verdict.challenge);
  } catch (error) {
    throw asAuthError(error);
  }
  return next(await withCredentials(request, auth, context), context);
};

function asAuthError(error: unknown): unknown {
  // One failure of a provider is thrown to all the calls that wait for it; each gets an error that speaks of itself.
  if (error instanceof AuthError) return new AuthError(error.message, { cause: error.cause });
  if (error instanceof ChasquiError) return error;
  return new AuthError("The credentials could not be had", { cause: error });
}

async function withCredentials(request: Request, auth: Auth, context: CallContext): Promise<Request> {
  let credentials: Credentials;
  try {
    credentials = await auth.authorize(authorizeView(request));
  } catch (error) {
    throw asAuthError(error);
  }
  if (typeof credentials !== "object" || credentials === null) {
    throw new AuthError(`authorize() gave ${kindOf(credentials)}, not { headers } or { query }`);
  }
  const headers = request.headers.clone();
  for (const [name, value] of own(credentials, "headers")) {
    // The call before the client (#92): what was set by hand stands, and a new token would not change the answer.
    if (setByHand(name, request, context)) context.challenged.add(request.origin);
    else headers.set(name, value);
  }
  const query = own(credentials, "query");
  if (query.length === 0) return request.with({ headers });
  const secretParams = new Set(request.secretParams);
  const credentialQuery = serializeParams(query, undefined, "params", secretParams);
  return request.with({ headers, credentialQuery, secretParams });
}

function setByHand(name: string, request: Request, { clientHeaders }: CallContext): boolean {
  const value = request.headers.get(name);
  return clientHeaders !== undefined && value !== null && value !== clientHeaders.get(name);
}

/** What an `Auth` gives is secret whatever its name is; read by own property only (S55). */
function own(credentials: Credentials, place: keyof Credentials): (readonly [string, Secret])[] {
  const given = Object.hasOwn(credentials, place) ? (credentials[place] ?? {}) : {};
  return Object.entries(given).map(([name, value]) => [name, isSecret(value) ? value : new Secret(value)]);
}
