import { OptionsError } from "../errors/options-error.ts";
import { isToken } from "./field.ts";
import { kindOf } from "./kind-of.ts";

const STANDARD: ReadonlySet<string> = new Set([
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"],
]);

/**
 * A method as it is sent: in capitals (#44).
 *
 * @throws {OptionsError} when it is no token of RFC 9110 5.6.2: a space or a control character would let a caller write
 * into the request line (S8).
 */
export function methodOf(method: unknown): string {
  if (typeof method === "string") {
    if (STANDARD.has(method)) return method;
    if (isToken(method)) return method.toUpperCase();
  }
  throw new OptionsError(`The method is ${kindOf(method)} that is no HTTP method, such as GET`, {
    option: "method",
    ...(isAddress(method) ? { hint: "The method comes first: request(method, url)." } : {}),
  });
}

/** Whether a URL or a path stands where the method does. */
function isAddress(given: unknown): boolean {
  return typeof given === "string" ? given.includes("/") : given instanceof URL;
}

/** The methods that may be sent twice, since twice does what once does (RFC 9110 9.2.2). */
export const IDEMPOTENT: readonly string[] = Object.freeze([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);
