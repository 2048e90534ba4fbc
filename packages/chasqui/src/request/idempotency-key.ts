import { OptionsError } from "../errors/options-error.ts";
import { checkHeaderName, checkHeaderValue } from "./field.ts";
import { kindOf } from "./kind-of.ts";
import { IDEMPOTENT } from "./method.ts";
import type { Request } from "./request.ts";
import { unknownField } from "./wrong-option.ts";

/** A key, what makes one, or `true` for a random UUID. */
type KeySource = true | string | (() => string);

/**
 * The option `idempotencyKey`: `true` for a random UUID, a key of one's own (of a call only), a function that makes one, or
 * `{ header, key }` where the server knows it by another name than `Idempotency-Key`. `false` sends none.
 */
export type IdempotencyKeyOption =
  | boolean
  | string
  | (() => string)
  | { readonly header?: string | undefined; readonly key?: KeySource | undefined };

/** The option, checked. */
export interface IdempotencyKey {
  /** The header that carries it, in lower case. */
  readonly header: string;
  readonly key: KeySource;
}

/** The header of draft-ietf-httpapi-idempotency-key-header, which most servers know. */
const IDEMPOTENCY_KEY = "idempotency-key";

const OPTION = "idempotencyKey";
const FIELDS: readonly string[] = ["header", "key"];

function keyOf(value: unknown): KeySource {
  if (value === true) return value;
  if (typeof value === "string" && value !== "") return checkHeaderValue(IDEMPOTENCY_KEY, value, OPTION);
  if (isMaker(value)) return value;
  const given = value === "" ? "an empty string" : kindOf(value);
  throw new OptionsError(
    `\`${OPTION}\` is ${given}; it takes true, false, a key, a function that makes one, or { header, key }`,
    {
      option: OPTION,
    },
  );
}

function isMaker(value: unknown): value is () => string {
  return typeof value === "function";
}

/**
 * Reads the option.
 *
 * @throws {OptionsError} when it is none of what it may be.
 */
export function readIdempotencyKey(value: unknown): IdempotencyKey | undefined {
  if (value === false) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { header: IDEMPOTENCY_KEY, key: keyOf(value) };
  }
  let header = IDEMPOTENCY_KEY;
  let key: KeySource = true;
  for (const [field, given] of Object.entries(value)) {
    if (given === undefined) continue;
    if (field === "header") {
      checkHeaderName(given, `${OPTION}.header`);
      header = given.toLowerCase();
    } else if (field === "key") key = keyOf(given);
    else throw unknownField(OPTION, field, FIELDS);
  }
  return { header, key };
}

/**
 * The request with its key, by which all attempts of it are known as one. What is idempotent by itself needs none, and a header
 * that the caller set stands.
 *
 * @throws {OptionsError} when the function that makes keys made none.
 */
export function withKey(request: Request, { header, key }: IdempotencyKey): Request {
  if (IDEMPOTENT.includes(request.method) || request.headers.has(header)) return request;
  const headers = request.headers.clone();
  headers.set(header, typeof key === "function" ? made(key()) : key === true ? crypto.randomUUID() : key);
  return request.with({ headers });
}

function made(key: unknown): string {
  if (typeof key === "string" && key !== "") return key;
  const what = key === "" ? "an empty string" : kindOf(key);
  throw new OptionsError(`The function of \`${OPTION}\` gave ${what}, not a key`, { option: OPTION });
}
