import type { ChasquiError } from "../errors/chasqui-error.ts";
import { CircuitOpenError } from "../errors/circuit-open-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { LogLevel } from "../log.ts";
import { apart } from "../pipeline/apart.ts";
import type { CallContext } from "../pipeline/call-context.ts";
import { deadline } from "../pipeline/deadline.ts";
import { letGo } from "../pipeline/let-go.ts";
import { logLine } from "../pipeline/log-line.ts";
import type { Handler } from "../pipeline/stage.ts";
import { Headers } from "../request/headers.ts";
import type { Request } from "../request/request.ts";
import { isWhole, markCached, type Response } from "../response/response.ts";
import { askerOf } from "./asker.ts";
import { type RequestDirectives, requestDirectives } from "./cache-control.ts";
import type { CachePolicy } from "./cache-option.ts";
import type { CacheKey } from "./cache-store.ts";
import { headerOf, Keeper } from "./keeper.ts";
import { reuseOf, servesForError } from "./reuse.ts";
import { resourceOf, Shelf } from "./shelf.ts";
import { answerOf, type StoredResponse } from "./stored-response.ts";
import { conditionsFor, holdsFor, speaksOf } from "./validation.ts";
import type { Writer } from "./writers.ts";

/** Statuses of a server that fails, in whose place a stored response may be given (RFC 5861 4). */
const FAILING: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** The longest that a stored response is refreshed in the background, in milliseconds. */
const LONGEST_REFRESH = 30_000;

/** A GET or a HEAD for all of a resource. */
export class Passage {
  readonly #request: Request;
  readonly #context: CallContext;
  readonly #policy: CachePolicy;
  readonly #next: Handler;
  readonly #shelf: Shelf;
  readonly #keeper: Keeper;
  readonly #asked: RequestDirectives;

  constructor(request: Request, context: CallContext, policy: CachePolicy, next: Handler) {
    this.#request = request;
    this.#context = context;
    this.#policy = policy;
    this.#next = next;
    this.#shelf = new Shelf(context, policy);
    this.#keeper = new Keeper(request, context, policy, this.#shelf);
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
    const found = await this.#shelf.find(key, this.#request);
    if (mode === "reload") return this.#ask(key, this.#askingAnew("no-cache"), found, false);
    const { redirect } = this.#context.settings;
    // A redirect that was followed has no body for one who wants to read it.
    const readable = found !== undefined && (found.entry.body !== null || redirect.mode !== "manual");
    return this.#answerWith(readable ? found : undefined, key);
  }

  async #answerWith(stored: StoredResponse | undefined, key: CacheKey): Promise<Response> {
    const { mode } = this.#policy;
    const reuse = stored === undefined ? "validate" : reuseOf(stored, this.#asked, mode);
    const usable = stored !== undefined && reuse !== "validate";
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

  #give(stored: StoredResponse, fresh: boolean): Response {
    const { headers } = this.#request;
    const has = fresh ? "hit" : "stale";
    this.#tell(`${has}, ${stored.inWords}`, stored.entry.status);
    if (fresh && isConditional(this.#request) && stored.entry.status === 200) {
      const now = this.#context.clock.date();
      const unchanged = holdsFor((name) => headers.get(name) ?? undefined, stored.header, now);
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

  /**
   * Asks the server: whether what is stored has changed, or for all of it.
   *
   * @param mayConfirm - Whether it is asked if what is stored has changed.
   */
  async #ask(
    key: CacheKey,
    request: Request,
    stored: StoredResponse | undefined,
    mayConfirm = true,
  ): Promise<Response> {
    const own = isConditional(request);
    const now = this.#context.clock.date();
    const conditions = own || !mayConfirm || stored === undefined ? [] : conditionsFor(stored.header, now);
    const writer = this.#policy.writers.begin(key.resource);
    let kept = false;
    try {
      let response = await this.#next(withLines(request, conditions), this.#context);
      if (response.status === 304 && stored !== undefined) {
        const same = speaksOf(stored.header, headerOf(response), now);
        if (own) {
          if (same) await this.#keeper.update(stored, response, key, writer);
          return markCached(response, "miss");
        }
        letGo(response, undefined, this.#context);
        if (same && conditions.length > 0) return await this.#confirmed(stored, response, key, writer);
        // It speaks of what was not asked about.
        response = await this.#next(request, this.#context);
      }
      if (FAILING.has(response.status) && this.#standsIn(stored)) {
        letGo(response, undefined, this.#context);
        return this.#inPlaceOf(`status ${response.status}`, stored);
      }
      if (request.method === "HEAD") {
        const tells = stored !== undefined && response.status === 200;
        if (tells) await this.#keeper.compare(stored, response, key, writer);
        return markCached(response, "miss");
      }
      const answer = await this.#keeper.keep(response, key, writer, stored);
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
    return stored !== undefined && servesForError(stored, this.#asked, this.#policy.mode);
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
    const updated = await this.#keeper.update(stored, response, key, writer);
    this.#tell("revalidated", updated.entry.status);
    return updated.answer(this.#request, this.#context, "revalidated");
  }

  /** Asks the server in the background, once for all that are served what is stored meanwhile (RFC 5861 3). */
  #refresh(stored: StoredResponse, key: CacheKey): void {
    const { resource, asker } = key;
    this.#policy.writers.once(`${resource} ${asker} ${stored.entry.variant}`, async () => {
      const behind = apart(this.#context, { onProgress: undefined, retry: undefined });
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

/** Whether a request has a condition of the caller's own. */
function isConditional({ headers }: Request): boolean {
  return headers.has("if-none-match") || headers.has("if-modified-since");
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
