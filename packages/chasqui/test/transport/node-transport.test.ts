import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import type { Client as Bare } from "undici";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { AbortError, ChasquiError, Client, type ClientOptions } from "../../src/index.ts";
import type { Connection } from "../../src/transport/connection.ts";
import { NodeTransport } from "../../src/transport/node-transport.ts";
import { Pool } from "../../src/transport/pool.ts";
import { caught } from "../peers/caught.ts";
import { certificates } from "../peers/certificates.ts";
import { listenFull } from "../peers/full-listener.ts";
import { gate, until } from "../peers/gate.ts";
import { json, serve } from "../peers/http-server.ts";
import { serveHttp2 } from "../peers/http2-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { serveRaw } from "../peers/raw-server.ts";

const require = createRequire(import.meta.url);

describe("the deep import of undici", () => {
  test("finds the file in the version that is installed, which is pinned", () => {
    const own: { dependencies: Record<string, string> } = require("../../package.json");
    const installed: { version: string } = require("undici/package.json");
    expect(own.dependencies.undici).toBe(installed.version);
    expect(require("undici/lib/dispatcher/client.js")).toBe(require("undici").Client);
  });

  /** Sends one request in a process of its own, whose modules a hook may keep from being found. */
  async function inProcess(
    origin: string,
    options: ClientOptions,
    hook = "",
  ): Promise<{ status: number; loaded: string[] }> {
    const program = `
      import { createRequire, registerHooks } from "node:module";
      ${hook}
      const { Client } = await import("chasqui");
      const client = new Client(${JSON.stringify({ baseUrl: origin, ...options })});
      const { status } = await client.get("/");
      await client.close();
      const { cache } = createRequire(import.meta.url);
      const loaded = Object.keys(cache).filter((path) => /[\\\\/]undici[\\\\/]/.test(path));
      console.log(JSON.stringify({ status, loaded }));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=chasqui-source", "--input-type=module", "--eval", program],
      { cwd: new URL("../..", import.meta.url), env: { ...process.env, NODE_OPTIONS: "" } },
    );
    return JSON.parse(stdout);
  }

  /** The same of a server that speaks HTTP/2. */
  async function overHttp2(hook?: string): Promise<{ status: number; loaded: string[] }> {
    const { ca } = await certificates();
    await using server = await serveHttp2((stream) => {
      stream.respond({ ":status": 200 });
      stream.end("ok");
    });
    return await inProcess(server.origin, { http2: true, tls: { ca: ca.cert } }, hook);
  }

  test("is not needed where HTTP/1.1 is spoken", async () => {
    await using server = await serve(json({ fine: true }));
    expect(await inProcess(server.origin, {})).toEqual({ status: 200, loaded: [] });
  });

  test("leaves Fetch and the rest of undici out", async () => {
    const { status, loaded } = await overHttp2();
    expect(status).toBe(200);
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((path) => /undici.index\.js$|fetch.index|websocket|eventsource/.test(path))).toEqual(
      [],
    );
  });

  test("is replaced by the public door where the files have moved", async () => {
    const { status, loaded } = await overHttp2(`registerHooks({
      resolve(specifier, context, next) {
        if (specifier.startsWith("undici/lib/")) throw new Error("moved");
        return next(specifier, context);
      },
    });`);
    expect(status).toBe(200);
    expect(loaded.some((path) => /undici.index\.js$/.test(path))).toBe(true);
  });
});

test("P11 intrinsics that are frozen keep nobody from calling", async () => {
  await using server = await serve(json({ fine: true }));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--frozen-intrinsics",
      "--conditions=chasqui-source",
      "--input-type=module",
      "--eval",
      `import { get } from "chasqui"; console.log((await get(${JSON.stringify(server.origin)})).status);`,
    ],
    { cwd: new URL("../..", import.meta.url), env: { ...process.env, NODE_OPTIONS: "" } },
  );
  expect(stdout).toBe("200\n");
});

test("P13 neither touches nor uses the dispatcher that all of the process shares", async () => {
  const shared = Symbol.for("undici.globalDispatcher.1");
  const before: unknown = Reflect.get(globalThis, shared);
  let used = false;
  const dispatcher = {
    dispatch() {
      used = true;
    },
    close() {},
    destroy() {},
  };
  Reflect.set(globalThis, shared, dispatcher);
  try {
    await using server = await serve(json({}));
    await using client = new Client();
    await client.get(server.origin);
    expect(used).toBe(false);
    expect(Reflect.get(globalThis, shared)).toBe(dispatcher);
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, shared);
    else Reflect.set(globalThis, shared, before);
  }
});

test("P2 undici's own hidden limits never win: ten minutes of its time end nothing, before the headers or in the body", async () => {
  const timers: { tick(ms: number): void } = require("undici/lib/util/timers.js");
  const held = gate();
  const { ca } = await certificates();
  await using server = await serveHttp2(async (stream, { ":path": target }) => {
    if (target === "/body") {
      stream.respond({ ":status": 200 });
      stream.write("some");
    }
    await held.opened;
    if (!stream.headersSent) stream.respond({ ":status": 200 });
    stream.end("at last");
  });
  await using silent = await serve(() => {});
  const tenMinutes = (): void => {
    for (let minute = 0; minute < 10; minute++) timers.tick(60_000);
  };
  await using client = new Client({
    baseUrl: server.origin,
    http2: true,
    tls: { ca: ca.cert },
    timeout: null,
    retry: false,
  });
  const calls = [client.get("/head").text(), client.get("/body").text()];
  // Beside them one of undici's own, with the limit that is its default: its time does run out.
  const bare = new (require("undici/lib/dispatcher/client.js") as typeof Bare)(silent.origin, {
    headersTimeout: 300_000,
  });
  const ended = bare.request({ path: "/bare", method: "GET" }).catch((error: Error) => error);
  await until(() => server.seen.length === 2 && silent.seen.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  tenMinutes();
  expect(await ended).toMatchObject({ code: "UND_ERR_HEADERS_TIMEOUT" });
  held.open();
  expect(await Promise.all(calls)).toEqual(["at last", "someat last"]);
  await bare.destroy();
});

test("a call on a connection that is there arms two timers and leaves none", async () => {
  await using server = await serve(json({}));
  const clock = new ManualClock();
  await using client = new Client({ clock });
  await client.get(server.origin);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const before = clock.waits.length;
  await client.get(server.origin);
  expect(clock.waits.slice(before)).toEqual([60_000, 30_000]);
  expect(clock.pending).toBe(0);
});

test("P20 calls that were given up do not go on connecting, those in the queue neither", async () => {
  await using server = await listenFull();
  await using client = new Client({ retry: false, timeout: { connect: null } });
  const connecting = (): number =>
    process.getActiveResourcesInfo().filter((name) => name.endsWith("ConnectWrap")).length;
  const before = connecting();
  const stop = new AbortController();
  const calls = Array.from({ length: 300 }, () =>
    caught(client.get(server.origin, { signal: stop.signal }), AbortError),
  );
  await until(() => connecting() - before === 128);
  stop.abort();
  await Promise.all(calls);
  await until(() => connecting() === before);
});

test("calls that are made one after the other need one connection", async () => {
  await using server = await serve(json({}));
  await using client = new Client();
  for (let turn = 0; turn < 20; turn++) await client.get(server.origin);
  expect(server.connections()).toBe(1);
});

test("#135 an origin whose connections all break at once keeps to its limit after that", async () => {
  const pool = new Pool({ perOrigin: 2, idle: Number.POSITIVE_INFINITY, idleTimeout: 4000 }, systemClock);
  const origin = "http://127.0.0.1:9";
  const connections: Connection[] = [];
  const enter = (): boolean =>
    pool.enter(origin, {
      previous: undefined,
      next: undefined,
      connectLimit: 0,
      board: (connection) => void connections.push(connection),
      boarded: () => {},
      turnAway: () => {},
    });
  expect([enter(), enter()]).toEqual([true, true]);
  const [first, second] = connections;
  const ended = [first?.destroy()];
  // Between the two breaks' own clearing up.
  queueMicrotask(enter);
  ended.push(second?.destroy());
  await Promise.all(ended);
  expect([enter(), enter()]).toEqual([true, false]);
  await pool.close();
});

test("calls in line get their turn in order, though every connection is closed after its answer", async () => {
  await using server = await serve((response) => {
    response.writeHead(200, { connection: "close" });
    setImmediate(() => response.end("ok"));
  });
  await using client = new Client({ retry: false });
  const ended: number[] = [];
  const calls = Array.from({ length: 400 }, async (_, index) => {
    expect(await client.get(`${server.origin}/${index}`).text()).toBe("ok");
    ended.push(index);
  });
  await Promise.all(calls);
  expect(ended.length).toBe(400);
  // None of the last hundred was served before any of the first hundred had been.
  const last = server.seen.findIndex(({ target }) => Number(target.slice(1)) >= 300);
  expect(server.seen.slice(0, last).filter(({ target }) => Number(target.slice(1)) < 100).length).toBe(100);
});

test("a connection that breaks gives its place to the next in line", async () => {
  await using server = await serve((response, { target }, request) => {
    if (target === "/break") request.socket.destroy();
    else response.end("ok");
  });
  await using client = new Client({ retry: false });
  const calls = Array.from({ length: 300 }, (_, index) => {
    const path = index < 128 ? "/break" : "/fine";
    return client.get(server.origin + path).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof ChasquiError ? error.code : error),
    );
  });
  const outcomes = await Promise.all(calls);
  expect(outcomes.slice(0, 128).every((outcome) => outcome === "ERR_NETWORK")).toBe(true);
  expect(outcomes.slice(128).every((outcome) => outcome === 200)).toBe(true);
});

test("an answer that comes before the upload has ended does not harm the next call on that connection", async () => {
  await using server = await serveRaw((socket, text) => {
    if (text.startsWith("PUT")) socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    else if (text.startsWith("GET")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  await using client = new Client({ retry: false });
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield new Uint8Array(1024);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  for (let turn = 0; turn < 3; turn++) {
    expect((await client.put(server.origin, { body: endless() })).status).toBe(413);
    expect(await client.get(server.origin).text()).toBe("ok");
  }
});

test("a second hop does not open a second connection", async () => {
  await using server = await serve({
    "/a": (response) => void response.writeHead(302, { location: "/b" }).end("moved"),
    "/b": (response) => void response.writeHead(307, { location: "/c" }).end(),
    "/c": json({}),
  });
  await using client = new Client();
  expect((await client.get(`${server.origin}/a`)).history.length).toBe(2);
  expect(server.connections()).toBe(1);
});

test("#127 a transport that is closed refuses, and closing it twice is as good as once", async () => {
  await using server = await serve(json({}));
  const transport = new NodeTransport(new ManualClock());
  await using client = new Client({ transport, retry: false });
  await client.get(server.origin);
  await transport.close();
  await transport.close();
  await until(() => server.open() === 0);
  await expect(client.get(server.origin)).rejects.toMatchObject({ code: "ERR_ABORTED" });
  const unused = new NodeTransport(new ManualClock());
  await unused.close();
  await expect(new Client({ transport: unused }).get(server.origin)).rejects.toMatchObject({
    code: "ERR_ABORTED",
  });
});

test("idle connections do not hold the process", async () => {
  await using server = await serve(json({}));
  const program = `
    import { get } from "chasqui";
    console.log((await get(${JSON.stringify(server.origin)})).status);`;
  const started = performance.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=chasqui-source", "--input-type=module", "--eval", program],
    { cwd: new URL("../..", import.meta.url), env: { ...process.env, NODE_OPTIONS: "" }, timeout: 15_000 },
  );
  expect(stdout.trim()).toBe("200");
  // The server keeps its side open for five seconds, undici its own for three.
  expect(performance.now() - started).toBeLessThan(15_000);
  expect(server.open()).toBe(0);
});
