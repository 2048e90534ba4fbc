/**
 * What Digest answers to a challenge (RFC 7616, and RFC 2069 where the challenge has no `qop`). Pure but for the hash.
 *
 * Texts are binary here: one character a byte, as a header carries them. The realm comes from a header and goes back into
 * one; hashing its bytes as they came is right whatever charset the server writes.
 *
 * @module
 */
import type { AuthChallenge } from "./challenge.ts";

/** The algorithms of RFC 7616, and the two that servers of a certain age offer besides; each with `-sess` too. */
export type DigestAlgorithm = "MD5" | "SHA" | "SHA-256" | "SHA-512" | "SHA-512-256";

/** The strongest first. */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = [
  "SHA-512-256",
  "SHA-512",
  "SHA-256",
  "SHA",
  "MD5",
];

/** Hashes bytes, and gives hexadecimal digits in lower case. */
export type HashHex = (algorithm: DigestAlgorithm, bytes: Uint8Array<ArrayBuffer>) => Promise<string>;

/** A challenge that can be answered. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** The server's own spelling; undefined where it named none, which means MD5. */
  readonly algorithmAsNamed: string | undefined;
  readonly session: boolean;
  /** False where the server speaks RFC 2069. */
  readonly qop: boolean;
  readonly userhash: boolean;
  readonly utf8: boolean;
  /** Where the credentials are good, as they stand in `domain`; empty for the whole server. */
  readonly domain: readonly string[];
}

/** What answers one request. */
export interface DigestAnswer {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** The target as it is sent: path and query (#101). */
  readonly uri: string;
  readonly cnonce: string;
  /** How many requests have used this nonce, this one included. */
  readonly count: number;
}

/** Why a challenge cannot be answered, for a person to read. */
export interface DigestRefusal {
  readonly problem: string;
}

/**
 * What a challenge of the scheme asks for, or why it cannot be answered.
 *
 * @param refuses - Why an algorithm is not to be used; undefined where it is.
 */
export function readDigestChallenge(
  { params, problem }: AuthChallenge,
  refuses: (algorithm: DigestAlgorithm) => string | undefined,
): DigestChallenge | DigestRefusal {
  if (problem !== undefined) return { problem: `it is malformed: ${problem}` };
  const realm = params.get("realm");
  const nonce = params.get("nonce");
  if (realm === undefined) return { problem: "it is malformed: it has no realm" };
  if (nonce === undefined || nonce === "") return { problem: "it is malformed: it has no nonce" };
  const named = params.get("algorithm");
  const { base, session } = algorithmOf(named ?? "MD5");
  if (base === undefined)
    return { problem: `it wants the algorithm ${JSON.stringify(named)}, which is unknown` };
  const refused = refuses(base);
  if (refused !== undefined) return { problem: `it wants ${base}, which ${refused}` };
  const options = (params.get("qop") ?? "")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((option) => option !== "");
  if (options.length > 0 && !options.includes("auth")) {
    return options.includes("auth-int")
      ? { problem: "it wants qop=auth-int, the protection of the body, which is not supported" }
      : {
          problem: `it is malformed: its qop is ${JSON.stringify(options.join(", "))}, and neither auth nor auth-int`,
        };
  }
  return {
    realm,
    nonce,
    opaque: params.get("opaque"),
    algorithm: base,
    algorithmAsNamed: named,
    session,
    qop: options.length > 0,
    userhash: params.get("userhash")?.toLowerCase() === "true",
    utf8: params.get("charset")?.toLowerCase() === "utf-8",
    domain: (params.get("domain") ?? "").split(/\s+/).filter((uri) => uri !== ""),
  };
}

function algorithmOf(named: string): { base: DigestAlgorithm | undefined; session: boolean } {
  const upper = named.toUpperCase();
  const session = upper.endsWith("-SESS");
  const wanted = session ? upper.slice(0, -"-SESS".length) : upper;
  // RFC 7616 has no SHA-1; who offers it writes SHA, and some the name that IANA has for the hash.
  const base = DIGEST_ALGORITHMS.find((algorithm) => algorithm === (wanted === "SHA-1" ? "SHA" : wanted));
  return { base, session };
}

/** The value of the `Authorization` header (RFC 7616 §3.4). */
export async function digestAuthorization(
  challenge: DigestChallenge,
  answer: DigestAnswer,
  hash: HashHex,
): Promise<string> {
  const { realm, nonce, opaque, algorithm, algorithmAsNamed, session, qop, userhash } = challenge;
  const { method, uri, cnonce } = answer;
  const hex = (text: string): Promise<string> => hash(algorithm, bytesOf(text));
  const username = binary(answer.username);
  const count = answer.count.toString(16).padStart(8, "0");
  const secret = await hex(`${username}:${realm}:${binary(answer.password)}`);
  const a1 = session ? await hex(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = await hex(`${method}:${uri}`);
  const response = await hex(qop ? `${a1}:${nonce}:${count}:${cnonce}:auth:${a2}` : `${a1}:${nonce}:${a2}`);
  const said = [
    userhash
      ? `username=${quoted(await hex(`${username}:${realm}`))}`
      : usernameParam(answer.username, challenge),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response=${quoted(response)}`,
  ];
  if (algorithmAsNamed !== undefined) said.push(`algorithm=${algorithmAsNamed}`);
  if (opaque !== undefined) said.push(`opaque=${quoted(opaque)}`);
  // RFC 7616 §3.4: no quotes around qop and nc; servers refuse them.
  if (qop) said.push("qop=auth", `nc=${count}`);
  // The server needs it for A1 of a session as well.
  if (qop || session) said.push(`cnonce=${quoted(cnonce)}`);
  if (userhash) said.push("userhash=true");
  return `Digest ${said.join(", ")}`;
}

/** RFC 7616 §3.4: what no quoted string can hold goes into `username*`, for servers that have said that they read it. */
function usernameParam(username: string, { utf8 }: DigestChallenge): string {
  if (!utf8 || /^[\x20-\x7e]*$/.test(username)) return `username=${quoted(binary(username))}`;
  const escaped = encodeURIComponent(username).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `username*=UTF-8''${escaped}`;
}

/** RFC 9110 §5.6.4: what would end the string is escaped. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A text as its bytes in UTF-8, one character each. */
function binary(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
