import type { ExchangePhases } from "./phases.ts";

/** What happened to a call besides its exchanges. */
export type StepKind =
  | "auth"
  | "cache"
  | "circuit"
  | "dedupe"
  | "hedge"
  | "queue"
  | "redirect"
  | "retry"
  | "throttle";

/** One request that was sent, or that a connection was sought for, and what came of it. Safe to log. */
export interface TracedExchange {
  readonly kind: "exchange";
  /** Counted over the whole call, from 1. */
  readonly attempt: number;
  /** Milliseconds since the call began. */
  readonly start: number;
  /** Milliseconds; of one under way, so far. */
  readonly duration: number;
  readonly method: string;
  /** Redacted. */
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Undefined where no response came. */
  readonly status: number | undefined;
  readonly statusText: string | undefined;
  readonly responseHeaders: Readonly<Record<string, string>> | undefined;
  /** The name and the code of the error that it ended in. */
  readonly error: string | undefined;
  readonly phases: ExchangePhases;
  /** Bytes of the body as they came. */
  readonly bytes: number;
  /** Whether the connection had carried another exchange before; undefined where the transport does not know. */
  readonly reused: boolean | undefined;
  readonly remoteAddress: string | undefined;
  /** `http/1.1` or `h2`, where it is known. */
  readonly protocol: string | undefined;
}

/** A wait, a redirect, a verdict of the cache …, in words. Safe to log. */
export interface TracedStep {
  readonly kind: StepKind;
  /** Milliseconds since the call began. */
  readonly start: number;
  /** Milliseconds; 0 of what takes no time. */
  readonly duration: number;
  /** What and why, such as `status 503, attempt 2 of 3`. */
  readonly detail: string;
}

export type TraceEvent = TracedExchange | TracedStep;

/** A call and what happened in it, as it is drawn and archived. */
export interface TracedCall {
  readonly startedAt: Date;
  /** Milliseconds. */
  readonly duration: number;
  readonly method: string;
  readonly url: string;
  readonly events: readonly TraceEvent[];
}
