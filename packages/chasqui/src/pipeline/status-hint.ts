import { authElsewhere } from "../auth/lookup.ts";
import type { Headers } from "../request/headers.ts";
import type { Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";

/**
 * Why a server may have said no: a body that cannot be sent again, no credentials where it asks for some, or a redirect that
 * crossed a border and left something behind (D19). Names, never values.
 */
export function statusHint(
  { status, headers }: Pick<Response, "status" | "headers">,
  call: CallContext,
): string | undefined {
  if (call.unanswered && (call.auth?.statuses?.includes(status) ?? status === 401)) {
    return `The ${status} could be answered, but the body is a stream that can be sent once: give \`body\` as a function that makes it.`;
  }
  if (status !== 401 && status !== 403) return call.whyNotRetried;
  if (!call.crossed) {
    if (status !== 401) return undefined;
    if (call.auth === undefined) {
      return call.request?.headers.has("authorization") === true
        ? "The server has refused the credentials in `Authorization`, which `headers` or the URL gave."
        : (schemeHint(headers, call) ?? credentialsHint(headers, call));
    }
    return call.request?.credentialHeaders.size === 0 && call.request.wireTarget() === call.request.target
      ? [
          "`auth` has sent nothing, since it has no answer to what the server asks for.",
          schemeHint(headers, call),
        ]
          .filter(Boolean)
          .join(" ")
      : "The server has refused the credentials of `auth`.";
  }
  const told: string[] = [];
  if (call.auth !== undefined && authElsewhere(call.auth) === undefined) {
    told.push("A redirect led to another origin, where the credentials of `auth` do not go.");
  }
  if (call.withheld.length > 0) {
    const names = [...new Set(call.withheld)].join(", ");
    told.push(
      `A redirect to another origin left these headers behind: ${names}. Name them in \`redirect.keepHeaders\` if that server may see them.`,
    );
  }
  return told.length === 0 ? undefined : told.join(" ");
}

/** Of a 401 that asks for what there is no `auth` for, or does not say what it asks for, to a call without anything that is secret. */
function credentialsHint(headers: Headers, call: CallContext): string | undefined {
  const scheme = /^\s*([\w-]{1,40})(?:[\s,]|$)/.exec(headers.get("www-authenticate") ?? "")?.[1];
  if (scheme !== undefined) {
    return `The server asks for credentials of the scheme ${scheme}: \`auth\` as a function can give them.`;
  }
  const { url, headers: sent } = call.request?.toJSON() ?? { url: "", headers: {} };
  if ([url, ...Object.values(sent)].some((text) => text.includes("***"))) return undefined;
  return "The call had no credentials: `auth` takes bearer(token), apiKey(key) or [user, password].";
}

/** What would answer the challenge of a 401 to a call that brought no credentials. */
function schemeHint(headers: Headers, call: CallContext): string | undefined {
  if (call.request?.headers.has("authorization") === true) return undefined;
  const asked = headers.get("www-authenticate") ?? "";
  const known = { digest: "digest(user, password)", bearer: "bearer(token)", basic: "[user, password]" };
  const auth = Object.entries(known).find(([scheme]) =>
    new RegExp(`(?:^|,)\\s*${scheme}(?:[\\s,]|$)`, "i").test(asked),
  )?.[1];
  if (auth === undefined) return undefined;
  return `The server asks for credentials: auth: ${auth}.`;
}
