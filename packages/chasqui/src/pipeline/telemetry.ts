import type { Response } from "../response/response.ts";
import type { TelemetryEnd } from "../telemetry.ts";
import { phasesOf } from "../trace/phases.ts";
import type { CallContext } from "./call-context.ts";
import { firstSince } from "./first-since.ts";
import type { Stage } from "./stage.ts";

/** Around each exchange: a span, for whoever measures and traces. What that throws is dropped. */
export const telemetry: Stage = (next) => async (request, context) => {
  const before = context.root.noted;
  const span = started(() =>
    context.settings.telemetry?.start({
      request,
      resends: context.root.attempts,
      atHome: !context.crossed && request.origin === context.boundOrigin,
      template: context.history.length === 0 ? context.template : undefined,
    }),
  );
  if (span === undefined) return next(request, context);
  let exchange: Promise<Response> | undefined;
  const made = (): Promise<Response> => {
    exchange ??= next(request, context);
    return exchange;
  };
  started(() => {
    const ran: unknown = span.run(made);
    // One that waits for it is told of its failure, as the call is.
    if (ran instanceof Promise) ran.catch(() => {});
  });
  try {
    const response = await made();
    ended(() => span.end({ response, ...factsSince(before, context) }));
    return response;
  } catch (error) {
    ended(() => span.end({ error, ...factsSince(before, context) }));
    throw error;
  }
};

function factsSince(before: number, context: CallContext): Omit<TelemetryEnd, "response" | "error"> {
  const first = firstSince(before, context);
  const connection = first?.timing.connection;
  return {
    phases: first === undefined ? {} : phasesOf(first.timing),
    remoteAddress: connection?.remoteAddress,
    protocol: connection?.protocol,
  };
}

function started<T>(start: () => T): T | undefined {
  try {
    return start();
  } catch {
    return undefined;
  }
}

function ended(end: () => void): void {
  try {
    end();
  } catch {
    // Whoever looks must not end what it looks at.
  }
}
