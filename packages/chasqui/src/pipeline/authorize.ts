import type { Auth, Credentials } from "../auth/auth.ts";
import { AuthError } from "../errors/auth-error.ts";
import { CallerError } from "../errors/caller-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { collected } from "../joined.ts";
import type { Body } from "../request/body.ts";
import { type Headers, mergeHeaders } from "../request/headers.ts";
import { serializeParams } from "../request/params.ts";
import type { Request } from "../request/request.ts";
import type { CallContext } from "./call-context.ts";
import { type CredentialLines, credentialLines } from "./credential-lines.ts";
import type { Stage } from "./stage.ts";
import { authFor, authorizeView } from "./verdict.ts";

/** The credentials of the call, at its own origin; after a 401 got anew and the request sent once more. */
export const authorize: Stage = (next) => async (given, context) => {
  const auth = authFor(given, context);
  if (auth === undefined) return next(given, context);
  const body = await neededBody(given, auth);
  // A stream that was read for it is not there any more: what was read goes out.
  const request = body === undefined || given.body?.replayable !== false ? given : given.with({ body });
  const credentials = await credentialsOf(request, auth, body, context);
  const response = await next(withCredentials(request, credentials, context), context);
  const verdict = context.verdictOf(response);
  if (verdict?.kind !== "challenge") return response;
  const { origin } = request;
  context.challenged.add(origin);
  context.history = [...context.history, response];
  const answer = auth.needs?.responseBody === true ? { body: await response.bytes() } : {};
  const from = context.clock.now();
  try {
    await auth.refresh?.({ ...verdict.challenge, ...answer, credentials });
  } catch (error) {
    context.note("auth", `the ${response.status} was not answered`, from);
    throw asAuthError(error);
  }
  context.note("auth", `answered the ${response.status}`, from);
  try {
    const renewed = await credentialsOf(request, auth, body, context);
    return await next(withCredentials(request, renewed, context), context);
  } finally {
    // The next hop, the next attempt may be challenged anew (#100).
    if (auth.perRequest === true) context.challenged.delete(origin);
  }
};

/** The body that an `Auth` needs; undefined where it needs none, or takes only what is at hand. */
async function neededBody(request: Request, { needs }: Auth): Promise<Uint8Array | undefined> {
  const wanted = needs?.requestBody ?? false;
  if (wanted === false) return undefined;
  const { body } = request;
  const atHand = body === undefined || body.content !== undefined || readOnce.has(body);
  return wanted === true || atHand ? wholeBody(request) : undefined;
}

/** What was read of bodies that can be read once: a retry asks for them again. */
const readOnce = new WeakMap<Body, Uint8Array>();

async function wholeBody({ body }: Request): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array(0);
  const had = readOnce.get(body);
  if (had !== undefined) return had;
  if (body.content !== undefined) {
    return typeof body.content === "string" ? new TextEncoder().encode(body.content) : body.content;
  }
  let bytes: Uint8Array;
  try {
    bytes = await collected(body.open());
  } catch (cause) {
    if (cause instanceof ChasquiError) throw cause;
    throw new CallerError("The stream of the request's body failed", { cause });
  }
  if (!body.replayable) readOnce.set(body, bytes);
  return bytes;
}

function asAuthError(error: unknown): unknown {
  // One failure of a provider is thrown to all the calls that wait for it; each gets an error that speaks of itself.
  if (error instanceof AuthError) {
    const { message, cause, hint, reason, description } = error;
    return new AuthError(message, { cause, reason, description, ...(hint === undefined ? {} : { hint }) });
  }
  if (error instanceof ChasquiError) return error;
  return new AuthError("The credentials could not be had", { cause: error });
}

async function credentialsOf(
  request: Request,
  auth: Auth,
  body: Uint8Array | undefined,
  context: CallContext,
): Promise<Credentials> {
  let credentials: Credentials;
  const from = context.clock.now();
  const { given } = context;
  context.given = undefined;
  try {
    const view = authorizeView(request);
    credentials = await (given ?? auth.authorize(body === undefined ? view : { ...view, body }));
  } catch (error) {
    throw asAuthError(error);
  }
  const took = context.clock.now() - from;
  // What was at hand is not worth a line.
  if (took >= 1) context.note("auth", "got the credentials", from, took);
  return credentials;
}

/**
 * The request with credentials, on a copy of its headers.
 *
 * @throws {AuthError} when they are none.
 */
export function withCredentials(request: Request, credentials: Credentials, context: CallContext): Request {
  const lines = credentialLines(credentials);
  const { query } = lines;
  const { added, names } = besideThoseByHand(request, lines, context);
  const headers = mergeHeaders(request.headers, added);
  if (query.length === 0) return request.with({ headers, credentialHeaders: names });
  const secretParams = new Set(request.secretParams);
  const credentialQuery = serializeParams(query, undefined, "params", secretParams);
  return request.with({ headers, credentialQuery, secretParams, credentialHeaders: names });
}

/** The call before the client (#92): what was set by hand stands, and a new token would not change the answer. */
function besideThoseByHand(
  request: Request,
  { headers, names }: CredentialLines,
  context: CallContext,
): { readonly added: Headers; readonly names: ReadonlySet<string> } {
  let added = headers;
  let left = names;
  for (const name of names) {
    if (!setByHand(name, request, context)) continue;
    context.challenged.add(request.origin);
    if (added === headers) added = headers.clone();
    added.delete(name);
    left = new Set([...left].filter((other) => other !== name));
  }
  return { added, names: left };
}

function setByHand(name: string, request: Request, { clientHeaders }: CallContext): boolean {
  const value = request.headers.get(name);
  return clientHeaders !== undefined && value !== null && value !== clientHeaders.get(name);
}
