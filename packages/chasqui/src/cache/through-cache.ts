import type { CallContext } from "../pipeline/call-context.ts";
import type { Handler } from "../pipeline/stage.ts";
import type { Request } from "../request/request.ts";
import type { Response } from "../response/response.ts";
import { askerOf } from "./asker.ts";
import type { CachePolicy } from "./cache-option.ts";
import { invalidated, isUnsafe } from "./invalidation.ts";
import { headerOf, Keeper } from "./keeper.ts";
import { Passage } from "./passage.ts";
import { resourceOf, Shelf } from "./shelf.ts";

/** Headers that ask for a part of a body, or for one if it is still another: what is stored has no say in that. */
const NOT_THE_WHOLE: readonly string[] = ["range", "if-range", "if-match", "if-unmodified-since"];

/** One hop of a call, on its way through the cache. */
export function throughCache(request: Request, context: CallContext, next: Handler): Promise<Response> {
  const policy = context.settings.cache;
  if (policy === undefined) return next(request, context);
  const { headers, method, body } = request;
  if (isUnsafe(method)) return throughChange(request, context, policy, next);
  const kept = (method === "GET" || method === "HEAD") && body === undefined;
  const whole = !NOT_THE_WHOLE.some((name) => headers.has(name));
  if (policy.leftOut || !kept || !whole) return next(request, context);
  return new Passage(request, context, policy, next).answer();
}

/** What a request changes is not there any more as it was (RFC 9111 4.4). */
async function throughChange(
  request: Request,
  context: CallContext,
  policy: CachePolicy,
  next: Handler,
): Promise<Response> {
  const shelf = new Shelf(context, policy);
  const forget = async (urls: readonly string[]): Promise<void> => {
    for (const url of urls) {
      const resource = await resourceOf(url);
      policy.writers.changed(resource);
      await shelf.remove(resource);
    }
  };
  const url = request.origin + request.target;
  // Before it is sent: what it answers may change the jar.
  const keeps = request.method === "POST" && !policy.leftOut && policy.mode !== "no-store";
  const asker = keeps ? await askerOf(request, context) : undefined;
  let response: Response;
  try {
    response = await next(request, context);
  } catch (error) {
    // Nobody knows if it has been done.
    if (context.written) await forget([url]);
    throw error;
  }
  const urls = invalidated(response.status, url, headerOf(response));
  await forget(urls);
  if (asker === undefined || urls.length === 0) return response;
  return new Keeper(request, context, policy, shelf).keepAnswer(response, asker);
}
