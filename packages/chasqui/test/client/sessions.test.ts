import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import {
  AbortError,
  Client,
  type ClientOptions,
  get,
  Headers,
  type HeadersInit,
  HttpError,
  OptionsError,
  post,
  type RequestOptions,
  request,
  secret,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate } from "../peers/gate.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { run } from "../peers/program.ts";
import { serveRaw } from "../peers/raw-server.ts";

describe("headers of a client and of a call", () => {
  test("#19 the call's own wins in any case, the others merge", async () => {
    await using server = await serve(json({}));
    await using client = new Client({
      baseUrl: server.origin,
      headers: { "X-One": "client", "X-Two": "client" },
    });
    await client.get("/", { headers: { "x-one": "call", "x-three": "call" } });
    expect(server.last().headers).toMatchObject({ "x-one": "call", "x-two": "client", "x-three": "call" });
    await client.get("/");
    expect(server.last().headers).toMatchObject({ "x-one": "client", "x-two": "client" });
    expect(server.last().headers["x-three"]).toBeUndefined();
  });

  test.each(["user-agent", "User-Agent", "x-mine", "X-MINE", "accept", "accept-encoding"])(
    "#20 #29 null takes %s away, undefined keeps it",
    async (name) => {
      await using server = await serve(json({}));
      await using client = new Client({ baseUrl: server.origin, headers: { "X-Mine": "1" } });
      await client.get("/", { headers: { [name]: undefined } });
      expect(server.last().headers[name.toLowerCase()]).toBeDefined();
      await client.get("/", { headers: { [name]: null } });
      expect(server.last().headers[name.toLowerCase()]).toBeUndefined();
    },
  );

  test("#21 the client's come first, in place where the call names them, then the call's", async () => {
    const heads: string[] = [];
    await using server = await serveRaw((socket, head) => {
      heads.push(head);
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    await using client = new Client({ baseUrl: server.origin, headers: { "X-B": "1", "X-A": "1" } });
    await client.get("/", { headers: { "x-new": "2", "x-a": "2" } });
    const names = (heads[0] ?? "")
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(":", 1)[0]);
    expect(names.filter((name) => name?.toLowerCase().startsWith("x-"))).toEqual(["X-B", "x-a", "x-new"]);
  });

  test("#22 names of params, unlike those of headers, differ by case", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, params: { a: "1", B: "1" } });
    await client.get("/", { params: { A: "2", B: "2" } });
    expect(server.last().target).toBe("/?a=1&B=2&A=2");
  });

  test.each<[string, RequestOptions["params"], string]>([
    ["an object", { b: "2" }, "/?a=1&b=2"],
    ["pairs", [["b", "2"]], "/?a=1&b=2"],
    ["a string", "b=2", "/?a=1&b=2"],
    ["a Map", new Map([["b", "2"]]), "/?a=1&b=2"],
    ["URLSearchParams", new URLSearchParams("b=2"), "/?a=1&b=2"],
    ["the client's own key", { a: "call" }, "/?a=call"],
    ["null for the client's key", { a: null }, "/"],
    ["undefined for the client's key", { a: undefined }, "/?a=1"],
    ["P16 an array", { b: [1, 2] }, "/?a=1&b=1&b=2"],
    ["P16 booleans", { b: true, c: false }, "/?a=1&b=true&c=false"],
  ])("D5 params merge whatever their form: %s", async (_, params, target) => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, params: { a: "1" } });
    await client.get("/", params === undefined ? {} : { params });
    expect(server.last().target).toBe(target);
  });

  test("P16 an object as a value is an error, unless a style says how", async () => {
    await using server = await serve(json({}));
    const params = { filter: { from: 1 } };
    await caught(get(server.origin, { params: params as never }), OptionsError);
    await get(server.origin, { params: params as never, paramsStyle: "brackets" });
    expect(decodeURIComponent(server.last().target)).toBe("/?filter[from]=1");
  });

  test.each<[string, unknown, RegExp, object?]>([
    ["a number", 7, /params must be an object, pairs, a Map, URLSearchParams or a string, not the number 7/],
    ["a date", new Date(0), /params must be an object, .* not a Date/],
    ["a symbol as a value", { a: Symbol("x") }, /params.*a.*symbol/],
    ["a function as a value", { a: () => 1 }, /params.*a.*function/],
    ["NaN", { page: Number.NaN }, /params.*page/],
    ["an object in it, without a style", { filter: { from: 1 } }, /"filter" is an object/],
    ["pairs that are none", [["a", "1", "2"]], /each pair must be \[name, value\]/],
    ["half a character", "q=\ud800", /params/],
    ["a style that there is none of", {}, /paramsStyle must be one of/, { paramsStyle: "php" }],
  ])(
    "params of a client that no call could send are told where they were written: %s",
    async (_, params, message, more) => {
      const options = { params, ...more } as ClientOptions;
      expect(() => new Client(options)).toThrow(OptionsError);
      expect(() => new Client(options)).toThrow(message);
      await using parent = new Client({ params: { a: "1" } });
      expect(() => parent.extend(options)).toThrow(message);
    },
  );

  test("params of a client are looked at with its own style, and with that of a child", async () => {
    await using server = await serve(json({}));
    const params = { filter: { from: 1 } };
    await using client = new Client({ params, paramsStyle: "dots", baseUrl: server.origin });
    await client.get("/");
    expect(server.last().target).toBe("/?filter.from=1");
    await client.extend({ paramsStyle: "brackets" }).get("/");
    expect(server.last().target).toBe("/?filter%5Bfrom%5D=1");
    expect(() => client.extend({ paramsStyle: "comma" })).toThrow(OptionsError);
  });

  test("params that can be read once are there for each call of a client", async () => {
    await using server = await serve(json({}));
    function* pairs(): Generator<readonly [string, string]> {
      yield ["a", "1"];
    }
    await using client = new Client({ params: pairs(), baseUrl: server.origin });
    await client.get("/");
    await client.get("/");
    expect(server.seen.map(({ target }) => target)).toEqual(["/?a=1", "/?a=1"]);
  });

  test("D4 params are appended to the query of the URL, before its fragment", async () => {
    await using server = await serve(json({}));
    await get(`${server.origin}/?a=1#top`, { params: { a: "2" } });
    expect(server.last().target).toBe("/?a=1&a=2");
  });

  test.each<[string, () => HeadersInit]>([
    ["an object", () => ({ "X-One": "1" })],
    ["pairs", () => [["X-One", "1"]]],
    ["our Headers", () => new Headers({ "X-One": "1" })],
    ["Fetch's Headers", () => new globalThis.Headers({ "X-One": "1" })],
    ["a Map", () => new Map([["X-One", "1"]])],
  ])("#27 what the caller gave is not changed: %s", async (_, make) => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": json({}) });
    const headers = make();
    const before = JSON.stringify([...new Headers(headers)]);
    const options: RequestOptions = Object.freeze({ headers, json: Object.freeze({ n: 1 }) });
    await using client = new Client({
      baseUrl: server.origin,
      headers,
      hooks: { onRequest: (sent) => sent.headers.set("x-hook", "1") },
    });
    await client.post("/a", options);
    await client.post("/a", options);
    expect(JSON.stringify([...new Headers(headers)])).toBe(before);
    expect(client.headers.has("x-hook")).toBe(false);
    expect(client.headers.has("content-type")).toBe(false);
    expect(server.last().headers["x-one"]).toBe("1");
  });

  test("#29 user-agent, accept and accept-encoding are sent, and may be others", async () => {
    await using server = await serve(json({}));
    await get(server.origin);
    expect(server.last().headers).toMatchObject({
      accept: "*/*",
      "user-agent": expect.stringMatching(/^chasqui\/\d/),
      "accept-encoding": expect.stringContaining("gzip"),
    });
    const own = { "user-agent": "mine/1", accept: "application/json", "accept-encoding": "identity" };
    await get(server.origin, { headers: own });
    expect(server.last().headers).toMatchObject(own);
  });

  test("may be changed later, as a session's can, and a child's go their own way", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin });
    client.headers.set("x-version", "1");
    const child = client.extend({ headers: { "x-child": "1" } });
    client.headers.set("x-version", "2");
    child.headers.set("x-child", "2");
    await client.get("/");
    expect(server.last().headers).toMatchObject({ "x-version": "2" });
    expect(server.last().headers["x-child"]).toBeUndefined();
    await child.get("/");
    expect(server.last().headers).toMatchObject({ "x-version": "1", "x-child": "2" });
  });

  test("a change is not seen by a call that was made before", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, headers: { "x-version": "1" } });
    const call = client.get("/");
    client.headers.set("x-version", "2");
    await call;
    expect(server.last().headers["x-version"]).toBe("1");
  });
});

