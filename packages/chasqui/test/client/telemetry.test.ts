import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bearer, Client, OptionsError, type Telemetry, TimeoutError } from "../../src/index.ts";
import { openTelemetry } from "../../src/opentelemetry.ts";
import { caught } from "../peers/caught.ts";
import { freePort } from "../peers/free-port.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";

const spans = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({
  exporter: metricExporter,
  exportIntervalMillis: 3_600_000,
});
const meterProvider = new MeterProvider({ readers: [reader] });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
afterAll(async () => {
  context.disable();
  propagation.disable();
  await meterProvider.shutdown();
});
beforeEach(() => spans.reset());

function finished(): ReadableSpan[] {
  return spans.getFinishedSpans();
}

const telemetry = openTelemetry({ tracerProvider, meterProvider });
const quick = { attempts: 2, backoff: { base: 0 } } as const;

describe("spans of OpenTelemetry", () => {
  test("have what the stable conventions ask for, and no secret", async () => {
    await using server = await serve(json({ id: 7 }));
    await using client = new Client({ baseUrl: server.origin, telemetry, auth: bearer("s3cret") });
    await client.get("/users/{id}", { path: { id: 7 }, params: { api_key: "s3cret" } }).json();
    const [span] = finished();
    expect(span?.name).toBe("GET /users/{id}");
    expect(span?.kind).toBe(SpanKind.CLIENT);
    expect(span?.status.code).toBe(SpanStatusCode.UNSET);
    expect(span?.attributes).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "network.peer.address": "127.0.0.1",
      "network.protocol.version": "1.1",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(server.origin).port),
      "url.full": `${server.origin}/users/7?api_key=***`,
      "url.scheme": "http",
      "url.template": "/users/{id}",
    });
  });

  test("are one for each attempt and hop, each with its place, its error and the parent that was there", async () => {
    await using server = await serve({ "/old": redirectTo("/busy"), "/busy": json({}, 503) });
    await using client = new Client({ baseUrl: server.origin, telemetry, retry: quick });
    const tracer = tracerProvider.getTracer("test");
    await tracer.startActiveSpan("parent", async (parent) => {
      await client.get("/old");
      parent.end();
    });
    const [first, second, third, parent] = finished();
    expect([first, second, third].map((span) => span?.attributes["http.response.status_code"])).toEqual([
      302, 503, 503,
    ]);
    expect([first, second, third].map((span) => span?.attributes["http.request.resend_count"])).toEqual([
      undefined,
      1,
      2,
    ]);
    expect(third?.attributes["error.type"]).toBe("503");
    expect(third?.status.code).toBe(SpanStatusCode.ERROR);
    for (const span of [first, second, third]) {
      expect(span?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
    }
  });

  test("write traceparent: each exchange its own, and none to an origin that a redirect leads to", async () => {
    await using other = await serve(json({}));
    await using server = await serve({ "/": json({}), "/away": redirectTo(other.origin) });
    await using client = new Client({ baseUrl: server.origin, telemetry });
    await client.get("/");
    const [span] = finished();
    const { traceId, spanId } = span?.spanContext() ?? {};
    expect(server.last().headers.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    await client.get("/away");
    expect(other.last().headers).not.toHaveProperty("traceparent");
    const everywhere = openTelemetry({ tracerProvider, meterProvider, propagate: true });
    await client.get("/away", { telemetry: everywhere });
    expect(other.last().headers).toHaveProperty("traceparent");
    await client.get("/", { telemetry: openTelemetry({ tracerProvider, meterProvider, propagate: false }) });
    expect(server.last().headers).not.toHaveProperty("traceparent");
  });

  test("name the error of an exchange without an answer", async () => {
    const port = await freePort();
    await using client = new Client({ telemetry, retry: false });
    await client.get(`http://127.0.0.1:${port}/?token=s3cret`).result();
    const [span] = finished();
    expect(span?.attributes["error.type"]).toBe("NetworkError");
    expect(span?.attributes).not.toHaveProperty("http.response.status_code");
    expect(JSON.stringify([span?.attributes, span?.status])).not.toContain("s3cret");

    await using server = await serve(() => {});
    await caught(client.get(server.origin, { timeout: { headers: 20 } }), TimeoutError);
    expect(finished().at(-1)?.attributes["error.type"]).toBe("TimeoutError");
  });

  test("let no method make a new series", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ telemetry });
    await client.request("PURGE", server.origin);
    const [span] = finished();
    expect(span?.name).toBe("HTTP");
    expect(span?.attributes).toMatchObject({
      "http.request.method": "_OTHER",
      "http.request.method_original": "PURGE",
    });
  });

  test("surround the wire: a middleware sees traceparent, and its own spans are children", async () => {
    await using server = await serve(json({}));
    let seen: string | null = null;
    let active: string | undefined;
    await using client = new Client({
      telemetry,
      wire: [
        (request, next) => {
          seen = request.headers.get("traceparent");
          active = trace.getActiveSpan()?.spanContext().spanId;
          return next(request);
        },
      ],
    });
    await client.get(server.origin);
    const [span] = finished();
    expect(seen).toContain(span?.spanContext().spanId);
    expect(active).toBe(span?.spanContext().spanId);
  });
});

test("the duration of each exchange is recorded, in seconds, by method, status and server", async () => {
  await reader.forceFlush();
  metricExporter.reset();
  await using server = await serve({ "/a": json({}), "/b": json({}, 500) });
  await using client = new Client({ baseUrl: server.origin, telemetry, retry: false });
  for (const path of ["/a", "/a", "/b"]) await client.get(path);
  await reader.forceFlush();
  const [{ scopeMetrics } = expect.fail()] = metricExporter.getMetrics();
  const [metric] = scopeMetrics.flatMap(({ metrics }) => metrics);
  expect(metric?.descriptor).toMatchObject({ name: "http.client.request.duration", unit: "s" });
  const points = metric?.dataPoints.map(({ attributes, value }) => ({
    attributes,
    count: typeof value === "object" ? value.count : undefined,
  }));
  const common = {
    "http.request.method": "GET",
    "network.protocol.version": "1.1",
    "server.address": "127.0.0.1",
    "server.port": Number(new URL(server.origin).port),
    "url.scheme": "http",
  };
  expect(points).toEqual([
    { attributes: { ...common, "http.response.status_code": 200 }, count: 2 },
    { attributes: { ...common, "http.response.status_code": 500, "error.type": "500" }, count: 1 },
  ]);
});

describe("the option", () => {
  test("telemetry that throws ends nothing", async () => {
    await using server = await serve(json({}));
    const broken: Telemetry = {
      start: () => ({
        run: (exchange) => exchange(),
        end() {
          throw new Error("the collector is down");
        },
      }),
    };
    const worse: Telemetry = {
      start() {
        throw new Error("no collector at all");
      },
    };
    for (const given of [broken, worse]) {
      await using client = new Client({ telemetry: given });
      expect((await client.get(server.origin)).status).toBe(200);
    }
  });

  test("takes what has start(), and is switched off for a call by null", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ telemetry });
    await client.get(server.origin, { telemetry: null });
    expect(finished()).toEqual([]);
    const error = await caught(
      client.get(server.origin, { telemetry: JSON.parse('{"trace":1}') }),
      OptionsError,
    );
    expect(error.option).toBe("telemetry");
  });
});
