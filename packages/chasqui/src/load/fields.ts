import { unknownField, wrongValue } from "../request/wrong-option.ts";

/**
 * The fields of an option that is an object, by own property only (S55).
 *
 * @throws {OptionsError} when it is none, or has a field that is not among them.
 */
export function fieldsOf<const Field extends string>(
  value: unknown,
  fields: readonly Field[],
  option: string,
): Partial<Record<Field, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongValue(option, value, `true, false or { ${fields.join(", ")} }`);
  }
  const given: Partial<Record<Field, unknown>> = Object.create(null);
  for (const [name, part] of Object.entries(value)) {
    const field = fields.find((known) => known === name);
    if (field === undefined) throw unknownField(option, name, fields);
    given[field] = part;
  }
  return given;
}

/** A share, above 0 and at most 1. */
export function shareOf(value: unknown, option: string): number {
  if (typeof value === "number" && value > 0 && value <= 1) return value;
  throw wrongValue(option, value, "a number above 0 and at most 1");
}

/** A whole number, 1 or more. */
export function wholeOf(value: unknown, option: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw wrongValue(option, value, "a whole number, 1 or more");
}
