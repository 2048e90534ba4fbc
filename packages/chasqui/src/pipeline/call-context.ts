import type { Auth, Credentials } from "../auth/auth.ts";
import { authElsewhere } from "../auth/lookup.ts";
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
import { type ExchangeRecord, type StepRecord, Trace } from "../trace/trace.ts";
import type { ConnectionOptions } from "../transport/connection-options.ts";
import type { Closing } from "./closing.ts";
import type { CountBytes } from "./progress.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { FailureKind } from "./retry-limits.ts";
import type { Transfer } from "./transfer.ts";
import type { Verdict } from "./verdict.ts";

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
  readonly site: { readonly stack?: string } | undefined;
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

type CancelListener = (reason: Error) => void;

/**
 * One logical call on its way through the pipeline: what all its stages know of it, and how it is given up. A call has
 * one; its redirects, retries and replays share it.
 */
export class CallContext implements ResponseOwner {
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
  /** While it is true, a body that ends or breaks is not the end of the call: the rest will be asked for. */
  goesOn = false;
  /** Makes what counts the bytes of one exchange, where they are counted. */
  counting: CountBytes | undefined;
  /** From which byte on the rest of a file was asked for; 0 where all of it was. */
  resumedAt = 0;
  /** Exchanges begun, those that only stood in line for a connection included. */
  begun = 0;
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
  /** Whether a 401 could not be answered, because the body can be sent once (#104). */
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

  readonly #site: { readonly stack?: string } | undefined;
  /** Made for the first response that is not the answer; most calls have none. */
  #verdicts: WeakMap<Response, Verdict> | undefined;
  #challenged: Set<string> | undefined;
  #successors: WeakMap<Response, Response> | undefined;
  #listeners: CancelListener[] | undefined;
  #whenCancelled: CancelListener | undefined;
  #cancelled: Error | undefined;
  #atSettle: (() => void) | undefined;
  #steps: StepRecord[] | undefined;
  #endedAt: number | undefined;
  #settled = false;

  /** The call that this is a part of, where one request is sent twice at a time; itself otherwise. It has the count and the trace. */
  readonly root: CallContext;

  /** @param whole - What it is to be a part of. */
  constructor(start: CallStart, whole?: CallContext) {
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
    this.#site = start.site;
    this.timeouts = resolvedTimeouts(start.settings.timeouts, start.streamed);
    this.startedAt = whole?.startedAt ?? start.clock.now();
  }

