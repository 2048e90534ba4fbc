import type { ClientState } from "./client-options.ts";
import { ChasquiError } from "./errors/chasqui-error.ts";
import { OptionsError } from "./errors/options-error.ts";
import { type EventsOptions, type Reconnecting, readEventsOptions } from "./events-options.ts";
import { failedAttempt } from "./pipeline/retry.ts";
import { defaultRetryPolicy, type FailedAttempt } from "./pipeline/retry-policy.ts";
import { type AttemptFailure, retryVerdict } from "./pipeline/retry-timing.ts";
import { signalError } from "./pipeline/signal-error.ts";
import type { PreparedCall } from "./prepared-call.ts";
import type { Headers } from "./request/headers.ts";
import type { Settings } from "./request/settings.ts";
import { resolvedTimeouts } from "./request/timeouts.ts";
import { type EventState, events, type ServerSentEvent } from "./response/events.ts";
import type { Records } from "./response/records.ts";
import { ownerOf, type Response } from "./response/response.ts";
import type { ResponseOwner } from "./response/response-parts.ts";
import type { ChangeCall, StartCall } from "./start.ts";

/** A connection that stood this long was one, whatever came of it: proxies end a silent one after a minute. */
const STOOD = 10_000;

/**
 * The least wait after one that did not stand, in milliseconds, where the server's `retry` asks for less: with an event in each, no
 * count of failures would ever end a storm of connections. A client may wait longer than it was told (HTML 9.2.3).
 */
const LEAST_WAIT = 1000;

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * The events of a call, over as many connections as it takes. The first one is a call like any other; the further ones
 * send the same request through the whole pipeline again, with the id of the last event. They are not retried by the
 * pipeline: what fails then is one attempt of this stream, by the same rules.
 */
