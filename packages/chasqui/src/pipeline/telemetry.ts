import type { Response } from "../response/response.ts";
import type { TelemetryEnd } from "../telemetry.ts";
import { phasesOf } from "../trace/phases.ts";
import type { ExchangeRecord } from "../trace/trace.ts";
import type { CallContext } from "./call-context.ts";
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

/** What is known of the exchange that began first since then: a middleware may have asked more than once. */
function factsSince(before: number, { root }: CallContext): Omit<TelemetryEnd, "response" | "error"> {
  let first: ExchangeRecord | undefined;
  for (
    let record = root.lastExchange;
    record !== undefined && record.order >= before;
    record = record.previous
  ) {
    first = record;
  }
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
