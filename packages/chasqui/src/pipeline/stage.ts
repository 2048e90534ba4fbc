import { CallerError } from "../errors/caller-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Request } from "../request/request.ts";
import { isResponse, type Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";

/** Takes a request on its way, and answers. */
export type Handler = (request: Request, context: CallContext) => Promise<Response>;

/** A stage of the pipeline: wraps the rest of it. */
export type Stage = (next: Handler) => Handler;

/** The rest of the pipeline, as a middleware sees it. */
export type Next = (request: Request) => Promise<Response>;

/**
 * A middleware of the user's. As `use` it stands around the call, redirects and retries included; as `wire` around each
 * exchange. It answers what `next` answers, or something else.
 *
 * @example
 * ```ts
 * import { Client, type Middleware } from "chasqui";
 * const stamped: Middleware = async (request, next) => {
 *   request.headers.set("x-stamp", "1");
 *   return next(request);
 * };
 * await using client = new Client({ baseUrl: "http://localhost:4010", use: [stamped] });
 * await client.get("/echo");
 * ```
 */
export type Middleware = (request: Request, next: Next) => Promise<Response>;

/** A middleware as a stage. */
export function asStage(middleware: Middleware): Stage {
  return (next) => async (request, context) => {
    const response: unknown = await middleware(request, (changed) => next(changed, context));
    if (isResponse(response)) return response;
    throw new CallerError(`A middleware answered ${kindOf(response)}, not a response`, {
      hint: "It answers what next() gives: `return next(request)`.",
    });
  };
}

/** What is changed in the request of one exchange is not there at the next one. */
export const ownRequest: Stage = (next) => (request, context) => next(request.with({}), context);