describe("a request that is built", () => {
  test("#45 can be looked at, changed and sent as often as one likes, the same each time", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: `${server.origin}/v1`, headers: { "x-client": "1" } });
    const built = client.build("post", "/x", {
      json: { n: 1 },
      params: { a: 1 },
      headers: { "x-key": secret("k") },
    });
    expect([built.method, built.url]).toEqual(["POST", `${server.origin}/v1/x?a=1`]);
    built.headers.set("x-more", "1");
    await client.send(built);
    await client.send(built);
    const [first, second] = server.seen;
    expect(second).toEqual(first);
    expect(first?.headers).toMatchObject({
      "x-client": "1",
      "x-key": "k",
      "x-more": "1",
      "content-length": "7",
    });
  });

  test("gets the client's credentials when it is sent, and keeps none", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, auth: ["u", "p"] });
    const built = client.build("GET", "/");
    const response = await client.send(built);
    expect(server.last().headers.authorization).toMatch(/^Basic /);
    expect(built.headers.has("authorization")).toBe(false);
    expect(response.request.headers.has("authorization")).toBe(true);
    await client.send(built, { auth: null });
    expect(server.last().headers.authorization).toBeUndefined();
  });

  test.each(["auth", "timeout", "retry", "signal", "stream", "cookies", "hooks", "redirect"])(
    "build() refuses %s, which says how a request is sent, instead of forgetting it",
    (option) => {
      const client = new Client({ baseUrl: "http://127.0.0.1:9" });
      expect(() => client.build("GET", "/", { [option]: null } as never)).toThrow(/send\(\)|build\(\)/);
    },
  );

  test.each(["params", "path", "headers", "json", "form", "body", "multipart"])(
    "send() refuses %s, which a request has in it already",
    async (option) => {
      await using client = new Client({ baseUrl: "http://127.0.0.1:9" });
      await caught(client.send(client.build("GET", "/"), { [option]: {} } as never), OptionsError);
    },
  );

  test("send() of something else says what it takes", async () => {
    await using client = new Client();
    for (const value of [undefined, "http://127.0.0.1:9/", {}, new globalThis.Request("http://127.0.0.1:9/")])
      await caught(client.send(value as never), OptionsError);
  });
});

