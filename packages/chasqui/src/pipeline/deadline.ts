import { TimeoutError } from "../errors/timeout-error.ts";
import { letGo } from "./let-go.ts";
import { signalError } from "./signal-error.ts";
import type { Stage } from "./stage.ts";

/**
 * One budget for the whole call, the caller's signal, and the closing of the client. It answers at once, whatever the stages
 * below are busy with: a token provider or a middleware knows nothing of these.
 */
export const deadline: Stage = (next) => (request, context) => {
  const { signal } = context.settings;
  const { total } = context.timeouts;
  if (signal?.aborted) return Promise.reject(signalError(signal));
  return new Promise((resolve, reject) => {
    let late = false;
    context.whenCancelled((reason) => {
      late = true;
      reject(reason);
    });
    const onAbort = (): void => {
      if (signal !== undefined) context.cancel(signalError(signal));
    };
    // One listener a call, gone when it settles (P21).
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer =
      total > 0
        ? context.clock.timer(total, () => context.cancel(new TimeoutError("total", total)))
        : undefined;
    if (total > 0) context.deadline = context.startedAt + total;
    context.atSettle(() => {
      timer?.cancel();
      signal?.removeEventListener("abort", onAbort);
    });
    // Until the response is there: a body that is read then is the transport's to end.
    const unlisten = context.closing.listen((reason) => context.cancel(reason));
    if (late) return;
    next(request, context).then(
      (response) => {
        unlisten();
        if (late) letGo(response, undefined, context);
        else resolve(response);
      },
      (error) => {
        unlisten();
        reject(error);
      },
    );
  });
};
