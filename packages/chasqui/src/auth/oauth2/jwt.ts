import { type ReadyKey, subtleOf } from "./signing-key.ts";

/**
 * A signed JWT (RFC 7519, RFC 7515).
 *
 * @param claims what it says, besides `iat`, `exp` and `jti`
 * @param now seconds since 1970, by the clock of whoever reads it
 * @param life seconds
 */
export async function signJwt(
  { key, alg, keyId }: ReadyKey,
  claims: Readonly<Record<string, unknown>>,
  now: number,
  life: number,
): Promise<string> {
  const moment = Math.floor(now);
  const header = { alg, typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) };
  const times = { iat: moment, exp: moment + Math.ceil(life), jti: crypto.randomUUID() };
  const data = `${part({ ...header })}.${part({ ...times, ...claims })}`;
  const signature = await crypto.subtle.sign(subtleOf(alg), key, new TextEncoder().encode(data));
  return `${data}.${base64url(new Uint8Array(signature))}`;
}

function part(value: object): string {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}

function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
