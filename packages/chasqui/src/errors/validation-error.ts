import type { StandardSchemaV1 } from "@standard-schema/spec";
import { printable } from "../request/redact.ts";
import type { Response } from "../response/response.ts";
import { brandError, ChasquiError, type ErrorDetails } from "./chasqui-error.ts";
import { withoutValues } from "./issue-message.ts";

/** What a `ValidationError` is made of. */
export interface ValidationErrorDetails extends ErrorDetails {
  /** What was checked: its values are taken out of the messages. The error does not keep it. */
  readonly data?: unknown;
  /** Of JSON Lines, the number of the line, of which the first is 1. */
  readonly line?: number;
  /** The response whose body it was. */
  readonly response?: Response;
}

function placeOf(issue: StandardSchemaV1.Issue): string {
  const keys = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length === 0 ? "" : `${keys.join(".")}: `;
}

/**
 * The data is not what the schema says. `issues` has all that the schema found, in its own words; the message and the JSON
 * of the error show them with `…` in place of the values, which a schema may quote and a log must not.
 */
export class ValidationError extends ChasquiError {
  readonly code = "ERR_VALIDATION";
  /** What the schema found, as Standard Schema gives it. A message in it may quote the data: it is not for logs. */
  declare readonly issues: readonly StandardSchemaV1.Issue[];
  /** Of JSON Lines, the number of the line that it was, of which the first is 1; undefined of any other body. */
  declare readonly line: number | undefined;
  /** The response whose body `json(schema)` has read; undefined of lines, events and the rows of pages. */
  declare readonly response: Response | undefined;
  readonly #told: readonly string[];

  static {
    brandError(ValidationError, "ValidationError");
  }

  constructor(issues: readonly StandardSchemaV1.Issue[], details: ValidationErrorDetails = {}) {
    const told = issues.map((issue) => printable(placeOf(issue) + withoutValues(issue, details.data)));
    const more = told.length > 3 ? ` (and ${told.length - 3} more)` : "";
    const what = details.line === undefined ? "The response" : `Line ${details.line}`;
    super(`${what} does not match the schema: ${told.slice(0, 3).join("; ")}${more}`, details);
    Object.defineProperty(this, "line", { value: details.line, enumerable: details.line !== undefined });
    this.#told = told;
    Object.defineProperty(this, "issues", { value: issues, enumerable: false });
    Object.defineProperty(this, "response", { value: details.response, enumerable: false });
  }

  protected override facts(): Record<string, unknown> {
    return { ...(this.line === undefined ? {} : { line: this.line }), issues: this.#told };
  }
}