  /**
   * A call of its own, with the rights of this one, which goes on when this one is given up.
   *
   * @param changes - Settings that are other ones there; the signal is none in any case.
   */
  apart(changes: Partial<Settings> = {}): CallContext {
    const { options, clock, random, auth, jar, closing, budget } = this;
    const settings = { ...this.settings, signal: undefined, ...changes };
    const site = undefined;
    const transfer = undefined;
    const streamed = false;
    const own = new CallContext({
      settings,
      options,
      clock,
      random,
      streamed,
      auth,
      jar,
      closing,
      site,
      transfer,
      budget,
    });
    own.boundOrigin = this.boundOrigin;
    own.clientHeaders = this.clientHeaders;
    own.crossed = this.crossed;
    own.withheld = this.withheld;
    own.template = this.template;
    return own;
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

  /** How many times a request was sent, or a connection for it was sought: one that only stood in line for a connection is none. */
  get attempts(): number {
    let attempts = this.begun;
    for (let exchange = this.lastExchange; exchange !== undefined; exchange = exchange.previous) {
      if (exchange.timing.inLine) attempts--;
    }
    return attempts;
  }

  elapsed(): number {
    return this.clock.now() - this.startedAt;
  }

  /** Why the call was given up, if it was. */
  get cancelled(): Error | undefined {
    return this.#cancelled;
  }

  /** Gives the whole call up. */
  cancel(reason: Error): void {
    if (this.#cancelled !== undefined || this.#settled) return;
    this.#cancelled = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener(reason);
    this.#whenCancelled?.(reason);
  }

  /** How a connection to an origin is made: what belongs to the call's own stays behind at a border and does not come back. */
  connectionTo(origin: string): ConnectionOptions | undefined {
    const { connection } = this.settings;
    if (connection === undefined) return undefined;
    return this.crossed || origin !== this.boundOrigin ? connection.abroad : connection;
  }

  /** Tells one listener when the whole call is given up. */
  whenCancelled(listener: CancelListener): void {
    this.#whenCancelled = listener;
  }

  /** Calls the listener when the call is given up. Returns how to stop listening. */
  onCancel(listener: CancelListener): () => void {
    if (this.#cancelled !== undefined) {
      listener(this.#cancelled);
      return () => {};
    }
    this.#listeners ??= [];
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners?.indexOf(listener) ?? -1;
      if (at >= 0) this.#listeners?.splice(at, 1);
    };
  }

  /** Counts a retry, and what it follows. */
  countRetry(after: FailureKind): void {
    this.retries++;
    this.retriesAfter ??= {};
    this.retriesAfter[after] = (this.retriesAfter[after] ?? 0) + 1;
  }

  /** Waits, unless the call is given up (P4) or the client closed first. */
  async sleep(ms: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.clock.timer(ms, resolve);
    const unlisten = [this.onCancel(reject), this.closing.listen(reject)];
    try {
      await promise;
    } finally {
      timer.cancel();
      for (const stop of unlisten) stop();
    }
  }

  /** Remembers what to undo when the call is over: when its response, or the streamed body of it, has been read. */
  atSettle(undo: () => void): void {
    this.#atSettle = undo;
  }

  settle(): void {
    if (this.#settled || this.goesOn) return;
    this.#settled = true;
    this.#endedAt = this.clock.now();
    this.#atSettle?.();
  }

  /**
   * Notes for the trace what happened besides exchanges.
   *
   * @param startedAt - By the clock; what began then ends now, or takes `duration` milliseconds.
   */
  note(kind: StepKind, detail: string, startedAt: number = this.clock.now(), duration?: number): void {
    const { root } = this;
    root.#steps ??= [];
    root.#steps.push({
      order: root.noted++,
      step: {
        kind,
        start: startedAt - this.startedAt,
        duration: duration ?? this.clock.now() - startedAt,
        detail,
      },
    });
  }

  get id(): string {
    if (this.root !== this) return this.root.id;
    this.#id ??= crypto.randomUUID();
    return this.#id;
  }

  /** A part of the call that can be given up by itself, and ends with it. */
  fork(): CallContext {
    const { settings, options, clock, random, streamed, auth, jar, closing, transfer, budget } = this;
    const site = this.#site;
    const fork = new CallContext(
      { settings, options, clock, random, streamed, auth, jar, closing, site, transfer, budget },
      this.root,
    );
    fork.retries = this.retries;
    fork.retriesBefore = this.retriesBefore;
    fork.lastDelay = this.lastDelay;
    fork.deadline = this.deadline;
    fork.history = this.history;
    fork.boundOrigin = this.boundOrigin;
    fork.clientHeaders = this.clientHeaders;
    fork.crossed = this.crossed;
    fork.withheld = this.withheld;
    fork.template = this.template;
    fork.request = this.request;
    // Its own: while one part answers a 401, that of another is a challenge as well, and not the answer.
    if (this.#challenged !== undefined) fork.#challenged = new Set(this.#challenged);
    return fork;
  }

  /** Takes over what a request that was made for several calls has come to. */
  joined(flight: CallContext): void {
    this.begun += flight.begun;
    this.retries += flight.retries;
    this.history = flight.history;
    this.crossed ||= flight.crossed;
    this.withheld = flight.withheld;
    this.unanswered ||= flight.unanswered;
    this.whyNotRetried = flight.whyNotRetried;
    this.request = flight.request ?? this.request;
    this.lastExchange = flight.lastExchange;
    this.noted = Math.max(this.noted, flight.noted);
    if (flight.#steps !== undefined) {
      const shift = flight.startedAt - this.startedAt;
      const theirs = flight.#steps.map(({ order, step }) => ({
        order,
        step: { ...step, start: step.start + shift },
      }));
      this.#steps = [...(this.#steps ?? []), ...theirs];
    }
  }

  /** Goes on from where a part of the call has come to. */
  absorb(fork: CallContext, response: Response | undefined): void {
    this.retriesBefore = fork.retriesBefore;
    this.lastDelay = fork.lastDelay;
    this.whyNotRetried = fork.whyNotRetried;
    this.written = fork.written;
    this.sentAt = fork.sentAt;
    this.history = fork.history;
    this.unanswered ||= fork.unanswered;
    this.request = fork.request;
    if (fork.cookieless !== undefined) this.cookieless = fork.cookieless;
    for (const origin of fork.#challenged ?? []) this.challenged.add(origin);
    const verdict = response && fork.verdictOf(response);
    if (response !== undefined && verdict !== undefined) this.decide(response, verdict);
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
    if (this.root !== this) return this.root.trace();
    const now = this.clock.now();
    let first = this.lastExchange;
    while (first?.previous !== undefined) first = first.previous;
    const { method = "", url = "" } = (first?.asked ?? this.request)?.toJSON() ?? {};
    return new Trace({
      startedAt: this.startedAt,
      endedAt: this.#endedAt ?? now,
      date: this.clock.date() - (now - this.startedAt),
      id: () => this.id,
      method,
      url,
      last: this.lastExchange,
      steps: this.#steps ?? [],
    });
  }

  /** Origins at which a 401 has been answered. */
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

  /**
   * Why a server may have said no: a body that cannot be sent again, no credentials where it asks for some, or a redirect that
   * crossed a border and left something behind (D19). Names, never values.
   */
  statusHint({ status, headers }: Pick<Response, "status" | "headers">): string | undefined {
    if (status !== 401 && status !== 403) return this.whyNotRetried;
    if (status === 401 && this.unanswered) {
      return "The 401 could be answered, but the body is a stream that can be sent once: give `body` as a function that makes it.";
    }
    if (!this.crossed) {
      if (status !== 401) return undefined;
      return this.auth === undefined
        ? this.#schemeHint(headers)
        : "The server has refused the credentials of `auth`.";
    }
    const told: string[] = [];
    if (this.auth !== undefined && authElsewhere(this.auth) === undefined) {
      told.push("A redirect led to another origin, where the credentials of `auth` do not go.");
    }
    if (this.withheld.length > 0) {
      const names = [...new Set(this.withheld)].join(", ");
      told.push(
        `A redirect to another origin left these headers behind: ${names}. Name them in \`redirect.keepHeaders\` if that server may see them.`,
      );
    }
    return told.length === 0 ? undefined : told.join(" ");
  }

  /** What would answer the challenge of a 401 to a call that brought no credentials. */
  #schemeHint(headers: Headers): string | undefined {
    if (this.request?.headers.has("authorization") === true) return undefined;
    const asked = headers.get("www-authenticate") ?? "";
    const known = { digest: "digest(user, password)", bearer: "bearer(token)", basic: "[user, password]" };
    const auth = Object.entries(known).find(([scheme]) =>
      new RegExp(`(?:^|,)\\s*${scheme}(?:[\\s,]|$)`, "i").test(asked),
    )?.[1];
    if (auth === undefined) return undefined;
    return `The server asks for credentials: auth: ${auth}.`;
  }

  /** Tells an error which call it came from. One that is not of the family is the caller's own, and stays what it is. */
  adopt<E>(error: E): E {
    const facts: CallFacts = {
      request: this.request?.toJSON(),
      attempts: this.root.attempts,
      elapsed: this.elapsed(),
      site: this.#site,
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
    return this.#verdicts?.get(response);
  }

  /**
   * What was decided of a response holds for the one that a middleware or a hook made out of it, as long as it has the status
   * that it was decided by: its body is gone, and nobody else would act on it.
   */
  replaced(response: Response, replacement: Response): void {
    this.#successors ??= new WeakMap();
    this.#successors.set(response, replacement);
    const verdict = this.#verdicts?.get(response);
    if (verdict === undefined || replacement.status !== response.status) return;
    // A redirect goes where the replacement says, and nowhere if it does not say.
    if (verdict.kind !== "retry" && verdict.kind !== "challenge" && !replacement.headers.has("location"))
      return;
    this.decide(replacement, verdict);
  }

  /** What was last made out of a response; it has the streamed body now. */
  successorOf(response: Response): Response | undefined {
    return this.#successors?.get(response);
  }

  decide(response: Response, verdict: Verdict): void {
    this.#verdicts ??= new WeakMap();
    this.#verdicts.set(response, verdict);
  }
}
