import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  type Auth,
  AuthError,
  type AuthorizeRequest,
  apiKey,
  basic,
  bearer,
  Client,
  type ClientOptions,
  type Credentials,
  get,
  HttpError,
  OptionsError,
  post,
  type RequestOptions,
  secret,
} from "../../src/index.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";

const BASIC = `Basic ${btoa("ann:pa55")}`;

/** Lets in whoever brings the token of the moment; each answer may be held back. */
function guarded(valid: () => string, hold: () => Promise<void> | undefined = () => undefined): Answer {
  return async (response, { headers }) => {
    const ok = headers.authorization === `Bearer ${valid()}`;
    await hold();
    response.writeHead(ok ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify({ ok }));
  };
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function caught(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

describe("the schemes on the wire", () => {
  test.each<[string, ClientOptions["auth"], string, string]>([
    ["#91 a pair is Basic", ["ann", "pa55"], "authorization", BASIC],
    ["#91 a pair with a Secret", ["ann", secret("pa55")], "authorization", BASIC],
    ["basic()", basic("ann", "pa55"), "authorization", BASIC],
    [
      "D13 Basic is UTF-8",
      basic("ünal", "şifre"),
      "authorization",
      `Basic ${Buffer.from("ünal:şifre").toString("base64")}`,
    ],
    ["Basic without a password", basic("ann"), "authorization", `Basic ${btoa("ann:")}`],
    ["bearer()", bearer("t0"), "authorization", "Bearer t0"],
    ["bearer() of a Secret", bearer(secret("t0")), "authorization", "Bearer t0"],
    ["bearer() of a provider of a Secret", bearer(async () => secret("t0")), "authorization", "Bearer t0"],
    ["apiKey()", apiKey("k0"), "x-api-key", "k0"],
    ["apiKey() in a header of a name", apiKey(secret("k0"), { header: "X-Acme" }), "x-acme", "k0"],
  ])("%s", async (_, auth, name, value) => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, ...(auth === undefined ? {} : { auth }) });
    await client.get("/");
    expect(server.last().headers[name]).toBe(value);
  });

  test.each([
    ["/x", "/x?key=k%260"],
    ["/x?a=1", "/x?a=1&key=k%260"],
    ["/x#top", "/x?key=k%260"],
  ])("apiKey() in the query of %s, on the wire alone", async (path, target) => {
    await using server = await serve(json({}));
    const response = await get(server.origin + path, { auth: apiKey("k&0", { query: "key" }) });
    expect(server.last().target).toBe(target);
    expect(response.url).toBe(server.origin + path);
  });

  test("#91 an object of the caller's own changes the request", async () => {
    await using server = await serve(json({}));
    const auth: Auth = {
      authorize: ({ method, url, header }) => ({
        headers: { "x-signature": `${method} ${new URL(url).pathname} ${header("x-body")}` },
      }),
    };
    await post(`${server.origin}/pay`, { auth, json: {}, headers: { "x-body": "b" } });
    expect(server.last().headers["x-signature"]).toBe("POST /pay b");
  });

  test("#91 a function changes the request as well: of a client, of a call, and at its own origin alone", async () => {
    await using far = await serve(json({}));
    await using server = await serve({ "/a": redirectTo(`${far.origin}/b`), "/pay": json({}) });
    const signed = ({ method, target }: AuthorizeRequest): Credentials => ({
      headers: { "x-signature": `${method} ${target}` },
      query: { key: "k" },
    });
    await using client = new Client({ baseUrl: server.origin, auth: signed });
    await client.post("/pay?n=1", { json: {} });
    expect(server.last()).toMatchObject({
      target: "/pay?n=1&key=k",
      headers: { "x-signature": "POST /pay?n=1" },
    });
    await get(`${server.origin}/a`, { auth: async (request) => signed(request) });
    expect(server.last().headers["x-signature"]).toBe("GET /a");
    expect(far.last().rawHeaders.join() + far.last().target).not.toMatch(/signature|key=k/);
  });

  test("#91 a function that gives a token and no header is told where it belongs", async () => {
    const token: object = () => "t0ken";
    const error = await caught(get("http://127.0.0.1:9", { auth: token as Auth["authorize"] }));
    expect(error).toBeInstanceOf(AuthError);
    expect(inspect(error)).toContain("bearer()");
    expect(inspect(error)).not.toContain("t0ken");
  });

  test.each<[string, unknown]>([
    ["a string", "token"],
    ["a number", 5],
    ["an object of another kind", { user: "ann" }],
    ["a list of one", ["ann"]],
    ["a list of numbers", [1, 2]],
    ["true", true],
  ])("#91 %s is refused where the client is made, and by rejecting in a call", async (_, auth) => {
    expect(() => new Client({ auth: auth as never })).toThrow(OptionsError);
    const error = await caught(get("http://127.0.0.1:9", { auth: auth as never }));
    expect(error).toBeInstanceOf(OptionsError);
    if (error instanceof OptionsError) expect([error.option, error.attempts]).toEqual(["auth", 0]);
  });

  test.each<[string, () => unknown]>([
    ["bearer() of an unset variable", () => bearer(undefined as never)],
    ["bearer() of nothing", () => bearer("")],
    ["bearer() of a number", () => bearer(5 as never)],
    ["basic() of an unset variable", () => basic(undefined as never, "x")],
    ["basic() of a password that is none", () => basic("ann", 5 as never)],
    ["basic() of a user with a colon", () => basic("a:b", "x")],
    ["apiKey() of an unset variable", () => apiKey(undefined as never)],
    ["apiKey() of nothing", () => apiKey("")],
    ["apiKey() with a place that is none", () => apiKey("k", "api_key" as never)],
    ["apiKey() with an empty place", () => apiKey("k", { header: "" })],
  ])("%s is an OptionsError at once", (_, make) => {
    expect(make).toThrow(OptionsError);
  });

  test("a token that ends in a line break, as one read from a file does, is told so without being shown", async () => {
    const error = await caught(get("http://127.0.0.1:9", { auth: bearer("t0ken\n") }));
    expect(error).toBeInstanceOf(OptionsError);
    expect(inspect(error, { depth: 10 })).toMatch(/trim/);
    expect(inspect(error, { depth: 10 })).not.toContain("t0ken");
  });
});

