import { CallerError } from "../errors/caller-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import { kindOf } from "../request/kind-of.ts";
import type { Request } from "../request/request.ts";
import { isResponse, type Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import { letGo } from "./let-go.ts";

/** Takes a request on its way, and answers. */
export type Handler = (request: Request, context: CallContext) => Promise<Response>;

/** A stage of the pipeline: wraps the rest of it. */
export type Stage = (next: Handler) => Handler;

/** The rest of the pipeline, as a middleware sees it. */
export type Next = (request: Request) => Promise<Response>;

/**
 * A middleware of the user's. As `use` it stands around the call, redirects and retries included; as `wire` around each
 * exchange. It answers what `next` answers, or something else. It may call `next` again, one after the other or beside one
 * another; of the responses that it got, those that it does not answer are closed when it is done, unless their bodies are
 * being read.
 *
 * `next` throws an `OptionsError` when it is not given a request.
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

/** By its shape: it may have been built by another copy of the library. */
export function isRequest(value: unknown): value is Request {
  return typeof value === "object" && value !== null && "with" in value && "origin" in value;
}

/** A middleware as a stage. */
export function asStage(middleware: Middleware, option: "use" | "wire"): Stage {
  return (next) => async (request, context) => {
    const given: Response[] = [];
    let over = false;
    const ask: Next = async (changed) => {
      if (!isRequest(changed)) {
        throw new OptionsError(`next() takes a request, not ${kindOf(changed)}`, {
          option,
          hint: "Give it the request that the middleware got, or what request.with() makes of it.",
        });
      }
      const response = await next(changed, context);
      if (over) letGo(response, undefined, context);
      else given.push(response);
      return response;
    };
    let answer: Response | undefined;
    try {
      const answered: unknown = await middleware(request, ask);
      if (isResponse(answered)) {
        answer = answered;
        return answer;
      }
      throw new CallerError(`A middleware answered ${kindOf(answered)}, not a response`, {
        hint: "It answers what next() gives: `return next(request)`.",
      });
    } finally {
      over = true;
      for (const response of given) letGo(response, answer, context);
    }
  };
}

/** What is changed in the request of one exchange is not there at the next one. */
export const ownRequest: Stage = (next) => (request, context) =>
  next(request.with({ credentialHeaders: request.credentialHeaders }), context);
