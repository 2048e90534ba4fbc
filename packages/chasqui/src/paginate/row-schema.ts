import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ValidationError } from "../errors/validation-error.ts";
import { calling } from "./page-error.ts";

/**
 * The rows of a page as the schema makes them.
 *
 * @throws {ValidationError} whose issues begin with the index of the row in its page.
 */
export async function checkedRows(
  rows: readonly unknown[],
  schema: StandardSchemaV1,
): Promise<readonly unknown[]> {
  const checked: unknown[] = [];
  for (const [index, row] of rows.entries()) {
    const validated = calling(() => schema["~standard"].validate(row), "`schema`");
    // To wait for each of a million rows that are checked at once costs more than the check.
    const result = "then" in validated ? await validated : validated;
    if (result.issues) {
      const issues = result.issues.map((issue) => ({ ...issue, path: [index, ...(issue.path ?? [])] }));
      throw new ValidationError(issues, {
        data: rows,
        hint: "The first number is the index of the row in its page.",
      });
    }
    checked.push(result.value);
  }
  return checked;
}
