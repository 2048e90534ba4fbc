import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Head } from "../transport/transport.ts";

/** A digest that bytes are to have. */
export interface Digest {
  /** As Node and OpenSSL name it. */
  readonly algorithm: "sha256" | "sha512";
  /** In lower-case hexadecimal digits. */
  readonly hex: string;
  /** Who says so, for the error. */
  readonly from: string;
}

const HEX_DIGITS = { sha256: 64, sha512: 128 } as const;

/**
 * The digest of the option `digest`: `sha256:` or `sha512:` and hexadecimal digits.
 *
 * @throws {OptionsError} when it is anything else.
 */
export function digestOption(value: unknown): Digest {
  const match = typeof value === "string" ? /^(sha256|sha512):([0-9a-f]+)$/i.exec(value) : null;
  const [algorithm, hex] = [match?.[1]?.toLowerCase(), match?.[2]?.toLowerCase()];
  if ((algorithm === "sha256" || algorithm === "sha512") && hex?.length === HEX_DIGITS[algorithm]) {
    return { algorithm, hex, from: "`digest`" };
  }
  throw new OptionsError(
    `\`digest\` is ${kindOf(value)}, not sha256: or sha512: with its hexadecimal digits`,
    {
      option: "digest",
      hint: 'As sha256sum prints it: `digest: "sha256:9f86d0…"`.',
    },
  );
}

/**
 * The digest that a response says its whole representation has (RFC 9530): `Repr-Digest`, or `Content-Digest` where the
 * content is the whole. Both are taken before any content coding is undone, so that they say nothing of decoded bytes.
 *
 * SHA-512 goes before SHA-256; the other algorithms are unsound (RFC 9530 5) and not looked at.
 *
 * @param header - Reads a header of the response by its lower-case name.
 * @param whole - Whether the content is the whole representation, and no range of it.
 */
export function announcedDigest(header: Head["header"], whole: boolean): Digest | undefined {
  for (const name of whole ? ["repr-digest", "content-digest"] : ["repr-digest"]) {
    const value = header(name);
    if (value === undefined) continue;
    for (const algorithm of ["sha512", "sha256"] as const) {
      // A dictionary of structured fields (RFC 8941), of which the members with bytes between colons matter.
      const pattern = algorithm === "sha512" ? SHA_512 : SHA_256;
      const base64 = pattern.exec(value)?.[1];
      const hex = base64 === undefined ? undefined : hexOf(base64);
      if (hex?.length === HEX_DIGITS[algorithm]) return { algorithm, hex, from: name };
    }
  }
  return undefined;
}

const SHA_256 = /(?:^|,)[ \t]*sha-256[ \t]*=[ \t]*:([A-Za-z0-9+/=]{44}):/i;
const SHA_512 = /(?:^|,)[ \t]*sha-512[ \t]*=[ \t]*:([A-Za-z0-9+/=]{88}):/i;

function hexOf(base64: string): string | undefined {
  try {
    return [...atob(base64)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  } catch {
    return undefined;
  }
}
