import type { Auth, Credentials } from "../auth/auth.ts";
import type { CallSite } from "../call-site.ts";
import type { Clock } from "../clock.ts";
import type { CookieStore } from "../cookies/cookie-jar.ts";
import { rememberCall } from "../errors/caller-error.ts";
import { attachCall, type CallFacts, ChasquiError, tellHint } from "../errors/chasqui-error.ts";
import { TimeoutError } from "../errors/timeout-error.ts";
import type { Headers } from "../request/headers.ts";
import type { RequestOptions } from "../request/options.ts";
import { printable } from "../request/redact.ts";
import type { Request } from "../request/request.ts";
import { isSensitiveHeader } from "../request/sensitive-headers.ts";
import type { Settings } from "../request/settings.ts";
import { hintAtDefault, resolvedTimeouts, type Timeouts } from "../request/timeouts.ts";
import type { Response } from "../response/response.ts";
import type { ResponseOwner } from "../response/response-parts.ts";
import type { StepKind } from "../trace/events.ts";
import { type ExchangeRecord, type StepRecord, type Trace, wasRefused } from "../trace/trace.ts";
import type { ConnectionOptions } from "../transport/connection-options.ts";
import { CallEnd } from "./call-end.ts";
import { traceOf } from "./call-trace.ts";
import type { Closing } from "./closing.ts";
import type { CountBytes } from "./progress.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { FailureKind } from "./retry-limits.ts";
import { statusHint } from "./status-hint.ts";
import type { Transfer } from "./transfer.ts";
import type { Verdict } from "./verdict.ts";
import { Verdicts } from "./verdicts.ts";

/** The most that is buffered of a body that nobody limited. */
const BUFFER_LIMIT = 256 * 1024 * 1024;

/** What a call is made with. */
export interface CallStart {
  readonly settings: Settings;
  /** What the call was given, for hooks; undefined where it was given nothing. */
  readonly options?: RequestOptions | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly streamed: boolean;
  readonly auth: Auth | undefined;
  readonly jar: JarHolder | undefined;
  readonly closing: Closing;
  readonly site: CallSite;
  readonly transfer: Promise<Transfer> | undefined;
  readonly budget: RetryBudget;
}

/** Where the jar of a client, or of a single call, is kept; it is made when the first cookie is seen. */
export interface JarHolder {
  jar: CookieStore | undefined;
  /** What the caller said, for a runtime that keeps cookies by itself; undefined where nothing was said. */
  readonly wanted?: boolean | "jar" | undefined;
}

const NO_OPTIONS: RequestOptions = Object.freeze({});

/**
 * One logical call on its way through the pipeline: what all its stages know of it, and how it is given up. A call has
 * one; its redirects, retries and replays share it.
 */
