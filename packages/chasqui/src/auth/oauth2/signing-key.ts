import { AuthError } from "../../errors/auth-error.ts";
import type { SigningAlgorithm } from "./options.ts";
import type { SigningSettings } from "./signing-settings.ts";

/** A key that is ready to sign, and what its signatures are called in a JWT. */
export interface ReadyKey {
  readonly key: CryptoKey;
  readonly alg: SigningAlgorithm;
  readonly keyId: string | undefined;
}

/** What WebCrypto takes to import a key and to sign with it; of these it reads what belongs to the name. */
export interface SubtleParams {
  readonly name: string;
  readonly hash: string;
  readonly namedCurve: string;
  readonly saltLength: number;
}

/** The algorithms that fit a kind of key, the usual one first. */
type Kind = readonly [SigningAlgorithm, ...SigningAlgorithm[]];

const RSA: Kind = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const ED25519: Kind = ["EdDSA", "Ed25519"];

/** Object identifiers as DER has them, each with its length: by these a key of PKCS #8 says what it is (RFC 5958, RFC 8410). */
const IDENTIFIERS: readonly (readonly [oid: string, kind: Kind])[] = [
  ["06092a864886f70d010101", RSA],
  ["06082a8648ce3d030107", ["ES256"]],
  ["06052b81040022", ["ES384"]],
  ["06052b81040023", ["ES512"]],
  ["06032b6570", ED25519],
];
/** `AlgorithmIdentifier` of an RSA key, and the version before it: what PKCS #8 says and PKCS #1 leaves out. */
const RSA_HEAD = [
  0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/** How far into the key its identifiers stand. */
const HEAD = 40;

/**
 * Makes a key ready.
 *
 * @throws {AuthError} when it is none that can sign, or not by the algorithm that is asked for.
 */
export async function readyKey({ key, keyId, alg }: SigningSettings): Promise<ReadyKey> {
  if (typeof key !== "string") {
    const fitting = kindOfKey(key);
    return { key, keyId, alg: chosen(alg, fitting) };
  }
  const der = derOf(key);
  const head = hex(der.subarray(0, HEAD));
  const kind = IDENTIFIERS.find(([oid]) => head.includes(oid))?.[1];
  if (kind === undefined) throw unusable("it is no key of RSA, of P-256, P-384 or P-521, or of Ed25519");
  const algorithm = chosen(alg, kind);
  try {
    return {
      key: await crypto.subtle.importKey("pkcs8", der, subtleOf(algorithm), false, ["sign"]),
      keyId,
      alg: algorithm,
    };
  } catch {
    // Without a cause: what a parser says of a private key is not for logs.
    throw unusable("it is damaged, or this runtime does not know its kind");
  }
}

/** How WebCrypto is asked for a signature. */
export function subtleOf(alg: SigningAlgorithm): SubtleParams {
  const hash = `SHA-${alg.slice(2)}`;
  const none = { namedCurve: "", saltLength: 0, hash };
  switch (alg.slice(0, 2)) {
    case "RS":
      return { ...none, name: "RSASSA-PKCS1-v1_5" };
    case "PS":
      return { ...none, name: "RSA-PSS", saltLength: Number(alg.slice(2)) / 8 };
    case "ES":
      return { ...none, name: "ECDSA", namedCurve: alg === "ES512" ? "P-521" : `P-${alg.slice(2)}` };
    default:
      return { ...none, name: "Ed25519" };
  }
}

function chosen(wanted: SigningAlgorithm | undefined, kind: Kind): SigningAlgorithm {
  if (wanted === undefined) return kind[0];
  if (kind.includes(wanted)) return wanted;
  throw unusable(`\`alg\` is ${wanted}, and it can sign by ${kind.join(", ")}`);
}

function kindOfKey({ type, usages, algorithm }: CryptoKey): Kind {
  if (type !== "private" || !usages.includes("sign")) throw unusable("it may not sign");
  const hash = "hash" in algorithm && typeof algorithm.hash === "object" ? algorithm.hash : undefined;
  const bits = hash !== null && hash !== undefined && "name" in hash ? String(hash.name).slice(4) : "";
  const curve = "namedCurve" in algorithm ? algorithm.namedCurve : undefined;
  const all: readonly SigningAlgorithm[] = [...RSA, "ES256", "ES384", "ES512", ...ED25519];
  const fits = all.filter((alg) => {
    const { name, namedCurve } = subtleOf(alg);
    return (
      name === algorithm.name &&
      (namedCurve === "" || namedCurve === curve) &&
      (bits === "" || alg.endsWith(bits))
    );
  });
  const [first, ...rest] = fits;
  if (first === undefined) throw unusable(`${algorithm.name} is no algorithm of a JWT's`);
  return [first, ...rest];
}

/** The bytes of PEM (RFC 7468), as PKCS #8. */
function derOf(pem: string): Uint8Array<ArrayBuffer> {
  const [, label = "", body = ""] = /-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/.exec(pem) ?? [];
  if (label !== "PRIVATE KEY" && label !== "RSA PRIVATE KEY") {
    throw unusable(label === "" ? "its PEM is cut off" : `it is ${label}, and not PRIVATE KEY (PKCS #8)`);
  }
  let binary: string;
  try {
    binary = atob(body.replaceAll(/\s/g, ""));
  } catch {
    throw unusable("its PEM is no base64");
  }
  const der = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  return label === "PRIVATE KEY" ? der : sequence([...RSA_HEAD, ...tagged(0x04, der)]);
}

function sequence(content: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(tagged(0x30, content));
}

/** Tag, length and content, as DER has them (X.690). */
function tagged(tag: number, content: ArrayLike<number>): number[] {
  const { length } = content;
  const bytes =
    length > 0xffff ? [length >> 16, length >> 8, length] : length > 0xff ? [length >> 8, length] : [length];
  const size = length < 0x80 ? [length] : [0x80 | bytes.length, ...bytes.map((byte) => byte & 0xff)];
  return [tag, ...size, ...Array.from(content)];
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unusable(why: string): AuthError {
  return new AuthError(`The private key cannot be used: ${why}`, {
    hint: "openssl pkcs8 -topk8 -nocrypt -in key.pem writes a key of any kind as PKCS #8.",
  });
}
