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

/** A status with which some APIs answer where a page is asked for behind the last. */
const BEHIND: ReadonlySet<number> = new Set([400, 404, 410, 416, 422]);

/**
 * Says in an error which page of a walk it befell. It stays the error that it is: a caller looks for the `HttpError` of the
 * call that failed, and not for what it is wrapped in.
 *
 * @param counts - The param that pages are counted with, where they are.
 */
export function onPage(error: unknown, page: number, call: PageCall | undefined, counts?: string): unknown {
  if (!(error instanceof ChasquiError) || error instanceof PaginationError) return error;
  retell(error, `${error.message} (page ${page})`);
  if (counts !== undefined && page > 1 && error instanceof HttpError && BEHIND.has(error.status)) {
    tellHint(
      error,
      `A failed page is no end. If that is how the API answers behind its last page, say where the last one is: by: ({ rows, number }) => rows.length === 10 && { params: { ${counts}: … } }.`,
    );
  }
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
