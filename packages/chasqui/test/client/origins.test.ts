import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bearer,
  Client,
  type ClientOptions,
  get,
  type Middleware,
  OptionsError,
  request,
  secret,
} from "../../src/index.ts";
import { certificates } from "../peers/certificates.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { run } from "../peers/program.ts";
import { serveRaw } from "../peers/raw-server.ts";

async function refused(promise: PromiseLike<unknown>): Promise<OptionsError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OptionsError) return error;
  throw new Error("no OptionsError came", { cause: error });
}

describe("joining a base URL", () => {
  test.each([
    ["/v1", "/x", "/v1/x"],
    ["/v1/", "/x", "/v1/x"],
    ["/v1", "x", "/v1/x"],
    ["/v1/", "x", "/v1/x"],
    ["", "/x", "/x"],
    ["/v1", "", "/v1"],
    ["/v1/", "", "/v1/"],
    ["/some/path", "../x", "/some/x"],
    ["/v1", "/a%2Fb", "/v1/a%2Fb"],
    ["/v1", "/a:b", "/v1/a:b"],
    ["/v1", "a:b", "/v1/a:b"],
    ["/v1", "?q=1", "/v1?q=1"],
    ["/v1?key=k", "/x", "/v1/x?key=k"],
    ["/v1?key=k", "/x?q=1", "/v1/x?key=k&q=1"],
    ["/v1", "/x#top", "/v1/x"],
    ["/v1", "/caf\u00e9 1", "/v1/caf%C3%A9%201"],
  ])("#13 P17 %j and %j make %j on the wire", async (base, path, target) => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin + base });
    await client.get(path);
    expect(server.last().target).toBe(target);
  });

  test("#13 path fills the names, and what would climb out is refused", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: `${server.origin}/v1` });
    await client.get("/users/{login}", { path: { login: "a/b?c" } });
    expect(server.last().target).toBe("/v1/users/a%2Fb%3Fc");
    for (const login of ["..", ".", ""]) await refused(client.get("/users/{login}", { path: { login } }));
    // One that is left out, or written otherwise, would be another resource, and nobody told.
    await refused(client.get("/users/{login}", { path: {} }));
    await refused(client.get("/users/{login}", { path: { login: "ann", repo: "x" } }));
    expect(server.seen).toHaveLength(1);
  });

  test("#14 S51 an absolute URL of the base's own origin is used as it is, with the client's credentials", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: `${server.origin}/v1`, auth: bearer("t0ken") });
    await client.get(`${server.origin}/v2/x`);
    expect(server.last().target).toBe("/v2/x");
    expect(server.last().headers.authorization).toBe("Bearer t0ken");
  });

  test.each([
    "//evil.example/x",
    "\\\\evil.example/x",
    "/\\evil.example/x",
    "\\/evil.example/x",
    "http://evil.example/x",
    "HTTPS://evil.example/x",
    "https://127.0.0.1/x",
    " http://evil.example/x",
    "//127.0.0.1.evil.example/x",
  ])("S51 P17 %j leaves the base: nothing is sent, and the error names the way", async (url) => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, auth: bearer("t0ken") });
    const error = await refused(client.get(url));
    expect(error.option).toBe("url");
    expect(`${error.message} ${error.hint}`).toMatch(/allowOrigins/);
    expect(server.seen).toHaveLength(0);
  });

  test("S51 no first segment may become a host: what follows the base stays below its origin", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin });
    for (const url of [
      "@evil.example/x",
      ":80@evil.example/",
      ".evil.example/x",
      "mailto:a@b",
      "javascript:1",
    ]) {
      await client.get(url);
      expect(server.last().headers.host).toBe(server.origin.slice("http://".length));
    }
  });

  test.each<[string, ClientOptions]>([
    ["a path", { baseUrl: "/v1" }],
    ["a host without a scheme", { baseUrl: "api.example.com" }],
    ["another scheme", { baseUrl: "ftp://example.com" }],
    ["a number", { baseUrl: 5 as never }],
    ["origins that are a string", { allowOrigins: "https://files.example.com" as never }],
    ["an origin without a scheme", { allowOrigins: ["files.example.com"] }],
    ["an origin that is a number", { allowOrigins: [5 as never] }],
    [
      "an origin with a path, which would not be looked at",
      { allowOrigins: ["https://files.example.com/v1"] },
    ],
  ])("a base that is %s is told by the constructor", (_, options) => {
    expect(() => new Client(options)).toThrow(OptionsError);
  });
});

