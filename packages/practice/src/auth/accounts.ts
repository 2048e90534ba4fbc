import { createHash, timingSafeEqual } from "node:crypto";

/** What the protected routes let in. The values are public: they protect nothing. */
export const ACCOUNTS = {
  user: "user",
  password: "passwd",
  token: "practice-token",
  key: "practice-key",
  clientId: "practice-client",
  clientSecret: "practice-secret",
  /** A client that can keep no secret, as a program on somebody's machine. */
  appId: "practice-app",
  /** What requests to `/auth/hmac` are signed with. */
  signingKey: "practice-signing-key",
} as const;

/** Whether two secrets are the same, in a time that does not tell how much of them is. */
export function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** The user and the password of an `Authorization: Basic` (RFC 7617, in UTF-8), or undefined. */
export function readBasic(header: string | undefined): readonly [user: string, password: string] | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]*)\s*$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString();
  const colon = decoded.indexOf(":");
  return colon < 0 ? undefined : [decoded.slice(0, colon), decoded.slice(colon + 1)];
}

/** What stands in the Basic of OAuth 2, which is form-encoded there (RFC 6749, 2.3.1). */
export function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text.replaceAll("&", "%26")}`).get("x") ?? "";
}

/** The token of an `Authorization: Bearer` (RFC 6750), or undefined. */
export function readBearer(header: string | undefined): string | undefined {
  return /^bearer +(\S+)\s*$/i.exec(header ?? "")?.[1];
}
