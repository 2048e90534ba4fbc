import { OptionsError } from "./errors/options-error.ts";
import { kindOf } from "./request/kind-of.ts";
import type { RaiseOption } from "./request/options.ts";
import type { Response } from "./response/response.ts";

/**
 * A response whose data are asked for.
 *
 * @throws {HttpError} at a status that raises by the option `raise`. The body is let go then.
 */
export function raisedAt(response: Response, raise: RaiseOption | undefined): Response {
  if (raise === false) return response;
  try {
    if (typeof raise !== "function") return response.raiseForStatus();
    const answer: unknown = raise(response);
    if (typeof answer !== "boolean") {
      throw new OptionsError(`\`raise\` gave ${kindOf(answer)}, not true or false`, {
        option: "raise",
        hint: "It decides by status and headers, so it is not asynchronous.",
      });
    }
    if (!answer) return response;
    throw response.statusError();
  } catch (error) {
    // Its body may not have been read ahead as that of a 4xx is, and nobody will read it now.
    response.close().catch(() => {});
    throw error;
  }
}
