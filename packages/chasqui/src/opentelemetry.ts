/**
 * Spans and metrics of OpenTelemetry for each exchange, by the stable semantic conventions for HTTP clients. It needs
 * `@opentelemetry/api`, which an application that has OpenTelemetry has already.
 *
 * @module
 */

import {
  type Attributes,
  context,
  type MeterProvider,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import type { Request } from "./request/request.ts";
import { ownOptions, wrongValue } from "./request/wrong-option.ts";
import type { Telemetry, TelemetryEnd } from "./telemetry.ts";
import { VERSION } from "./version.ts";

/** What `openTelemetry()` may be told. */
export interface OpenTelemetryOptions {
  /** Default: the one that the application has registered. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the one that the application has registered. */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Whether `traceparent` (and what else the application's propagator writes, baggage say) is sent along. Default `"own-origin"`: to
   * the origin that the call names, and not where a redirect to another leads. `true` sends it everywhere, `false` nowhere.
   */
  readonly propagate?: boolean | "own-origin" | undefined;
}

const NAME = "chasqui";

/** The methods of RFC 9110 and RFC 5789; any other is `_OTHER`, so that a hostile name makes no new series. */
const METHODS: ReadonlySet<string> = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "TRACE",
]);

/** The buckets that the conventions advise, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Makes a client span for each exchange, and records `http.client.request.duration`: retries, redirects and replays are spans of
 * their own, with `http.request.resend_count`. URLs are redacted.
 *
 * @throws {OptionsError} when an option does not exist or has a bad value.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 * @example
 * ```ts
 * import { Client } from "chasqui";
 * import { openTelemetry } from "chasqui/opentelemetry";
 * await using client = new Client({ baseUrl: "http://localhost:4010", telemetry: openTelemetry() });
 * await client.get("/posts/1");
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const known = ["tracerProvider", "meterProvider", "propagate"];
  const own = ownOptions("openTelemetry()", options, known);
  const { tracerProvider, meterProvider, propagate = "own-origin" } = own;
  if (propagate !== "own-origin" && typeof propagate !== "boolean")
    throw wrongValue("propagate", propagate, 'true, false or "own-origin"');
  const tracer = (tracerProvider ?? trace).getTracer(NAME, VERSION);
  const duration = (meterProvider ?? metrics)
    .getMeter(NAME, VERSION)
    .createHistogram("http.client.request.duration", {
      description: "Duration of HTTP client requests.",
      unit: "s",
      advice: { explicitBucketBoundaries: BUCKETS },
    });
  return {
    start(exchange) {
      const { request, resends, atHome, template } = exchange;
      const common = attributesOf(request);
      const known = METHODS.has(request.method);
      const name = known ? request.method : "HTTP";
      const startedAt = performance.now();
      const span = tracer.startSpan(template === undefined ? name : `${name} ${template}`, {
        kind: SpanKind.CLIENT,
        attributes: {
          ...common,
          ...(known ? {} : { "http.request.method_original": request.method }),
          "url.full": request.toJSON().url,
          ...(template === undefined ? {} : { "url.template": template }),
          ...(resends > 0 ? { "http.request.resend_count": resends } : {}),
        },
      });
      const within = trace.setSpan(context.active(), span);
      if (propagate === true || (propagate === "own-origin" && atHome)) {
        propagation.inject(within, request.headers, {
          set: (headers, header, value) => headers.set(header, value),
        });
      }
      return {
        run: (work) => context.with(within, work),
        end(outcome) {
          const told = outcomeOf(outcome);
          span.setAttributes({ ...told, ...peerOf(outcome) });
          if (told["error.type"] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
          if (outcome.error !== undefined) tellError(span, outcome.error);
          span.end();
          duration.record((performance.now() - startedAt) / 1000, { ...common, ...told });
        },
      };
    },
  };
}

function attributesOf({ method, origin }: Request): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  return {
    "http.request.method": METHODS.has(method) ? method : "_OTHER",
    "server.address": hostname.replace(/^\[(.*)\]$/, "$1"),
    "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    "url.scheme": protocol.slice(0, -1),
  };
}

/** What both the span and the metric say of the end. */
function outcomeOf({ response, error, protocol }: TelemetryEnd): Attributes {
  const attributes: Attributes = {};
  const status = response?.status;
  if (status !== undefined) attributes["http.response.status_code"] = status;
  if (status !== undefined && status >= 400) attributes["error.type"] = String(status);
  if (response === undefined) attributes["error.type"] = error instanceof Error ? error.name : "_OTHER";
  if (protocol !== undefined) {
    attributes["network.protocol.version"] = protocol === "h2" ? "2" : "1.1";
  }
  return attributes;
}

function peerOf({ remoteAddress }: TelemetryEnd): Attributes {
  return remoteAddress === undefined ? {} : { "network.peer.address": remoteAddress };
}

/** The message of an error of the family shows no secret; what others throw is named only. */
function tellError(span: Span, error: unknown): void {
  if (!(error instanceof Error)) return;
  const { name, message } = error;
  const code: unknown = Reflect.get(error, "code");
  const ours = typeof code === "string" && Reflect.has(error, "attempts");
  span.setStatus({ code: SpanStatusCode.ERROR, message: ours ? message : name });
}