describe("another origin that is allowed", () => {
  test("S51 S45 gets a call, and none of what is the client's: headers, auth, params, cookies of its own", async () => {
    await using far = await serve(json({}));
    await using server = await serve(json({}));
    await using client = new Client({
      baseUrl: server.origin,
      allowOrigins: [far.origin],
      auth: bearer("t0ken"),
      headers: { "x-acme-tenant": "t0ken", cookie: "sid=t0ken", "accept-language": "qu" },
      params: { key: secret("t0ken") },
    });
    await client.get(`${far.origin}/file?a=1`);
    const { rawHeaders, target, headers } = far.last();
    expect(rawHeaders.join() + target).not.toContain("t0ken");
    expect(target).toBe("/file?a=1");
    expect(headers["accept-language"]).toBe("qu");
  });

  test("gets what the call itself gives", async () => {
    await using far = await serve(json({}));
    await using server = await serve(json({}));
    await using client = new Client({
      baseUrl: server.origin,
      allowOrigins: [far.origin],
      auth: bearer("client"),
    });
    await client.get(`${far.origin}/file`, {
      auth: bearer("call"),
      headers: { "x-mine": "1" },
      params: { q: "1" },
      cookies: { c: "1" },
    });
    expect(far.last().target).toBe("/file?q=1");
    expect(far.last().headers).toMatchObject({ authorization: "Bearer call", "x-mine": "1", cookie: "c=1" });
  });

  test("a redirect from there to the base brings the client's credentials to nobody", async () => {
    await using server = await serve(json({}));
    await using far = await serve(redirectTo(`${server.origin}/home`));
    await using client = new Client({
      baseUrl: server.origin,
      allowOrigins: [far.origin],
      auth: bearer("t0ken"),
      headers: { "x-acme-tenant": "t0ken" },
    });
    await client.get(`${far.origin}/a`);
    expect(server.last().target).toBe("/home");
    expect(server.last().rawHeaders.join()).not.toContain("t0ken");
  });

  test("a child's origins take the place of its parent's", async () => {
    await using server = await serve(json({}));
    await using far = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, allowOrigins: [far.origin] });
    await client.extend({}).get(far.origin);
    await refused(client.extend({ allowOrigins: [] }).get(far.origin));
  });
});

describe("a client without a base", () => {
  test("binds its auth and headers to the first origin of each call", async () => {
    await using one = await serve(json({}));
    await using two = await serve(redirectTo(`${one.origin}/from-two`));
    await using client = new Client({ auth: bearer("t0ken"), headers: { "x-acme": "1" } });
    await client.get(`${one.origin}/direct`);
    expect(one.last().headers).toMatchObject({ authorization: "Bearer t0ken", "x-acme": "1" });
    await client.get(`${two.origin}/a`);
    expect(two.last().headers).toMatchObject({ authorization: "Bearer t0ken", "x-acme": "1" });
    expect(one.last().target).toBe("/from-two");
    expect(one.last().headers.authorization).toBeUndefined();
    expect(one.last().headers["x-acme"]).toBeUndefined();
  });

  test.each([
    ["/x", /baseUrl/],
    ["api.example.com/x", /https:\/\/api\.example\.com/],
    ["ftp://example.com/", /ftp/],
    ["data:application/json,{}", /data/],
    ["mailto:a@b", /./],
    ["http://", /./],
    ["", /./],
  ])("#10 S52 D20 %j is refused before anything is sent", async (url, told) => {
    const error = await refused(get(url));
    expect(`${error.message} ${error.hint ?? ""}`).toMatch(told);
    expect(error.attempts).toBe(0);
  });
});