describe("#92 which credentials count", () => {
  const withUser = (origin: string): string => origin.replace("://", "://url:user@");
  const URL_AUTH = `Basic ${btoa("url:user")}`;

  test.each<[string, ClientOptions["auth"], ClientOptions["auth"], boolean, string | undefined]>([
    ["the call's before the client's", bearer("client"), bearer("call"), false, "Bearer call"],
    ["the call's before the URL's", undefined, bearer("call"), true, "Bearer call"],
    ["the client's before the URL's", bearer("client"), undefined, true, "Bearer client"],
    ["the URL's where there is nothing else", undefined, undefined, true, URL_AUTH],
    ["null switches the client's off", bearer("client"), null, false, undefined],
    ["null switches the URL's off", undefined, null, true, undefined],
    ["null of a client switches the URL's off", null, undefined, true, undefined],
    ["a call's undefined keeps the client's", bearer("client"), undefined, false, "Bearer client"],
  ])("%s", async (_, ofClient, ofCall, inUrl, expected) => {
    await using server = await serve(json({}));
    await using client = new Client(ofClient === undefined ? {} : { auth: ofClient });
    const url = inUrl ? withUser(server.origin) : server.origin;
    const response = await client.get(url, ofCall === undefined ? {} : { auth: ofCall });
    expect(server.last().headers.authorization).toBe(expected);
    expect(response.url).toBe(`${server.origin}/`);
  });

  test.each<[string, ClientOptions, RequestOptions, string, string | undefined]>([
    [
      "Authorization",
      { auth: bearer("client") },
      { headers: { Authorization: "Own x" } },
      "authorization",
      "Own x",
    ],
    [
      "the key's header",
      { auth: apiKey("client") },
      { headers: { "x-api-key": "mine" } },
      "x-api-key",
      "mine",
    ],
    [
      "another header",
      { auth: bearer("client") },
      { headers: { "x-api-key": "k" } },
      "authorization",
      "Bearer client",
    ],
    [
      "the call's auth with it",
      { auth: bearer("client") },
      { auth: bearer("call"), headers: { authorization: "Own x" } },
      "authorization",
      "Bearer call",
    ],
    [
      "the client's own header",
      { auth: bearer("client"), headers: { authorization: "Own x" } },
      { headers: { "x-y": "1" } },
      "authorization",
      "Bearer client",
    ],
  ])(
    "a header that the call sets by hand before the client's auth: %s",
    async (_, options, own, name, value) => {
      await using server = await serve(json({}));
      await using client = new Client({ ...options, baseUrl: server.origin });
      await client.get("/", own);
      expect(server.last().headers[name]).toBe(value);
      const built = client.build("GET", "/", { headers: own.headers ?? {} });
      await client.send(built, own.auth === undefined ? {} : { auth: own.auth });
      expect(server.last().headers[name]).toBe(value);
    },
  );

  test("a 401 to a header that was set by hand asks nobody for a new token", async () => {
    let asked = 0;
    await using server = await serve(json({}, 401));
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    await client.get("/", { headers: { authorization: "Own x" } });
    expect(server.seen).toHaveLength(1);
    expect(asked).toBe(1);
  });

  test("#16 a URL's user and password are decoded, and reach neither Host nor the request line", async () => {
    await using server = await serve(json({}));
    await get(server.origin.replace("://", "://a%40b:p%2Fw@"));
    const { headers, target } = server.last();
    expect(headers.authorization).toBe(`Basic ${btoa("a@b:p/w")}`);
    expect(headers.host).toBe(server.origin.slice("http://".length));
    expect(target).toBe("/");
  });

  test("#16 those of a base URL go with every call", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: `${withUser(server.origin)}/v1` });
    await client.get("/x");
    expect(server.last().headers.authorization).toBe(URL_AUTH);
  });

  test("#16 and with a request that is built before it is sent", async () => {
    await using server = await serve(json({}));
    await using client = new Client();
    await client.send(client.build("GET", withUser(server.origin)));
    expect(server.last().headers.authorization).toBe(URL_AUTH);
  });

  test("a child may have other credentials than its parent", async () => {
    await using server = await serve(json({}));
    await using parent = new Client({ baseUrl: server.origin, auth: bearer("parent") });
    await parent.extend({ auth: bearer("child") }).get("/");
    await parent.extend({ auth: null }).get("/");
    await parent.extend({}).get("/");
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer child",
      undefined,
      "Bearer parent",
    ]);
  });
});

