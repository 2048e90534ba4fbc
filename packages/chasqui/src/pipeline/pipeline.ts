import type { Transport } from "../transport/transport.ts";
import type { CallContext } from "./call-context.ts";
import { anyHeard } from "./channels.ts";
import { exchangeThrough } from "./exchange.ts";
import type { Handler } from "./stage.ts";
import type { Middlewares, Story } from "./story.ts";

/** What a pipeline is made of besides its own stages. */
export interface PipelineParts extends Middlewares {
  readonly transport: () => Transport;
}

/**
 * The pipeline of a client. What most calls come to is known after their first exchange, with which no stage has anything to
 * do but for those of `needsStages`: it is made first, and the stages are entered only if it was not the answer. Their code is
 * loaded then, for the sake of browsers, and of programs that make one call. Once it is there, credentials and cookies that
 * are at hand are put into the first exchange beforehand as well.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #first: Handler;
  readonly #whole: Handler;
  #story: Story | undefined;
  #session: Handler | undefined;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#whole = (request, context) => {
      if (this.#story !== undefined) return this.#story.handlerFor(context)(request, context);
      return this.#load().then((story) => story.handlerFor(context)(request, context));
    };
    this.#first = exchangeThrough(parts.transport, { stages: this.#whole });
  }

  handlerFor(context: CallContext): Handler {
    if (this.#needsStages(context)) return this.#whole;
    if (context.auth === undefined && context.jar?.jar === undefined) return this.#first;
    return this.#session ?? this.#whole;
  }

  /** Whether a stage besides those of credentials and cookies has something to do before the first exchange, or with an answer. */
  #needsStages({ settings, timeouts, transfer }: CallContext): boolean {
    const { use, wire } = this.#parts;
    return (
      transfer !== undefined ||
      typeof settings.cookies === "object" ||
      settings.signal !== undefined ||
      settings.cache !== undefined ||
      timeouts.total > 0 ||
      settings.hooks !== undefined ||
      settings.log !== undefined ||
      settings.circuit !== undefined ||
      settings.hedge !== undefined ||
      settings.dedupe ||
      settings.telemetry !== undefined ||
      anyHeard() ||
      settings.onProgress !== undefined ||
      settings.throttle !== undefined ||
      use.length + wire.length > 0
    );
  }

  async #load(): Promise<Story> {
    const { Story, readyRequest } = await import("./story.ts");
    const { transport } = this.#parts;
    this.#story ??= new Story(this.#parts, exchangeThrough(transport));
    this.#session ??= exchangeThrough(transport, { stages: this.#whole, ready: readyRequest });
    return this.#story;
  }
}
