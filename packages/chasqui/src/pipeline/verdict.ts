import type { Auth, Challenge } from "../auth/auth.ts";
import { authElsewhere } from "../auth/lookup.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Request } from "../request/request.ts";
import type { BodyPlan, Head } from "../transport/transport.ts";
import type { CallContext } from "./call-context.ts";
import { isRedirect } from "./redirect-rules.ts";
import { type Wait, waitAfterFailure } from "./retry-decision.ts";
import { mayRetryStatus } from "./retry-timing.ts";

/**
 * What the pipeline will do with a response that is not the answer yet, whose body is thrown away; or with the one that is, a
 * redirect that is not followed, which is told where it leads.
 */
export type Verdict =
  | { readonly kind: "redirect" }
  | { readonly kind: "unfollowed" }
  | ({ readonly kind: "retry" } & Wait)
  | { readonly kind: "challenge"; readonly challenge: Challenge };

/** Of the body of an error that was to be streamed, this much is read for the `HttpError`. */
export const ERROR_BODY_LIMIT: number = 1024 * 1024;

/** What an `Auth` may know of a request. */
function authorizeView(request: Request): Challenge["request"] {
  return {
    method: request.method,
    url: request.url,
    origin: request.origin,
    target: request.wireTarget(),
    header: (name) => request.headers.get(name),
    headers: new Lines(request.headers),
  };
}

/** The lines of a request for whoever may read them and not change them. */
class Lines implements Iterable<[string, string]> {
  readonly #headers: Request["headers"];

  constructor(headers: Request["headers"]) {
    this.#headers = headers;
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return this.#headers.entries();
  }
}

export { authorizeView };

/**
 * Decides at the headers, once, what becomes of a response, so that a body that nobody will see is not decoded (S15) and
 * the stages that act on it (authorize, retry, redirect) cannot disagree with that.
 */
export function verdictAt(head: Head, request: Request, context: CallContext): Verdict | undefined {
  const { status } = head;
  const { settings } = context;
  // Whatever it says, nobody hears it: the stage of redirects tells the caller.
  if (status === 0 && head.hiddenRedirect === true) return { kind: "redirect" };
  if (status < 300 && !(settings.retry && mayRetryStatus(settings.retry, status))) return undefined;
  const auth = status >= 400 ? authFor(request, context) : undefined;
  if (auth?.refresh !== undefined && (auth.statuses?.includes(status) ?? status === 401)) {
    const again = context.challenged.has(request.origin);
    const challenge: Challenge = {
      status,
      header: (name) => head.header(name),
      request: authorizeView(request),
      again,
    };
    const answers: unknown = auth.answers?.(challenge) ?? true;
    if (typeof answers !== "boolean") {
      throw new OptionsError(`\`auth.answers\` gave ${kindOf(answers)}, not true or false`, {
        option: "auth",
        hint: "It decides at the headers, so it is not asynchronous.",
      });
    }
    if (answers && !again) {
      if (request.body?.replayable ?? true) return { kind: "challenge", challenge };
      context.unanswered = true;
    }
  }
  const location = head.header("location");
  const redirects = location !== undefined && isRedirect(status, location);
  if (redirects && settings.redirect.mode !== "manual") {
    context.retriesBefore = context.retries;
    return { kind: "redirect" };
  }
  return retryAt(head, request, context) ?? (redirects ? { kind: "unfollowed" } : undefined);
}

function retryAt(head: Head, request: Request, context: CallContext): Verdict | undefined {
  const { status } = head;
  if (context.settings.retry === undefined) return undefined;
  const failure = {
    kind: "status",
    status,
    retryAfter: head.header("retry-after"),
    retryAfterMs: head.header("retry-after-ms"),
    shouldRetry: head.header("x-should-retry"),
  } as const;
  const wait = waitAfterFailure(failure, request, request.body?.replayable ?? true, context);
  return wait && { kind: "retry", ...wait };
}

/**
 * Whose credentials may go with this request: the call's at its own origin, and never again once that was left. What looks
 * credentials up by host is asked anew at another host (#78); not at another port of the first one, which is its own no more.
 */
export function authFor({ origin }: Request, { auth, boundOrigin, crossed }: CallContext): Auth | undefined {
  if (auth === undefined || boundOrigin === undefined) return undefined;
  if (origin === boundOrigin) return crossed ? undefined : auth;
  const elsewhere = authElsewhere(auth);
  return elsewhere !== undefined && new URL(origin).hostname !== new URL(boundOrigin).hostname
    ? elsewhere
    : undefined;
}

/** What is to be done with the body, given what was decided. */
export function bodyPlan(verdict: Verdict | undefined, context: CallContext): BodyPlan {
  if (verdict?.kind === "challenge" && context.auth?.needs?.responseBody === true) {
    return { mode: "buffer", maxBytes: ERROR_BODY_LIMIT };
  }
  if (verdict !== undefined && verdict.kind !== "unfollowed") return { mode: "discard", maxBytes: 0 };
  if (!context.streamed) return { mode: "buffer", maxBytes: context.maxBytes };
  return { mode: "stream", maxBytes: context.settings.maxBytes ?? Number.POSITIVE_INFINITY };
}
