import type { StandardSchemaV1 } from "@standard-schema/spec";
import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";

function placeOf(issue: StandardSchemaV1.Issue): string {
  const keys = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length === 0 ? "" : `${keys.join(".")}: `;
}

/** The data is not what the schema says. `issues` has all that the schema found; the data itself is not printed. */
export class ValidationError extends ChasquiError {
  readonly code = "ERR_VALIDATION";
  /** What the schema found, as Standard Schema gives it. */
  declare readonly issues: readonly StandardSchemaV1.Issue[];

  static {
    brandError(ValidationError, "ValidationError");
  }

  constructor(issues: readonly StandardSchemaV1.Issue[], details: ErrorDetails = {}) {
    const told = issues.slice(0, 3).map((issue) => placeOf(issue) + issue.message);
    const more = issues.length > 3 ? ` (and ${issues.length - 3} more)` : "";
    super(`The response does not match the schema: ${told.join("; ")}${more}`, details);
    Object.defineProperty(this, "issues", { value: issues, enumerable: false });
  }

  protected override facts(): Record<string, unknown> {
    return { issues: this.issues.map((issue) => placeOf(issue) + issue.message) };
  }
}
