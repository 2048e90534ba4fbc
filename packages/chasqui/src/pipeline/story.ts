import { CookieJar } from "../cookies/cookie-jar.ts";
import { authorize } from "./authorize.ts";
import { cache, stamp } from "./cache.ts";
import type { CallContext } from "./call-context.ts";
import { anyHeard } from "./channels.ts";
import { circuit } from "./circuit.ts";
import { cookies } from "./cookies.ts";
import { deadline } from "./deadline.ts";
import { dedupe } from "./dedupe.ts";
import { hedge } from "./hedge.ts";
import { numbered } from "./numbered.ts";
import { observeCall, observeExchange } from "./observe.ts";
import { progress } from "./progress.ts";
import { redirect } from "./redirect.ts";
import { retry } from "./retry.ts";
import { asStage, type Handler, type Middleware, ownRequest, type Stage } from "./stage.ts";
import { telemetry } from "./telemetry.ts";
import { tellCall, tellExchange } from "./tell-channels.ts";
import { throttle } from "./throttle.ts";
import { transfer } from "./transfer.ts";

export { readyRequest } from "./ready-request.ts";

/** The middleware of a client. */
export interface Middlewares {
  readonly use: readonly Middleware[];
  readonly wire: readonly Middleware[];
}

type Needed = (context: CallContext) => boolean;
type Line = readonly [needed: Needed, stage: Stage];

const always: Needed = () => true;
/** Whether the call can be given up while it waits for what is no exchange: for code of the caller's, that is. */
const bounded: Needed = ({ settings, timeouts, auth, jar }) =>
  settings.signal !== undefined ||
  timeouts.total > 0 ||
  auth !== undefined ||
  settings.hooks !== undefined ||
  settings.cache?.foreign === true ||
  // A subclass of our own jar, or one that was changed, may wait for a disk as well as any other store.
  (jar?.jar !== undefined && !CookieJar.isPlain(jar.jar));
const observed: Needed = ({ settings }) => settings.log !== undefined || settings.hooks !== undefined;
const measured: Needed = ({ settings }) => settings.telemetry !== undefined;
const dedupes: Needed = ({ settings }) => settings.dedupe;
const breaks: Needed = ({ settings }) => settings.circuit !== undefined;
const hedges: Needed = ({ settings }) => settings.hedge !== undefined;
const authorized: Needed = ({ auth }) => auth !== undefined && auth.signs !== true;
const signed: Needed = ({ auth }) => auth?.signs === true;
const watched: Needed = ({ settings }) => settings.onProgress !== undefined;
const transfers: Needed = (context) => context.transfer !== undefined;
const caches: Needed = ({ settings }) => settings.cache !== undefined;
const retries: Needed = ({ settings }) => settings.retry !== undefined;
const throttled: Needed = ({ settings }) => settings.throttle !== undefined;
const keepsCookies: Needed = ({ settings, jar }) => jar !== undefined || typeof settings.cookies === "object";

/**
 * The way of a request, outermost first. A stage that a call does not need is not in its list.
 */
function storyOf({ use, wire }: Middlewares): readonly Line[] {
  return [
    [use.length + wire.length > 0 ? always : bounded, deadline],
    [anyHeard, tellCall],
    [observed, observeCall],
    ...use.map((middleware) => [always, asStage(middleware, "use")] as const),
    [watched, progress],
    [transfers, transfer],
    [dedupes, dedupe()],
    [always, redirect],
    [caches, cache],
    [retries, retry],
    [breaks, circuit],
    [hedges, hedge],
    [authorized, authorize],
    [throttled, throttle],
    [keepsCookies, cookies],
    [
      ({ settings }) => wire.length > 0 || settings.hooks !== undefined || settings.telemetry !== undefined,
      ownRequest,
    ],
    [caches, stamp],
    [measured, telemetry],
    ...wire.map((middleware) => [always, asStage(middleware, "wire")] as const),
    [(context) => anyHeard() || observed(context), numbered],
    [anyHeard, tellExchange],
    [observed, observeExchange],
    // Last, so that it signs what goes out.
    [signed, authorize],
  ];
}

/** The stages of a client: they are put together once for each set of them that its calls need. */
export class Story {
  readonly #lines: readonly Line[];
  readonly #exchange: Handler;
  readonly #compiled = new Map<number, Handler>();

  constructor(middlewares: Middlewares, exchange: Handler) {
    this.#lines = storyOf(middlewares);
    this.#exchange = exchange;
  }

  handlerFor(context: CallContext): Handler {
    let needs = 0;
    let bit = 1;
    for (const [needed] of this.#lines) {
      if (needed(context)) needs += bit;
      bit *= 2;
    }
    let handler = this.#compiled.get(needs);
    if (handler === undefined) {
      const stages = this.#lines.filter(([needed]) => needed(context)).map(([, stage]) => stage);
      handler = stages.reduceRight<Handler>((next, stage) => stage(next), this.#exchange);
      this.#compiled.set(needs, handler);
    }
    return handler;
  }
}
