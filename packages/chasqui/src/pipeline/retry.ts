import { ChasquiError, suppress, tellHint } from "../errors/chasqui-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { Request } from "../request/request.ts";
import type { Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import { logLine } from "./log-line.ts";
import { type Wait, waitAfterFailure } from "./retry-decision.ts";
import type { FailedAttempt } from "./retry-policy.ts";
import type { Stage } from "./stage.ts";

/** The attempts of one hop; how many there may be is counted over the call. */
export const retry: Stage = (next) => async (request, context) => {
  for (;;) {
    let wait: Wait | undefined;
    let response: Response | undefined;
    let failure: ChasquiError | undefined;
    try {
      response = await next(request, context);
      const verdict = context.verdictOf(response);
      if (verdict?.kind !== "retry") return response;
      wait = verdict;
    } catch (error) {
      if (!(error instanceof ChasquiError)) throw error;
      wait = waitAfter(error, request, context);
      if (wait === undefined) throw error;
      failure = error;
    }
    context.countRetry(wait.after);
    try {
      await announce(request, context, wait);
    } catch (thrown) {
      if (failure === undefined) throw thrown;
      suppress(failure, thrown);
      throw failure;
    }
    await waitFor(wait, context);
  }
};

/** Waits for the attempt that follows a failure of a body that was being read; false where none follows. */
export async function nextAttempt(
  error: ChasquiError,
  request: Request,
  context: CallContext,
): Promise<boolean> {
  const wait = waitAfter(error, request, context);
  if (wait === undefined) return false;
  context.countRetry(wait.after);
  try {
    await announce(request, context, wait);
  } catch (thrown) {
    suppress(error, thrown);
    throw error;
  }
  await waitFor(wait, context);
  return true;
}

async function waitFor({ delay, reason }: Wait, context: CallContext): Promise<void> {
  const from = context.clock.now();
  try {
    await context.sleep(delay);
  } finally {
    context.note("retry", reason, from);
  }
}

/** What is known of an error that ended an attempt. */
export function failedAttempt(error: ChasquiError): FailedAttempt {
  return {
    code: error.code,
    ...(error instanceof TimeoutError ? { phase: error.phase } : {}),
    ...(error instanceof NetworkError ? { networkKind: error.kind } : {}),
  };
}

/** Whether a failure is followed by another attempt, and after how long. */
function waitAfter(error: ChasquiError, request: Request, context: CallContext): Wait | undefined {
  const failure = {
    kind: "error",
    error: failedAttempt(error),
    requestWritten: context.written && !(error instanceof NetworkError && error.unprocessed),
  } as const;
  // A body is opened when it is written: one that can be read once is whole if the connection never came.
  const replayable = !context.written || (request.body?.replayable ?? true);
  const wait = waitAfterFailure(failure, request, replayable, context);
  const why = context.whyNotRetried;
  if (wait === undefined && why !== undefined) {
    tellHint(error, error.hint === undefined ? why : `${error.hint} ${why}`);
  }
  return wait;
}

async function announce(request: Request, context: CallContext, wait: Wait): Promise<void> {
  const { log, hooks } = context.settings;
  const attempt = context.retries;
  if (log !== undefined) {
    const { method, url } = request.toJSON();
    const delay = Math.round(wait.delay);
    const line = `${method} ${url}: attempt ${attempt} failed (${wait.reason}), next in ${delay} ms`;
    logLine(context, "warn", line, { method, url, attempt, delay });
  }
  for (const hook of hooks?.onRetry ?? []) {
    await hook({ request, attempt, delay: wait.delay, reason: wait.reason });
  }
}