export class EventStream implements AsyncIterableIterator<ServerSentEvent, undefined> {
  readonly #reconnecting: Reconnecting;
  readonly #check: (response: Response) => Response;
  readonly #said: EventState;
  readonly #first: Promise<Response>;
  readonly #start: StartCall | undefined;
  #call: PreparedCall | undefined;
  #client: ClientState | undefined;
  #startedAt = 0;
  #current: Records<ServerSentEvent> | undefined;
  #connectedAt: number | undefined;
  /** Whether an attempt to connect again is the next thing to do. */
  #again = false;
  #failures = 0;
  #left = false;
  /** Whose call the last connection was. */
  #owner: ResponseOwner | undefined;
  /** Ends what is under way between two connections: when the reader leaves, and when the caller's signal says so. */
  #stop: AbortController | undefined;
  #unlisten: () => void = nothing;
  #reads = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param options - The caller's.
   * @param check - Throws at a bad status, as the call's option `raise` says.
   * @param first - The first connection's.
   * @param start - Makes the further ones. Undefined where the call was begun before its events were asked for.
   * @throws {OptionsError} when an option does not exist or has a bad value.
   */
  constructor(
    options: EventsOptions | undefined,
    check: (response: Response) => Response,
    first: Promise<Response>,
    start: StartCall | undefined,
  ) {
    this.#reconnecting = readEventsOptions(options);
    this.#said = { lastEventId: this.#reconnecting.lastEventId, retry: undefined };
    this.#check = check;
    this.#first = first;
    this.#start = start;
    if (start !== undefined || this.#reconnecting.asked !== true) return;
    throw new OptionsError("A call that is under way already cannot connect again", {
      option: "events.reconnect",
      hint: "Chain events() to the call in the same breath: get(url).events().",
    });
  }

  /** Makes a call one for events: the first connection's. */
  readonly change: ChangeCall = (call, client) => {
    this.#call = call;
    this.#client = client;
    this.#startedAt = client.clock.now();
    return this.#asking(call, {});
  };

  next(): Promise<IteratorResult<ServerSentEvent, undefined>> {
    const read = this.#reads++ === 0 ? this.#read() : this.#turn.then(() => this.#read());
    this.#turn = read.catch(nothing);
    return read;
  }

  /** Never rejects. What is under way, a wait too, ends. */
  async return(): Promise<IteratorResult<ServerSentEvent, undefined>> {
    this.#left = true;
    this.#stop?.abort();
    const current = this.#current;
    this.#over();
    if (current !== undefined) await current.return();
    // It is closed when it comes.
    else void this.#first.then((response) => response.close()).catch(nothing);
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #read(): Promise<IteratorResult<ServerSentEvent, undefined>> {
    try {
      for (;;) {
        if (this.#left) return END;
        this.#current ??= await this.#connected();
        if (this.#current === undefined) break;
        let failure: unknown;
        try {
          const result = await this.#current.next();
          if (result.done !== true) {
            this.#failures = 0;
            return result;
          }
        } catch (error) {
          failure = error;
        }
        this.#current = undefined;
        if (this.#left) return END;
        if (!(await this.#waited(dropped(failure)))) {
          if (failure !== undefined) throw failure;
          break;
        }
      }
    } catch (error) {
      const left = this.#left;
      this.#left = true;
      this.#over();
      if (!left) throw error;
    } finally {
      this.#reads--;
    }
    this.#left = true;
    this.#over();
    return END;
  }

  /** The next connection; undefined where the server wants none (204). */
  async #connected(): Promise<Records<ServerSentEvent> | undefined> {
    const response = this.#check(await this.#response());
    if (this.#left || response.status === 204) {
      await response.close();
      return undefined;
    }
    this.#again = true;
    this.#connectedAt = this.#client?.clock.now();
    const owner = ownerOf(response);
    this.#owner = owner;
    return events(response.stream(), {
      maxRecord: owner?.maxRecord ?? Number.POSITIVE_INFINITY,
      parseJson: owner?.parseJson,
      status: response.status,
      contentType: response.headers.get("content-type") ?? undefined,
      adopt: (error) => owner?.adopt(error) ?? error,
      state: this.#said,
    });
  }

  async #response(): Promise<Response> {
    const start = this.#start;
    if (!this.#again || start === undefined) return this.#first;
    for (;;) {
      let failure: unknown;
      try {
        const response = await start(async () => (call, client) => this.#nextCall(call, client));
        const { status } = response;
        if (status < 400 || this.#left) return response;
        const retryAfter = response.headers.get("retry-after");
        if (!(await this.#waited({ kind: "status", status, retryAfter }))) return response;
        await response.close();
      } catch (error) {
        failure = error;
      }
      if (failure !== undefined && !(await this.#waited(dropped(failure)))) throw failure;
    }
  }

  /** Whether another connection may be made; the wait before it is over then. */
  async #waited(failure: AttemptFailure | undefined): Promise<boolean> {
    const call = this.#call;
    const client = this.#client;
    if (failure === undefined || call === undefined || client === undefined || !this.#may(call)) return false;
    const { clock } = client;
    const since = this.#connectedAt ?? Number.POSITIVE_INFINITY;
    const stood = clock.now() - since >= STOOD;
    if (stood) this.#failures = 0;
    this.#connectedAt = undefined;
    const { attempts, delay, maxDelay } = this.#reconnecting;
    const policy = call.settings.retry ?? defaultRetryPolicy;
    const verdict = retryVerdict({
      policy: {
        ...policy,
        attempts: attempts + 1,
        // Whether it may be sent again has been decided.
        methods: null,
        backoff: { base: delay, factor: 2, cap: maxDelay },
        maxWait: Math.max(policy.maxWait, maxDelay),
      },
      method: call.request.method,
      attempt: this.#failures + 1,
      failure,
      bodyReplayable: call.request.body?.replayable ?? true,
      now: clock.date(),
      random: client.random,
    });
    if (!verdict.retry) return false;
    const { retry } = this.#said;
    let wait = verdict.delay;
    if (retry !== undefined) {
      const told = Math.min(Math.max(retry, stood ? 0 : Math.min(delay, LEAST_WAIT)), maxDelay);
      // The server's own wait, and what the failures in a row add to it.
      wait = this.#failures === 0 && failure.kind === "error" ? told : Math.max(told, wait);
    }
    if (wait >= this.#remaining(call, client)) return false;
    this.#failures++;
    await this.#sleep(wait, call, client);
    return true;
  }

  #may({ request, settings }: PreparedCall): boolean {
    return this.#reconnecting.asked ?? (request.method === "GET" && settings.retry !== undefined);
  }

  /** What is left of the call's total, of which all connections and waits have one. */
  #remaining({ settings }: PreparedCall, { clock }: ClientState): number {
    const { total } = resolvedTimeouts(settings.timeouts, true);
    return total === 0 ? Number.POSITIVE_INFINITY : this.#startedAt + total - clock.now();
  }

  async #sleep(ms: number, call: PreparedCall, { clock, pool }: ClientState): Promise<void> {
    const { signal } = this.#stopper(call);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = clock.timer(ms, resolve);
    const unlisten = pool.closing.listen(reject);
    const stop = (): void => reject(signalError(signal));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
    try {
      await promise;
    } catch (error) {
      throw this.#owner?.adopt(error) ?? error;
    } finally {
      timer.cancel();
      unlisten();
      signal.removeEventListener("abort", stop);
    }
  }

  /** One listener on the caller's signal, from the first drop to the end (P21). */
  #stopper({ settings }: PreparedCall): AbortController {
    if (this.#stop !== undefined) return this.#stop;
    const stop = new AbortController();
    this.#stop = stop;
    const { signal } = settings;
    if (this.#left) stop.abort();
    else if (signal?.aborted) stop.abort(signal.reason);
    else if (signal !== undefined) {
      const forward = (): void => stop.abort(signal.reason);
      signal.addEventListener("abort", forward, { once: true });
      this.#unlisten = () => signal.removeEventListener("abort", forward);
    }
    return stop;
  }

  #over(): void {
    this.#current = undefined;
    this.#unlisten();
    this.#unlisten = nothing;
  }

  #nextCall(call: PreparedCall, client: ClientState): PreparedCall {
    client.pool.closing.refuse();
    const left = this.#remaining(call, client);
    const { timeouts } = call.settings;
    return this.#asking(call, {
      retry: undefined,
      signal: this.#stopper(call).signal,
      timeouts: left === Number.POSITIVE_INFINITY ? timeouts : { ...timeouts, total: Math.max(1, left) },
    });
  }

  /** The call, as one for events. */
  #asking(call: PreparedCall, changes: Partial<Settings>): PreparedCall {
    const settings = { ...call.settings, ...changes };
    const { timeouts } = settings;
    // A stream of events may be silent for hours; a limit that was named is one.
    if (timeouts.single === 0 && !timeouts.named.has("idle")) settings.timeouts = { ...timeouts, idle: 0 };
    return { ...call, settings, request: call.request.with({ headers: this.#headers(call) }) };
  }

  #headers({ request }: PreparedCall): Headers {
    const headers = request.headers.clone();
    // What every request has unless told otherwise.
    if ((headers.get("accept") ?? "*/*") === "*/*") headers.set("accept", "text/event-stream");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    const { lastEventId } = this.#said;
    if (lastEventId !== "") {
      try {
        headers.set("last-event-id", utf8InLatin1(lastEventId));
      } catch {
        // An id with control characters cannot be said in a header (RFC 9110 5.5); an older one would be wrong.
        headers.delete("last-event-id");
      }
    }
    return headers;
  }
}

/** The end of a connection, as an attempt that failed; undefined for what would happen again. */
function dropped(failure: unknown): AttemptFailure | undefined {
  // An end that nobody asked for is as good as a connection that was closed.
  if (failure === undefined) return { kind: "error", error: CLOSED, requestWritten: true };
  if (!(failure instanceof ChasquiError)) return undefined;
  return { kind: "error", error: failedAttempt(failure), requestWritten: true };
}

const CLOSED: FailedAttempt = Object.freeze({ code: "ERR_NETWORK", networkKind: "closed" });

/** The bytes of a text in UTF-8, as the Latin-1 that a header is written in: what the HTML standard sends. */
function utf8InLatin1(text: string): string {
  let value = "";
  for (const byte of new TextEncoder().encode(text)) value += String.fromCharCode(byte);
  return value;
}

function nothing(): void {}
