import type { ChasquiError } from "../errors/chasqui-error.ts";
import { CircuitOpenError } from "../errors/circuit-open-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { LogLevel } from "../log.ts";
import type { CallContext } from "../pipeline/call-context.ts";
import { deadline } from "../pipeline/deadline.ts";
import { letGo } from "../pipeline/let-go.ts";
import { logLine } from "../pipeline/log-line.ts";
import type { Handler } from "../pipeline/stage.ts";
import { Headers } from "../request/headers.ts";
import type { Request } from "../request/request.ts";
import { resolveLocation } from "../request/url.ts";
import { fieldOf, isWhole, markCached, type Response, wholeBytes, withPieces } from "../response/response.ts";
import { askerOf, wasAskedBy } from "./asker.ts";
import { type RequestDirectives, requestDirectives } from "./cache-control.ts";
import type { CachePolicy } from "./cache-option.ts";
import type { CacheEntry, CacheKey } from "./cache-store.ts";
import type { ReadHeader } from "./freshness.ts";
import { invalidated, isUnsafe } from "./invalidation.ts";
import { KeptBody } from "./kept-body.ts";
import { reuseOf, servesForError } from "./reuse.ts";
import { resourceOf, Shelf, varyOf } from "./shelf.ts";
import { whyNotStored } from "./storable.ts";
import { storedHeaders, updatedHeaders } from "./stored-headers.ts";
import { answerOf, StoredResponse } from "./stored-response.ts";
import { conditionsFor, holdsFor, isStillThat, speaksOf } from "./validation.ts";
import type { Writer } from "./writers.ts";

/** Statuses of a server that fails, in whose place a stored response may be given (RFC 5861 4). */
const FAILING: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** The longest that a stored response is refreshed in the background, in milliseconds. */
const LONGEST_REFRESH = 30_000;

/** One hop of a call, on its way through the cache. */
export function throughCache(request: Request, context: CallContext, next: Handler): Promise<Response> {
  const policy = context.settings.cache;
  if (policy === undefined) return next(request, context);
  if (isUnsafe(request.method)) return throughChange(request, context, policy, next);
  if (policy.leftOut) return next(request, context);
  const { headers, method } = request;
  const whole =
    (method === "GET" || method === "HEAD") &&
    request.body === undefined &&
    // Part of a body, or a body if it is still another: what is stored has no say in it.
    !["range", "if-range", "if-match", "if-unmodified-since"].some((name) => headers.has(name));
  return whole ? new Passage(request, context, policy, next).answer() : next(request, context);
}

/** What a request changes is not there any more as it was (RFC 9111 4.4). */
async function throughChange(
  request: Request,
  context: CallContext,
  policy: CachePolicy,
  next: Handler,
): Promise<Response> {
  const shelf = new Shelf(context, policy);
  const forget = async (urls: readonly string[]): Promise<void> => {
    for (const url of urls) {
      const resource = await resourceOf(url);
      policy.writers.changed(resource);
      await shelf.remove(resource);
    }
  };
  const url = request.origin + request.target;
  // Before it is sent: what it answers may change the jar.
  const keeps = request.method === "POST" && !policy.leftOut && policy.mode !== "no-store";
  const asker = keeps ? await askerOf(request, context) : undefined;
  let response: Response;
  try {
    response = await next(request, context);
  } catch (error) {
    // Nobody knows if it has been done.
    if (context.written) await forget([url]);
    throw error;
  }
  const urls = invalidated(response.status, url, headerOf(response));
  await forget(urls);
  if (asker === undefined || urls.length === 0) return response;
  return new Passage(request, context, policy, next).keepAnswer(response, asker);
}

/** A GET or a HEAD for all of a resource. */
class Passage {
  readonly #request: Request;
  readonly #context: CallContext;
  readonly #policy: CachePolicy;
  readonly #next: Handler;
  readonly #shelf: Shelf;
  readonly #asked: RequestDirectives;

  constructor(request: Request, context: CallContext, policy: CachePolicy, next: Handler) {
    this.#request = request;
    this.#context = context;
    this.#policy = policy;
    this.#next = next;
    this.#shelf = new Shelf(context, policy);
    const { headers } = request;
    this.#asked = requestDirectives(headers.getAll("cache-control"), headers.get("pragma") ?? undefined);
  }

