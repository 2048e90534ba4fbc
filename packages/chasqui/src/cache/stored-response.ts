import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import type { CallContext } from "../pipeline/call-context.ts";
import { isRedirect } from "../pipeline/redirect-rules.ts";
import { Headers } from "../request/headers.ts";
import type { Request } from "../request/request.ts";
import { headOf } from "../response/head.ts";
import { Response } from "../response/response.ts";
import type { CacheVerdict } from "../response/response-parts.ts";
import type { ResponseDirectives } from "./cache-control.ts";
import { responseDirectives } from "./cache-control.ts";
import type { CachePolicy } from "./cache-option.ts";
import type { CacheEntry } from "./cache-store.ts";
import { ageOf, freshnessOf, type ReadHeader } from "./freshness.ts";
import type { Stored } from "./reuse.ts";

/** An entry of a store, read: what it says, and how old it is. */
export class StoredResponse implements Stored {
  readonly entry: CacheEntry;
  readonly headers: Headers;
  readonly directives: ResponseDirectives;
  readonly age: number;
  readonly lifetime: number;
  /** Whether its server said how long it is fresh. */
  readonly explicit: boolean;

  private constructor(
    entry: CacheEntry,
    headers: Headers,
    directives: ResponseDirectives,
    at: number,
    guess: boolean,
  ) {
    this.entry = entry;
    this.headers = headers;
    this.directives = directives;
    this.age = ageOf(this.header, entry, at);
    const { lifetime, explicit } = freshnessOf(entry.status, this.header, directives, entry, guess);
    this.lifetime = lifetime;
    this.explicit = explicit;
  }

  /** Reads an entry; undefined where its directives cannot be read: another program may have written it. */
  static of(entry: CacheEntry, at: number, { heuristic }: CachePolicy): StoredResponse | undefined {
    const headers = Headers.fromFlat([...entry.headers]);
    const directives = responseDirectives(headers.getAll("cache-control"));
    return directives && new StoredResponse(entry, headers, directives, at, heuristic);
  }

  readonly header: ReadHeader = (name) => this.headers.get(name) ?? undefined;

  /** How far it is beyond its time, or how long it has yet, in words. */
  get inWords(): string {
    const seconds = Math.floor(this.age / 1000);
    const beyond = Math.floor((this.age - this.lifetime) / 1000);
    return beyond < 0 ? `${seconds} s old` : `${seconds} s old, stale for ${beyond} s`;
  }

  /** The response of a call. */
  answer(request: Request, context: CallContext, verdict: CacheVerdict): Response {
    const { status, statusText, body } = this.entry;
    const headers = this.headers.clone();
    // RFC 9111 4: not of one that the server has just confirmed.
    if (verdict !== "revalidated") headers.set("age", String(Math.floor(this.age / 1000)));
    const withBody = request.method !== "HEAD" && body !== null;
    if (withBody) refuseTooLarge(body, context);
    return answerOf({ status, statusText, headers }, withBody ? body : null, request, context, verdict);
  }

  /** The answer to a caller's own condition: what it has is what is stored (RFC 9110 15.4.5). */
  unchanged(request: Request, context: CallContext): Response {
    const headers = new Headers();
    for (const [name, value] of this.headers) {
      if (!/^content-(?!location$)/i.test(name)) headers.append(name, value);
    }
    headers.set("age", String(Math.floor(this.age / 1000)));
    const head = { status: 304, statusText: "Not Modified", headers };
    return answerOf(head, null, request, context, "hit");
  }
}

function refuseTooLarge(body: Uint8Array, context: CallContext): void {
  const most = context.streamed ? context.settings.maxBytes : context.maxBytes;
  if (most !== undefined && body.length > most) throw new BodyTooLargeError(most);
}

interface Made {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

/** A response that no exchange has brought. */
export function answerOf(
  { status, statusText, headers }: Made,
  body: Uint8Array | null,
  request: Request,
  context: CallContext,
  cached: CacheVerdict,
): Response {
  const head = headOf(status, statusText, headers);
  const { history } = context;
  context.request = request;
  const response = new Response({ head, request, body, owner: context, history, cached });
  const follows = context.settings.redirect.mode !== "manual";
  if (follows && isRedirect(status, head.header("location"))) {
    context.retriesBefore = context.retries;
    context.decide(response, { kind: "redirect" });
  }
  return response;
}