describe("Host", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chasqui-host-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  // Behind Unix sockets, since nobody but root listens on ports 80 and 443.
  test.each([
    ["http://api.test/", "api.test"],
    ["http://api.test:80/", "api.test"],
    ["http://api.test:443/", "api.test:443"],
    ["http://u:p@api.test:8080/", "api.test:8080"],
    ["https://api.test/", "api.test"],
    ["https://api.test:443/", "api.test"],
    ["https://api.test:80/", "api.test:80"],
  ])("#17 of %s is %s on the wire, once", async (url, host) => {
    const unixSocket = join(folder, `${encodeURIComponent(url)}`);
    const { localhost } = await certificates();
    const secure = url.startsWith("https") ? { tls: localhost } : {};
    await using server = await serve(json({}), { path: unixSocket, ...secure });
    await using client = new Client({ unixSocket, tls: { rejectUnauthorized: false } });
    await client.get(url);
    const names = server
      .last()
      .rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
    expect([names.length, server.last().headers.host]).toEqual([1, host]);
  });

  test("#72 a default port that a Location writes out, or leaves out, is the same origin: credentials stay", async () => {
    const unixSocket = join(folder, "default-port");
    await using server = await serve(
      { "/a": redirectTo("http://api.test:80/b"), "/b": redirectTo("http://API.test/c"), "/c": json({}) },
      { path: unixSocket },
    );
    await using client = new Client({ unixSocket, auth: bearer("t0ken") });
    await client.get("http://api.test/a", { headers: { "x-acme": "1" } });
    expect(server.seen).toHaveLength(3);
    for (const { headers } of server.seen) {
      expect(headers).toMatchObject({ host: "api.test", authorization: "Bearer t0ken", "x-acme": "1" });
    }
  });

  test("#17 with the port that is not the scheme's own, once on the wire", async () => {
    const heads: string[] = [];
    await using server = await serveRaw((socket, head) => {
      heads.push(head);
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    await get(server.origin);
    await get(server.origin, { headers: { Host: "virtual.example" } });
    expect(heads.map((head) => head.match(/^host:.*$/gim))).toEqual(
      [[`host: 127.0.0.1:${server.port}`], ["Host: virtual.example"]].map((lines) =>
        lines.map((line) => expect.stringMatching(new RegExp(`^${line}$`, "i"))),
      ),
    );
  });

  test("#17 one that was set by hand does not go along a redirect to another host", async () => {
    await using far = await serve(json({}));
    await using server = await serve(redirectTo(far.origin));
    await get(server.origin, { headers: { host: "virtual.example" } });
    expect(server.last().headers.host).toBe("virtual.example");
    expect(far.last().headers.host).toBe(far.origin.slice("http://".length));
  });
});

describe("methods", () => {
  test.each(["GET /evil HTTP/1.1\r\nX: ", "GE T", "", "GÉT"])("S8 %j is refused", async (method) => {
    expect((await refused(request(method, "http://127.0.0.1:9/"))).option).toBe("method");
  });
});

describe("S55 S56 options through prototypes", () => {
  // In a process of its own: the runner of the tests reads options by prototype itself.
  // Node's own import() fails where the prototype has an `auth`, so what is loaded when it is needed is loaded before.
  const polluted = (gadgets: string, calls: string): string => `
    import { bearer, Client, memory } from "../src/index.ts";
    const { ORIGIN: origin = "" } = process.env;
    const loads = new Client({ transport: memory(({ url }) => url.endsWith("/a")
      ? new Response(null, { status: 302, headers: { location: "/b" } }) : new Response("{}")) });
    await loads.get("http://loads.test/a").json();
    const unreachable = () => { throw new Error("a gadget was called"); };
    const gadgets = ${gadgets};
    for (const [name, value] of Object.entries(gadgets)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
    }
    const told = [];
    ${calls}
    for (const name of Object.keys(gadgets)) Reflect.deleteProperty(Object.prototype, name);
    console.log(JSON.stringify(told));
  `;

  test("S55 a polluted Object.prototype lends a request nothing", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": json({ ok: true }) });
    const gadgets = `{
      auth: bearer("polluted"), baseUrl: "http://127.0.0.1:9", params: { polluted: "1" }, json: { polluted: 1 },
      form: { polluted: "1" }, redirect: "error", retry: false, raise: true, parseJson: () => "polluted",
      stringifyJson: () => '"polluted"', allowOrigins: ["http://127.0.0.1:9"], allowDowngrade: true,
      keepHeaders: ["authorization"], maxBytes: 1, path: { polluted: "1" }, header: "x-polluted", stream: true,
      use: [() => "polluted"], wire: [() => "polluted"], hooks: { onRequest: unreachable }, onRequest: unreachable,
      max: 0, polluted: "1",
      // What undici, net and tls would read.
      query: { polluted: "1" }, upgrade: "polluted", expectContinue: true, idempotent: false, blocking: true, reset: true,
      servername: "polluted.test", throwOnError: true, maxRedirections: 5, dispatcher: {}, socketPath: "/polluted",
      keepAlive: "polluted", idleTimeout: 1, maxResponseSize: 1, maxRequestsPerClient: 1, localAddress: "203.0.113.1",
      lookup: unreachable, httpSocket: {},
    }`;
    const calls = `
      const client = new Client();
      told.push(await (await client.post(origin + "/a", { body: "mine" })).json());
      const based = new Client({ baseUrl: origin });
      told.push((await based.get("/b", {})).status);
      await client.close();
      await based.close();
    `;
    const ended = await run(polluted(gadgets, calls), { ORIGIN: server.origin });
    expect(ended).toMatchObject({ code: 0, stdout: '[{"ok":true},200]\n' });
    expect(server.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([
      "POST /a",
      "GET /b",
      "GET /b",
    ]);
    expect(server.seen[0]?.body.toString()).toBe("mine");
    expect(JSON.stringify(server.seen)).not.toContain("polluted");
  });

  test("S55 a polluted headers and a polluted auth.headers do not reach the wire", async () => {
    await using server = await serve(json({}));
    const calls = `
      const client = new Client({ baseUrl: origin, auth: { authorize: () => ({}) } });
      told.push((await client.get("/")).status);
      const child = client.extend({});
      told.push((await child.get("/", {})).status);
      await client.close();
    `;
    const ended = await run(polluted('{ headers: { "x-polluted": "1" } }', calls), { ORIGIN: server.origin });
    expect(ended).toMatchObject({ code: 0, stdout: "[200,200]\n" });
    expect(JSON.stringify(server.seen)).not.toContain("polluted");
  });

  test("S55 what an Auth gives is read by own property", async () => {
    await using server = await serve(json({}));
    const lent = { headers: { "x-lent": "1" }, query: { lent: "1" } };
    await using client = new Client({
      baseUrl: server.origin,
      auth: { authorize: () => Object.create(lent) },
    });
    expect((await client.get("/")).status).toBe(200);
    expect(server.last().target).toBe("/");
    expect(server.last().headers).not.toHaveProperty("x-lent");
  });

  test.each(["__proto__", "constructor", "prototype"])(
    "S56 an option %s is refused and changes nothing",
    async (key) => {
      const options = JSON.parse(`{"${key}": {"polluted": true}}`);
      expect(() => new Client(options)).toThrow(OptionsError);
      expect((await refused(get("http://127.0.0.1:9/", options))).option).toBe(key);
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    },
  );

  test("S56 params and headers of such names are like any others", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, params: { a: "1" } });
    await client.get("/", {
      params: JSON.parse('{"__proto__": "p", "constructor": "c"}'),
      headers: { __proto: "h" },
    });
    expect(server.last().target).toBe("/?a=1&__proto__=p&constructor=c");
    expect(Reflect.get({}, "p")).toBeUndefined();
  });
});

