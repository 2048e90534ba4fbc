import { ChasquiError } from "../errors/chasqui-error.ts";
import type { CallContext } from "../pipeline/call-context.ts";
import { nextAttempt } from "../pipeline/retry.ts";
import type { Handler } from "../pipeline/stage.ts";
import type { Request } from "../request/request.ts";
import { type BatchedBody, batchOf } from "../response/batched-body.ts";
import type { Response } from "../response/response.ts";
import { isRestOf, rangeRequest, type Version } from "./version.ts";

/** What a body that is gone on with belongs to. */
export interface ResumedBodyParts {
  readonly response: Response;
  /** The request of the call, without a range. */
  readonly request: Request;
  readonly context: CallContext;
  readonly next: Handler;
  readonly version: Version;
  /** Where the response begins. */
  readonly position: number;
  /** Told of a response that begins anew, with other bytes; gives its version, undefined where it cannot be gone on with. */
  restarted(response: Response): Promise<Version | undefined>;
}

/**
 * A body that is asked for again, from where it broke, as the retry policy of the call allows (P25): each time is an attempt.
 * Only what the server itself says is the rest of the same bytes is added to them.
 */
export class ResumedBody implements BatchedBody {
  readonly #parts: ResumedBodyParts;
  #version: Version | undefined;
  #position: number;
  #pieces: AsyncIterator<Uint8Array>;
  #left = false;

  constructor(parts: ResumedBodyParts) {
    this.#parts = parts;
    this.#version = parts.version;
    this.#position = parts.position;
    this.#pieces = parts.response.stream()[Symbol.asyncIterator]();
    // What breaks is not the end of the call.
    parts.context.goesOn = true;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      try {
        const { done, value } = await this.#pieces.next();
        if (done === true) return this.#end();
        this.#position += value.length;
        return { done: false, value };
      } catch (error) {
        await this.#resume(error);
      }
    }
  }

  async batch(bytes: number, done?: readonly Uint8Array[]): Promise<readonly Uint8Array[] | undefined> {
    for (;;) {
      try {
        const batch = await batchOf(this.#pieces, bytes, done);
        if (batch === undefined) this.#end();
        for (const piece of batch ?? []) this.#position += piece.length;
        return batch;
      } catch (error) {
        await this.#resume(error);
      }
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#left = true;
    await this.#pieces.return?.();
    return this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): IteratorResult<Uint8Array, undefined> {
    this.#parts.context.goesOn = false;
    return { done: true, value: undefined };
  }

  async #resume(error: unknown): Promise<void> {
    try {
      await this.#again(error);
    } catch (failure) {
      this.#end();
      throw failure;
    }
  }

  async #again(error: unknown): Promise<void> {
    const { request, context, next } = this.#parts;
    const version = this.#version;
    if (version === undefined || this.#left || !(error instanceof ChasquiError)) throw error;
    if (!(await nextAttempt(error, request, context))) throw error;
    context.resumedAt = this.#position;
    let response = await next(rangeRequest(request, version, this.#position), context);
    const other = response.status === 206 && !isRestOf(response, version, this.#position);
    if (other || response.status === 416) {
      await response.close();
      context.resumedAt = 0;
      response = await next(request, context);
    }
    if (response.status === 200) {
      this.#version = await this.#parts.restarted(response);
      this.#position = 0;
    } else if (response.status !== 206) {
      await response.close();
      throw response.statusError();
    }
    this.#pieces = response.stream()[Symbol.asyncIterator]();
    if (this.#left) await this.#pieces.return?.();
  }
}
