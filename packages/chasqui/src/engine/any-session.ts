import type { ClientOptions } from "../client-options.ts";
import type { CookieStore } from "../cookies/cookie-jar.ts";
import type { CallFacts } from "../errors/chasqui-error.ts";
import type { PaginateOptions } from "../paginate/options.ts";
import type { AnyWalk } from "../paginate/pages.ts";
import type { Headers } from "../request/headers.ts";
import type { RequestOptions } from "../request/options.ts";
import type { Request } from "../request/request.ts";
import type { Startable } from "../start.ts";

/** Where a call was made, where that is wanted. */
export type Site = CallFacts["site"];

/** What works behind a `Client`, be its code there or yet to come. */
export interface AnySession {
  /** The base URL. */
  readonly base: string | undefined;
  readonly headers: Headers;
  readonly cookies: CookieStore | undefined;
  /** Whether errors show where a call was made. */
  readonly stack: boolean;
  readonly closed: boolean;
  /** Makes a call ready. What is wrong with its options is told by rejecting. */
  call(method: string, url: string | URL, options: RequestOptions | undefined, site: Site): Startable;
  /** Makes the call of a request that was built. */
  send(request: Request, options: RequestOptions | undefined, site: Site): Startable;
  build(method: string, url: string | URL, options: RequestOptions | undefined): Request;
  /** Begins a walk over pages. */
  walk(url: string | URL, options: PaginateOptions, site: Site): Promise<AnyWalk<unknown>>;
  extend(options: ClientOptions): AnySession;
  ready(): Promise<void>;
  close(): Promise<void>;
}
