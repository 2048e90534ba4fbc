import { describe, expect, test } from "vitest";
import {
  type Auth,
  bearer,
  CallerError,
  Client,
  type ClientOptions,
  get,
  type Hooks,
  HttpError,
  type Logger,
  type Middleware,
  memory,
  NetworkError,
  type Next,
  post,
  type Request,
  type RequestOptions,
  type ServerErrorEvent,
  type ThrottleStore,
  type Transport,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { serveHeld } from "../peers/held-server.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

/** Says in a list where a request comes by, on its way there and back. */
function told(list: string[], name: string): Middleware {
  return async (request, next) => {
    list.push(`${name} ${request.method} ${request.target}`);
    const response = await next(request);
    list.push(`${name} ${response.status}`);
    return response;
  };
}

/** Fails once with a 503, then answers. */
function shaky(): Answer {
  let count = 0;
  return (response) => {
    count++;
    response
      .writeHead(count === 1 ? 503 : 200, { "retry-after": "0", "content-type": "application/json" })
      .end("{}");
  };
}

describe("the onion", () => {
  test("P24 use and wire run in the order of their lists, and back in the other", async () => {
    await using server = await serve(json({}));
    const list: string[] = [];
    await using client = new Client({
      baseUrl: server.origin,
      use: [told(list, "use1"), told(list, "use2")],
      wire: [told(list, "wire1"), told(list, "wire2")],
    });
    await client.get("/x");
    expect(list).toEqual([
      ...["use1 GET /x", "use2 GET /x", "wire1 GET /x", "wire2 GET /x"],
      ...["wire2 200", "wire1 200", "use2 200", "use1 200"],
    ]);
  });

  test("P24 a child's come inside its parent's", async () => {
    await using server = await serve(json({}));
    const list: string[] = [];
    await using client = new Client({ baseUrl: server.origin, use: [told(list, "parent")] });
    await client.extend({ use: [told(list, "child")] }).get("/x");
    expect(list.slice(0, 2)).toEqual(["parent GET /x", "child GET /x"]);
    list.length = 0;
    await client.get("/x");
    expect(list).toEqual(["parent GET /x", "parent 200"]);
  });

  test("use sees the call once, wire every exchange: redirects, replays, retries", async () => {
    const statuses = [401, 503, 200];
    await using server = await serve({
      "/a": redirectTo("/b"),
      "/b": (response) => {
        response.writeHead(statuses.shift() ?? 500, { "retry-after": "0" }).end("{}");
      },
    });
    const use: string[] = [];
    const wire: string[] = [];
    await using client = new Client({
      baseUrl: server.origin,
      auth: bearer(() => "t"),
      use: [told(use, "use")],
      wire: [told(wire, "wire")],
    });
    await client.get("/a");
    expect(use).toEqual(["use GET /a", "use 200"]);
    expect(wire).toEqual([
      ...["wire GET /a", "wire 302", "wire GET /b", "wire 401"],
      ...["wire GET /b", "wire 503", "wire GET /b", "wire 200"],
    ]);
  });

  test("wire sees the credentials and cookies that go out, use does not", async () => {
    await using server = await serve(json({}));
    const seen: (string | null)[] = [];
    const look: Middleware = (request, next) => {
      seen.push(request.headers.get("authorization"), request.headers.get("cookie"));
      return next(request);
    };
    const options: ClientOptions = { auth: bearer("t"), use: [look], wire: [look] };
    await using client = new Client(options);
    await client.get(server.origin, { cookies: { a: "1" } });
    expect(seen).toEqual([null, null, "Bearer t", "a=1"]);
  });

  test("a middleware may answer by itself, change what goes out, and change what came", async () => {
    await using server = await serve(json({ n: 1 }));
    const stamped: Middleware = (request, next) => {
      request.headers.set("x-stamp", "1");
      return next(request);
    };
    const other: Middleware = async (request, next) =>
      (await next(request)).with({ body: '{"n":2}', status: 201 });
    await using client = new Client({ baseUrl: server.origin, use: [stamped], wire: [other] });
    const response = await client.get("/");
    expect([response.status, await response.json()]).toEqual([201, { n: 2 }]);
    expect(server.last().headers["x-stamp"]).toBe("1");
  });

  test("what a wire middleware adds is there once, however often the request is tried", async () => {
    await using server = await serve(shaky());
    const numbered: Middleware = (request, next) => {
      request.headers.append("x-sign", "s");
      return next(request);
    };
    await using client = new Client({ baseUrl: server.origin, wire: [numbered] });
    await client.get("/").json();
    expect(server.seen.map(({ headers }) => headers["x-sign"])).toEqual(["s", "s"]);
  });

  test("what a wire middleware adds at one hop is not carried to the next", async () => {
    await using far = await serve(json({}));
    await using server = await serve({ "/a": redirectTo("/b"), "/b": redirectTo(`${far.origin}/c`) });
    let count = 0;
    const signed: Middleware = (request, next) => {
      count++;
      if (count === 1) request.headers.set("x-signature", "of the first hop");
      return next(request);
    };
    await using client = new Client({ wire: [signed] });
    await client.get(`${server.origin}/a`);
    expect(server.seen.map(({ headers }) => headers["x-signature"])).toEqual(["of the first hop", undefined]);
    expect(far.last().headers["x-signature"]).toBeUndefined();
  });

  test("a middleware that asks again has a chain of redirects of its own", async () => {
    await using far = await serve(json({}, 401));
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b`) });
    const twice: Middleware = async (request, next) => {
      await next(request);
      return next(request);
    };
    await using client = new Client({ baseUrl: server.origin, use: [twice], auth: bearer("t") });
    const response = await client.get("/a", { redirect: { max: 1 } });
    expect(response.history).toHaveLength(1);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer t", "Bearer t"]);
    expect(far.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  test.each(["use", "wire"] as const)("a %s middleware that forgets to return is told so", async (place) => {
    await using server = await serve(json({}));
    const forgetful = (async (request: Request, next: Next) => {
      await next(request);
    }) as unknown as Middleware;
    await using client = new Client({ baseUrl: server.origin, [place]: [forgetful] });
    const error = await caught(client.get("/"), CallerError);
    expect(`${error.message} ${error.hint}`).toMatch(/return/);
  });

  test("what a middleware throws is what the caller catches", async () => {
    class QuotaUsed extends Error {}
    await using client = new Client({ use: [() => Promise.reject(new QuotaUsed("no more"))] });
    expect((await caught(client.get("http://127.0.0.1:9/"), QuotaUsed)).message).toBe("no more");
  });

  test.each<[string, ClientOptions]>([
    ["use that is no list of functions", { use: ["x"] as never }],
    ["wire that is an object", { wire: [{}] as never }],
  ])("%s is refused", (_, options) => {
    expect(() => new Client(options)).toThrow(/takes a list of functions/);
  });
});

describe("hooks", () => {
  test("#132 onRequest and onResponse fire at every hop, credentials applied", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": json({}) });
    const list: string[] = [];
    const hooks: Hooks = {
      onRequest: (request) => {
        list.push(`${request.target} ${request.headers.get("authorization")}`);
      },
      onResponse: (response) => {
        list.push(`${response.status} ${response.request.target}`);
      },
    };
    await get(`${server.origin}/a`, { hooks, auth: bearer("t") });
    expect(list).toEqual(["/a Bearer t", "302 /a", "/b Bearer t", "200 /b"]);
  });

  test("D15 a client's run before a call's, all of them, in order", async () => {
    await using server = await serve(json({}));
    const list: string[] = [];
    const say = (name: string) => (): void => {
      list.push(name);
    };
    await using client = new Client({
      baseUrl: server.origin,
      hooks: { onRequest: [say("client1"), say("client2")], onResponse: say("client") },
    });
    await client
      .extend({ hooks: { onRequest: say("child") } })
      .get("/", { hooks: { onRequest: say("call") } });
    expect(list).toEqual(["client1", "client2", "child", "call", "client"]);
    list.length = 0;
    await client.get("/");
    expect(list).toEqual(["client1", "client2", "client"]);
  });

  test("onRequest may change the headers, once for each attempt", async () => {
    await using server = await serve(shaky());
    let count = 0;
    const hooks: Hooks = {
      onRequest: async (request) => {
        await Promise.resolve();
        request.headers.append("x-attempt", String(++count));
      },
    };
    await get(server.origin, { hooks }).json();
    expect(server.seen.map(({ headers }) => headers["x-attempt"])).toEqual(["1", "2"]);
  });

  test("#131 onResponse may give another response in place of the one that came", async () => {
    await using server = await serve(json({ message: "no" }, 404));
    const hooks: Hooks = {
      onResponse: (response) => response.with({ status: 200, body: '{"default":true}' }),
    };
    const response = await get(server.origin, { hooks });
    expect([response.status, await response.json()]).toEqual([200, { default: true }]);
  });

  test.each([false, true])(
    "P8 a hook may read the body, and so may the caller after it (streamed: %o)",
    async (stream) => {
      await using server = await serve(json({ error: "no" }, 422));
      const read: unknown[] = [];
      const hooks: Hooks = {
        onResponse: async (response) => {
          read.push(await response.json(), await response.text());
        },
      };
      const response = await get(server.origin, { hooks, stream });
      expect(await response.json()).toEqual({ error: "no" });
      const { error } = await get(server.origin, { hooks, stream }).result();
      expect(error instanceof HttpError && error.json()).toEqual({ error: "no" });
      expect(read).toEqual([{ error: "no" }, '{"error":"no"}', { error: "no" }, '{"error":"no"}']);
    },
  );

  test("#131 a hook receives the options of the call, at every hop, of a client's as of a call's", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": json({}) });
    const list: unknown[] = [];
    const hooks: Hooks = {
      onRequest: (_request, options) => void list.push(options),
      onResponse: (_response, options) => void list.push(options),
    };
    await using client = new Client({ baseUrl: server.origin, hooks });
    const options: RequestOptions = { timeout: "5s", params: { q: 1 }, json: { n: 1 }, stream: true };
    await (await client.post("/a", options)).close();
    expect(list).toEqual([options, options, options, options]);
    list.length = 0;
    await client.get("/b");
    expect(list).toEqual([{}, {}]);
    list.length = 0;
    const sent: RequestOptions = { retry: false };
    await client.send(client.build("GET", "/b"), sent);
    expect(list).toEqual([sent, sent]);
    list.length = 0;
    for await (const _line of client.get("/b", { raise: false }).lines());
    expect(list).toEqual([{ raise: false }, { raise: false }]);
  });

  test("#131 a 3xx that it turns into something else is not followed, a 401 not replayed, a 503 not tried again", async () => {
    for (const [status, headers] of [
      [302, { location: "/b" }],
      [401, {}],
      [503, { "retry-after": "0" }],
    ] as const) {
      await using server = await serve(json({}, status, headers));
      const hooks: Hooks = { onResponse: (response) => response.with({ status: 200, body: "{}" }) };
      const auth: Auth = { authorize: () => ({}), refresh: () => {} };
      expect((await get(server.origin, { hooks, auth })).status).toBe(200);
      expect(server.seen).toHaveLength(1);
    }
  });

  test("#131 a hook that answers something that is no response is told so", async () => {
    await using server = await serve(json({}));
    const hooks = { onResponse: () => "a string" } as unknown as Hooks;
    expect((await caught(get(server.origin, { hooks }), CallerError)).message).toContain("a string");
  });

  test("#132 a hook that throws ends the call with its error, closes the response, and is not tried again", async () => {
    await using server = await serve((response) => {
      response.writeHead(200);
      response.write("the rest never comes");
    });
    class Mine extends Error {}
    const options: RequestOptions = {
      stream: true,
      hooks: { onResponse: () => Promise.reject(new Mine("stop")) },
    };
    expect((await caught(get(server.origin, options), Mine)).message).toBe("stop");
    await expect.poll(() => server.open()).toBe(0);
    expect(server.seen).toHaveLength(1);
  });

  test("a streamed response that a hook replaces gives its connection back", async () => {
    await using server = await serve((response) => {
      response.writeHead(200);
      response.write("the rest never comes");
    });
    const hooks: Hooks = { onResponse: (response) => response.with({ body: "short" }) };
    const response = await get(server.origin, { stream: true, hooks });
    expect(await response.text()).toBe("short");
    await expect.poll(() => server.open()).toBe(0);
  });

  test("onRetry is told of the attempt that failed, the wait and why, without secrets", async () => {
    await using server = await serve(shaky());
    const list: unknown[] = [];
    const hooks: Hooks = {
      onRetry: ({ request, attempt, delay, reason }) => {
        list.push([request.target, attempt, delay, reason]);
      },
    };
    await get(`${server.origin}/x`, { hooks }).json();
    expect(list).toEqual([["/x", 1, expect.any(Number), expect.stringContaining("503")]]);
  });

  test("onServerError is told once, when all attempts are over", async () => {
    await using server = await serve(json({}, 500, { "retry-after": "0" }));
    const events: ServerErrorEvent[] = [];
    const hooks: Hooks = {
      onServerError: (event) => {
        events.push(event);
      },
    };
    await get(server.origin, { hooks, retry: { attempts: 3 } });
    expect(events.map(({ response, attempts, error }) => [response?.status, attempts, error])).toEqual([
      [500, 3, undefined],
    ]);
    await caught(get("http://127.0.0.1:9/", { hooks, retry: false }), NetworkError);
    expect(events[1]).toMatchObject({ response: undefined, error: { code: "ERR_NETWORK" }, attempts: 1 });
    expect(events[1]?.error?.request?.url).toBe("http://127.0.0.1:9/");
  });

  describe("a failure is not hidden by a hook or a logger that was told of it", () => {
    const pager = new Error("the pager is down");
    const boom = (): never => {
      throw pager;
    };
    const lost = (): Promise<never> => Promise.reject(pager);
    const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

    test.each([
      ["throws", boom],
      ["rejects", lost],
    ])("onServerError that %s, and the next one is told all the same", async (_, hook) => {
      const told: unknown[] = [];
      const hooks: Hooks = { onServerError: [hook, ({ error }) => void told.push(error)] };
      const error = await caught(get("http://127.0.0.1:9/", { hooks, retry: false }), NetworkError);
      expect(error.suppressed).toEqual([pager]);
      expect(told).toEqual([error]);
      expect(JSON.stringify(error)).toContain("the pager is down");
      const result = await get("http://127.0.0.1:9/", { hooks, retry: false }).result();
      expect(result.error).toBeInstanceOf(NetworkError);
    });

    test("onRetry that throws ends the call with the failure, or with its own error where there is none", async () => {
      const hooks: Hooks = { onRetry: boom };
      const failure = await caught(get("http://127.0.0.1:9/", { hooks }), NetworkError);
      expect(failure.suppressed).toEqual([pager]);
      expect(failure.attempts).toBe(1);
      await using server = await serve(shaky());
      expect(await caught(get(server.origin, { hooks }), Error)).toBe(pager);
    });

    test.each(["debug", "warn", "error"] as const)("a logger whose %s() throws or rejects", async (level) => {
      for (const fail of [boom, lost]) {
        await using server = await serve({
          "/200": json({}),
          "/404": json({}, 404),
          "/500": json({}, 500),
          "/503": shaky(),
        });
        const log: Logger = { ...quiet, [level]: fail };
        const error = await caught(get("http://127.0.0.1:9/", { log, retry: { attempts: 2 } }), NetworkError);
        expect(error.suppressed).toEqual([]);
        for (const [path, status] of [
          ["/200", 200],
          ["/404", 404],
          ["/500", 500],
        ] as const) {
          expect((await get(server.origin + path, { log, retry: false })).status).toBe(status);
        }
        expect((await get(`${server.origin}/503`, { log })).status).toBe(200);
      }
    });
  });

  test("onServerError is not told of what ended in the client's own line: the server was asked nothing", async () => {
    await using held = await serveHeld();
    const { server } = held;
    const told: ServerErrorEvent[] = [];
    const hooks: Hooks = { onServerError: (event) => void told.push(event) };
    const clock = new ManualClock();
    const shared = { baseUrl: server.origin, retry: false, hooks, clock } as const;
    const store: ThrottleStore = { take: () => ({ wait: 3_600_000, told: true }), give: () => {} };
    await using shut = new Client({ ...shared, throttle: { store } });
    await using full = new Client({ ...shared, throttle: { concurrency: 1, queue: 0 } });
    await using narrow = new Client({ ...shared, connections: 1 });
    const busy = [full.get("/"), narrow.get("/")].map((call) => call.result());
    await held.asked;
    const late = narrow.get("/", { timeout: { queue: 70 } }).result();
    await clock.armed(70);
    clock.advance(70);
    const results = await Promise.all([shut.get("/").result(), full.get("/").result(), late]);
    for (const { error } of results) expect(error).toMatchObject({ phase: "queue", attempts: 0 });
    expect(told).toEqual([]);
    held.answer();
    await Promise.all(busy);
  });

  test.each([200, 301, 404, 429])("onServerError is not told of a %i", async (status) => {
    await using server = await serve(json({}, status));
    let called = 0;
    const onServerError = (): void => {
      called++;
    };
    await get(server.origin, { hooks: { onServerError }, retry: false });
    expect(called).toBe(0);
  });

  test.each<[string, unknown]>([
    ["a name that does not exist", { onRequset: () => {} }],
    ["a string", { onRequest: "log" }],
    ["a list with something else in it", { onRequest: [() => {}, null] }],
    ["a function in place of the object", () => {}],
  ])("%s is refused", (_, hooks) => {
    expect(() => new Client({ hooks: hooks as Hooks })).toThrow(/hooks/);
  });
});

describe("the log", () => {
  function logger(): Logger & { readonly lines: string[] } {
    const lines: string[] = [];
    const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
    return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }

  test("#136 one line a hop, with method, URL and status, and none of the secrets", async () => {
    await using server = await serve({ "/a": redirectTo("/b?api_key=s3cret"), "/b": json({}, 404) });
    const log = logger();
    await post(`${server.origin}/a`, { log, json: {}, params: { token: "s3cret" }, auth: bearer("s3cret") });
    const debug = log.lines.filter((line) => line.startsWith("debug"));
    expect(debug).toEqual([
      expect.stringMatching(
        new RegExp(`^debug POST ${server.origin}/a\\?token=\\*\\*\\* → 302 \\(\\d+ ms, attempt 1\\)$`),
      ),
      expect.stringMatching(
        new RegExp(`^debug GET ${server.origin}/b\\?api_key=\\*\\*\\* → 404 \\(\\d+ ms, attempt 2\\)$`),
      ),
    ]);
    expect(log.lines.filter((line) => line.startsWith("warn"))).toHaveLength(1);
    expect(log.lines.join("\n")).not.toContain("s3cret");
  });

  test("a retry is a warning, a 5xx and a failure an error", async () => {
    await using server = await serve(json({}, 500, { "retry-after": "0" }));
    const log = logger();
    await get(server.origin, { log, retry: 2 });
    await caught(get("http://127.0.0.1:9/", { log, retry: false }), NetworkError);
    expect(log.lines.map((line) => line.split(" ")[0])).toEqual([
      ...["debug", "warn", "debug", "error"],
      ...["debug", "error"],
    ]);
  });

  test("a client's is switched off for a call by null", async () => {
    await using server = await serve(json({}));
    const log = logger();
    await using client = new Client({ baseUrl: server.origin, log });
    await client.get("/", { log: null });
    expect(log.lines).toEqual([]);
  });
});

describe("transports of one's own", () => {
  test("#134 a function from request to response is enough for a whole client", async () => {
    const seen: string[] = [];
    await using client = new Client({
      baseUrl: "http://api.test/v1",
      auth: bearer("t"),
      transport: memory(async (request) => {
        seen.push(
          `${request.method} ${request.url} ${request.headers.get("authorization")} ${await request.text()}`,
        );
        if (request.url.endsWith("/a")) {
          return new globalThis.Response(null, {
            status: 307,
            headers: { location: "/b", "set-cookie": "s=1; Path=/" },
          });
        }
        return globalThis.Response.json({ cookie: request.headers.get("cookie") });
      }),
    });
    expect(await client.post("/a", { json: { n: 1 } }).json()).toEqual({ cookie: "s=1" });
    expect(seen).toEqual([
      'POST http://api.test/v1/a Bearer t {"n":1}',
      'POST http://api.test/b Bearer t {"n":1}',
    ]);
  });

  test("#134 a transport is one method, and is closed with its client, not with a child", async () => {
    let closed = 0;
    const transport: Transport = {
      send: async (exchange) => {
        const { Headers } = await import("../../src/index.ts");
        const headers = new Headers({ "x-seen": exchange.target });
        const head = {
          status: 200,
          statusText: "",
          headers,
          header: (name: string) => headers.get(name) ?? undefined,
        };
        exchange.onHead(head);
        return { head, body: new TextEncoder().encode("{}") };
      },
      close: async () => {
        closed++;
      },
    };
    const client = new Client({ baseUrl: "http://api.test", transport });
    const child = client.extend({});
    expect((await child.get("/x")).headers.get("x-seen")).toBe("/x");
    await child.close();
    expect(closed).toBe(0);
    await client.close();
    await client.close();
    expect(closed).toBe(1);
  });
});

describe("a wire middleware that answers with response.with()", () => {
  const changing: Middleware = async (request, next) => {
    const response = await next(request);
    return response.with({ headers: [...response.headers, ["x-seen", "1"]] });
  };

  test("leaves redirects, retries and new tokens what they are", async () => {
    const tokens = ["old", "new"];
    let failures = 1;
    await using server = await serve({
      "/moved": redirectTo("/guarded"),
      "/guarded": (response, { headers }) => {
        response.writeHead(headers.authorization === "Bearer new" ? 200 : 401).end("in");
      },
      "/shaky": (response) =>
        void response.writeHead(failures-- > 0 ? 503 : 200, { "retry-after": "0" }).end("up"),
    });
    const auth = bearer(() => tokens.shift() ?? "none");
    await using client = new Client({ baseUrl: server.origin, wire: [changing], auth, random: () => 0 });
    const guarded = await client.get("/moved");
    expect([guarded.status, await guarded.text(), guarded.headers.get("x-seen")]).toEqual([200, "in", "1"]);
    expect(await client.get("/shaky").text()).toBe("up");
  });

  test("may send a redirect elsewhere, and end one by another status", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/c": json({ at: "c" }) });
    const elsewhere: Middleware = async (request, next) => {
      const response = await next(request);
      return response.status === 302 ? response.with({ headers: { location: "/c" } }) : response;
    };
    const ended: Middleware = async (request, next) =>
      (await next(request)).with({ status: 200, body: "here" });
    await using sent = new Client({ baseUrl: server.origin, wire: [elsewhere] });
    expect(await sent.get("/a").json()).toEqual({ at: "c" });
    await using kept = new Client({ baseUrl: server.origin, wire: [ended] });
    expect(await kept.get("/a").text()).toBe("here");
  });
});