export class CallContext extends CallEnd implements ResponseOwner {
  readonly settings: Settings;
  /** What the call was given. */
  readonly options: RequestOptions;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  readonly random: () => number;
  readonly streamed: boolean;
  readonly auth: Auth | undefined;
  readonly jar: JarHolder | undefined;
  readonly closing: Closing;
  readonly startedAt: number;
  /** How many retries there may be, over all calls of the client. */
  readonly budget: RetryBudget;
  /** What asks for the body in its own way, if anything does. */
  readonly transfer: Promise<Transfer> | undefined;
  /** Makes what counts the bytes of one exchange, where they are counted. */
  counting: CountBytes | undefined;
  /** From which byte on the rest of a file was asked for; 0 where all of it was. */
  resumedAt = 0;
  /** Exchanges begun, those that only stood in line for a connection included. */
  begun = 0;
  /** The number of the exchange that is about to begin, where somebody is told of it; it counts as `attempts` does. */
  attempt = 0;
  /** Retries made, of all hops together. */
  retries = 0;
  /** Of these, how many followed failures of which kind; undefined before the first. */
  retriesAfter: Partial<Record<FailureKind, number>> | undefined;
  /** Of these, those of the hops before: a server that redirects has answered, and the backoff begins anew (#155). */
  retriesBefore = 0;
  /** The wait before the attempt under way, in milliseconds. */
  lastDelay = 0;
  /** Why the last failure was not tried again, where the caller can do something about it. */
  whyNotRetried: string | undefined;
  /** Exchanges that have not ended: more than one where a middleware asks again before it has an answer. */
  underWay = 0;
  /** Whether the last exchange, or one that was under way with it, had begun to write its request. */
  written = false;
  /** What the first exchange came to, where it was made before the stages were entered. */
  made: { readonly response: Response } | { readonly error: unknown } | undefined;
  /** What the `Auth` gave for the first exchange, where it was asked before the stages were entered. */
  given: Credentials | Promise<Credentials> | undefined;
  /** The last response of a transport's that set no cookie. Of any other, what a middleware made of it too, the headers tell. */
  cookieless: Response | undefined;
  /** When the total runs out, by the clock; Infinity where it does not. */
  deadline: number = Number.POSITIVE_INFINITY;
  /** The responses that led to the hop under way. */
  history: readonly Response[] = [];
  /** The origin that credentials and cookies of the call are bound to. */
  boundOrigin: string | undefined;
  /** The client's headers, where its credentials are used: a header that differs was set for this very call. */
  clientHeaders: Headers | undefined;
  /** Whether a redirect left that origin: what stayed behind does not come back (D19). */
  crossed = false;
  /** Names of the headers that were left behind at a border. */
  withheld: readonly string[] = [];
  /** Whether a 401, or another status of its `Auth`, could not be answered, because the body can be sent once (#104). */
  unanswered = false;
  /** The path as the caller wrote it, where `path` filled it in and somebody measures by it. */
  template: string | undefined;
  /** The request on its way, for errors. */
  request: Request | undefined;
  /** What the lines of this call are known by, in logs and traces; drawn when it is first asked for. */
  #id: string | undefined;
  /** Whether the process may end before the call does: nobody waits for it. */
  background = false;
  /** When the last exchange was begun, in milliseconds since 1970; set where a cache is to know. */
  sentAt: number | undefined;
  /** How much there is in the trace: what comes next has this number. */
  noted = 0;
  /** The last exchange that was begun, which knows the one before it. */
  lastExchange: ExchangeRecord | undefined;
  /** What was noted besides exchanges; undefined while nothing was. */
  steps: StepRecord[] | undefined;

  /** The caller's place, for errors. */
  readonly site: CallSite;
  /** Made for the first response that is not the answer, or has another in its place; most calls have none. */
  #verdicts: Verdicts | undefined;
  #challenged: Set<string> | undefined;

  /** The call that this is a part of, where one request is sent twice at a time; itself otherwise. It has the count and the trace. */
  readonly root: CallContext;

  /** @param whole - What it is to be a part of. */
  constructor(start: CallStart, whole?: CallContext) {
    super();
    this.root = whole ?? this;
    this.settings = start.settings;
    this.options = start.options ?? NO_OPTIONS;
    this.clock = start.clock;
    this.random = start.random;
    this.streamed = start.streamed;
    this.auth = start.auth;
    this.jar = start.jar;
    this.closing = start.closing;
    this.transfer = start.transfer;
    this.budget = start.budget;
    this.site = start.site;
    this.timeouts = resolvedTimeouts(start.settings.timeouts, start.streamed);
    this.startedAt = whole?.startedAt ?? start.clock.now();
  }

  get maxBytes(): number {
    return this.settings.maxBytes ?? BUFFER_LIMIT;
  }

  get maxRecord(): number {
    return this.settings.maxRecord;
  }

  get encoding(): string | undefined {
    return this.settings.encoding;
  }

  get parseJson(): ((text: string) => unknown) | undefined {
    return this.settings.parseJson;
  }

  /** How many times a request was sent, or a connection for it was sought: one that only stood in line for a connection, or was refused, is none. */
  get attempts(): number {
    let attempts = this.begun;
    for (let exchange = this.lastExchange; exchange !== undefined; exchange = exchange.previous) {
      if (exchange.timing.inLine || wasRefused(exchange)) attempts--;
    }
    return attempts;
  }

