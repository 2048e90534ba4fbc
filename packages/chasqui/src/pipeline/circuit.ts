import { CircuitOpenError } from "../errors/circuit-open-error.ts";
import type { Outcome } from "../load/breaker.ts";
import { isServerFault } from "./server-fault.ts";
import type { Stage } from "./stage.ts";

/** Around each attempt: asks whether the origin is left alone, and tells what became of the attempt. */
export const circuit: Stage = (next) => async (request, context) => {
  const circuits = context.settings.circuit;
  if (circuits === undefined) return next(request, context);
  const { clock } = context;
  const entered = circuits.breakers.at(request.origin, clock.now()).enter(clock.now());
  if (typeof entered === "number") {
    context.note("circuit", `open: ${request.origin} is left alone`);
    throw new CircuitOpenError(request.origin, entered);
  }
  try {
    const response = await next(request, context);
    entered(circuits.policy.statuses.includes(response.status) ? "failure" : "success", clock.now());
    return response;
  } catch (error) {
    entered(outcomeOf(error), clock.now());
    throw error;
  }
};

/** A caller whose credentials cannot be had says nothing of the server. */
function outcomeOf(error: unknown): Outcome {
  return isServerFault(error) ? "failure" : "neutral";
}
