/** What to do about an error code of OAuth 2 (RFC 6749 §5.2 and §4.1.2.1, RFC 8628 §3.5). */
const HINTS: ReadonlyMap<string, string> = new Map([
  [
    "invalid_client",
    'The client or its secret is wrong, or the server wants the secret in the body: clientAuth: "client_secret_post".',
  ],
  ["unauthorized_client", "The client is not registered for this grant."],
  ["unsupported_grant_type", "The server does not know this grant."],
  ["invalid_scope", "The server does not know `scope`, or does not give it to this client."],
  ["access_denied", "Whoever was asked said no."],
  ["expired_token", "Nobody has said yes in time."],
]);

/**
 * One sentence that says what to do.
 *
 * @param resent whether an answer to the same question was lost before
 */
export function errorHint(reason: string, grant: string, resent: boolean): string | undefined {
  if (reason !== "invalid_grant") return HINTS.get(reason);
  if (grant !== "refresh_token")
    return "What the token was asked for with is spent, expired or meant for another client.";
  if (resent) {
    return "An answer was lost before, in which the server may have replaced the refresh token: somebody has to sign in anew.";
  }
  return "The refresh token is spent, revoked or expired: somebody has to sign in anew.";
}
