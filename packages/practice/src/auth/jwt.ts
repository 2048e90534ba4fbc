import { createPublicKey, type KeyObject, verify, type webcrypto } from "node:crypto";

/** A public key as JSON (RFC 7517). */
export interface PublicJwk extends webcrypto.JsonWebKey {
  readonly kid?: string;
}

/** How a signature is checked, by the name that JWS has for it (RFC 7518, 3.1; RFC 8037). */
const ALGORITHMS: ReadonlyMap<string, (key: KeyObject, data: Buffer, signature: Buffer) => boolean> = new Map(
  [
    ["RS256", (key, data, signature) => verify("sha256", data, key, signature)],
    [
      "PS256",
      (key, data, signature) => verify("sha256", data, { key, padding: 6, saltLength: 32 }, signature),
    ],
    [
      "ES256",
      (key, data, signature) => verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature),
    ],
    ["EdDSA", (key, data, signature) => verify(null, data, key, signature)],
    ["Ed25519", (key, data, signature) => verify(null, data, key, signature)],
  ],
);
/** How far two clocks may be apart, in seconds. */
const LEEWAY = 30;

/** What a JWT has to say of itself. */
export interface Wanted {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Seconds since 1970. */
  readonly now: number;
}

/** The claims of a JWT that one of the keys has signed, or what is wrong with it (RFC 7523, 3). */
export function readJwt(
  jwt: string,
  keys: readonly PublicJwk[],
  wanted: Wanted,
): Record<string, unknown> | string {
  const [head = "", body = "", signature = "", ...more] = jwt.split(".");
  const header = objectIn(head);
  const claims = objectIn(body);
  if (header === undefined || claims === undefined || more.length > 0) return "the assertion is no JWT";
  const check = ALGORITHMS.get(String(header.alg));
  if (check === undefined) return `alg is one of ${[...ALGORITHMS.keys()].join(", ")}`;
  const data = Buffer.from(`${head}.${body}`);
  if (
    !keys.some((jwk) =>
      isSigned(jwk, header.kid, (key) => check(key, data, Buffer.from(signature, "base64url"))),
    )
  ) {
    return "the signature is not that of a registered key";
  }
  return fault(claims, wanted) ?? claims;
}

function isSigned(jwk: PublicJwk, kid: unknown, check: (key: KeyObject) => boolean): boolean {
  if (kid !== undefined && jwk.kid !== undefined && kid !== jwk.kid) return false;
  try {
    return check(createPublicKey({ key: jwk, format: "jwk" }));
  } catch {
    // A key of another kind than the signature.
    return false;
  }
}

function fault(claims: Record<string, unknown>, { issuer, audiences, now }: Wanted): string | undefined {
  if (claims.iss !== issuer) return "iss is not this client";
  if (typeof claims.sub !== "string") return "sub is missing";
  if (![claims.aud].flat().some((aud) => audiences.includes(String(aud)))) {
    return `aud is none of ${audiences.join(", ")}`;
  }
  if (typeof claims.exp !== "number" || now >= claims.exp + LEEWAY) return "exp is over, or missing";
  for (const name of ["nbf", "iat"]) {
    const moment = claims[name];
    if (typeof moment === "number" && now < moment - LEEWAY) return `${name} is still to come`;
  }
  return typeof claims.jti === "string" ? undefined : "jti is missing";
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