describe("S51 extend() with a base of another origin", () => {
  const parentOf = (origin: string): Client =>
    new Client({
      baseUrl: origin,
      auth: bearer("A-token"),
      headers: { "x-api-key": "A-key", accept: "text/x-kept" },
      params: { k: "A-param" },
    });

  test("starts without the credentials, params and telling headers of its parent", async () => {
    await using a = await serve(json({}));
    await using b = await serve(json({}));
    await using parent = parentOf(a.origin);
    await parent.extend({ baseUrl: b.origin }).get("/x");
    const { target, headers } = b.last();
    expect(target).toBe("/x");
    expect(headers.accept).toBe("text/x-kept");
    expect(headers).not.toHaveProperty("authorization");
    expect(headers).not.toHaveProperty("x-api-key");
  });

  test("reads the base once: one that is another when it is read again gets nothing", async () => {
    await using a = await serve(json({}));
    await using b = await serve(json({}));
    await using parent = parentOf(a.origin);
    let read = 0;
    const options = {
      get baseUrl() {
        return read++ === 0 ? b.origin : a.origin;
      },
    };
    await parent.extend(options).get("/x");
    expect(b.last().headers).not.toHaveProperty("authorization");
    expect(a.seen).toHaveLength(0);
  });

  test("has what it is given anew, in whatever order the options stand", async () => {
    await using a = await serve(json({}));
    await using b = await serve(json({}));
    await using parent = parentOf(a.origin);
    const own = { auth: bearer("B-token"), params: { k: "B" }, headers: { "x-api-key": "B-key" } };
    await parent.extend({ ...own, baseUrl: b.origin }).get("/x");
    expect(b.last()).toMatchObject({
      target: "/x?k=B",
      headers: { authorization: "Bearer B-token", "x-api-key": "B-key" },
    });
  });

  test("keeps them on another path of the same origin", async () => {
    await using a = await serve(json({}));
    await using parent = parentOf(a.origin);
    await parent.extend({ baseUrl: `${a.origin}/v2` }).get("/x");
    expect(a.last()).toMatchObject({
      target: "/v2/x?k=A-param",
      headers: { authorization: "Bearer A-token" },
    });
  });
});

