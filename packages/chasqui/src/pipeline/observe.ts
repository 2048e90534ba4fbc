import { CallerError } from "../errors/caller-error.ts";
import { ChasquiError, suppress } from "../errors/chasqui-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Request } from "../request/request.ts";
import { isResponse, type Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import { firstSince } from "./first-since.ts";
import { letGo } from "./let-go.ts";
import { type LogFields, logLine } from "./log-line.ts";
import { isServerFault } from "./server-fault.ts";
import type { Stage } from "./stage.ts";

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Around the call: what it came to is logged, 4xx to be looked into, 5xx and failures as errors, and alerts go out. */
export const observeCall: Stage = (next) => async (request, context) => {
  const { log, hooks } = context.settings;
  let response: Response;
  try {
    response = await next(request, context);
  } catch (error) {
    const failure: unknown = context.adopt(error);
    if (log !== undefined) {
      const { attempts } = context.root;
      const fields = {
        ...asked(context),
        ...(attempts > 0 ? { attempt: attempts } : {}),
        ...codeOf(failure),
      };
      logLine(context, "error", `${told(context)} failed: ${inWords(failure)}`, fields);
    }
    if (failure instanceof ChasquiError && isServerFault(failure)) await alert(failure, request, context);
    throw failure;
  }
  const { status } = response;
  if (status < 400) return response;
  if (log !== undefined) {
    const fields = { ...asked(context), status, attempt: context.root.attempts };
    logLine(context, status >= 500 ? "error" : "warn", `${told(context)} ended in ${status}`, fields);
  }
  try {
    const event = { request: context.request ?? request, response, attempts: context.root.attempts };
    if (status < 500) for (const hook of hooks?.onClientError ?? []) await hook(event);
    else for (const hook of hooks?.onServerError ?? []) await hook({ ...event, error: undefined });
  } catch (error) {
    letGo(response, undefined, context);
    throw error;
  }
  return response;
};

/** Tells of a failure. One of these hooks that throws hides neither the failure nor keeps the next from being told. */
async function alert(error: ChasquiError, request: Request, context: CallContext): Promise<void> {
  const { hooks } = context.settings;
  const event = {
    request: context.request ?? request,
    response: undefined,
    error,
    attempts: context.root.attempts,
  };
  for (const hook of hooks?.onServerError ?? []) {
    try {
      await hook(event);
    } catch (thrown) {
      suppress(error, thrown);
      logLine(context, "error", `${told(context)}: onServerError threw ${inWords(thrown)}`, asked(context));
    }
  }
}

function told(context: CallContext): string {
  const { method = "", url = "" } = asked(context);
  return `${method} ${url}`;
}

function asked({ request }: CallContext): Pick<LogFields, "method" | "url"> {
  if (request === undefined) return {};
  const { method, url } = request.toJSON();
  return { method, url };
}

function codeOf(error: unknown): Pick<LogFields, "code"> {
  return error instanceof ChasquiError ? { code: error.code } : {};
}

/** Around each exchange: hooks, and one line a hop (#136). */
export const observeExchange: Stage = (next) => async (request, context) => {
  const { log, hooks } = context.settings;
  const { attempt } = context;
  for (const hook of hooks?.onRequest ?? []) await hook(request, context.options);
  const startedAt = context.clock.now();
  const { noted } = context.root;
  let response: Response;
  try {
    response = await next(request, context);
  } catch (error) {
    if (log !== undefined) {
      const ms = Math.round(context.clock.now() - startedAt);
      const { method, url } = request.toJSON();
      // As the trace tells it: what only stood in line is no attempt, and the next one has the number that this one would have had.
      const sent = firstSince(noted, context)?.timing.inLine === false;
      const line = `${method} ${url} → ${inWords(error)} (${ms} ms, ${sent ? `attempt ${attempt}` : "nothing was sent"})`;
      const fields = { method, url, ...(sent ? { attempt } : {}), duration: ms, ...codeOf(error) };
      logLine(context, "debug", line, fields);
    }
    throw error;
  }
  if (log !== undefined) {
    const ms = Math.round(context.clock.now() - startedAt);
    const { method, url } = request.toJSON();
    const { status } = response;
    const line = `${method} ${url} → ${status} (${ms} ms, attempt ${attempt})`;
    logLine(context, "debug", line, { method, url, attempt, status, duration: ms });
  }
  try {
    for (const hook of hooks?.onResponse ?? []) {
      const replacement = await hook(response, context.options);
      if (replacement === undefined || replacement === response) continue;
      if (!isResponse(replacement)) {
        throw new CallerError(`\`hooks.onResponse\` answered ${kindOf(replacement)}, not a response`, {
          hint: "It answers nothing, or what response.with() gives.",
        });
      }
      letGo(response, replacement, context);
      response = replacement;
    }
  } catch (error) {
    letGo(response, undefined, context);
    throw error;
  }
  return response;
};
