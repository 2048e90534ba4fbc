import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { PageSpec } from "./options.ts";

/** Whether a style has its cursor or number posted. */
export function isPosted(spec: PageSpec | undefined): boolean {
  return typeof spec === "object" && ("variable" in spec || ("in" in spec && spec.in === "body"));
}

/**
 * What asks for a page can be posted where there is an object to put it into.
 *
 * @throws {OptionsError} where there is none.
 */
export function checkPosted(json: unknown, what: string): void {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return;
  throw new OptionsError(`${what} puts into the body what asks for a page, and \`json\` is ${kindOf(json)}`, {
    option: "json",
    hint: "Give the body of the first page, an object, such as json: {}.",
  });
}