  elapsed(): number {
    return this.clock.now() - this.startedAt;
  }

  /** How a connection to an origin is made: what belongs to the call's own stays behind at a border and does not come back. */
  connectionTo(origin: string): ConnectionOptions | undefined {
    const { connection } = this.settings;
    if (connection === undefined) return undefined;
    return this.crossed || origin !== this.boundOrigin ? connection.abroad : connection;
  }

  /** Counts a retry, and what it follows. */
  countRetry(after: FailureKind): void {
    this.retries++;
    this.retriesAfter ??= {};
    this.retriesAfter[after] = (this.retriesAfter[after] ?? 0) + 1;
  }

  /**
   * Notes for the trace what happened besides exchanges.
   *
   * @param startedAt - By the clock; what began then ends now, or takes `duration` milliseconds.
   */
  note(kind: StepKind, detail: string, startedAt: number = this.clock.now(), duration?: number): void {
    const start = startedAt - this.startedAt;
    const { root } = this;
    root.steps ??= [];
    root.steps.push({
      order: root.noted++,
      step: { kind, start, duration: duration ?? this.clock.now() - startedAt, detail },
    });
  }

  get id(): string {
    if (this.root !== this) return this.root.id;
    this.#id ??= crypto.randomUUID();
    return this.#id;
  }

  /** The request with the id of the call in a header; one that the caller set is the id. */
  named(request: Request, header: string): Request {
    const own = request.headers.get(header);
    if (own !== null) {
      const hidden = isSensitiveHeader(header) || request.headers.secretNames?.has(header) === true;
      this.#id = hidden ? undefined : printable(own);
      return request;
    }
    const headers = request.headers.clone();
    headers.set(header, this.id);
    return request.with({ headers });
  }

  /** What has happened so far. */
  trace(): Trace {
    return traceOf(this.root);
  }

  /** Origins at which an `Auth` has answered a refusal. */
  get challenged(): Set<string> {
    this.#challenged ??= new Set();
    return this.#challenged;
  }

  /** Begins the hops of a chain of redirects; a middleware that asks again gets one that has left nothing behind. */
  startAtHome(): void {
    this.history = [];
    this.crossed = false;
    this.withheld = [];
  }

  statusHint(response: Pick<Response, "status" | "headers">): string | undefined {
    return statusHint(response, this);
  }

  /** Tells an error which call it came from. One that is not of the family is the caller's own, and stays what it is. */
  adopt<E>(error: E): E {
    const facts: CallFacts = {
      request: this.request?.toJSON(),
      attempts: this.root.attempts,
      elapsed: this.elapsed(),
      site: this.settings.stack ? this.site : undefined,
      trace: () => this.trace(),
    };
    if (error instanceof TimeoutError) this.#tellDefault(error);
    if (error instanceof ChasquiError) attachCall(error, facts);
    else if (typeof error === "object" && error !== null) rememberCall(error, facts);
    return error;
  }

  /** Of a limit that the caller did not give the error says so; that of another call has said it. */
  #tellDefault(error: TimeoutError): void {
    const { phase, timeout, hint } = error;
    if (error.request !== undefined || timeout === undefined) return;
    const said = hintAtDefault(this.timeouts, phase, timeout);
    if (said !== undefined) tellHint(error, hint === undefined ? said : `${said} ${hint}`);
  }

  /** What was decided at the headers of a response; undefined for one that did not come from a transport. */
  verdictOf(response: Response): Verdict | undefined {
    return this.#verdicts?.of(response);
  }

  decide(response: Response, verdict: Verdict): void {
    this.#verdicts ??= new Verdicts();
    this.#verdicts.decide(response, verdict);
  }

  replaced(response: Response, replacement: Response): void {
    this.#verdicts ??= new Verdicts();
    this.#verdicts.replaced(response, replacement);
  }

  /** What was last made out of a response; it has the streamed body now. */
  successorOf(response: Response): Response | undefined {
    return this.#verdicts?.successorOf(response);
  }
}
