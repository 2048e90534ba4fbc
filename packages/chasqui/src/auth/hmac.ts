import { type Clock, clockOf, systemClock } from "../clock.ts";
import { AuthError } from "../errors/auth-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { isSecret, type Secret } from "../secret.ts";
import type { Auth, AuthNeeds, AuthorizeRequest, Credentials } from "./auth.ts";
import { filledCredential } from "./credential.ts";
import { uniquely } from "./identity.ts";
import { OptionReader } from "./option-reader.ts";
import { sealed } from "./sealed.ts";

/** The hash of an HMAC. */
export type HmacHash = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

/** How signatures and digests are written. */
export type HmacEncoding = "hex" | "base64" | "base64url";

/** What there is to sign. */
export interface HmacRequest extends AuthorizeRequest {
  /** The whole body; empty where there is none. */
  readonly body: Uint8Array;
  /** The digest of the body, by the hash and in the encoding of the `hmac()`. */
  readonly bodyDigest: string;
  /** Seconds since 1970, of this request. */
  readonly timestamp: number;
  /** Drawn for this request: 32 hexadecimal digits. */
  readonly nonce: string;
}

/** What is signed, with what, and where the signature goes. */
export interface HmacOptions {
  /** The key that both sides have. One that is base64 or hex is given as the bytes that it stands for. */
  readonly key: string | Secret | Uint8Array;
  /** What is signed, as the API describes it. */
  readonly message: (request: HmacRequest) => string | Uint8Array | Promise<string | Uint8Array>;
  /** The headers that carry the signature, and what the server needs to check it. */
  readonly headers: (signature: string, request: HmacRequest) => Readonly<Record<string, string>>;
  /** Default `"SHA-256"`. */
  readonly hash?: HmacHash | undefined;
  /** Default `"hex"`. */
  readonly encoding?: HmacEncoding | undefined;
  /** The time of `timestamp`. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

const HASHES: readonly HmacHash[] = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
const ENCODINGS: readonly HmacEncoding[] = ["hex", "base64", "base64url"];

/**
 * Signs each request with an HMAC (RFC 2104), as many APIs and all webhooks have it: what is signed and where the signature goes
 * is said by two functions.
 *
 * It is the last to touch a request, so that it sees all headers; each redirect and each retry is signed anew, with a time and a
 * nonce of its own. A body that is a stream is read for it, and sent from memory.
 *
 * @throws {OptionsError} when an option is missing or bad.
 * @throws {AuthError} (from the call) when a function throws, or gives what cannot be signed or sent.
 *
 * @example
 * ```ts
 * import { Client, hmac } from "chasqui";
 * await using client = new Client({
 *   baseUrl: "http://localhost:4010",
 *   auth: hmac({
 *     key: "practice-signing-key", // or env("SIGNING_KEY")
 *     message: ({ method, target, timestamp, nonce, bodyDigest }) =>
 *       [method, target, timestamp, nonce, bodyDigest].join("\n"),
 *     headers: (signature, { timestamp, nonce }) => ({
 *       "x-timestamp": String(timestamp),
 *       "x-nonce": nonce,
 *       "x-signature": signature,
 *     }),
 *   }),
 * });
 * await client.post("/auth/hmac", { json: { amount: 5 } }).json();
 * ```
 */
export function hmac(options: HmacOptions): Auth {
  return sealed(new Hmac(options), "hmac");
}

class Hmac implements Auth {
  readonly signs = true;
  readonly needs: AuthNeeds = { requestBody: true };
  readonly #identity: string = uniquely();
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly #message: HmacOptions["message"];
  readonly #headers: HmacOptions["headers"];
  readonly #hash: HmacHash;
  readonly #encoding: HmacEncoding;
  readonly #clock: Clock;
  #key: Promise<CryptoKey> | undefined;

  constructor(options: HmacOptions) {
    const reader = new OptionReader("hmac()", options);
    this.#secret = secretOf(reader.required("key", reader.take("key")));
    this.#message = reader.required("message", reader.function<HmacOptions["message"]>("message"));
    this.#headers = reader.required("headers", reader.function<HmacOptions["headers"]>("headers"));
    this.#hash = reader.word("hash", HASHES) ?? "SHA-256";
    this.#encoding = reader.word("encoding", ENCODINGS) ?? "hex";
    this.#clock = clockOf(reader.take("clock") ?? systemClock);
    reader.end();
  }

  /** Whoever has the key. */
  identity(): string {
    return this.#identity;
  }

  async authorize(request: AuthorizeRequest): Promise<Credentials> {
    const { subtle } = globalThis.crypto;
    const algorithm = { name: "HMAC", hash: this.#hash };
    this.#key ??= subtle.importKey("raw", this.#secret, algorithm, false, ["sign"]);
    const body = Uint8Array.from(request.body ?? []);
    const told: HmacRequest = {
      ...request,
      body,
      bodyDigest: written(await subtle.digest(this.#hash, body), this.#encoding),
      timestamp: Math.floor(this.#clock.date() / 1000),
      nonce: written(globalThis.crypto.getRandomValues(new Uint8Array(16)).buffer, "hex"),
    };
    const message: unknown = await this.#message(told);
    const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
    if (typeof message !== "string" && !isBytes(message)) {
      throw new AuthError(`\`message\` of hmac() gave ${kindOf(message)}, not a string or bytes`);
    }
    const bytes = typeof message === "string" ? new TextEncoder().encode(message) : Uint8Array.from(message);
    const signature = written(await subtle.sign("HMAC", await this.#key, bytes), this.#encoding);
    const headers: unknown = this.#headers(signature, told);
    if (isHeaders(headers)) return { headers };
    throw new AuthError(`\`headers\` of hmac() gave ${kindOf(headers)}, not an object of texts`);
  }
}

function secretOf(key: unknown): Uint8Array<ArrayBuffer> {
  if (key instanceof Uint8Array && key.length > 0) return Uint8Array.from(key);
  if (typeof key === "string" || isSecret(key)) {
    return new TextEncoder().encode(filledCredential(key, "hmac()", "a key"));
  }
  const given = key instanceof Uint8Array ? "no bytes" : kindOf(key);
  throw new OptionsError(`\`key\` of hmac() is ${given}; it takes a string, a Secret or bytes`, {
    option: "key",
  });
}

function isHeaders(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((entry) => typeof entry === "string")
  );
}

function written(buffer: ArrayBuffer, encoding: HmacEncoding): string {
  const bytes = new Uint8Array(buffer);
  if (encoding === "hex") return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  if (encoding === "base64") return base64;
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
