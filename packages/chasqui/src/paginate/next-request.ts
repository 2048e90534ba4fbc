import { headersForNextHop, type RedirectPolicy, refusal } from "../pipeline/redirect-rules.ts";
import { withoutRepeatedSecrets } from "../pipeline/repeated-secrets.ts";
import { Headers } from "../request/headers.ts";
import { resolveLocation } from "../request/location.ts";
import { plainTarget } from "../request/plain-url.ts";
import type { Request } from "../request/request.ts";
import { withPairsOf, withParams } from "../request/target-query.ts";
import type { CameFrom } from "./page-source.ts";
import type { PageChanges, PageRequest } from "./style.ts";

const NONE: readonly never[] = [];
const ASCII = /^[\x21-\x7e]*$/;

/** What the requests of a walk are made from. */
export interface WalkStart {
  /** The request of the first page. */
  readonly request: Request;
  /** Names of the params that belong to the client rather than to the call. */
  readonly clientParams: ReadonlySet<string>;
  readonly policy: RedirectPolicy;
  /** Makes the first request's JSON body with some fields changed; undefined where it has none. */
  readonly withFields: ((fields: Readonly<Record<string, string | number>>) => string) | undefined;
}

/** The request of a page, and whether it has left the origin of the first. */
export interface NextRequest {
  readonly request: Request;
  readonly foreign: boolean;
  /** Names of the headers that stayed at home. */
  readonly withheld: readonly string[];
}

/**
 * Makes the request of a later page. A URL of the server's own is followed by the rules of a redirect: only http and https,
 * no way from https to http, and to another origin without credentials, params of the client's, and headers that may be
 * some. What has been left behind does not come back, wherever later pages lead (D19).
 *
 * @param from - The page that named the URL; undefined where a walk goes on from a checkpoint, whose URLs are absolute.
 * @param left - Whether an earlier page has left the origin of the first.
 */
export function nextRequest(
  start: WalkStart,
  page: PageRequest,
  from: CameFrom | undefined,
  left: boolean,
): NextRequest | { readonly refused: string } {
  const { request, clientParams, policy } = start;
  if (!("url" in page)) return { request: changed(start, page), foreign: false, withheld: NONE };
  const own = left ? undefined : ownTarget(page.url, from, request);
  if (own !== undefined) {
    const plain = withoutRepeatedSecrets(own, from?.request ?? request, false);
    const paired = withPairsOf(plain, request.target, clientParams);
    return { request: request.with({ target: paired, fragment: "" }), foreign: false, withheld: NONE };
  }
  const here = from?.url ?? request.url;
  // A header's bytes may be UTF-8 in disguise, a text of JSON's never: what is not ASCII is escaped before.
  const location = ASCII.test(page.url) ? page.url : (URL.parse(page.url, here)?.href ?? page.url);
  const to = resolveLocation(location, here);
  if ("problem" in to) return { refused: `it ${to.problem}` };
  // Within an origin there is no way to another scheme, and nothing to parse.
  const refused = here.startsWith(`${to.origin}/`) ? undefined : refusal(here, to.origin, policy);
  if (refused !== undefined) return { refused };

  // A page that a redirect fetched from elsewhere does not speak for the origin that it was asked of.
  const foreign = left || to.origin !== request.origin || (from !== undefined && cameBy(from, request));
  const target = withoutRepeatedSecrets(to.href.slice(to.origin.length), from?.request ?? request, foreign);
  const { origin, fragment } = to;
  if (!foreign) {
    const paired = withPairsOf(target, request.target, clientParams);
    return { request: request.with({ origin, fragment, target: paired }), foreign, withheld: NONE };
  }
  const { secretNames } = request.headers;
  const crossing = { crossing: true, bodyDropped: false, keepHeaders: policy.keepHeaders, secretNames };
  const { headers, withheld } = headersForNextHop(request.headers.flat, crossing);
  return {
    request: request.with({
      origin,
      fragment,
      target,
      headers: Headers.fromFlat(headers, secretNames),
    }),
    foreign,
    withheld,
  };
}

/**
 * The target of a URL of the very origin that it comes from, where it needs no parser: mostly the `next` of a page. The rules of
 * redirects have nothing to say of it.
 */
function ownTarget(url: string, from: CameFrom | undefined, request: Request): string | undefined {
  const sent = from?.request ?? request;
  if (sent.fragment !== "" || (from !== undefined && cameBy(from, request))) return undefined;
  return plainTarget(url, sent.origin);
}

/** Whether a page came from another origin than the first one's, or by one. */
function cameBy(from: CameFrom, { origin }: Request): boolean {
  return from.request.origin !== origin || from.history.some(({ request }) => request.origin !== origin);
}

/** The first request with what asks for another page in place of what it says itself. */
export function changed({ request, withFields }: WalkStart, changes: PageChanges): Request {
  const { params, headers, body } = changes;
  let next = request;
  if (params !== undefined) next = next.with({ target: withParams(request.target, params) });
  if (headers !== undefined) {
    const set = next.headers.clone();
    for (const [name, value] of Object.entries(headers)) set.set(name, value);
    next = next.with({ headers: set });
  }
  if (body !== undefined && withFields !== undefined) {
    const contentType = next.headers.get("content-type");
    next = next.with({ body: withFields(body) });
    if (contentType !== null) next.headers.set("content-type", contentType);
  }
  return next;
}
