import { CookieJar } from "../cookies/cookie-jar.ts";
import type { Request } from "../request/request.ts";
import { revealed } from "../secret.ts";
import type { CallContext } from "./call-context.ts";
import { letGo } from "./let-go.ts";
import type { Stage } from "./stage.ts";

/** The jar: its cookies go out with a request, and what a response sets comes in; anew at each hop (#74, #79). */
export const cookies: Stage = (next) => async (request, context) => {
  const { jar } = context;
  let outgoing = request;
  if (jar?.jar !== undefined || context.settings.cookies !== undefined) {
    const sent = await cookieHeader(request, context);
    if (sent !== undefined) {
      outgoing = request.with({ credentialHeaders: request.credentialHeaders });
      outgoing.headers.set("cookie", sent);
    }
  }
  const response = await next(outgoing, context);
  if (jar === undefined || response === context.cookieless) return response;
  const lines = response.headers.getSetCookie();
  if (lines.length > 0) {
    jar.jar ??= new CookieJar({ now: () => context.clock.date() });
    try {
      await jar.jar.setCookies(request.url, lines);
    } catch (error) {
      letGo(response, undefined, context);
      throw error;
    }
  }
  return response;
};

/** The call's own cookies first, those of a Cookie header set by hand among them; the jar adds names that they lack (#82). */
export async function cookieHeader(request: Request, context: CallContext): Promise<string | undefined> {
  const stored = context.jar?.jar === undefined ? "" : await context.jar.jar.getCookieHeader(request.url);
  return mergedCookies(request, stored, context);
}

/** The same with what the jar has. */
export function mergedCookies(request: Request, stored: string, context: CallContext): string | undefined {
  const own = ownCookies(request, context);
  if (own.length === 0) return stored === "" ? undefined : stored;
  const names = new Set(own.map(nameOf));
  const added = stored.split("; ").filter((pair) => pair !== "" && !names.has(nameOf(pair)));
  return [...own, ...added].join("; ");
}

function ownCookies(request: Request, context: CallContext): string[] {
  const byHand = request.headers.get("cookie");
  const pairs = byHand === null ? [] : byHand.split(";").map((pair) => pair.trim());
  const { cookies } = context.settings;
  // Cookies of a call are bound to its origin, as its credentials are (S37).
  if (cookies === undefined || cookies === false || context.crossed || request.origin !== context.boundOrigin)
    return pairs;
  const given = Object.entries(cookies).map(([name, value]) => `${name}=${revealed(value)}`);
  const names = new Set(given.map(nameOf));
  return [...pairs.filter((pair) => !names.has(nameOf(pair))), ...given];
}

function nameOf(pair: string): string {
  const at = pair.indexOf("=");
  return at < 0 ? pair : pair.slice(0, at);
}
