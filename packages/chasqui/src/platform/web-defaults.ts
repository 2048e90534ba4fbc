import { keepsHeader } from "../transport/keeps-header.ts";
import { VERSION } from "../version.ts";

/** Whether the runtime keeps cookies by itself, and shows nobody which it sends: browsers. */
export const RUNTIME_KEEPS_COOKIES: boolean = !keepsHeader("cookie");

/** A browser sets the rest by itself, and forbids that we do; what a runtime decodes it asks for. */
export const DEFAULT_HEADERS: readonly string[] = RUNTIME_KEEPS_COOKIES
  ? ["accept", "*/*"]
  : ["accept", "*/*", "user-agent", `chasqui/${VERSION}`];

/** The client behind the verbs keeps nothing from call to call; a browser does, as with any `fetch` of the page. */
export const SESSIONLESS: { readonly cookies?: false } = RUNTIME_KEEPS_COOKIES ? {} : { cookies: false };