describe("P5 one refresh for all who wait, one replay a call, no loop: a provider of tokens", () => {
  test("is asked when the first is needed, once for many callers, and not again while the token works", async () => {
    await using server = await serve(guarded(() => "t1"));
    const asked: string[] = [];
    await using client = new Client({
      baseUrl: server.origin,
      auth: bearer(async ({ reason }) => {
        asked.push(reason);
        return "t1";
      }),
    });
    expect(asked).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, () => client.get("/").json()));
    await client.get("/").json();
    expect(asked).toEqual(["first"]);
    expect(server.seen).toHaveLength(21);
  });

  test("is asked once for fifty callers whose token ran out, and each is sent once more", async () => {
    let valid = "t1";
    let asked = 0;
    await using server = await serve(guarded(() => valid));
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    await client.get("/").json();
    valid = "t2";
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.get("/").json()));
    expect(answers).toEqual(Array.from({ length: 50 }, () => ({ ok: true })));
    expect(asked).toBe(2);
    const refused = server.seen.filter(({ headers }) => headers.authorization === "Bearer t1");
    expect(refused.length).toBeLessThanOrEqual(1 + 50);
    expect(server.seen.length - refused.length).toBe(50);
  });

  test("a 401 that comes late, for a token that was replaced meanwhile, does not ask again", async () => {
    const late = gate();
    let valid = "t1";
    let asked = 0;
    await using server = await serve({
      "/fast": guarded(() => valid),
      // Judged when it comes, answered when the gate opens.
      "/slow": guarded(
        () => valid,
        () => (server.last().headers.authorization === "Bearer t1" ? late.opened : undefined),
      ),
    });
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    await client.get("/fast").json();
    valid = "t2";
    const slow = client.get("/slow").json();
    await expect.poll(() => server.last().target).toBe("/slow");
    await client.get("/fast").json();
    expect(asked).toBe(2);
    late.open();
    expect(await slow).toEqual({ ok: true });
    expect(asked).toBe(2);
  });

  test("one replay: a server that always says 401 is asked twice, and its 401 is the answer", async () => {
    let asked = 0;
    await using server = await serve(json({ error: "no" }, 401));
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    const error = await caught(client.get("/").json());
    expect(error).toBeInstanceOf(HttpError);
    if (error instanceof HttpError) {
      expect(error.status).toBe(401);
      expect(error.json()).toEqual({ error: "no" });
      expect(error.attempts).toBe(2);
    }
    expect(asked).toBe(2);
    expect(server.seen).toHaveLength(2);
  });

  test("one replay a call, with retries between: no storm", async () => {
    let asked = 0;
    const statuses = [401, 503, 401];
    await using server = await serve((response) => {
      response.writeHead(statuses.shift() ?? 200, { "retry-after": "0" }).end("{}");
    });
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    expect((await client.get("/")).status).toBe(401);
    expect(asked).toBe(2);
    expect(server.seen).toHaveLength(3);
  });

  test.each([
    ["json", { json: { n: 1 } }, '{"n":1}'],
    ["form", { form: { a: "1" } }, "a=1"],
    ["a function that makes a stream", { body: () => new Blob(["again"]).stream() }, "again"],
  ])("the body goes along with the replay: %s", async (_, options, expected) => {
    let asked = 0;
    await using server = await serve(guarded(() => "t2"));
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    expect(await client.post("/", options).json()).toEqual({ ok: true });
    expect(server.seen.map(({ body }) => body.toString())).toEqual([expected, expected]);
  });

  test("a body that can be sent once is not replayed: the 401 is the answer, and nothing is refreshed", async () => {
    let asked = 0;
    await using server = await serve(guarded(() => "t2"));
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    expect((await client.post("/", { body: new Blob(["once"]).stream() })).status).toBe(401);
    expect(asked).toBe(1);
    expect(server.seen).toHaveLength(1);
  });

  test("a streamed call is replayed as well", async () => {
    let asked = 0;
    await using server = await serve(guarded(() => "t2"));
    await using client = new Client({ baseUrl: server.origin, auth: bearer(() => `t${++asked}`) });
    expect(await Array.fromAsync(client.get("/").lines())).toEqual(['{"ok":true}']);
  });

  test("a refresh that fails is an AuthError with its cause, and does not discard a token that works", async () => {
    let asked = 0;
    await using server = await serve({ "/mine": guarded(() => "t1"), "/others": guarded(() => "none") });
    await using client = new Client({
      baseUrl: server.origin,
      auth: bearer(() => {
        asked++;
        if (asked > 1) throw new Error("the identity provider is down");
        return "t1";
      }),
    });
    await client.get("/mine").json();
    const error = await caught(client.get("/others"));
    expect(error).toBeInstanceOf(AuthError);
    if (error instanceof AuthError) {
      expect(error.cause).toMatchObject({ message: "the identity provider is down" });
      expect(error.request?.url).toBe(`${server.origin}/others`);
    }
    expect(await client.get("/mine").json()).toEqual({ ok: true });
    expect(asked).toBe(2);
  });

  test("a call that waits for a refresh which fails goes with the token that there was", async () => {
    const asking = gate();
    let asked = 0;
    await using server = await serve({ "/mine": guarded(() => "t1"), "/others": guarded(() => "none") });
    await using client = new Client({
      baseUrl: server.origin,
      auth: bearer(async () => {
        asked++;
        if (asked === 1) return "t1";
        await asking.opened;
        throw new Error("the identity provider is down");
      }),
    });
    await client.get("/mine").json();
    const others = caught(client.get("/others"));
    await expect.poll(() => asked).toBe(2);
    const mine = client.get("/mine").json();
    await new Promise((resolve) => setImmediate(resolve));
    asking.open();
    expect(await others).toBeInstanceOf(AuthError);
    expect(await mine).toEqual({ ok: true });
  });

  test("a first token that cannot be had fails the call, and the next call asks again", async () => {
    let asked = 0;
    await using server = await serve(guarded(() => "t2"));
    await using client = new Client({
      baseUrl: server.origin,
      auth: bearer(() => {
        asked++;
        if (asked === 1) throw new Error("down");
        return "t2";
      }),
    });
    expect(await caught(client.get("/"))).toBeInstanceOf(AuthError);
    expect(server.seen).toHaveLength(0);
    expect(await client.get("/").json()).toEqual({ ok: true });
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["an empty string", ""],
    ["an object", { access_token: "t" }],
  ])("a provider that gives %s is an AuthError that says so", async (_, given) => {
    const error = await caught(get("http://127.0.0.1:9", { auth: bearer(() => given as never) }));
    expect(error).toBeInstanceOf(AuthError);
    if (error instanceof AuthError) expect(error.message).toMatch(/gave/);
  });

  test("the error of a provider's own call speaks of that call", async () => {
    await using idp = await serve(json({ error: "invalid_client" }, 400));
    await using server = await serve(json({}));
    const error = await caught(
      get(server.origin, { auth: bearer(async () => (await post(idp.origin).json<{ t: string }>()).t) }),
    );
    expect(error).toBeInstanceOf(AuthError);
    if (!(error instanceof AuthError)) return;
    expect(error.cause).toBeInstanceOf(HttpError);
    if (error.cause instanceof HttpError) expect(error.cause.request?.url).toBe(`${idp.origin}/`);
  });

  test("a token that was given as such is not refreshed: a 401 is the answer", async () => {
    await using server = await serve(json({}, 401));
    expect((await get(server.origin, { auth: bearer("t") })).status).toBe(401);
    expect(server.seen).toHaveLength(1);
  });

  test("the caller's signal ends a call that waits for a token", async () => {
    const controller = new AbortController();
    const call = caught(
      get("http://127.0.0.1:9", { auth: bearer(() => new Promise(() => {})), signal: controller.signal }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await call).toMatchObject({ code: "ERR_ABORTED", attempts: 0 });
  });
});

