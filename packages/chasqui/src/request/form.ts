import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "./kind-of.ts";
import type { ObjectShape } from "./object-shape.ts";
import { type ParamValue, serializeParams } from "./params.ts";

/**
 * The fields of a form: an object, pairs, a Map or `URLSearchParams`. An array repeats its field, null is left out.
 *
 * @example
 * ```ts
 * import type { FormInit } from "chasqui";
 * const form: FormInit = { name: "Ann Lee", tag: ["a", "b"] }; // name=Ann+Lee&tag=a&tag=b
 * ```
 */
export type FormInit =
  | URLSearchParams
  | Iterable<readonly [string, ParamValue]>
  | { readonly [name: string]: ParamValue }
  | ObjectShape;

/** The content type of a form. It has no charset: the encoding is UTF-8 by its definition (WHATWG URL §5). */
export const FORM_TYPE = "application/x-www-form-urlencoded";

/**
 * Writes fields as `application/x-www-form-urlencoded`, by the same rules as a query.
 *
 * @param form - The fields.
 * @throws OptionsError naming the field that cannot be written.
 * @example
 * ```ts
 * serializeForm({ name: "Ann Lee", tag: ["a", "b"], note: null }); // "name=Ann+Lee&tag=a&tag=b"
 * ```
 */
export function serializeForm(form: FormInit): string {
  if (typeof form !== "object" || form === null) {
    throw new OptionsError(`form must be an object, pairs, a Map or URLSearchParams, not ${kindOf(form)}`, {
      option: "form",
      hint: "what is encoded already goes into body, with a content-type of its own",
    });
  }
  return serializeParams(form, undefined, "form");
}
