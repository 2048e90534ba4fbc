import { headersForNextHop, type RedirectPolicy, refusal } from "../pipeline/redirect-rules.ts";
import { withoutRepeatedSecrets } from "../pipeline/repeated-secrets.ts";
import { Headers } from "../request/headers.ts";
import type { Request } from "../request/request.ts";
import { withPairsOf, withParams } from "../request/target-query.ts";
import { resolveLocation } from "../request/url.ts";
import type { Response } from "../response/response.ts";
import type { PageRequest } from "./style.ts";

const ASCII = /^[\x21-\x7e]*$/;

/** What the requests of a walk are made from. */
export interface WalkStart {
  /** The request of the first page. */
  readonly request: Request;
  /** Names of the params that belong to the client rather than to the call. */
  readonly clientParams: ReadonlySet<string>;
  readonly policy: RedirectPolicy;
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
 * @param from - The page that named the URL.
 * @param left - Whether an earlier page has left the origin of the first.
 */
export function nextRequest(
  start: WalkStart,
  page: PageRequest,
  from: Response,
  left: boolean,
): NextRequest | { readonly refused: string } {
  const { request, clientParams, policy } = start;
  if ("params" in page) {
    return {
      request: request.with({ target: withParams(request.target, page.params) }),
      foreign: false,
      withheld: [],
    };
  }
  // A header's bytes may be UTF-8 in disguise, a text of JSON's never: what is not ASCII is escaped before.
  const location = ASCII.test(page.url) ? page.url : (URL.parse(page.url, from.url)?.href ?? page.url);
  const to = resolveLocation(location, from.url);
  if ("problem" in to) return { refused: `it ${to.problem}` };
  const refused = refusal(from.url, to.origin, policy);
  if (refused !== undefined) return { refused };

  // A page that a redirect fetched from elsewhere does not speak for the origin that it was asked of.
  const visited = [...from.history, from].map((response) => response.request.origin);
  const foreign = left || [...visited, to.origin].some((origin) => origin !== request.origin);
  const target = withoutRepeatedSecrets(to.href.slice(to.origin.length), from.request, foreign);
  const parts = { origin: to.origin, fragment: to.fragment };
  if (!foreign) {
    return {
      request: request.with({ ...parts, target: withPairsOf(target, request.target, clientParams) }),
      foreign,
      withheld: [],
    };
  }
  const { secretNames } = request.headers;
  const crossing = { crossing: true, bodyDropped: false, keepHeaders: policy.keepHeaders, secretNames };
  const { headers, withheld } = headersForNextHop(request.headers.flat, crossing);
  return {
    request: request.with({
      ...parts,
      target,
      headers: Headers.fromFlat(headers, secretNames),
    }),
    foreign,
    withheld,
  };
}