describe("an Auth of one's own", () => {
  test("says itself whether a 401 can be answered, from its headers", async () => {
    let refreshed = 0;
    await using server = await serve({
      "/stale": json({}, 401, { "www-authenticate": 'Own error="stale"' }),
      "/wrong": json({}, 401, { "www-authenticate": 'Own error="wrong"' }),
    });
    const auth: Auth = {
      authorize: () => ({}),
      answers: ({ status, header }) => status === 401 && (header("www-authenticate") ?? "").includes("stale"),
      refresh: () => {
        refreshed++;
      },
    };
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.get("/wrong");
    expect([refreshed, server.seen.length]).toEqual([0, 1]);
    await client.get("/stale");
    expect([refreshed, server.seen.length]).toEqual([1, 3]);
  });

  test("what it throws is an AuthError with that as its cause", async () => {
    const cause = new TypeError("no key file");
    const auth: Auth = {
      authorize: () => {
        throw cause;
      },
    };
    const error = await caught(get("http://127.0.0.1:9/x", { auth }));
    expect(error).toBeInstanceOf(AuthError);
    if (error instanceof AuthError) {
      expect(error.cause).toBe(cause);
      expect(error.request?.url).toBe("http://127.0.0.1:9/x");
    }
  });
});

test("P5 a provider that fails gives each call that waits an error of its own", async () => {
  await using server = await serve(json({}));
  const auth = bearer(() => Promise.reject(new Error("the identity provider is down")));
  await using client = new Client({ baseUrl: server.origin, auth });
  const [a, b] = await Promise.all([client.get("/a").result(), client.get("/b").result()]);
  expect(a.error).not.toBe(b.error);
  expect([a.error?.request?.url, b.error?.request?.url]).toEqual([
    `${server.origin}/a`,
    `${server.origin}/b`,
  ]);
});

test("an Auth that gives nothing is an AuthError", async () => {
  await using server = await serve(json({}));
  const nothing = JSON.parse("{}");
  const auth = { authorize: () => nothing.missing };
  const { error } = await get(server.origin, { auth }).result();
  expect(error).toBeInstanceOf(AuthError);
});
