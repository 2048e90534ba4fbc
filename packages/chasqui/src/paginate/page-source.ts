import type { Request } from "../request/request.ts";
import type { Response } from "../response/response.ts";
import type { PageChanges, PageRequest } from "./style.ts";

/** A page that is ready to be asked for. */
export interface PageCall {
  readonly request: Request;
  /** What tells this request from those of the other pages. */
  readonly question: string;
  /** Whether it, or a page before it, is on another origin than the first. */
  readonly left: boolean;
  /** Names of the headers that stayed at home because the page is on another origin. */
  readonly withheld: readonly string[];
  /** Sends it; the signal gives it up, beside the caller's own. */
  send(signal?: AbortSignal): Promise<Response>;
  /** Sends it, and leaves the body to be read as it comes. */
  stream(signal?: AbortSignal): Promise<Response>;
}

/** What the caller asked for, before anything was added that asks for pages. */
export interface AskedFor {
  readonly request: Request;
  /** The JSON body; undefined where there is none. */
  readonly json: unknown;
}

/** Where a page came from, which is what its links are relative to. Its body is not kept for that. */
export type CameFrom = Pick<Response, "url" | "request" | "history">;

/** The same without the rest of the response. */
export class PageOrigin implements CameFrom {
  readonly request: Request;
  readonly history: readonly Response[];

  constructor({ request, history }: CameFrom) {
    this.request = request;
    this.history = history;
  }

  get url(): string {
    return this.request.url;
  }
}

/** What one walk gets its pages from. */
export interface PageSource {
  /** What the caller asked for; there once the first page was made ready. */
  readonly home: AskedFor;
  /** Makes the first page ready, with those of the changes that the caller's request lacks. */
  first(changes: PageChanges): PageCall;
  /** Makes a later page ready. `from` is the one before, undefined where the walk goes on from a checkpoint. */
  next(page: PageRequest, from: CameFrom | undefined, left: boolean): PageCall | { readonly refused: string };
  /** What asks for a page, so that it can be kept: absolute, and without what only the caller may know. */
  portable(page: PageRequest, from: CameFrom): PageRequest;
  /** Milliseconds since the walk began. */
  elapsed(): number;
  /** Tells an error of the walk's own where it comes from: the caller's line, the last request, the time. */
  adopt<E>(error: E, request: Request | undefined): E;
}
