import { isObject } from "./body-path.ts";

/** Keys that are false where something went wrong (Slack's `ok`). */
const SUCCESS = ["ok", "success"];
/** Words of a `status` for the same (JSend). */
const FAILED: ReadonlySet<unknown> = new Set(["error", "fail", "failed", "failure"]);
/** Keys by which a server owns up to having looked at a part of the list only: GitHub's, Google's, Elasticsearch's. */
const PARTIAL = ["incomplete_results", "incompleteSearch", "timed_out", "timedOut"];

/**
 * That a body with a good status says that something went wrong, in words; undefined where it does not. Alone it says little: many
 * send warnings beside their rows. Without rows it is the difference between an empty list and none.
 */
export function failureIn(data: unknown): string | undefined {
  if (!isObject(data) || Array.isArray(data)) return undefined;
  const errors = errorsIn(data);
  if (errors !== undefined) return errors;
  const error = field(data, "error");
  if (error === true || (typeof error === "string" && error !== "") || isFilled(error))
    return "has an `error`";
  const failed = SUCCESS.find((key) => field(data, key) === false);
  if (failed !== undefined) return `says \`${failed}: false\``;
  const status = field(data, "status");
  return FAILED.has(status) ? `says \`status: ${JSON.stringify(status)}\`` : undefined;
}

/** That an answer of GraphQL has errors, in words: what is beside them may lack what failed (GraphQL 7.1.2). */
export function partialIn(data: unknown): string | undefined {
  if (!isObject(data)) return undefined;
  const inner = field(data, "data");
  return isObject(inner) && !Array.isArray(inner) ? errorsIn(data) : undefined;
}

/** The key by which a server says that it did not look at all of the list; undefined where it says no such thing. */
export function incompleteIn(data: unknown): string | undefined {
  return isObject(data) ? PARTIAL.find((key) => field(data, key) === true) : undefined;
}

function errorsIn(data: Readonly<Record<string, unknown>>): string | undefined {
  const errors = field(data, "errors");
  if (Array.isArray(errors)) return errors.length > 0 ? `has ${errors.length} of \`errors\`` : undefined;
  return isFilled(errors) || (typeof errors === "string" && errors !== "") ? "has `errors`" : undefined;
}

function field(data: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}

function isFilled(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length > 0;
}
