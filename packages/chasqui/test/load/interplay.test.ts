import { describe, expect, test } from "vitest";
import { Client, type Hooks, NetworkError, type Telemetry } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { json, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

describe("what stages do to one another", () => {
  test("a GET after a change does not join one from before it", async () => {
    const hold = gate();
    let value = "old";
    await using server = await serve(async (response, { method }) => {
      const now = value;
      if (method === "PUT") value = "new";
      else if (now === "old") await hold.opened;
      response.end(now);
    });
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    const before = client.get("/x").text();
    await until(() => server.seen.length === 1);
    await client.put("/x", { body: "new" });
    const after = client.get("/x").text();
    await until(() => server.seen.length === 3);
    hold.open();
    expect(await before).toBe("old");
    expect(await after).toBe("new");
  });

  test("an id of each call's own in a header does not keep calls apart that ask for the same", async () => {
    await using server = await serve(json({}));
    const to = { debug() {}, info() {}, warn() {}, error() {} };
    await using client = new Client({
      baseUrl: server.origin,
      dedupe: true,
      log: { to, correlation: "x-request-id" },
    });
    await Promise.all([client.get("/"), client.get("/")]);
    expect(server.seen).toHaveLength(1);
  });

  test("who gives up leaves the flight to those who come later", async () => {
    await using server = await serve({ "/": () => {}, "/ping": json({}) });
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    const [first, rest] = [new AbortController(), new AbortController()];
    const one = caught(client.get("/", { signal: first.signal }), Error);
    const other = caught(client.get("/", { signal: rest.signal }), Error);
    await until(() => server.seen.length === 1);
    first.abort();
    await one;
    const third = caught(client.get("/", { signal: rest.signal }), Error);
    await client.get("/ping");
    rest.abort();
    await Promise.all([other, third]);
    expect(server.seen.map(({ target }) => target)).toEqual(["/", "/ping"]);
  });

  test("each call that waited has an error of its own", async () => {
    await using server = await serve((response) => {
      response.destroy();
    });
    await using client = new Client({ baseUrl: server.origin, dedupe: true, retry: false });
    const [one, other] = await Promise.all([1, 2].map(() => caught(client.get("/"), NetworkError)));
    expect(one).not.toBe(other);
    for (const error of [one, other]) {
      expect(error).toMatchObject({ kind: "closed", attempts: 1 });
      expect(error?.message).toContain(`GET ${server.origin}/`);
      expect(error?.stack).toContain("interplay.test.ts");
      expect(error?.trace?.events.length).toBeGreaterThan(0);
    }
  });

  test("#160 a retry that no caller would live to see is not waited for", async () => {
    await using server = await serve((response) => {
      response.writeHead(503, { "retry-after": "30" }).end();
    });
    await using client = new Client({ baseUrl: server.origin, dedupe: true, timeout: { total: "10s" } });
    const responses = await Promise.all([client.get("/"), client.get("/", { timeout: { total: "8s" } })]);
    expect(responses.map(({ status }) => status)).toEqual([503, 503]);
    expect(server.seen).toHaveLength(1);
  });

  test("headers of one caller's response are no other's", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    const [one, other] = await Promise.all([client.get("/"), client.get("/")]);
    one?.headers.set("x-mine", "1");
    expect(other?.headers.has("x-mine")).toBe(false);
  });

  test.each(["hedge", "dedupe"] as const)("with %s hooks see the options of the call", async (option) => {
    await using server = await serve(json({}));
    const seen: unknown[] = [];
    const hooks: Hooks = {
      onRequest: (_, options) => {
        seen.push(options.headers);
      },
    };
    await using client = new Client({
      baseUrl: server.origin,
      hooks,
      [option]: option === "hedge" ? { delay: "5s" } : true,
    });
    await client.get("/", { headers: { "x-a": "1" } });
    expect(seen).toEqual([{ "x-a": "1" }]);
  });

  test("a circuit that is open lets what is stored stand in, where a server that fails may be stood in for", async () => {
    const clock = new ManualClock();
    let fails = false;
    await using server = await serve((response) => {
      if (fails) response.writeHead(503).end();
      else response.writeHead(200, { "cache-control": "max-age=1, stale-if-error=1000" }).end("kept");
    });
    await using client = new Client({
      baseUrl: server.origin,
      clock,
      cache: true,
      circuit: { minimum: 1 },
      retry: false,
    });
    expect(await client.get("/x").text()).toBe("kept");
    fails = true;
    clock.advance(5000);
    expect((await client.get("/other")).status).toBe(503);
    const response = await client.get("/x");
    expect(response.cached).toBe("stale");
  });

  test("a call that leaves the cache out makes it forget what it changes all the same", async () => {
    let value = "old";
    await using server = await serve((response, { method }) => {
      if (method === "PUT") value = "new";
      response.writeHead(200, { "cache-control": "max-age=1000" }).end(value);
    });
    await using client = new Client({ baseUrl: server.origin, cache: true });
    expect(await client.get("/x").text()).toBe("old");
    await client.put("/x", { body: "new", cache: false });
    expect(await client.get("/x").text()).toBe("new");
  });

  test("what is posted past the cache is not kept", async () => {
    await using server = await serve((response, { target }) => {
      response.writeHead(200, { "content-location": target, "cache-control": "max-age=1000" }).end("{}");
    });
    await using client = new Client({ baseUrl: server.origin, cache: true });
    for (const cache of ["no-store", false] as const) {
      await client.post("/x", { json: 1, cache });
      expect((await client.get("/x", { cache: "only-if-cached" })).status).toBe(504);
    }
    await client.post("/x", { json: 1 });
    expect((await client.get("/x", { cache: "only-if-cached" })).status).toBe(200);
  });

  test("no second request stands in line behind a first that waits for its turn", async () => {
    const hold = gate();
    await using server = await serve(async (response) => {
      await hold.opened;
      response.end("{}");
    });
    const clock = new ManualClock();
    await using client = new Client({
      baseUrl: server.origin,
      clock,
      throttle: { concurrency: 1, learn: false },
      hedge: { delay: 50, share: 1 },
    });
    const calls = [client.get("/a"), client.get("/b", { hedge: false })];
    await until(() => server.seen.length === 1);
    const third = client.get("/c");
    await clock.armed(50);
    clock.advance(60);
    hold.open();
    await Promise.all([...calls, third]);
    const { trace } = await third;
    expect(trace.events.filter(({ kind }) => kind === "hedge")).toEqual([]);
    expect(server.seen.filter(({ target }) => target === "/c")).toHaveLength(1);
  });

  test("a telemetry whose run() throws, or runs nothing, fails no call", async () => {
    await using server = await serve(json({ a: 1 }));
    for (const run of [
      () => {
        throw new Error("broken");
      },
      () => undefined,
    ]) {
      const telemetry = { start: () => ({ run, end() {} }) } as unknown as Telemetry;
      await using client = new Client({ baseUrl: server.origin, telemetry });
      expect(await client.get("/").json()).toEqual({ a: 1 });
    }
  });
});