describe("connections", () => {
  test("#135 a thousand calls one after the other use one", async () => {
    await using server = await serve(json({ n: 1 }));
    await using client = new Client({ baseUrl: server.origin });
    for (let i = 0; i < 1000; i++) await client.get("/").json();
    expect(server.connections()).toBe(1);
  });

  test("#135 functions share theirs, too", async () => {
    await using server = await serve(json({ n: 1 }));
    for (let i = 0; i < 20; i++) await get(server.origin).json();
    await post(server.origin, { json: {} }).json();
    await request("GET", server.origin).json();
    expect(server.connections()).toBe(1);
  });

  test("#135 a server that says `Connection: close` gets another", async () => {
    await using server = await serve(json({}, 200, { connection: "close" }));
    await using client = new Client({ baseUrl: server.origin });
    for (let i = 0; i < 3; i++) await client.get("/").json();
    expect(server.connections()).toBe(3);
  });

  test("#127 leaving the scope of a streamed response unread gives its connection back", async () => {
    await using server = await serve((response) => {
      response.writeHead(200);
      response.write("the rest never comes");
    });
    {
      await using response = await get(server.origin, { stream: true });
      expect(response.status).toBe(200);
      expect(server.open()).toBe(1);
    }
    await expect.poll(() => server.open()).toBe(0);
  });

  test("extend() shares them", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/");
    await client.extend({ headers: { "x-child": "1" } }).get("/");
    await client.extend({}).extend({}).get("/");
    expect(server.connections()).toBe(1);
  });
});

