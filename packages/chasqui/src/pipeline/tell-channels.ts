import type { CallContext } from "./call-context.ts";
import { heard, type Told } from "./channels.ts";
import type { Stage } from "./stage.ts";

/** Around the call: tells whoever listens on the channels of the process. */
export const tellCall: Stage = (next) => async (request, context) => {
  tell("chasqui:call:start", context, { request });
  try {
    const response = await next(request, context);
    tell("chasqui:call:end", context, { request, response });
    return response;
  } catch (error) {
    tell("chasqui:call:end", context, { request, error: context.adopt(error) });
    throw error;
  }
};

/** Around each exchange. */
export const tellExchange: Stage = (next) => async (request, context) => {
  const { attempt } = context;
  tell("chasqui:exchange:start", context, { request, attempt });
  try {
    const response = await next(request, context);
    tell("chasqui:exchange:end", context, { request, response, attempt });
    return response;
  } catch (error) {
    tell("chasqui:exchange:end", context, { request, error, attempt });
    throw error;
  }
};

function tell(name: Told, context: CallContext, message: object): void {
  const channel = heard(name);
  if (channel === undefined) return;
  channel.publish({ call: context.id, ...message });
}
