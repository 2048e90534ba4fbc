import type { CallContext } from "../pipeline/call-context.ts";
import { resolveLocation } from "../request/location.ts";
import type { Request } from "../request/request.ts";
import { fieldOf, isWhole, type Response, wholeBytes, withPieces } from "../response/response.ts";
import { wasAskedBy } from "./asker.ts";
import { requestDirectives } from "./cache-control.ts";
import type { CachePolicy } from "./cache-option.ts";
import type { CacheEntry, CacheKey } from "./cache-store.ts";
import type { ReadHeader } from "./freshness.ts";
import { KeptBody } from "./kept-body.ts";
import { resourceOf, type Shelf, variantOf } from "./shelf.ts";
import { whyNotStored } from "./storable.ts";
import { storedHeaders, updatedHeaders } from "./stored-headers.ts";
import { StoredResponse } from "./stored-response.ts";
import { isStillThat } from "./validation.ts";
import { varyNames } from "./vary.ts";
import type { Writer } from "./writers.ts";

/** What may be put on the shelf, or why it may not. */
type Keeping = { readonly entry: CacheEntry } | { readonly why: string };

/** Statuses below 500 of a server that cannot say now how things are. */
const NOT_NOW: ReadonlySet<number> = new Set([304, 408, 425, 429]);

/** Reads a header of a response. */
export function headerOf(response: Response): ReadHeader {
  return (name) => fieldOf(response, name);
}

/** Puts what comes of one request on the shelf. */
export class Keeper {
  readonly #request: Request;
  readonly #context: CallContext;
  readonly #policy: CachePolicy;
  readonly #shelf: Shelf;

  constructor(request: Request, context: CallContext, policy: CachePolicy, shelf: Shelf) {
    this.#request = request;
    this.#context = context;
    this.#policy = policy;
    this.#shelf = shelf;
  }

  /**
   * Stores a response that may be stored. One that may not, and says how things are now, makes what is stored forgotten.
   *
   * @param stored - What is stored of it; undefined where nothing is.
   * @param explicitly - Whether it has to say how long it is fresh.
   * @returns the response, or one whose body is kept while it is read; its writer is ended then.
   */
  async keep(
    response: Response,
    key: CacheKey,
    writer: Writer,
    stored: StoredResponse | undefined,
    explicitly = false,
  ): Promise<Response> {
    const { status, statusText, headers } = response;
    const entry = {
      variant: "",
      vary: [],
      status,
      statusText,
      headers: headers.flat,
      body: null,
      ...this.#times(),
    };
    const keeping = await this.#fitting(entry, response, key, explicitly);
    if ("why" in keeping) {
      this.#context.note("cache", `miss, not stored: ${keeping.why}`);
      if (stored !== undefined && status < 500 && !NOT_NOW.has(status))
        await this.#shelf.remove(key.resource);
      return response;
    }
    this.#context.note("cache", "miss");
    return this.#put(response, keeping.entry, key, writer);
  }

