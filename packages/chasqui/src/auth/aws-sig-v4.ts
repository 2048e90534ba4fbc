import { type Clock, clockOf, systemClock } from "../clock.ts";
import { AuthError } from "../errors/auth-error.ts";
import { isToken } from "../request/field.ts";
import { kindOf } from "../request/kind-of.ts";
import { isSecret, revealed, type Secret } from "../secret.ts";
import type { Auth, AuthNeeds, AuthorizeRequest, Challenge, Credentials } from "./auth.ts";
import { opaque, uniquely } from "./identity.ts";
import { OptionReader } from "./option-reader.ts";
import { sealed } from "./sealed.ts";
import { type Obtained, TokenKeeper, type TokenReason, type TokenSource } from "./token-keeper.ts";

/** Credentials of AWS, in the shape in which its own libraries give them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string | Secret;
  /** Of temporary credentials. */
  readonly sessionToken?: string | Secret | undefined;
  /** When they run out. Default: never. */
  readonly expiration?: Date | undefined;
}

/**
 * Gives credentials of AWS: when the first are needed, and before they run out. What the providers of
 * `@aws-sdk/credential-providers` return is one.
 */
export type AwsCredentialsProvider = () => AwsCredentials | Promise<AwsCredentials>;

/** What is signed for. */
export interface AwsSigV4Scope {
  /** Such as `"eu-central-1"`. */
  readonly region: string;
  /** The service's name for signatures, such as `"s3"`, `"execute-api"`, `"dynamodb"`. */
  readonly service: string;
  /**
   * Further headers to sign. Signed are `Host`, `Content-Type`, `Content-MD5` and all that begin with `X-Amz-`: what proxies
   * change on the way is better not among them.
   */
  readonly signedHeaders?: readonly string[] | undefined;
  /** The time of the signature. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** What `awsSigV4()` takes: credentials, or who gives them. */
export type AwsSigV4Options = AwsSigV4Scope &
  (
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: string | Secret;
        readonly sessionToken?: string | Secret | undefined;
        readonly credentials?: undefined;
      }
    | {
        readonly credentials: AwsCredentialsProvider;
        readonly accessKeyId?: undefined;
        readonly secretAccessKey?: undefined;
        readonly sessionToken?: undefined;
      }
  );

