import type { Auth } from "../auth/auth.ts";
import { authElsewhere } from "../auth/lookup.ts";
import { CallerError } from "../errors/caller-error.ts";
import { ChasquiError } from "../errors/chasqui-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import { joined } from "../joined.ts";
import type { Body } from "../request/body.ts";
import type { Request } from "../request/request.ts";
import { Response } from "../response/response.ts";
import { ExchangeTiming } from "../trace/timing.ts";
import type { ExchangeRecord } from "../trace/trace.ts";
import type { ConnectionOptions } from "../transport/connection-options.ts";
import type { Proxies } from "../transport/proxy/proxies.ts";
import type {
  BodyPlan,
  Delegated,
  Exchange,
  ExchangeTimeouts,
  Head,
  Transport,
} from "../transport/transport.ts";
import type { CallContext } from "./call-context.ts";
import type { CountedBytes } from "./progress.ts";
import { refusal } from "./redirect-rules.ts";
import type { Handler } from "./stage.ts";
import { bodyPlan, ERROR_BODY_LIMIT, type Verdict, verdictAt } from "./verdict.ts";

/** For calls whose stages have nothing to wait for before the first exchange. */
export interface Ahead {
  /** They are entered if the exchange does not come to the answer, and find it as their first. */
  readonly stages: Handler;
  /** The request as the stages would send it; undefined where they have to wait for something after all. */
  readonly ready?: (request: Request, context: CallContext) => Request | undefined;
}

/**
 * The innermost of the pipeline: one request to one server, through a transport.
 *
 * @param ahead - Makes the exchange before the stages are entered. A call is spared what it takes to wait in each of them:
 *   three promises for a plain one, and a quarter of what it costs besides its transport.
 */
export function exchangeThrough(transport: () => Transport, ahead?: Ahead): Handler {
  return async (given, context) => {
    const { made } = context;
    if (made !== undefined) {
      context.made = undefined;
      if ("error" in made) throw made.error;
      return made.response;
    }
    let request = given;
    if (ahead?.ready !== undefined) {
      const ready = ahead.ready(given, context);
      if (ready === undefined) return ahead.stages(given, context);
      request = ready;
    }
    // Given up while a stage before this one was busy: nothing is begun any more.
    if (context.cancelled !== undefined) throw context.cancelled;
    context.root.begun++;
    context.budget.earn(request.origin, context.settings.retry?.budget);
    context.request = request;
    // Ahead of the stages nothing has been waited for.
    const startedAt = ahead === undefined ? context.clock.now() : context.startedAt;
    const exchange = new PipelineExchange(request, context, startedAt);
    context.root.lastExchange = exchange;
    const { attempt } = context.timeouts;
    const timer =
      attempt > 0
        ? context.clock.timer(attempt, () => exchange.giveUp(new TimeoutError("attempt", attempt)))
        : undefined;
    // One beside another does not undo what that one wrote (a middleware may ask twice and take the first answer).
    if (context.underWay++ === 0) context.written = false;
    try {
      const { head, body } = await transport().send(exchange);
      const { verdict } = exchange;
      const failed = context.streamed && head.status >= 400 && context.settings.raise !== false;
      const begun =
        failed && body !== null && !(body instanceof Uint8Array) ? await readAhead(body) : undefined;
      const { asked } = exchange;
      const response = new Response({
        head,
        request: asked,
        body: begun === undefined ? body : begun.body,
        beginning: begun?.beginning,
        owner: context,
        history: context.history,
        redirected: asked !== request,
      });
      if (verdict !== undefined) context.decide(response, verdict);
      if (!exchange.setsCookies) context.cookieless = response;
      if (ahead === undefined || (verdict === undefined && !exchange.setsCookies)) return response;
      context.made = { response };
    } catch (error) {
      exchange.failure = exchange.bodyFailure ?? error;
      exchange.timing.endedAt = context.clock.now();
      if (ahead === undefined) throw exchange.failure;
      context.made = { error: exchange.failure };
    } finally {
      context.underWay--;
      timer?.cancel();
    }
    return ahead.stages(given, context);
  };
}

/** Whether code of the caller's decides at the headers what becomes of a 401. */
function callsBack(auth: Auth | undefined): boolean {
  return auth !== undefined && (auth.answers !== undefined || authElsewhere(auth) !== undefined);
}

class PipelineExchange implements Exchange, ExchangeRecord {
  readonly method: string;
  readonly origin: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: Body | undefined;
  readonly timeouts: ExchangeTimeouts;
  readonly connection: ConnectionOptions | undefined;
  readonly proxy: Proxies | null | undefined;
  readonly callsBack: boolean;
  readonly progress: CountedBytes | undefined;
  readonly timing: ExchangeTiming;
  readonly order: number;
  readonly previous: ExchangeRecord | undefined;
  head: Head | undefined;
  failure: unknown;
  /** What was asked, or what a runtime that follows redirects by itself asked last. */
  asked: Request;
  readonly #context: CallContext;
  /** What is told when this one exchange is given up; undefined where nothing could do that. */
  readonly #listeners: Set<(reason: Error) => void> | undefined;
  verdict: Verdict | undefined;
  setsCookies = false;
  /** What the caller's own stream threw while it was being sent. */
  bodyFailure: ChasquiError | undefined;