  /** What a confirmation, or a HEAD, says of what is stored; as it is then. */
  async update(
    stored: StoredResponse,
    newer: Response,
    key: CacheKey,
    writer: Writer,
  ): Promise<StoredResponse> {
    const { entry } = stored;
    const headers = updatedHeaders(entry.headers, newer.headers.flat);
    const merged: CacheEntry = { ...entry, headers, ...this.#times() };
    const keeping = await this.#fitting(merged, newer, key);
    if ("why" in keeping) await this.#shelf.remove(key.resource);
    else await this.#write(key, keeping.entry, writer);
    return StoredResponse.of(merged, merged.receivedAt, this.#policy) ?? stored;
  }

  /** A HEAD that tells of another response than the stored one says that it is of no use (RFC 9111 4.3.5). */
  async compare(stored: StoredResponse, head: Response, key: CacheKey, writer: Writer): Promise<void> {
    const same = isStillThat(stored.header, headerOf(head), this.#context.clock.date());
    if (same) await this.update(stored, head, key, writer);
    else await this.#shelf.remove(key.resource);
  }

  /**
   * Stores a POST's answer that says that it is what a GET of the same URL would get, and for how long (RFC 9110 9.3.3).
   *
   * @returns the response, or one whose body is kept while it is read.
   */
  async keepAnswer(response: Response, asker: string): Promise<Response> {
    const url = this.#request.origin + this.#request.target;
    const named = response.headers.get("content-location");
    if (response.status !== 200 || named === null) return response;
    const to = resolveLocation(named, url);
    if ("problem" in to || to.href !== url) return response;
    const key = { resource: await resourceOf(url), asker };
    const writer = this.#policy.writers.begin(key.resource);
    const kept = await this.keep(response, key, writer, undefined, true);
    if (isWhole(kept)) writer.end();
    return kept;
  }

  #times(): Pick<CacheEntry, "requestedAt" | "receivedAt"> {
    const receivedAt = this.#context.clock.date();
    return { requestedAt: this.#context.sentAt ?? receivedAt, receivedAt };
  }

  /** An entry as it may be stored. */
  async #fitting(entry: CacheEntry, from: Response, key: CacheKey, explicitly = false): Promise<Keeping> {
    const read = StoredResponse.of(entry, entry.receivedAt, this.#policy);
    if (read === undefined) return { why: "its Cache-Control cannot be parsed" };
    const { header, directives, lifetime, explicit } = read;
    const { status } = entry;
    const { headers } = this.#request;
    const { noStore: forbidden } = requestDirectives(headers.getAll("cache-control"), undefined);
    const why = whyNotStored({ status, header, directives, forbidden, lifetime, explicit });
    if (why !== undefined) return { why };
    if (explicitly && !explicit) return { why: "it does not say how long it is fresh" };
    const { request: sent } = from;
    if (!(await wasAskedBy(key.asker, sent, this.#request, this.#context))) {
      return { why: "what was sent has other credentials than were known" };
    }
    const vary = varyNames(header("vary")) ?? [];
    if (vary.some((name) => wasSetOnTheWay(name, sent, this.#request))) {
      return { why: "it varies by a header that was set on the way" };
    }
    const variant = await variantOf(this.#request, vary);
    const kept = storedHeaders(entry.headers, directives.noCacheFields);
    return { entry: { ...entry, vary, variant, headers: kept } };
  }

  /** Stores the body, at once or while it is read. */
  async #put(response: Response, entry: CacheEntry, key: CacheKey, writer: Writer): Promise<Response> {
    // What was followed has no body any more.
    if (this.#context.verdictOf(response)?.kind === "redirect") {
      await this.#write(key, entry, writer);
      return response;
    }
    const { maxEntry: limit } = this.#policy;
    const bytes = wholeBytes(response);
    if (bytes !== undefined) {
      // A copy: it may be a small part of a large buffer.
      if (bytes.length <= limit) await this.#write(key, { ...entry, body: new Uint8Array(bytes) }, writer);
      return response;
    }
    const whole = (body: Uint8Array): Promise<void> => this.#write(key, { ...entry, body }, writer);
    const over = (): void => writer.end();
    return withPieces(response, () => new KeptBody(response.stream(), { limit, whole, over }));
  }

  async #write(key: CacheKey, entry: CacheEntry, writer: Writer): Promise<void> {
    const what = `${key.asker} ${entry.variant}`;
    if (!writer.mayWrite(what)) return;
    this.#policy.writers.wrote(key.resource, what, writer);
    await this.#shelf.put(key, entry);
  }
}

/**
 * Whether a header that the server chose by was set below the cache, by a middleware around the exchange: the next request will
 * not show what it is to be there. Credentials are known by who asks.
 */
function wasSetOnTheWay(name: string, sent: Request, asked: Request): boolean {
  if (name === "cookie" || sent.credentialHeaders.has(name)) return false;
  return sent.headers.get(name) !== asked.headers.get(name);
}
