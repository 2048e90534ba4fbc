import type { Request } from "./request/request.ts";
import type { Response } from "./response/response.ts";
import type { ExchangePhases } from "./trace/phases.ts";

/** One exchange that is about to be made. */
export interface TelemetryStart {
  /** What will be sent, credentials included; headers may be added to it. It prints without secrets. */
  readonly request: Request;
  /** How many requests the call has sent before: redirects, retries and replays. */
  readonly resends: number;
  /** Whether it goes to the call's own origin, and no redirect has left that. */
  readonly atHome: boolean;
  /** The path as the caller wrote it, such as `/users/{id}`, where `path` filled it in and this is the call's own URL. */
  readonly template: string | undefined;
}

/** What became of an exchange: a response or what was thrown. */
export interface TelemetryEnd {
  readonly response?: Response | undefined;
  readonly error?: unknown;
  /** How long its parts took, as far as is known. */
  readonly phases: ExchangePhases;
  /** The address that answered: of a proxy, where there is one. */
  readonly remoteAddress: string | undefined;
  /** `http/1.1` or `h2`, where it is known. */
  readonly protocol: string | undefined;
}

/** One exchange that is being told of. */
export interface TelemetrySpan {
  /** Runs the exchange, in the async context of the span. */
  run<T>(exchange: () => T): T;
  /** Called once. */
  end(outcome: TelemetryEnd): void;
}

/**
 * Is told of each exchange: for tracing and metrics. `openTelemetry()` of `chasqui/opentelemetry` makes one. What it throws is
 * dropped: to look never fails a call.
 *
 * @example
 * ```ts
 * import { Client, type Telemetry } from "chasqui";
 * const counted: Telemetry = {
 *   start: ({ request }) => ({
 *     run: (exchange) => exchange(),
 *     end: ({ response }) => console.log(request.method, response?.status), // GET 200
 *   }),
 * };
 * await using client = new Client({ baseUrl: "http://localhost:4010", telemetry: counted });
 * await client.get("/posts/1");
 * ```
 */
export interface Telemetry {
  /** Called before each exchange; undefined leaves it alone. */
  start(exchange: TelemetryStart): TelemetrySpan | undefined;
}
