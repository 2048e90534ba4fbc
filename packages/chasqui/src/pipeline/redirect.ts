import { RedirectError } from "../errors/redirect-error.ts";
import { Headers } from "../request/headers.ts";
import type { Request } from "../request/request.ts";
import { resolveLocation } from "../request/url.ts";
import type { Response } from "../response/response.ts";
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
    if (verdict?.kind !== "redirect") return response;
    current = nextHop(current, response, context);
    context.note("redirect", `${response.status} to ${current.toJSON().url}`);
    context.history = [...context.history, response];
  }
};

function nextHop(from: Request, response: Response, context: CallContext): Request {
  const policy = context.settings.redirect;
  if (response.status === 0) throw hidden(from, response, policy);
  if (response.request.origin !== from.origin) refuse(from.origin, response.request.origin, policy, response);
  if (policy.mode === "error") {
    throw new RedirectError(
      "forbidden",
      `A redirect came (${response.status}), and \`redirect\` is "error"`,
      response,
    );
  }
  if (context.history.filter(({ status }) => status < 400).length >= policy.max) {
    throw new RedirectError("too-many", `More than ${policy.max} redirects`, response, {
      hint: "The server sends the call in a circle, or `redirect.max` is too low.",
    });
  }
  const [location = "", ...others] = new Set(response.headers.getAll("location"));
  if (others.length > 0) {
    // RFC 9110 5.3: it is no list, and whoever added the second line may be another than who wrote the first.
    throw new RedirectError("invalid", "The redirect was not followed: it has several Locations", response);
  }
  const to = resolveLocation(location, from.url);
  if ("problem" in to) {
    const kind = to.scheme === undefined ? "invalid" : "refused";
    throw new RedirectError(kind, `The redirect was not followed: its Location ${to.problem}`, response);
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
  if (crossing) context.crossed = true;
  const { headers, withheld } = headersForNextHop(from.headers.flat, {
    crossing,
    bodyDropped,
    keepHeaders: policy.keepHeaders,
    secretNames: from.headers.secretNames,
  });
  if (withheld.length > 0) context.withheld = [...context.withheld, ...withheld];
  return from.with({
    method,
    origin: to.origin,
    target: withoutRepeatedSecrets(
      to.href.slice(to.origin.length),
      response.request,
      crossing || context.crossed,
    ),
    fragment: to.fragment,
    headers: Headers.fromFlat(headers, from.headers.secretNames),
    ...(bodyDropped ? { body: undefined } : {}),
    credentialQuery: "",
  });
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
