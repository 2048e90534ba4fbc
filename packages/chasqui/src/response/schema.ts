import type { StandardSchemaV1 } from "@standard-schema/spec";
import { OptionsError } from "../errors/options-error.ts";
import { ValidationError, type ValidationErrorDetails } from "../errors/validation-error.ts";

/**
 * Checks data by a Standard Schema (zod, valibot, arktype and others) and gives what the schema makes of it.
 *
 * @param of - Where the data come from, for the error: the response, or of JSON Lines the number of the line.
 * @throws {ValidationError} when the data does not match.
 * @throws {OptionsError} when it is no Standard Schema.
 */
export async function validate<S extends StandardSchemaV1>(
  schema: S,
  data: unknown,
  of?: Pick<ValidationErrorDetails, "line" | "response">,
): Promise<StandardSchemaV1.InferOutput<S>> {
  const standard: S["~standard"] | undefined = schema?.["~standard"];
  if (typeof standard?.validate !== "function") {
    throw new OptionsError("The schema is no Standard Schema: it has no `~standard.validate`", {
      option: "schema",
      hint: "Give a schema of zod 3.24, valibot 1, arktype 2 or later: https://standardschema.dev",
    });
  }
  const result = await standard.validate(data);
  if (result.issues) throw new ValidationError(result.issues, { data, ...of });
  return result.value;
}
