import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { Headers } from "../request/headers.ts";
import type { Exchange, Head, RawResponse } from "../transport/transport.ts";

/** An answer that is at hand. */
export interface ReadyAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value … */
  readonly headers: readonly string[];
  /** Decoded. */
  readonly body: Uint8Array;
}

class ReadyHead implements Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;

  constructor({ status, statusText, headers }: ReadyAnswer) {
    this.status = status;
    this.statusText = statusText;
    this.headers = Headers.fromFlat([...headers]);
  }

  header(name: string): string | undefined {
    return this.headers.get(name) ?? undefined;
  }
}

/** Answers an exchange as a transport does: what becomes of the body the pipeline says at the headers. */
export function answered(exchange: Exchange, answer: ReadyAnswer, now: () => number): RawResponse {
  const { timing } = exchange;
  const head = new ReadyHead(answer);
  timing.headAt = now();
  const plan = exchange.onHead(head);
  timing.endedAt = now();
  const bodyless = exchange.method === "HEAD" || answer.status === 204 || answer.status === 304;
  if (plan.mode === "discard" || bodyless) return { head, body: null };
  timing.bytes = answer.body.length;
  if (plan.mode === "stream") return { head, body: inOnePiece(answer.body, plan.maxBytes) };
  if (answer.body.length > plan.maxBytes) throw new BodyTooLargeError(plan.maxBytes);
  return { head, body: answer.body };
}

async function* inOnePiece(body: Uint8Array, maxBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  if (body.length > maxBytes) throw new BodyTooLargeError(maxBytes);
  if (body.length > 0) yield body;
}
