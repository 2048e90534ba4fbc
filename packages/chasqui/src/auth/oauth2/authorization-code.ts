import * as oauth from "oauth4webapi";
import { openBrowser, openLoopback } from "#platform";
import { AuthError } from "../../errors/auth-error.ts";
import { CallerError } from "../../errors/caller-error.ts";
import { printable, redactUrl } from "../../request/redact.ts";
import type { StoredToken } from "../token-store.ts";
import { errorHint } from "./error-hint.ts";
import type { Grant } from "./grant-settings.ts";
import type { Callback, Loopback } from "./loopback.ts";
import type { OAuth2Settings } from "./settings.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";

type CodeGrant = Extract<Grant, { type: "authorization_code" }>;

/** Lets somebody sign in with a browser that comes back to the loopback (RFC 8252), by a code with PKCE (RFC 7636). */
export async function signIn(
  settings: OAuth2Settings,
  grant: CodeGrant,
  endpoint: TokenEndpoint,
): Promise<StoredToken> {
  const server = await endpoint.metadata.get();
  const page = server.authorization_endpoint;
  if (page === undefined) {
    throw new AuthError(`The server ${redactUrl(server.issuer)} has no authorization_endpoint`);
  }
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  await using loopback = await openLoopback(grant.redirectUri, state);
  const { redirectUri } = loopback;
  const url = new URL(page);
  const params: Readonly<Record<string, string>> = {
    ...Object.fromEntries(grant.params),
    response_type: "code",
    client_id: settings.clientId ?? "",
    redirect_uri: redirectUri,
    ...(settings.scope === undefined ? {} : { scope: settings.scope }),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  // Beside the wait: what opens the page may well be what goes through it.
  const answered = await within(opened(url.href, grant, loopback), grant.timeout, settings, loopback);
  let callback: URLSearchParams;
  try {
    callback = checked(server, settings, answered.params, state);
    answered.answer(true);
  } catch (error) {
    answered.answer(false);
    throw error;
  }
  return endpoint.ask({ grant: "authorization_code", callback, redirectUri, verifier });
}

async function opened(url: string, { open }: CodeGrant, loopback: Loopback): Promise<Callback> {
  const opening = (async () => {
    try {
      await (open ?? openBrowser)(url);
    } catch (cause) {
      throw new CallerError("`open` of oauth2() failed", { cause });
    }
    return loopback.callback;
  })();
  return Promise.race([loopback.callback, opening]);
}

async function within(
  callback: Promise<Callback>,
  timeout: number,
  { clock }: OAuth2Settings,
  loopback: Loopback,
): Promise<Callback> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = clock.timer(timeout, () =>
    reject(
      new AuthError(`Nobody has signed in within ${timeout / 1000} s`, {
        hint: `${strangeAnswers(loopback)}The next call begins anew. \`signInTimeout\` gives more time.`,
      }),
    ),
  );
  try {
    return await Promise.race([callback, promise]);
  } finally {
    timer.cancel();
  }
}

/** A server that leaves the state out, or changes it, is never believed: whoever waits for it should know. */
function strangeAnswers({ strangers }: Loopback): string {
  if (strangers === 0) return "";
  return `${strangers === 1 ? "An answer" : `${strangers} answers`} came with another \`state\` than was sent, or none, and nobody believed ${strangers === 1 ? "it" : "them"}. `;
}

/** The answer of the page, if it is one to this very question (state) and of this server (`iss`, RFC 9207). */
function checked(
  server: oauth.AuthorizationServer,
  settings: OAuth2Settings,
  params: URLSearchParams,
  state: string,
): URLSearchParams {
  const given = new URLSearchParams(params);
  // Nobody has said what this server calls itself: there is nothing that it could be compared with.
  if (settings.issuer === undefined) given.delete("iss");
  try {
    return oauth.validateAuthResponse(server, { client_id: settings.clientId ?? "" }, given, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      const reason = printable(error.error).slice(0, 60);
      const description =
        error.error_description === undefined ? undefined : printable(error.error_description).slice(0, 300);
      const said = description === undefined ? "" : ` (${description})`;
      const hint = errorHint(reason, "authorization_code", false);
      throw new AuthError(`The sign-in has failed: ${reason}${said}`, {
        reason,
        description,
        ...(hint === undefined ? {} : { hint }),
      });
    }
    if (!(error instanceof Error)) throw error;
    // Its cause holds the code, which is not for logs.
    throw new AuthError(
      `The answer that the browser brought is not the one that was waited for: ${error.message}`,
    );
  }
}