test("S1 a redirect to another origin that repeats a client's secret param does not carry it", async () => {
  await using b = await serve(json({}));
  await using a = await serve((response, { target }) => {
    response.writeHead(302, { location: `${b.origin}${target}` }).end();
  });
  await using client = new Client({ baseUrl: a.origin, params: { api_key: "K-123", page: 2 } });
  const response = await client.get("/x");
  expect(b.last().target).toBe("/x?page=2");
  expect(response.url).toBe(`${b.origin}/x?page=2`);
});

test.each([
  ["transport", null],
  ["transport", {}],
  ["clock", 5],
  ["random", 5],
])("%s: %o is refused where the client is made", (option, value) => {
  expect(() => Reflect.construct(Client, [{ [option]: value }])).toThrow(OptionsError);
});

test.each(["accept-token", "accept-api-key", "prefer", "user-agent", "accept-language"])(
  "S45 %s given as a Secret stays at home, and accept-* is no open door",
  async (name) => {
    await using b = await serve(json({}));
    await using a = await serve({ "/x": redirectTo(`${b.origin}/x`) });
    await get(`${a.origin}/x`, { headers: { [name]: secret("s3cret") } });
    expect(a.last().headers[name]).toBe("s3cret");
    expect(JSON.stringify(b.last().rawHeaders)).not.toContain("s3cret");
    await get(`${a.origin}/x`, { headers: { [name]: secret("s3cret") }, redirect: { keepHeaders: [name] } });
    expect(b.last().headers[name]).toBe("s3cret");
  },
);

test("S45 a name nobody has heard of does not cross because it begins with accept-", async () => {
  await using b = await serve(json({}));
  await using a = await serve({ "/x": redirectTo(`${b.origin}/x`) });
  await get(`${a.origin}/x`, { headers: { "accept-token": "t" } });
  expect(b.last().headers).not.toHaveProperty("accept-token");
});

test("S37 S45 a middleware that sends a call elsewhere takes neither its cookies nor its credentials there", async () => {
  await using far = await serve(json({}));
  await using server = await serve(json({}));
  const elsewhere: Middleware = (request, next) => next(request.with({ origin: far.origin }));
  await using client = new Client({ baseUrl: server.origin, auth: bearer("s3cret"), use: [elsewhere] });
  await client.get("/x", { cookies: { mine: "s3cret" } });
  expect(server.seen).toHaveLength(0);
  expect(JSON.stringify(far.last().rawHeaders)).not.toContain("s3cret");
});
