import { CallerError } from "../errors/caller-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { kindOf } from "../request/kind-of.ts";
import { isResponse, type Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import type { Stage } from "./stage.ts";

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Around the call: what it came to is logged, 4xx to be looked into, 5xx and failures as errors, and alerts go out. */
export const observeCall: Stage = (next) => async (request, context) => {
  const { log, hooks } = context.settings;
  let response: Response | undefined;
  let failure: unknown;
  try {
    response = await next(request, context);
    return response;
  } catch (error) {
    failure = context.adopt(error);
    throw error;
  } finally {
    if (response === undefined) log?.error(`${told(context)} failed: ${inWords(failure)}`);
    else if (response.status >= 500) log?.error(`${told(context)} ended in ${response.status}`);
    else if (response.status >= 400) log?.warn(`${told(context)} ended in ${response.status}`);
    if (
      response === undefined
        ? failure instanceof ChasquiError && countsAsServerError(failure)
        : response.status >= 500
    ) {
      const error = failure instanceof ChasquiError ? failure : undefined;
      const event = { request: context.request ?? request, response, error, attempts: context.attempts };
      for (const hook of hooks?.onServerError ?? []) await hook(event);
    }
  }
};

/** A server that cannot be reached or does not answer in time is as bad as one that answers 500. */
function countsAsServerError(error: ChasquiError): boolean {
  if (error.code === "ERR_NETWORK") return true;
  return error.code === "ERR_TIMEOUT" && !("phase" in error && error.phase === "signal");
}

function told(context: CallContext): string {
  const { method = "", url = "" } = context.request?.toJSON() ?? {};
  return `${method} ${url}`;
}

/** Around each exchange: hooks, and one line a hop (#136). */
export const observeExchange: Stage = (next) => async (request, context) => {
  const { log, hooks } = context.settings;
  for (const hook of hooks?.onRequest ?? []) await hook(request);
  const startedAt = context.clock.now();
  let response: Response;
  try {
    response = await next(request, context);
  } catch (error) {
    const ms = Math.round(context.clock.now() - startedAt);
    const { method, url } = request.toJSON();
    log?.debug(`${method} ${url} → ${inWords(error)} (${ms} ms, attempt ${context.attempts})`);
    throw error;
  }
  if (log !== undefined) {
    const ms = Math.round(context.clock.now() - startedAt);
    const { method, url } = request.toJSON();
    log.debug(`${method} ${url} → ${response.status} (${ms} ms, attempt ${context.attempts})`);
  }
  try {
    for (const hook of hooks?.onResponse ?? []) {
      const replacement = await hook(response);
      if (replacement === undefined || replacement === response) continue;
      if (!isResponse(replacement)) {
        throw new CallerError(`\`hooks.onResponse\` answered ${kindOf(replacement)}, not a response`, {
          hint: "It answers nothing, or what response.with() gives.",
        });
      }
      response = replacement;
    }
  } catch (error) {
    await response.close();
    throw error;
  }
  return response;
};