/** Credentials as they are signed with. */
interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** How long before their end temporary credentials are got anew: as long as AWS's own libraries take. */
const REFRESH_BEFORE = 300_000;
/** The statuses with which a signature of another time is refused: 400 is DynamoDB's. */
const REFUSED = [400, 403];
/** By what a service says that it was for the time, with or without its namespace; where nothing is said, the times themselves tell. */
const OF_TIME =
  /^(?:[^#:;]*#)?(?:RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|InvalidSignature(?:Exception)?|SignatureDoesNotMatch|AuthFailure)(?:$|[:;])/;
/** A clock that is wrong by less was not why, in milliseconds: AWS takes five minutes, and the way there is some of them. */
const LEAST_SKEW = 240_000;
/** What every server of AWS's sends (RFC 9110 5.6.7), and JavaScript's own parser reads: that of all forms would come with every door. */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const ALWAYS_SIGNED = /^(?:x-amz-.*|content-type|content-md5)$/;
const UNSIGNED = "UNSIGNED-PAYLOAD";

/**
 * AWS Signature Version 4, in the `Authorization` header: for AWS, and for what speaks S3.
 *
 * Each request is signed last, when all of its headers are there, redirects and retries anew. For S3 a body that is in memory
 * is signed, a stream is sent unsigned (`UNSIGNED-PAYLOAD`, which wants https); other services have every body signed, and a
 * stream is read for it. `x-amz-content-sha256` of the caller's stands.
 *
 * Where our clock is wrong by minutes, and a request is refused, the server's `Date` sets it right for this `Auth`, and the request is signed
 * and sent once more, if its body can be.
 *
 * @throws {OptionsError} when an option is missing or bad.
 * @throws {AuthError} (from the call) when the provider fails or gives no credentials. Those that it gave before are used until
 * they run out.
 *
 * @example
 * ```ts
 * import { awsSigV4, get } from "chasqui";
 * const auth = awsSigV4({
 *   accessKeyId: "AKIDEXAMPLE",
 *   secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", // or env("AWS_SECRET_ACCESS_KEY")
 *   region: "us-east-1",
 *   service: "execute-api",
 * });
 * const { headers } = await get("http://localhost:4010/echo", { auth }).json<{ headers: Record<string, string> }>();
 * console.log(headers.authorization?.split(" ")[0]); // AWS4-HMAC-SHA256
 * ```
 */
export function awsSigV4(options: AwsSigV4Options): Auth {
  return sealed(new AwsSigV4(options), "awsSigV4");
}

class AwsSigV4 implements Auth, TokenSource<Keys> {
  readonly signs = true;
  readonly statuses: readonly number[] = REFUSED;
  readonly needs: AuthNeeds;
  readonly refreshBefore: number = REFRESH_BEFORE;
  readonly #keeper: TokenKeeper<Keys> = new TokenKeeper(this);
  readonly #identity: string;
  readonly #provider: () => unknown;
  readonly #region: string;
  readonly #service: string;
  readonly #signed: ReadonlySet<string>;
  readonly #clock: Clock;
  /** Keys that were made of the secret for a day, a region and a service. */
  readonly #derived = new Map<string, ArrayBuffer>();
  /** What the server's clock is ahead of ours, in milliseconds, once a refusal has told. */
  #skew = 0;

  constructor(options: AwsSigV4Options) {
    const reader = new OptionReader("awsSigV4()", options);
    this.#region = reader.required("region", reader.text("region"));
    this.#service = reader.required("service", reader.text("service"));
    const provider = reader.function<() => unknown>("credentials");
    if (provider === undefined) {
      const accessKeyId = reader.required("accessKeyId", reader.text("accessKeyId"));
      const secretAccessKey = reader.required("secretAccessKey", reader.secret("secretAccessKey"));
      const sessionToken = reader.secret("sessionToken");
      this.#provider = () => ({ accessKeyId, secretAccessKey, sessionToken });
      this.#identity = opaque("aws", accessKeyId);
    } else {
      this.#provider = provider;
      this.#identity = uniquely();
    }
    this.#signed = namesOf(reader);
    this.#clock = clockOf(reader.take("clock") ?? systemClock);
    reader.end();
    this.needs = { requestBody: isS3(this.#service) ? "buffered" : true };
  }

  /** Whoever has the access key. */
  identity(): string {
    return this.#identity;
  }

  now(): number {
    return this.#clock.date() + this.#skew;
  }

  /** Whether a request was refused because of its time. Which code is in the body is not known at the headers; the times are. */
  answers({ header, request }: Challenge): boolean {
    const type = header("x-amzn-errortype");
    if (type !== undefined && !OF_TIME.test(type)) return false;
    const theirs = this.#timeIn(header);
    const signed = timeOf(request.header("x-amz-date"));
    return theirs !== undefined && signed !== undefined && Math.abs(theirs - signed) >= LEAST_SKEW;
  }

  /** Sets the clock right. */
  refresh({ header }: Challenge): void {
    const theirs = this.#timeIn(header);
    if (theirs !== undefined) this.#skew = theirs - this.#clock.date();
  }

  /** The server's time; undefined where it does not say, or where a cache says what it once was. */
  #timeIn(header: Challenge["header"]): number | undefined {
    const date = header("date") ?? "";
    if (header("age") !== undefined || !IMF_FIXDATE.test(date)) return undefined;
    const time = Date.parse(date);
    return Number.isNaN(time) ? undefined : time;
  }

  async authorize(request: AuthorizeRequest): Promise<Credentials> {
    const keys = this.#keeper.ready() ?? (await this.#keeper.wait());
    const { AwsV4Signer } = await import("aws4fetch");
    const url = new URL(request.url);
    const host = request.header("host");
    if (host !== null) url.host = host;
    const given = new Headers();
    for (const [name, value] of request.headers) {
      if (this.#isSigned(name.toLowerCase())) given.append(name, value);
    }
    const { body } = request;
    if (body === undefined && !given.has("x-amz-content-sha256")) given.set("x-amz-content-sha256", UNSIGNED);
    if (body !== undefined && isS3(this.#service) && !given.has("x-amz-content-sha256")) {
      given.set("x-amz-content-sha256", await digestOf(body));
    }
    const names = new Set(given.keys());
    const signer = new AwsV4Signer({
      method: request.method,
      url: url.href,
      headers: given,
      ...(body === undefined ? {} : { body: Uint8Array.from(body) }),
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
      region: this.#region,
      service: this.#service,
      datetime: new Date(this.now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
      cache: this.#derived,
      // All that were given to it: which ones is decided above.
      allHeaders: true,
      // Paths are encoded once more, but not S3's; those of "s3" the library knows.
      singleEncode: isS3(this.#service) && this.#service !== "s3",
    });
    const { headers } = await signer.sign();
    const made = [...headers].filter(([name]) => !names.has(name) || name === "x-amz-content-sha256");
    return { headers: Object.fromEntries(made) };
  }

  async obtain(_reason: TokenReason): Promise<Obtained<Keys>> {
    const obtainedAt = this.now();
    let given: unknown;
    try {
      given = await this.#provider();
    } catch (cause) {
      throw new AuthError("The provider of AWS credentials failed", { cause });
    }
    return { ...readCredentials(given), obtainedAt };
  }

  #isSigned(name: string): boolean {
    return ALWAYS_SIGNED.test(name) || this.#signed.has(name);
  }
}

/** The moment of an `X-Amz-Date`, such as `20260101T120000Z`. */
function timeOf(text: string | null): number | undefined {
  const [, date = "", hours, minutes, seconds] = /^(\d{8})T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? "") ?? [];
  const day = date.replace(/(\d{4})(\d\d)(\d\d)/, "$1-$2-$3");
  const time = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** The services whose paths and bodies go by S3's rules. */
function isS3(service: string): boolean {
  return service.startsWith("s3");
}

function namesOf(reader: OptionReader): ReadonlySet<string> {
  const value = reader.take("signedHeaders") ?? [];
  const isName = (name: unknown): name is string => typeof name === "string" && isToken(name);
  if (!Array.isArray(value) || !value.every(isName))
    reader.refuse("signedHeaders", value, "a list of names of headers");
  return new Set(value.map((name) => name.toLowerCase()));
}

function readCredentials(given: unknown): { readonly value: Keys; readonly expiresAt: number } {
  const fields: ReadonlyMap<string, unknown> = new Map(
    typeof given === "object" && given !== null ? Object.entries(given) : [],
  );
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return (typeof value === "string" && value !== "") || isSecret(value) ? revealed(value) : undefined;
  };
  const accessKeyId = text("accessKeyId");
  const secretAccessKey = text("secretAccessKey");
  const expiration = fields.get("expiration");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new AuthError(
      `The provider of AWS credentials gave ${kindOf(given)}, not { accessKeyId, secretAccessKey }`,
    );
  }
  if (expiration !== undefined && !(expiration instanceof Date && Number.isFinite(expiration.getTime()))) {
    throw new AuthError(
      `The provider of AWS credentials gave ${kindOf(expiration)} as expiration, not a Date`,
    );
  }
  return {
    value: { accessKeyId, secretAccessKey, sessionToken: text("sessionToken") },
    expiresAt: expiration?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}

async function digestOf(body: Uint8Array): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(body));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
