import type { Timer } from "../clock.ts";
import { AbortError } from "../errors/abort-error.ts";
import type { Request } from "../request/request.ts";
import type { Response } from "../response/response.ts";
import type { CallContext } from "./call-context.ts";
import { firstSince } from "./first-since.ts";
import { absorb, forkOf } from "./fork.ts";
import type { Handler, Stage } from "./stage.ts";

/** Methods that ask for nothing to be done (RFC 9110 9.2.1): only these may be asked twice at a time. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Around each attempt: where an answer takes longer than most do, a second request is sent, and the first good answer is
 * taken (Dean and Barroso, "The Tail at Scale", CACM 2013). The other one is given up.
 */
export const hedge: Stage = (next) => async (request, context) => {
  const hedges = context.settings.hedge;
  // A body that is streamed or counted belongs to one request.
  const alone = context.streamed || context.counting !== undefined || request.body !== undefined;
  if (hedges === undefined || alone || !SAFE.has(request.method)) return next(request, context);
  const latency = hedges.latencies.at(request.origin);
  latency.sent();
  const delay = latency.delay();
  const { clock } = context;
  const from = clock.now();
  const { noted } = context.root;
  const response =
    delay === undefined
      ? await next(request, context)
      : await new Race(request, context, next).run(delay, () => latency.spend());
  if (response.status < 500)
    latency.answered(clock.now() - (firstSince(noted, context)?.timing.startedAt ?? from));
  return response;
};

/** One request, and after a while perhaps a second. */
class Race {
  readonly #request: Request;
  readonly #context: CallContext;
  readonly #next: Handler;
  readonly #answer = Promise.withResolvers<Response>();
  readonly #running = new Set<CallContext>();
  readonly #noted: number;
  #timer: Timer | undefined;
  #over = false;

  constructor(request: Request, context: CallContext, next: Handler) {
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.#noted = context.root.noted;
  }

  async run(delay: number, mayHedge: () => boolean): Promise<Response> {
    const context = this.#context;
    const unlisten = context.onCancel((reason) => this.#end(reason));
    this.#send();
    this.#arm(delay, delay, mayHedge);
    try {
      return await this.#answer.promise;
    } finally {
      this.#timer?.cancel();
      unlisten();
      this.#end(new AbortError("Another request was answered first"));
    }
  }

  #arm(wait: number, delay: number, mayHedge: () => boolean): void {
    const { clock } = this.#context;
    this.#timer = clock.timer(wait, () => {
      const begun = firstSince(this.#noted, this.#context)?.timing.startedAt;
      const left = begun === undefined ? delay : begun + delay - clock.now();
      // While it waits for its turn no server is slow, and a second one would stand behind it.
      if (left > 0) {
        this.#arm(left, delay, mayHedge);
        return;
      }
      if (!mayHedge()) return;
      this.#context.note("hedge", `no answer within ${Math.round(delay)} ms: asked a second time`);
      this.#send();
    });
  }

  #send(): void {
    if (this.#over) return;
    const fork = forkOf(this.#context);
    this.#running.add(fork);
    this.#next(this.#request, fork).then(
      (response) => {
        const isLast = this.#leave(fork);
        // One that would be tried again is not the answer while another is under way.
        if (isLast || fork.verdictOf(response)?.kind !== "retry") {
          this.#settle(fork, response, () => this.#answer.resolve(response));
        }
      },
      (error) => {
        if (this.#leave(fork)) this.#settle(fork, undefined, () => this.#answer.reject(error));
      },
    );
  }

  /** Whether no other request is under way. What fails before a second is sent needs none: that is for the retries. */
  #leave(fork: CallContext): boolean {
    this.#running.delete(fork);
    return this.#running.size === 0;
  }

  #settle(fork: CallContext, response: Response | undefined, tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    absorb(this.#context, fork, response);
    tell();
  }

  #end(reason: Error): void {
    for (const fork of this.#running) fork.cancel(reason);
  }
}
