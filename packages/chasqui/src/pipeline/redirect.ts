import { RedirectError } from "../errors/redirect-error.ts";
import { Headers } from "../request/headers.ts";
import { resolveLocation } from "../request/location.ts";
import { redactUrl } from "../request/redact.ts";
import type { Request } from "../request/request.ts";
import { type Response, tellNext } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import {
  dropsBody,
  headersForNextHop,
  nextMethod,
  type RedirectPolicy,
  refusal,
  sameOrigin,
} from "./redirect-rules.ts";
import { withoutRepeatedSecrets } from "./repeated-secrets.ts";
import type { Stage } from "./stage.ts";

/** One hop at a time. What is left behind at a border never comes back. */
export const redirect: Stage = (next) => async (request, context) => {
  context.startAtHome();
  let current = request;
  for (;;) {
    const response = await next(current, context);
    const verdict = context.verdictOf(response);
    if (verdict?.kind === "unfollowed") tellNext(response, unfollowed(current, response, context));
    if (verdict?.kind !== "redirect") return response;
    mayFollow(current, response, context);
    const hop = nextHop(current, response, context);
    current = hop.request;
    if (hop.crossing) context.crossed = true;
    if (hop.withheld.length > 0) context.withheld = [...context.withheld, ...hop.withheld];
    context.note("redirect", `${response.status} to ${current.toJSON().url}`);
    context.history = [...context.history, response];
  }
};

/** @throws {RedirectError} when the redirect is not to be followed, wherever it leads. */
function mayFollow(from: Request, response: Response, context: CallContext): void {
  const policy = context.settings.redirect;
  if (response.status === 0) throw hidden(from, response, policy);
  if (response.request.origin !== from.origin) refuse(from.origin, response.request.origin, policy, response);
  if (policy.mode === "error") {
    throw new RedirectError(
      "forbidden",
      `A redirect came (${response.status})${locationOf(response)}, and \`redirect\` is "error"`,
      response,
    );
  }
  if (context.history.filter(({ status }) => status < 400).length >= policy.max) {
    throw new RedirectError("too-many", `More than ${policy.max} redirects`, response, {
      hint: "The server sends the call in a circle, or `redirect.max` is too low.",
    });
  }
}

/** The request of the hop that is left to the caller; undefined where it may not be taken. */
function unfollowed(from: Request, response: Response, context: CallContext): Request | undefined {
  try {
    return nextHop(from, response, context).request;
  } catch (error) {
    if (error instanceof RedirectError) return undefined;
    throw error;
  }
}

interface Hop {
  readonly request: Request;
  /** Whether it leaves the origin of the hop before. */
  readonly crossing: boolean;
  /** Names of the headers that stay behind. */
  readonly withheld: readonly string[];
}

/** @throws {RedirectError} when there is no hop to be taken. */
function nextHop(from: Request, response: Response, { settings, crossed }: CallContext): Hop {
  const policy = settings.redirect;
  const [location = "", ...others] = new Set(response.headers.getAll("location"));
  if (others.length > 0) {
    // RFC 9110 5.3: it is no list, and whoever added the second line may be another than who wrote the first.
    throw new RedirectError("invalid", "The redirect was not followed: it has several Locations", response);
  }
  const to = resolveLocation(location, from.url);
  if ("problem" in to) {
    const kind = to.scheme === undefined ? "invalid" : "refused";
    throw new RedirectError(
      kind,
      `The redirect${locationOf(response)} was not followed: its Location ${to.problem}`,
      response,
    );
  }
  refuse(from.origin, to.origin, policy, response);

  const method = nextMethod(response.status, from.method);
  const bodyDropped = dropsBody(response.status, from.method);
  if (!bodyDropped && from.body !== undefined && !from.body.replayable) {
    throw new RedirectError(
      "body",
      `The ${response.status} redirect asks for the body again, and it can be sent once`,
      response,
      {
        hint: "Give `body` as a function that makes the stream, and it can be replayed.",
      },
    );
  }
  const crossing = !sameOrigin(from.origin, to.origin);
  const { headers, withheld } = headersForNextHop(from.headers.flat, {
    crossing,
    bodyDropped,
    keepHeaders: policy.keepHeaders,
    secretNames: from.headers.secretNames,
  });
  const abroad = crossing || crossed || from.crossed;
  const request = from.with({
    method,
    origin: to.origin,
    target: withoutRepeatedSecrets(to.href.slice(to.origin.length), response.request, abroad),
    fragment: to.fragment,
    headers: Headers.fromFlat(headers, from.headers.secretNames),
    ...(bodyDropped ? { body: undefined } : {}),
    credentialQuery: "",
    crossed: abroad,
  });
  return { request, crossing, withheld };
}

/** Where it leads, for an error: without the values of secrets, and no longer than a line; empty where there is no one place. */
function locationOf({ headers, request }: Response): string {
  const [location = "", ...others] = new Set(headers.getAll("location"));
  if (location === "" || others.length > 0) return "";
  const shown = redactUrl(location, request.secretParams);
  return ` to ${shown.length > 200 ? `${shown.slice(0, 200)}…` : shown}`;
}

function refuse(from: string, to: string, policy: RedirectPolicy, response: Response): void {
  const refused = refusal(from, to, policy);
  if (refused === undefined) return;
  throw new RedirectError("refused", `The redirect to ${to} was not followed: ${refused}`, response);
}

/** A browser was not let follow: it carries every header but `Authorization` wherever a redirect leads. */
function hidden(from: Request, response: Response, { mode, keepHeaders }: RedirectPolicy): RedirectError {
  if (mode === "error") {
    return new RedirectError("forbidden", 'A redirect came, and `redirect` is "error"', response);
  }
  const { flat, secretNames } = from.headers;
  const { withheld } = headersForNextHop(flat, {
    crossing: true,
    bodyDropped: false,
    keepHeaders,
    secretNames,
  });
  const names = withheld.filter((name) => name.toLowerCase() !== "authorization").join(", ");
  return new RedirectError(
    "refused",
    `The redirect was not followed: a browser does not say where it leads, and would take along ${names}`,
    response,
    {
      hint: "Ask for the URL that it leads to, or name them in `redirect.keepHeaders` if any server may see them.",
    },
  );
}
