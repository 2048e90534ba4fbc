import { describe, expect, test } from "vitest";
import { CircuitOpenError, Client, OptionsError, type ThrottleStore } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { json, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

const circuit = { minimum: 3, cooldown: "10s" } as const;

/** A server's word is waited for in the client's own line, and here for too long. */
const store: ThrottleStore = { take: () => ({ wait: 3_600_000, told: true }), give: () => {} };

describe("circuit", () => {
  test("leaves a server alone that fails, and comes back to it", async () => {
    let status = 503;
    await using server = await serve((response) => {
      response.writeHead(status).end();
    });
    const clock = new ManualClock();
    await using client = new Client({ baseUrl: server.origin, clock, circuit, retry: false });
    for (let call = 0; call < 3; call++) await client.get("/");
    const error = await caught(client.get("/"), CircuitOpenError);
    expect(error).toMatchObject({
      code: "ERR_CIRCUIT_OPEN",
      origin: server.origin,
      retryAfter: 10_000,
      attempts: 0,
    });
    expect(error.message).toContain("nothing is sent for 10000 ms more");
    expect(error.trace?.events.map(({ kind }) => kind)).toEqual(["circuit"]);
    expect(server.seen).toHaveLength(3);

    clock.advance(10_000);
    status = 200;
    expect((await client.get("/")).status).toBe(200);
    expect((await client.get("/")).status).toBe(200);
    expect(server.seen).toHaveLength(5);
  });

  test("ends retries, which would only add to it", async () => {
    await using server = await serve(json({}, 503));
    await using client = new Client({
      baseUrl: server.origin,
      circuit,
      retry: { attempts: 9, backoff: { base: 0 } },
    });
    await caught(client.get("/"), CircuitOpenError);
    expect(server.seen).toHaveLength(3);
  });

  test("is of one origin, and shared with children", async () => {
    await using broken = await serve(json({}, 500));
    await using well = await serve(json({}));
    await using client = new Client({ circuit, retry: false });
    for (let call = 0; call < 3; call++) await client.get(broken.origin);
    expect((await client.get(well.origin)).status).toBe(200);
    await caught(client.extend({ headers: { "x-a": "1" } }).get(broken.origin), CircuitOpenError);
  });

  test("counts limits of time, and not a call that its caller gave up", async () => {
    await using server = await serve(() => {});
    await using client = new Client({ baseUrl: server.origin, circuit, retry: false });
    for (let call = 0; call < 5; call++) {
      const stop = new AbortController();
      const given = client.get("/", { signal: stop.signal }).result();
      setImmediate(() => stop.abort());
      await given;
    }
    for (let call = 0; call < 3; call++) {
      const { error } = await client.get("/", { timeout: { headers: 20 } }).result();
      expect(error?.code).toBe("ERR_TIMEOUT");
    }
    await caught(client.get("/"), CircuitOpenError);
  });

  test("does not count what the client's own line refused, nor the time of the caller's own signal", async () => {
    let stop = new AbortController();
    await using server = await serve(() => stop.abort(new DOMException("too late", "TimeoutError")));
    await using shut = new Client({ baseUrl: server.origin, circuit, retry: false, throttle: { store } });
    for (let call = 0; call < 5; call++) {
      expect((await shut.get("/").result()).error).toMatchObject({ code: "ERR_TIMEOUT", phase: "queue" });
    }
    expect(server.seen).toHaveLength(0);
    await using client = new Client({ baseUrl: server.origin, circuit, retry: false });
    for (let call = 0; call < 5; call++) {
      stop = new AbortController();
      const { error } = await client.get("/", { signal: stop.signal }).result();
      expect(error).toMatchObject({ code: "ERR_TIMEOUT", phase: "signal" });
    }
  });

  test("is left out of a call by false", async () => {
    await using server = await serve(json({}, 503));
    await using client = new Client({ baseUrl: server.origin, circuit, retry: false });
    for (let call = 0; call < 3; call++) await client.get("/");
    expect((await client.get("/", { circuit: false })).status).toBe(503);
    const wrong = JSON.parse('{"circuit":true}');
    expect((await caught(client.get("/", wrong), OptionsError)).option).toBe("circuit");
  });

  test.each([
    [{ share: 0 }, "circuit.share"],
    [{ share: 2 }, "circuit.share"],
    [{ minimum: 0 }, "circuit.minimum"],
    [{ window: "soon" }, "circuit.window"],
    [{ cooldown: -1 }, "circuit.cooldown"],
    [{ probes: 0.5 }, "circuit.probes"],
    [{ statuses: ["503"] }, "circuit.statuses"],
    [{ threshold: 1 }, "circuit.threshold"],
    ["on", "circuit"],
  ])("%o is refused, and named", async (given, option) => {
    const error = await caught(
      Promise.resolve().then(() => new Client(JSON.parse(JSON.stringify({ circuit: given })))),
      OptionsError,
    );
    expect(error.option).toBe(option);
  });
});