describe("closing", () => {
  test("#127 a closed client refuses every call by rejecting, and cannot be extended", async () => {
    await using server = await serve(json({}));
    const client = new Client({ baseUrl: server.origin });
    await client.get("/");
    await client.close();
    for (const call of [client.get("/"), client.post("/"), client.send(client.build("GET", "/"))]) {
      expect((await caught(call, OptionsError)).message).toContain("closed");
    }
    expect((await client.get("/").result()).error).toBeInstanceOf(OptionsError);
    expect(() => client.extend({})).toThrow(OptionsError);
    expect(server.seen).toHaveLength(1);
    await client.close();
  });

  test("#127 empties the pool", async () => {
    await using server = await serve(json({}));
    const client = new Client({ baseUrl: server.origin });
    await Promise.all([client.get("/"), client.get("/"), client.get("/")]);
    expect(server.open()).toBeGreaterThan(0);
    await client.close();
    await expect.poll(() => server.open()).toBe(0);
  });

  test("#127 at the end of its scope", async () => {
    await using server = await serve(json({}));
    let outside: Client;
    {
      await using client = new Client({ baseUrl: server.origin });
      outside = client;
      await client.get("/");
    }
    await caught(outside.get("/"), OptionsError);
    await expect.poll(() => server.open()).toBe(0);
  });

  test("of a child leaves the parent open; of the parent closes both", async () => {
    await using server = await serve(json({}));
    const parent = new Client({ baseUrl: server.origin });
    const child = parent.extend({});
    const other = parent.extend({});
    await child.get("/");
    await child.close();
    await caught(child.get("/"), OptionsError);
    await parent.get("/");
    await other.get("/");
    expect(server.connections()).toBe(1);
    await parent.close();
    await caught(other.get("/"), OptionsError);
  });

  test("ends what is under way, at once and without another attempt", async () => {
    await using server = await serve(() => {});
    const client = new Client({ baseUrl: server.origin, retry: { attempts: 5 } });
    const call = caught(client.get("/"), AbortError);
    await expect.poll(() => server.seen.length).toBe(1);
    await client.close();
    expect((await call).attempts).toBe(1);
    expect(server.seen).toHaveLength(1);
  });

  test("ends a wait for the next attempt", async () => {
    await using server = await serve(json({}, 503, { "retry-after": "50" }));
    const client = new Client({ baseUrl: server.origin });
    const waiting = gate();
    const call = caught(client.get("/", { hooks: { onRetry: () => waiting.open() } }), AbortError);
    await waiting.opened;
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    expect((await call).message).toContain("closed");
  });

  test("ends a body that is being read", async () => {
    await using server = await serve((response) => {
      response.writeHead(200);
      response.write("one\n");
    });
    const client = new Client({ baseUrl: server.origin });
    const lines = client.get("/").lines();
    expect(await lines.next()).toEqual({ done: false, value: "one" });
    await client.close();
    expect((await caught(lines.next(), AbortError)).message).toContain("closed");
  });

  test("a call made in the same breath as close() is refused, and opens nothing", async () => {
    await using server = await serve(json({}));
    const client = new Client({ baseUrl: server.origin });
    const call = client.get("/").result();
    await client.close();
    expect((await call).ok).toBe(false);
    expect(server.connections()).toBe(0);
  });

  test("two at once wait for the same end", async () => {
    await using server = await serve(json({}));
    const client = new Client({ baseUrl: server.origin });
    await client.get("/");
    await Promise.all([client.close(), client.close()]);
    await expect.poll(() => server.open()).toBe(0);
  });

  test.each([
    ["after a call", "await client.get('/').json();"],
    [
      "with a call under way",
      "client.get('/silent').catch(() => {}); await new Promise((r) => setTimeout(r, 50));",
    ],
    [
      "with a wait for the next attempt",
      "client.get('/busy').catch(() => {}); await new Promise((r) => setTimeout(r, 50));",
    ],
  ])("lets the process end at once, %s", async (_, code) => {
    await using server = await serve({
      "/": json({}),
      "/silent": () => {},
      "/busy": json({}, 503, { "retry-after": "30" }),
    });
    const {
      stdout,
      stderr,
      code: exit,
    } = await run(`
      import { Client } from "../src/index.ts";
      const client = new Client({ baseUrl: ${JSON.stringify(server.origin)} });
      ${code}
      await client.close();
      const closed = performance.now();
      process.on("exit", () => console.log(Math.round(performance.now() - closed)));
    `);
    expect([stderr, exit]).toEqual(["", 0]);
    // What would hold the process holds it for seconds: an idle connection 4, a wait 30, a silent server 60.
    expect(Number(stdout)).toBeLessThan(2000);
  });

  test("a function's idle connection does not hold the process", async () => {
    await using server = await serve(json({}));
    const { stdout, stderr } = await run(`
      import { get } from "../src/index.ts";
      await get(${JSON.stringify(server.origin)}).json();
      const read = performance.now();
      process.on("exit", () => console.log(Math.round(performance.now() - read)));
    `);
    expect(stderr).toBe("");
    expect(Number(stdout)).toBeLessThan(2000);
  });
});

describe("P21 one listener on the caller's signal", () => {
  const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

  test("while the call is under way, and none after it, a thousand times", async () => {
    const { signal } = new AbortController();
    let during = 0;
    await using server = await serve((response) => {
      during = Math.max(during, listeners(signal));
      response.writeHead(200).end("{}");
    });
    await using client = new Client({ baseUrl: server.origin });
    for (let i = 0; i < 1000; i++) await client.get("/", { signal });
    expect([during, listeners(signal)]).toEqual([1, 0]);
  });

  test.each<[string, number, string, RequestOptions]>([
    ["a 404", 404, "{}", {}],
    ["a 404 that was to be streamed", 404, "{}", { stream: true, raise: true }],
    ["a redirect that is not followed", 302, "", { redirect: "error" }],
    ["an attempt that is made again", 503, "", { retry: 2 }],
  ])("and none after %s", async (_, status, body, options) => {
    const { signal } = new AbortController();
    await using server = await serve((response) => {
      response.writeHead(status, { location: "/x", "retry-after": "0" }).end(body);
    });
    await get(server.origin, { ...options, signal }).then(
      () => {},
      () => {},
    );
    expect(listeners(signal)).toBe(0);
  });

  test("and none after a loop over the lines of an error", async () => {
    const { signal } = new AbortController();
    await using server = await serve(json({}, 404));
    await caught(Array.fromAsync(get(server.origin, { signal }).lines()), HttpError);
    expect(listeners(signal)).toBe(0);
  });
});