  async answer(): Promise<Response> {
    const { mode } = this.#policy;
    if (mode === "no-store") return this.#next(this.#askingAnew("no-cache"), this.#context);
    if (this.#asked.noStore) return this.#next(this.#request, this.#context);
    const asker = await askerOf(this.#request, this.#context);
    if (asker === undefined) {
      this.#context.note("cache", "left out: it is not known who asks");
      return this.#next(this.#request, this.#context);
    }
    const { origin, target } = this.#request;
    const key = { resource: await resourceOf(origin + target), asker };
    if (mode === "reload") return this.#ask(key, this.#askingAnew("no-cache"), undefined);
    const stored = await this.#shelf.find(key, this.#request);
    return this.#answerWith(stored, key);
  }

  async #answerWith(stored: StoredResponse | undefined, key: CacheKey): Promise<Response> {
    const { mode } = this.#policy;
    const reuse = stored === undefined ? "validate" : reuseOf(stored, this.#asked, mode);
    const usable = stored !== undefined && reuse !== "validate" && this.#canBeRead(stored);
    if (this.#asked.onlyIfCached || mode === "only-if-cached") {
      return usable ? this.#give(stored, reuse === "fresh") : this.#nothingStored();
    }
    if (usable) {
      if (reuse === "stale-while-revalidate") this.#refresh(stored, key);
      return this.#give(stored, reuse === "fresh");
    }
    const request = mode === "no-cache" ? this.#askingAnew("max-age=0") : this.#request;
    return this.#ask(key, request, stored);
  }

  /** A redirect that was followed has no body for one who wants to read it. */
  #canBeRead({ entry }: StoredResponse): boolean {
    return entry.body !== null || this.#context.settings.redirect.mode !== "manual";
  }

  #give(stored: StoredResponse, fresh: boolean): Response {
    const { headers } = this.#request;
    const has = fresh ? "hit" : "stale";
    this.#tell(`${has}, ${stored.inWords}`, stored.entry.status);
    const conditional = headers.has("if-none-match") || headers.has("if-modified-since");
    if (fresh && conditional && stored.entry.status === 200) {
      const unchanged = holdsFor((name) => headers.get(name) ?? undefined, stored.header, this.#now());
      if (unchanged) return stored.unchanged(this.#request, this.#context);
    }
    return stored.answer(this.#request, this.#context, has);
  }

  #nothingStored(): Response {
    this.#tell("miss, and the server may not be asked", 504);
    this.#context.whyNotRetried =
      "`only-if-cached` was asked: nothing that may be used is stored, and the server was not asked.";
    const made = { status: 504, statusText: "Gateway Timeout", headers: new Headers() };
    return answerOf(made, null, this.#request, this.#context, "miss");
  }

  /** Asks the server: whether what is stored has changed, or for all of it. */
  async #ask(key: CacheKey, request: Request, stored: StoredResponse | undefined): Promise<Response> {
    const { headers } = request;
    const own = headers.has("if-none-match") || headers.has("if-modified-since");
    const conditions = own || stored === undefined ? [] : conditionsFor(stored.header, this.#now());
    const writer = this.#policy.writers.begin(key.resource);
    let kept = false;
    try {
      let response = await this.#next(withLines(request, conditions), this.#context);
      if (response.status === 304 && stored !== undefined) {
        const same = speaksOf(stored.header, headerOf(response), this.#now());
        if (conditions.length > 0 && same) {
          letGo(response, undefined, this.#context);
          return await this.#confirmed(stored, response, key, writer);
        }
        if (conditions.length > 0) {
          // It speaks of what was not asked about.
          letGo(response, undefined, this.#context);
          response = await this.#next(request, this.#context);
        } else if (same) await this.#update(stored, response, key, writer);
      }
      if (FAILING.has(response.status) && this.#standsIn(stored)) {
        letGo(response, undefined, this.#context);
        return this.#inPlaceOf(`status ${response.status}`, stored);
      }
      if (request.method === "HEAD") {
        if (stored !== undefined && response.status === 200)
          await this.#compare(stored, response, key, writer);
        return markCached(response, "miss");
      }
      const answer = await this.#store(response, key, writer);
      kept = !isWhole(answer);
      return markCached(answer, "miss");
    } catch (error) {
      if (isFailure(error) && this.#context.cancelled === undefined && this.#standsIn(stored)) {
        return this.#inPlaceOf(error.name, stored);
      }
      throw error;
    } finally {
      if (!kept) writer.end();
    }
  }

  #standsIn(stored: StoredResponse | undefined): stored is StoredResponse {
    if (stored === undefined || !this.#canBeRead(stored)) return false;
    return servesForError(stored, this.#asked, this.#policy.mode);
  }

  #inPlaceOf(failure: string, stored: StoredResponse): Response {
    this.#tell(`stale, ${stored.inWords}, in place of ${failure}`, stored.entry.status, "warn");
    return stored.answer(this.#request, this.#context, "stale");
  }

  /** The server says that what is stored is still true. */
  async #confirmed(
    stored: StoredResponse,
    response: Response,
    key: CacheKey,
    writer: Writer,
  ): Promise<Response> {
    const updated = await this.#update(stored, response, key, writer);
    this.#tell("revalidated", updated.entry.status);
    return updated.answer(this.#request, this.#context, "revalidated");
  }

  /** What a confirmation, or a HEAD, says of what is stored; as it is then. */
  async #update(
    stored: StoredResponse,
    newer: Response,
    key: CacheKey,
    writer: Writer,
  ): Promise<StoredResponse> {
    const { entry } = stored;
    const merged: CacheEntry = {
      ...entry,
      headers: updatedHeaders(entry.headers, newer.headers.flat),
      ...this.#times(),
    };
    const updated = StoredResponse.of(merged, merged.receivedAt, this.#policy);
    const why =
      updated === undefined ? "its Cache-Control cannot be parsed" : await this.#whyNot(updated, newer, key);
    const variant = updated && (await varyOf(this.#request, updated.header));
    if (updated === undefined || variant === undefined || why !== undefined) {
      await this.#shelf.remove(key.resource);
    } else {
      const headers = storedHeaders(merged.headers, updated.directives.noCacheFields);
      await this.#put(key, { ...merged, ...variant, headers }, writer);
    }
    return updated ?? stored;
  }

  /** A HEAD that tells of another response than the stored one says that it is of no use (RFC 9111 4.3.5). */
  async #compare(stored: StoredResponse, head: Response, key: CacheKey, writer: Writer): Promise<void> {
    if (isStillThat(stored.header, headerOf(head), this.#now()))
      await this.#update(stored, head, key, writer);
    else await this.#shelf.remove(key.resource);
  }

  #now(): number {
    return this.#context.clock.date();
  }

  #times(): Pick<CacheEntry, "requestedAt" | "receivedAt"> {
    const receivedAt = this.#now();
    return { requestedAt: this.#context.sentAt ?? receivedAt, receivedAt };
  }

  /**
   * Stores a POST's answer that says that it is what a GET of the same URL would get, and for how long (RFC 9110 9.3.3).
   *
   * @returns the response, or one whose body is kept while it is read.
   */
  async keepAnswer(response: Response, asker: string): Promise<Response> {
    const { origin, target } = this.#request;
    const named = response.headers.get("content-location");
    if (response.status !== 200 || named === null) return response;
    const to = resolveLocation(named, origin + target);
    if ("problem" in to || to.href !== origin + target) return response;
    const key = { resource: await resourceOf(to.href), asker };
    const writer = this.#policy.writers.begin(key.resource);
    const kept = await this.#store(response, key, writer, true);
    if (isWhole(kept)) writer.end();
    return kept;
  }

  async #store(response: Response, key: CacheKey, writer: Writer, explicitly = false): Promise<Response> {
    const { status, statusText, headers } = response;
    const fresh: CacheEntry = {
      variant: "",
      vary: [],
      status,
      statusText,
      headers: headers.flat,
      body: null,
      ...this.#times(),
    };
    const read = StoredResponse.of(fresh, fresh.receivedAt, this.#policy);
    const why =
      read === undefined ? "its Cache-Control cannot be parsed" : await this.#whyNot(read, response, key);
    const variant = read && (await varyOf(this.#request, read.header));
    if (read === undefined || variant === undefined || why !== undefined || (explicitly && !read.explicit)) {
      this.#context.note("cache", `miss, not stored${why === undefined ? "" : `: ${why}`}`);
      return response;
    }
    const entry = {
      ...fresh,
      ...variant,
      headers: storedHeaders(headers.flat, read.directives.noCacheFields),
    };
    this.#context.note("cache", "miss");
    // What was followed has no body any more.
    if (this.#context.verdictOf(response)?.kind === "redirect") {
      await this.#put(key, entry, writer);
      return response;
    }
    const { maxEntry } = this.#policy;
    const bytes = wholeBytes(response);
    if (bytes !== undefined) {
      // A copy: it may be a small part of a large buffer.
      if (bytes.length <= maxEntry) await this.#put(key, { ...entry, body: new Uint8Array(bytes) }, writer);
      return response;
    }
    return withPieces(response, () => {
      return new KeptBody(response.stream(), {
        limit: maxEntry,
        whole: (body) => this.#put(key, { ...entry, body }, writer),
        over: () => writer.end(),
      });
    });
  }

  async #whyNot(read: StoredResponse, response: Response, { asker }: CacheKey): Promise<string | undefined> {
    const { entry, header, directives, lifetime, explicit } = read;
    const why = whyNotStored({
      status: entry.status,
      header,
      directives,
      forbidden: this.#asked.noStore,
      lifetime,
      explicit,
    });
    if (why !== undefined) return why;
    const expected = await wasAskedBy(asker, response.request, this.#request, this.#context);
    return expected ? undefined : "what was sent has other credentials than were known";
  }

  async #put(key: CacheKey, entry: CacheEntry, writer: Writer): Promise<void> {
    const what = `${key.asker} ${entry.variant}`;
    if (!writer.mayWrite(what)) return;
    this.#policy.writers.wrote(key.resource, what, writer);
    await this.#shelf.put(key, entry);
  }

  /** Asks the server in the background, once for all that are served what is stored meanwhile (RFC 5861 3). */
  #refresh(stored: StoredResponse, key: CacheKey): void {
    const { resource, asker } = key;
    this.#policy.writers.once(`${resource} ${asker} ${stored.entry.variant}`, async () => {
      const behind = this.#context.apart({ onProgress: undefined, retry: undefined });
      // For a store that ends with the process it need not go on.
      behind.background = !this.#policy.foreign;
      const passage = new Passage(this.#request, behind, this.#policy, this.#next);
      const tooLong = (): void => behind.cancel(new TimeoutError("total", LONGEST_REFRESH));
      const timer = behind.clock.timer(LONGEST_REFRESH, tooLong, true);
      try {
        const ask = deadline(() => passage.#ask(key, this.#request, stored));
        const { status } = await ask(this.#request, behind);
        if (FAILING.has(status)) passage.#tell("not refreshed", status, "warn");
      } catch (error) {
        const why = error instanceof Error ? error.name : String(error);
        passage.#tell(`not refreshed: ${why}`, 0, "warn");
      } finally {
        timer.cancel();
        behind.settle();
      }
    });
  }

  /** The request with what has caches on the way ask anew, as Fetch has it, unless the caller asked for something else. */
  #askingAnew(directive: "no-cache" | "max-age=0"): Request {
    if (this.#request.headers.has("cache-control")) return this.#request;
    const pragma = directive === "no-cache" ? ["pragma", "no-cache"] : [];
    return withLines(this.#request, ["cache-control", directive, ...pragma]);
  }

  #tell(detail: string, status: number, level: LogLevel = "debug"): void {
    this.#context.note("cache", detail);
    if (this.#context.settings.log === undefined) return;
    const { method, url } = this.#request.toJSON();
    const line = `${method} ${url}${status === 0 ? "" : ` → ${status}`} (cache: ${detail})`;
    logLine(this.#context, level, line, { method, url, ...(status === 0 ? {} : { status }) });
  }
}

function headerOf(response: Response): ReadHeader {
  return (name) => fieldOf(response, name);
}

function withLines(request: Request, lines: readonly string[]): Request {
  if (lines.length === 0) return request;
  const changed = request.with({});
  for (let i = 0; i < lines.length; i += 2) changed.headers.set(lines[i] ?? "", lines[i + 1] ?? "");
  return changed;
}

/**
 * Whether a server could not be reached, did not answer, or is left alone because it has not. What the caller's own limits ended is
 * no such thing.
 */
function isFailure(error: unknown): error is ChasquiError {
  if (error instanceof NetworkError || error instanceof CircuitOpenError) return true;
  return error instanceof TimeoutError && error.phase !== "total" && error.phase !== "signal";
}
