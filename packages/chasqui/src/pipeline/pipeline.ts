import { CookieJar } from "../cookies/cookie-jar.ts";
import type { Transport } from "../transport/transport.ts";
import { authorize } from "./authorize.ts";
import type { CallContext } from "./call-context.ts";
import { cookies } from "./cookies.ts";
import { deadline } from "./deadline.ts";
import { exchangeThrough } from "./exchange.ts";
import { observeCall, observeExchange } from "./observe.ts";
import { redirect } from "./redirect.ts";
import { retry } from "./retry.ts";
import { asStage, type Handler, type Middleware, ownRequest, type Stage } from "./stage.ts";

/** What a pipeline is made of besides its own stages. */
export interface PipelineParts {
  readonly use: readonly Middleware[];
  readonly wire: readonly Middleware[];
  readonly transport: () => Transport;
}

type Needed = (context: CallContext) => boolean;
/** Whether a stage has nothing to do before the first exchange, and nothing after it if that comes to the answer. */
type Late = "late" | undefined;
type Line = readonly [needed: Needed, stage: Stage, late?: Late];

const always: Needed = () => true;
/** Whether the call can be given up while it waits for what is no exchange: for code of the caller's, that is. */
const bounded: Needed = ({ settings, timeouts, auth, jar }) =>
  settings.signal !== undefined ||
  timeouts.total > 0 ||
  auth !== undefined ||
  settings.hooks !== undefined ||
  // A subclass of our own jar may wait for a disk as well as any other store.
  (jar?.jar !== undefined && Object.getPrototypeOf(jar.jar) !== CookieJar.prototype);
const observed: Needed = ({ settings }) => settings.log !== undefined || settings.hooks !== undefined;
const authorized: Needed = ({ auth }) => auth !== undefined;
const follows: Needed = ({ settings }) => settings.redirect.mode !== "manual";
const retries: Needed = ({ settings }) => settings.retry !== undefined;
const sendsCookies: Needed = ({ settings, jar }) =>
  jar?.jar !== undefined || typeof settings.cookies === "object";
const mayGetCookies: Needed = (context) => context.jar !== undefined && !sendsCookies(context);

/**
 * The way of a request, outermost first. A stage that a call does not need is not in its list.
 */
function storyOf({ use, wire }: PipelineParts): readonly Line[] {
  return [
    [use.length + wire.length > 0 ? always : bounded, deadline],
    [observed, observeCall],
    ...use.map((middleware) => [always, asStage(middleware, "use")] as const),
    [follows, redirect, "late"],
    [retries, retry, "late"],
    [authorized, authorize],
    [sendsCookies, cookies],
    [mayGetCookies, cookies, "late"],
    [({ settings }) => wire.length > 0 || settings.hooks !== undefined, ownRequest],
    ...wire.map((middleware) => [always, asStage(middleware, "wire")] as const),
    [observed, observeExchange],
  ];
}

/** The pipeline of a client: its stages are put together once for each set of them that its calls need. */
export class Pipeline {
  readonly #story: readonly Line[];
  readonly #transport: () => Transport;
  readonly #compiled = new Map<number, Handler>();

  constructor(parts: PipelineParts) {
    this.#story = storyOf(parts);
    this.#transport = parts.transport;
  }

  handlerFor(context: CallContext): Handler {
    let needs = 0;
    let bit = 1;
    for (const [needed] of this.#story) {
      if (needed(context)) needs += bit;
      bit *= 2;
    }
    let handler = this.#compiled.get(needs);
    if (handler === undefined) {
      const lines = this.#story.filter(([needed]) => needed(context));
      const all = lines.reduceRight<Handler>(
        (next, [, stage]) => stage(next),
        exchangeThrough(this.#transport),
      );
      const late = lines.every(([, , when]) => when === "late");
      handler = late ? exchangeThrough(this.#transport, all) : all;
      this.#compiled.set(needs, handler);
    }
    return handler;
  }
}
