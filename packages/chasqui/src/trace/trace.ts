import { OptionsError } from "../errors/options-error.ts";
import { printAs } from "../printing.ts";
import { printable, redactHeaders } from "../request/redact.ts";
import type { Request } from "../request/request.ts";
import type { Head } from "../transport/transport.ts";
import type { TracedExchange, TracedStep, TraceEvent } from "./events.ts";
import { type Har, har } from "./har.ts";
import { phasesOf } from "./phases.ts";
import type { ExchangeTiming } from "./timing.ts";
import { waterfall } from "./waterfall.ts";

/** A step as the pipeline keeps it. */
export interface StepRecord {
  /** Its place in the story: it was over before what comes after it began. */
  readonly order: number;
  readonly step: TracedStep;
}

/** An exchange as the pipeline keeps it. */
export interface ExchangeRecord {
  readonly order: number;
  readonly asked: Request;
  readonly timing: ExchangeTiming;
  readonly head: Head | undefined;
  readonly failure: unknown;
  /** The one before it. */
  readonly previous: ExchangeRecord | undefined;
}

/** What the pipeline keeps of a call while it is made. */
export interface CallRecord {
  readonly startedAt: number;
  /** The end of the call, or now. */
  readonly endedAt: number;
  /** When the call began, in milliseconds since 1970. */
  readonly date: number;
  readonly method: string;
  readonly url: string;
  /** Draws the id of the call, if nobody has yet. */
  readonly id: () => string;
  readonly last: ExchangeRecord | undefined;
  readonly steps: readonly StepRecord[];
}

/**
 * What happened in a call, in the order in which it began: each request that was sent, each wait and why, redirects, tokens that were
 * fetched. It is made when it is read, holds no body, and its headers and URLs are redacted.
 *
 * `response.trace` and `error.trace` give it.
 *
 * @example
 * ```ts
 * import { get } from "chasqui";
 * const { trace } = await get("http://localhost:4010/posts/1");
 * console.log(trace.events.length); // 1
 * console.log(String(trace));
 * ```
 */
export class Trace {
  static {
    printAs(Trace, (trace) => trace.toString());
  }

  /** When the call began. */
  readonly startedAt: Date;
  /** Milliseconds until the call was over; of one that is not, until now. */
  readonly duration: number;
  readonly method: string;
  /** Redacted. */
  readonly url: string;
  readonly events: readonly TraceEvent[];
  readonly #id: () => string;

  constructor(record: CallRecord) {
    this.#id = record.id;
    this.startedAt = new Date(record.date);
    this.duration = record.endedAt - record.startedAt;
    this.method = record.method;
    this.url = record.url;
    const story: (StepRecord | ExchangeRecord)[] = [...record.steps];
    for (let exchange = record.last; exchange !== undefined; exchange = exchange.previous)
      if (!wasRefused(exchange)) story.push(exchange);
    let attempt = 0;
    this.events = story
      .sort((one, other) => one.order - other.order)
      .map((part) => {
        if ("step" in part) return part.step;
        return part.timing.inLine ? stoodInLine(part, record) : traced(part, ++attempt, record);
      });
  }

  /** What the call is known by in the lines of `log`, and to the server where `log.correlation` names a header. */
  get id(): string {
    return this.#id();
  }

  /** A waterfall for a terminal: a line an event, each exchange with a bar of its phases. */
  toString(): string {
    return waterfall(this);
  }

  /** The call as an HTTP Archive 1.2, which the developer tools of browsers open; `har()` puts several calls into one. */
  toHAR(): Har {
    return har([this]);
  }

  /** A plain object for logs. */
  toJSON(): Record<string, unknown> {
    const { id, startedAt, duration, method, url, events } = this;
    return { id, startedAt: startedAt.toISOString(), duration, method, url, events };
  }
}

/** Whether an exchange ended before a byte of it was written, since something is wrong with what the caller asked for: it was none. */
export function wasRefused({ failure, timing }: ExchangeRecord): boolean {
  return failure !== undefined && timing.sentAt === 0 && failure instanceof OptionsError;
}

/** What was not sent is no exchange: all that it did was to wait. */
function stoodInLine({ timing, failure }: ExchangeRecord, call: CallRecord): TracedStep {
  const why = failure === undefined ? "" : `, ended by ${inShort(failure)}`;
  return {
    kind: "queue",
    start: timing.startedAt - call.startedAt,
    duration: Math.max(0, endOf(timing, call) - timing.startedAt),
    detail: `in line for a connection${why}`,
  };
}

function endOf({ endedAt }: ExchangeTiming, call: CallRecord): number {
  return endedAt > 0 ? endedAt : call.endedAt;
}

function traced(record: ExchangeRecord, attempt: number, call: CallRecord): TracedExchange {
  const { asked, timing, head, failure } = record;
  const { method, url, headers } = asked.toJSON();
  const endedAt = endOf(timing, call);
  return {
    kind: "exchange",
    attempt,
    start: timing.startedAt - call.startedAt,
    duration: Math.max(0, endedAt - timing.startedAt),
    method,
    url,
    requestHeaders: headers,
    status: head?.status,
    statusText: head && printable(head.statusText),
    responseHeaders: head === undefined ? undefined : redactHeaders(head.headers),
    error: failure === undefined ? undefined : inShort(failure),
    phases: phasesOf(timing),
    bytes: timing.bytes,
    reused: timing.reused,
    remoteAddress: timing.connection?.remoteAddress,
    protocol: timing.connection?.protocol,
  };
}

function inShort(failure: unknown): string {
  if (!(failure instanceof Error)) return typeof failure;
  const told = ["kind", "phase", "code"].flatMap((fact) => {
    const value: unknown = Reflect.get(failure, fact);
    return typeof value === "string" ? [value] : [];
  });
  return [failure.name, ...told.slice(0, 1)].join(": ");
}
