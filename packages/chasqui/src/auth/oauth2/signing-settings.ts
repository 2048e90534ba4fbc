import { isSecret } from "../../secret.ts";
import type { OptionReader } from "../option-reader.ts";
import type { SigningAlgorithm } from "./options.ts";

/** The key of a JWT, as it was given. */
export interface SigningSettings {
  readonly key: string | CryptoKey;
  readonly keyId: string | undefined;
  readonly alg: SigningAlgorithm | undefined;
}

const ALGORITHMS: readonly SigningAlgorithm[] = [
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
  ...(["ES256", "ES384", "ES512", "EdDSA", "Ed25519"] as const),
];

/** The key among the options, undefined where there is none. */
export function signingOf(reader: OptionReader): SigningSettings | undefined {
  const given = reader.take("privateKey");
  if (given === undefined) return undefined;
  const key = isSecret(given) ? given.reveal() : given;
  const isCryptoKey = (value: unknown): value is CryptoKey =>
    Object.prototype.toString.call(value) === "[object CryptoKey]";
  if (typeof key !== "string" && !isCryptoKey(key)) {
    return reader.refuse("privateKey", key, "PEM as a string or a Secret, or a CryptoKey");
  }
  if (typeof key === "string" && !key.includes("-----BEGIN ")) {
    return reader.refuse(
      "privateKey",
      key,
      'PEM, which begins with "-----BEGIN PRIVATE KEY-----", or a CryptoKey',
    );
  }
  return { key, keyId: reader.text("keyId"), alg: reader.word("alg", ALGORITHMS) };
}
