import type { Request } from "../request/request.ts";
import type { Response } from "../response/response.ts";
import type { PageRequest } from "./style.ts";

/** A page that is ready to be asked for. */
export interface PageCall {
  readonly request: Request;
  /** Names of the headers that stayed at home because the page is on another origin. */
  readonly withheld: readonly string[];
  send(): Promise<Response>;
}

/** What one walk gets its pages from. */
export interface PageSource {
  /** Makes the first page ready, with those of the params that the caller's request lacks. */
  first(params: Readonly<Record<string, string>>): PageCall;
  /** Makes a later page ready; `from` is the one before. */
  next(page: PageRequest, from: Response): PageCall | { readonly refused: string };
  /** Tells an error of the walk's own where it comes from: the caller's line, the last request, the time. */
  adopt<E>(error: E, request: Request | undefined): E;
}
