/**
 * Credentials that are none: what is left of a `Secret` that was printed into a text (`Bearer ***`), and of a variable that
 * is not set (`Bearer undefined`). A server would answer 401, and nothing would say why.
 *
 * @module
 */
import { OptionsError } from "../errors/options-error.ts";
import type { Headers } from "./headers.ts";
import { isSensitiveHeader, sensitiveParam } from "./sensitive-headers.ts";

const HINT =
  "A Secret prints as ***: give it to bearer(), or a header whose whole value is the Secret, or use .reveal().";
const NOT_SET = 'A variable of the environment that is not set is undefined; env("NAME") says which it was.';

/** Alone, or behind the name of a scheme. */
const PRINTED = /^(?:[\w-]+[ \t]+)?\*\*\*$/;
const UNSET = /^(?:[\w-]+[ \t]+)?(?:undefined|null)$/;
const AUTHORIZATION = /^(?:proxy-)?authorization$/i;
/** The last letters of `***`, of `undefined` and of `null`. */
const ASTERISK = 0x2a;
const LOWER_D = 0x64;
const LOWER_L = 0x6c;

/**
 * Refuses headers in which a `Secret` was printed, and an `Authorization` that says `undefined` or `null`.
 *
 * @param headers - All that a call is about to send but what its `auth` adds.
 * @throws OptionsError naming the header.
 * @example
 * ```ts
 * refusePrintedHeaders(new Headers({ authorization: `Bearer ${secret("k-1")}` })); // OptionsError
 * ```
 */
export function refusePrintedHeaders(headers: Headers): void {
  const { flat } = headers;
  for (let i = 0; i < flat.length; i += 2) {
    const value = flat[i + 1] ?? "";
    // By its last letter nearly every value is known for none of the three.
    const last = value.charCodeAt(value.length - 1);
    if (last !== ASTERISK && last !== LOWER_D && last !== LOWER_L) continue;
    const printed = value.endsWith("***");
    if (!(printed || value.endsWith("undefined") || value.endsWith("null"))) continue;
    const name = flat[i] ?? "";
    // What came as a Secret is what it holds.
    if (headers.secretNames?.has(name.toLowerCase()) === true) continue;
    if (printed && PRINTED.test(value) && isSensitiveHeader(name)) {
      refuse("headers", `the value of "${name}" is a Secret that was printed, ***`, HINT);
    }
    if (UNSET.test(value) && AUTHORIZATION.test(name)) {
      refuse("headers", `the value of "${name}" is ${JSON.stringify(value)}, and no credential`, NOT_SET);
    }
  }
}

/**
 * Refuses a query in which a `Secret` was printed, under a name that is one of a secret.
 *
 * @param url - The URL as it was given, encoded.
 * @param href - The same with the params.
 * @param secretParams - Lower-case names whose values came as a `Secret`, and are what it holds.
 * @throws OptionsError for `url` or `params`, naming the parameter.
 * @example
 * ```ts
 * refusePrintedQuery("https://h/?api_key=***", "https://h/?api_key=***", undefined); // OptionsError
 * ```
 */
export function refusePrintedQuery(
  url: string,
  href: string,
  secretParams: ReadonlySet<string> | undefined,
): void {
  if (!href.includes("=***")) return;
  for (const [name, value] of new URL(href).searchParams) {
    if (value !== "***" || secretParams?.has(name.toLowerCase()) === true || !sensitiveParam(name)) continue;
    const shown = JSON.stringify(name.slice(0, 60));
    refuse(url.includes("=***") ? "url" : "params", `${shown} is a Secret that was printed, ***`, HINT);
  }
}

function refuse(option: string, what: string, hint: string): never {
  throw new OptionsError(`${option}: ${what}`, { option, hint });
}
