import { attachCall, brandError, type CallFacts, ChasquiError } from "./chasqui-error.ts";

/**
 * Code of the caller's that the call ran (a hook, a middleware, the stream of a request body) threw something that is
 * no error of the family; `cause` is what it threw.
 */
export class CallerError extends ChasquiError {
  readonly code = "ERR_CALLER";

  static {
    brandError(CallerError, "CallerError");
  }
}

const facts = new WeakMap<object, CallFacts>();

/** Remembers which call ran the code that threw this, should the caller ask for a result. */
export function rememberCall(thrown: object, call: CallFacts): void {
  facts.set(thrown, call);
}

/** What was thrown as an error of the family. */
export function callerError(thrown: unknown): CallerError {
  const error = new CallerError("Code of the caller's that the call ran has thrown", { cause: thrown });
  const call = typeof thrown === "object" && thrown !== null ? facts.get(thrown) : undefined;
  if (call !== undefined) attachCall(error, call);
  return error;
}
