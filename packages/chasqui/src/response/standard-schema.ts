import type { StandardSchemaV1 } from "@standard-schema/spec";
import { OptionsError } from "../errors/options-error.ts";

/** What of a schema checks data; undefined where it is no Standard Schema. */
export function standardOf<S extends StandardSchemaV1>(schema: S): S["~standard"] | undefined {
  const standard: S["~standard"] | undefined = schema?.["~standard"];
  return typeof standard?.validate === "function" ? standard : undefined;
}

/** What is said of something that was given for a schema. */
export function noStandardSchema(): OptionsError {
  return new OptionsError("The schema is no Standard Schema: it has no `~standard.validate`", {
    option: "schema",
    hint: "Give a schema of zod 3.24, valibot 1, arktype 2 or later: https://standardschema.dev",
  });
}
