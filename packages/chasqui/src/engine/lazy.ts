/** The twin of `eager.ts` in browsers, where the engine is loaded when it is needed. */
import type { Response } from "../response/response.ts";
import type { ResponseOwner } from "../response/response-parts.ts";
import { engine } from "./load.ts";

export { SESSIONLESS } from "../platform/web-defaults.ts";
export { LateSession as Session } from "./late-session.ts";

/** Whether nothing of a response's body is left to come. */
export function isWhole(response: Response): boolean {
  // Who has a response has the engine that made it.
  return engine === undefined || engine.isWhole(response);
}

/** The call of a response; undefined where another copy of the library made the response. */
export function ownerOf(response: Response): ResponseOwner | undefined {
  return engine?.ownerOf(response);
}
