import { ChasquiError, suppress } from "../errors/chasqui-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { Request } from "../request/request.ts";
import type { Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import { logLine } from "./log-line.ts";
import type { FailedAttempt } from "./retry-policy.ts";
import { retryVerdict } from "./retry-timing.ts";
import type { Stage } from "./stage.ts";

/** The attempts of one hop; how many there may be is counted over the call. */
export const retry: Stage = (next) => async (request, context) => {
  for (;;) {
    let wait: { readonly delay: number; readonly reason: string } | undefined;
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
    context.retries++;
    try {
      await announce(request, context, wait);
    } catch (thrown) {
      if (failure === undefined) throw thrown;
      suppress(failure, thrown);
      throw failure;
    }
    await context.sleep(wait.delay);
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
  context.retries++;
  try {
    await announce(request, context, wait);
  } catch (thrown) {
    suppress(error, thrown);
    throw error;
  }
  await context.sleep(wait.delay);
  return true;
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
function waitAfter(
  error: ChasquiError,
  request: Request,
  context: CallContext,
): { delay: number; reason: string } | undefined {
  const policy = context.settings.retry;
  if (policy === undefined || context.cancelled !== undefined) return undefined;
  const verdict = retryVerdict({
    policy,
    method: request.method,
    attempt: context.retries + 1,
    inARow: context.retries - context.retriesBefore + 1,
    failure: {
      kind: "error",
      error: failedAttempt(error),
      requestWritten: context.written,
    },
    // A body is opened when it is written: one that can be read once is whole if the connection never came.
    bodyReplayable: !context.written || (request.body?.replayable ?? true),
    now: context.clock.date(),
    random: context.random,
  });
  if (!verdict.retry || context.clock.now() + verdict.delay >= context.deadline) return undefined;
  return verdict;
}

async function announce(
  request: Request,
  context: CallContext,
  wait: { readonly delay: number; readonly reason: string },
): Promise<void> {
  const { log, hooks } = context.settings;
  const attempt = context.retries;
  if (log !== undefined) {
    const { method, url } = request.toJSON();
    logLine(
      log,
      "warn",
      `${method} ${url}: attempt ${attempt} failed (${wait.reason}), next in ${Math.round(wait.delay)} ms`,
    );
  }
  for (const hook of hooks?.onRetry ?? []) {
    await hook({ request, attempt, delay: wait.delay, reason: wait.reason });
  }
}
