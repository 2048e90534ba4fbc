import { CallerError } from "../errors/caller-error.ts";
import { ChasquiError, retell, tellHint } from "../errors/chasqui-error.ts";
import { HttpError } from "../errors/http-error.ts";
import { PaginationError } from "../errors/pagination-error.ts";
import type { PageCall } from "./page-source.ts";

/** Runs code of the caller's. What it throws is told as such, with the error itself as the cause. */
export function calling<R>(code: () => R, option: string): R {
  try {
    return code();
  } catch (error) {
    if (error instanceof ChasquiError) throw error;
    throw new CallerError(`The code given in ${option} has thrown`, { cause: error });
  }
}

/**
 * Says in an error which page of a walk it befell. It stays the error that it is: a caller looks for the `HttpError` of the
 * call that failed, and not for what it is wrapped in.
 */
export function onPage(error: unknown, page: number, call: PageCall | undefined): unknown {
  if (!(error instanceof ChasquiError) || error instanceof PaginationError) return error;
  retell(error, `${error.message} (page ${page})`);
  const withheld = call?.withheld ?? [];
  if (withheld.length > 0 && error instanceof HttpError && (error.status === 401 || error.status === 403)) {
    const names = withheld.join(", ");
    tellHint(
      error,
      `The next URL is on another origin, so credentials and these headers stayed at home: ${names}. Name them in \`redirect.keepHeaders\` if that server may see them.`,
    );
  }
  return error;
}