  constructor(request: Request, context: CallContext, startedAt: number) {
    this.method = request.method;
    this.origin = request.origin;
    this.target = request.wireTarget();
    this.headers = request.headers.flat;
    this.timeouts = context.timeouts;
    this.connection = context.connectionTo(request.origin);
    const { proxy, trustEnv } = context.settings;
    this.proxy = trustEnv ? proxy : (proxy?.alone ?? null);
    this.asked = request;
    this.#context = context;
    this.timing = new ExchangeTiming(startedAt);
    const { root } = context;
    this.previous = root.lastExchange;
    this.order = root.noted++;
    const { body } = request;
    const { counting } = context;
    this.progress = counting?.(root.begun, body !== undefined, body?.length);
    const inMemory = body === undefined || body.content !== undefined;
    this.body = inMemory ? body : this.#watched(body);
    this.callsBack =
      counting !== undefined ||
      !inMemory ||
      callsBack(context.auth) ||
      context.settings.retry?.when !== undefined;
    this.#listeners = context.timeouts.attempt > 0 ? new Set() : undefined;
  }

  get background(): boolean {
    return this.#context.background;
  }

  get delegated(): Delegated {
    const { settings, jar } = this.#context;
    const cookies = settings.cookies === false ? false : jar?.wanted;
    return {
      redirect: settings.redirect,
      secretNames: this.asked.headers.secretNames,
      secretParams: this.asked.secretParams,
      cookies,
    };
  }

  onHead(head: Head): BodyPlan {
    this.head = head;
    this.setsCookies = head.header("set-cookie") !== undefined;
    if (head.arrivedAt !== undefined) {
      const from = this.asked;
      this.asked = movedTo(head.arrivedAt, from);
      const refused = refusal(from.origin, this.asked.origin, this.#context.settings.redirect);
      // It was gone to already, without the credentials; what anybody on the way may have written is not the answer.
      if (refused !== undefined) {
        this.verdict = { kind: "redirect" };
        return { mode: "discard", maxBytes: 0 };
      }
    }
    this.verdict = verdictAt(head, this.asked, this.#context);
    const { progress } = this;
    if (progress !== undefined) {
      if (this.body?.content !== undefined) progress.sentAtOnce();
      else progress.answered();
      progress.head(head, this.#context.resumedAt);
    }
    return bodyPlan(this.verdict, this.#context);
  }

  onCancel(listener: (reason: Error) => void): () => void {
    const unlisten = this.#context.onCancel(listener);
    const listeners = this.#listeners;
    if (listeners === undefined) return unlisten;
    listeners.add(listener);
    return () => {
      unlisten();
      listeners.delete(listener);
    };
  }

  /** Gives this one exchange up, without the call and without those beside it. */
  giveUp(reason: Error): void {
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners?.clear();
  }

  onWrite(): void {
    this.#context.written = true;
  }

  #watched(body: Body): Body {
    const { contentType, length, replayable } = body;
    const watch = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
      this.#watchedChunks(chunks);
    return {
      contentType,
      length,
      replayable,
      content: undefined,
      asBlob: () => body.asBlob?.(),
      open: (taken) => {
        this.progress?.sendsBy(taken);
        return watch(body.open(taken));
      },
    };
  }

  async *#watchedChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      if (this.progress === undefined) yield* chunks;
      else yield* counted(chunks, this.progress);
    } catch (error) {
      this.bodyFailure =
        error instanceof ChasquiError
          ? error
          : new CallerError("The stream of the request's body failed", { cause: error });
      // Not what was thrown: over HTTP/2 undefined, null and 0 are taken for no failure at all.
      throw this.bodyFailure;
    }
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  progress: CountedBytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    progress.sending(chunk.length);
    yield chunk;
    // Who asks for the next one has taken this one.
    progress.sent();
  }
  progress.allSent();
}

/** The request where a runtime took it that showed nothing of the way: what it was there nobody but the runtime knows. */
function movedTo(url: string, request: Request): Request {
  const to = URL.parse(url);
  if (to === null) return request;
  const target = to.pathname + to.search;
  return request.with({ origin: to.origin, target, fragment: "", credentialQuery: "" });
}

/**
 * The beginning of an error's body, enough to say what went wrong, however the body was to be read. One that goes on
 * stays a stream, whole, for a caller who wants it in spite of its status.
 */
async function readAhead(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly body: Uint8Array | AsyncIterable<Uint8Array>; readonly beginning?: Uint8Array }> {
  const source = body[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let size = 0;
  while (size < ERROR_BODY_LIMIT) {
    const { done, value } = await source.next();
    if (done === true) return { body: joined(read, size) };
    read.push(value);
    size += value.length;
  }
  return { body: new Replayed(read, source), beginning: joined(read, size).subarray(0, ERROR_BODY_LIMIT) };
}

/** Pieces that were read ahead, and after them the rest. */
class Replayed implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #read: Uint8Array[];
  readonly #rest: AsyncIterator<Uint8Array>;

  constructor(read: Uint8Array[], rest: AsyncIterator<Uint8Array>) {
    this.#read = read;
    this.#rest = rest;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const piece = this.#read.shift();
    if (piece !== undefined) return { done: false, value: piece };
    const { done, value } = await this.#rest.next();
    return done === true ? { done, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#read.length = 0;
    await this.#rest.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
