import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type Auth,
  apiKey,
  basic,
  bearer,
  ChasquiError,
  Client,
  get,
  Headers,
  post,
  type RequestOptions,
  type StandardSchemaV1,
  secret,
  ValidationError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";

const TOKEN = "t0ps3cret";
/** The token as such, in base64 behind a user name, and percent-encoded in full. */
const TRACES = [TOKEN, btoa(`ann:${TOKEN}`), btoa(`:${TOKEN}`), btoa(TOKEN)];

/** All the ways in which something ends up in a log. */
function printed(value: unknown): string {
  let written = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  const log = new Console({ stdout, inspectOptions: { depth: 10 } });
  log.log(value);
  log.dir(value, { depth: 10, showHidden: true });
  log.log("%s %o %O %j", value, value, value, value);
  log.log({ nested: [value] });
  const texts = [
    written,
    String(value),
    `${value}`,
    format(value),
    inspect(value),
    inspect(value, { depth: 10, showHidden: true }),
    inspect(value, { depth: 10, showHidden: true, getters: false, compact: false, colors: true }),
    inspect(value, { depth: 10, customInspect: false }),
    JSON.stringify(value) ?? "",
    JSON.stringify({ nested: value }, null, 2),
  ];
  if (value instanceof Error) {
    texts.push(
      value.message,
      value.stack ?? "",
      JSON.stringify({ ...value }),
      inspect(structuredClone(value)),
    );
    texts.push(JSON.stringify(value, Object.getOwnPropertyNames(value)));
    if (value.cause !== undefined) texts.push(printed(value.cause));
  }
  return texts.join("\n");
}

function expectClean(value: unknown): void {
  const text = printed(value);
  for (const trace of TRACES) expect(text).not.toContain(trace);
}

/** The ways in which a caller gives a secret. */
const GIVEN: readonly (readonly [
  string,
  (origin: string) => readonly [url: string, options: RequestOptions],
])[] = [
  ["a bearer token", (origin) => [origin, { auth: bearer(TOKEN) }]],
  ["a bearer token as a Secret", (origin) => [origin, { auth: bearer(secret(TOKEN)) }]],
  ["a provided bearer token", (origin) => [origin, { auth: bearer(async () => TOKEN) }]],
  ["a pair", (origin) => [origin, { auth: ["ann", TOKEN] }]],
  ["basic()", (origin) => [origin, { auth: basic("ann", secret(TOKEN)) }]],
  ["an API key in its header", (origin) => [origin, { auth: apiKey(TOKEN) }]],
  ["an API key in a header of any name", (origin) => [origin, { auth: apiKey(TOKEN, { header: "x-acme" }) }]],
  ["an API key in the query", (origin) => [origin, { auth: apiKey(TOKEN, { query: "k" }) }]],
  [
    "an Auth of one's own",
    (origin) => [origin, { auth: { authorize: () => ({ headers: { "x-mine": TOKEN } }) } }],
  ],
  ["Authorization by hand", (origin) => [origin, { headers: { Authorization: `Bearer ${TOKEN}` } }]],
  ["X-API-Key by hand", (origin) => [origin, { headers: { "x-api-key": TOKEN } }]],
  ["a Secret in a header of any name", (origin) => [origin, { headers: { "x-tenant": secret(TOKEN) } }]],
  ["a cookie", (origin) => [origin, { cookies: { sid: TOKEN } }]],
  ["a password in the URL", (origin) => [origin.replace("://", `://ann:${TOKEN}@`), {}]],
  ["a token as the user in the URL", (origin) => [origin.replace("://", `://${TOKEN}@`), {}]],
  ["a param with a name that says so", (origin) => [origin, { params: { api_key: TOKEN } }]],
  ["a Secret in a param of any name", (origin) => [origin, { params: { tenant: secret(TOKEN) } }]],
];

describe("P9 #28 D17 after a 401, in everything that can be printed", () => {
  test.each(GIVEN)("%s is nowhere", async (_, give) => {
    await using server = await serve(json({ error: "no" }, 401, { "www-authenticate": "Bearer" }));
    const [url, options] = give(server.origin);
    const error = await caught(post(url, { ...options, json: { password: TOKEN } }).json(), ChasquiError);
    const { target, rawHeaders } = server.last();
    const wire = target + rawHeaders.join();
    expect(
      TRACES.some((trace) => wire.includes(trace)),
      "it was sent",
    ).toBe(true);
    expectClean(error);
    if ("response" in error) expectClean(error.response);
  });

  test.each(GIVEN)("%s is nowhere after a redirect, and in no hop of it", async (_, give) => {
    await using server = await serve({ "/": redirectTo("/b"), "/b": json({}, 403) });
    const [url, options] = give(server.origin);
    const response = await get(url, options);
    expect(response.history).toHaveLength(1);
    for (const value of [response, response.request, response.headers, ...response.history, response.history])
      expectClean(value);
    for (const hop of response.history) expectClean(hop.request);
    expectClean(await caught((async () => response.raiseForStatus())(), ChasquiError));
  });

  test.each(GIVEN)("%s is nowhere in what a server repeats of it", async (_, give) => {
    await using server = await serve({
      "/": (response, { target }) => {
        const query = target.split("?")[1];
        response.writeHead(302, { location: query === undefined ? "/b" : `/b?${query}` }).end();
      },
      "/b": json({}, 401),
    });
    const [url, options] = give(server.origin);
    expectClean(await get(url, options));
    expectClean(await get(url, { ...options, redirect: "manual" }));
    expectClean(await caught(get(url, { ...options, redirect: "error" }), ChasquiError));
    expectClean(await caught(get(url, options).json(), ChasquiError));
  });

  test.each(GIVEN)("%s is nowhere in a client, a call, a result, a built request", async (_, give) => {
    await using server = await serve(json({}, 401));
    const [url, options] = give(server.origin);
    const { cookies, ...shared } = options;
    await using client = new Client({ ...shared, baseUrl: url });
    const call = client.get("/", cookies === undefined ? {} : { cookies });
    for (const value of [client, client.headers, call, client.build("GET", "/")]) expectClean(value);
    // A pair is a list of the caller's own.
    if (!Array.isArray(options.auth)) expectClean(options.auth);
    expectClean(await call.result());
    expectClean(client);
  });
});

describe("P9 in errors of every kind", () => {
  const held = {
    auth: bearer(TOKEN),
    headers: { "x-tenant": secret(TOKEN) },
    params: { tenant: secret(TOKEN) },
  };

  test.each<[string, (origin: string) => PromiseLike<unknown>]>([
    ["HttpError", (origin) => get(`${origin}/no`, held).json()],
    ["HttpError of a streamed call", (origin) => Array.fromAsync(get(`${origin}/no`, held).lines())],
    ["NetworkError", (origin) => get(`${origin}/gone`, { ...held, retry: false })],
    ["NetworkError of a refused connection", () => get("http://127.0.0.1:9/", { ...held, retry: false })],
    ["NetworkError of an unknown name", () => get("http://no-such-host.invalid/", { ...held, retry: false })],
    ["RedirectError", (origin) => get(`${origin}/loop`, held)],
    ["RedirectError to another scheme", (origin) => get(`${origin}/ftp`, held)],
    ["DecodeError", (origin) => get(`${origin}/html`, held).json()],
    ["DecodeError of a content coding", (origin) => get(`${origin}/gzip`, held)],
    ["EmptyBodyError", (origin) => get(`${origin}/empty`, held).json()],
    ["BodyTooLargeError", (origin) => get(`${origin}/html`, { ...held, maxBytes: 1 })],
    ["AbortError", (origin) => get(`${origin}/no`, { ...held, signal: AbortSignal.abort() })],
    [
      "AuthError",
      (origin) => get(origin, { ...held, auth: bearer(() => ({ access_token: TOKEN }) as never) }),
    ],
    [
      "AuthError of a provider's own call",
      (origin) =>
        get(origin, {
          ...held,
          auth: bearer(() =>
            post(`${origin}/no`, { form: { client_secret: TOKEN }, auth: ["ann", TOKEN] }).json<string>(),
          ),
        }),
    ],
    ["OptionsError of a header", (origin) => get(origin, { headers: { "x-tenant": `${TOKEN}\n` } })],
    ["OptionsError of a token", (origin) => get(origin, { auth: bearer(`${TOKEN}\n`) })],
    ["OptionsError of auth", (origin) => get(origin, { auth: TOKEN as never })],
    ["OptionsError of a URL", () => get(`htp://ann:${TOKEN}@api.test/?api_key=${TOKEN}`)],
    ["OptionsError of a URL without a scheme", () => get(`ann:${TOKEN}@api.test/?api_key=${TOKEN}`)],
    ["OptionsError of a cookie", (origin) => get(origin, { cookies: { sid: `${TOKEN};` } })],
    [
      "OptionsError of a body",
      (origin) => post(origin, { json: { password: TOKEN }, form: { password: TOKEN } }),
    ],
    [
      "TimeoutError",
      async (origin) => {
        const clock = new ManualClock();
        await using client = new Client({ clock });
        const call = client.get(`${origin}/silent`, { ...held, timeout: 5000 }).result();
        await clock.armed(5000);
        clock.advance(5000);
        throw (await call).error;
      },
    ],
  ])("%s", async (_, provoke) => {
    await using server = await serve({
      "/no": json({}, 401),
      "/gone": (response) => {
        response.socket?.destroy();
      },
      "/loop": (response, { target }) => {
        response.writeHead(302, { location: target }).end();
      },
      "/ftp": redirectTo(`ftp://ann:${TOKEN}@api.test/?api_key=${TOKEN}`),
      "/html": (response, { headers }) => {
        response.writeHead(200, { "content-type": "text/html" }).end(`<p>${headers.authorization}</p>`);
      },
      "/gzip": (response, { headers }) => {
        response.writeHead(200, { "content-encoding": "gzip" }).end(`${headers.authorization}`);
      },
      "/empty": (response) => {
        response.writeHead(204).end();
      },
      "/silent": () => {},
    });
    expectClean(await caught(provoke(server.origin), ChasquiError));
  });

  const NUMBERED = { id: 4111111111111111, list: [{ token: TOKEN }], token: ` ${TOKEN} ` };

  test.each<[string, () => StandardSchemaV1]>([
    ["valibot, a number for a string", () => v.object({ token: v.number() })],
    [
      "valibot, of a value that was trimmed before",
      () => v.object({ token: v.pipe(v.string(), v.trim(), v.email()) }),
    ],
    ["valibot, a literal", () => v.object({ token: v.literal("other") })],
    [
      "valibot, a choice of objects",
      () => v.union([v.object({ token: v.number() }), v.object({ token: v.null() })]),
    ],
    ["valibot, deep in a list", () => v.object({ list: v.array(v.object({ token: v.number() })) })],
    ["valibot, a number that is too large", () => v.object({ id: v.pipe(v.number(), v.maxValue(5)) })],
    ["zod, a number for a string", () => z.object({ token: z.number() })],
    [
      "zod, words of the caller's own",
      () => z.object({ token: z.string().refine(() => false, { error: ({ input }) => `bad: ${input}` }) }),
    ],
    [
      "zod, the whole of it as JSON",
      () => z.unknown().refine(() => false, { error: ({ input }) => `bad: ${JSON.stringify(input)}` }),
    ],
  ])("ValidationError of %s", async (_, schema) => {
    await using server = await serve(json(NUMBERED));
    const error = await caught(get(server.origin).json(schema()), ValidationError);
    // The issues themselves are the schema's, and hidden: they are for programs.
    for (const text of [
      error.message,
      error.stack,
      inspect(error),
      JSON.stringify(error),
      format("%j", error),
    ]) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain("411111111");
    }
    expect(error.issues.length).toBeGreaterThan(0);
    expect(Object.keys(error)).not.toContain("response");
    expect(error.response?.status).toBe(200);
  });

  test("ValidationError of a row says where it is, and in the schema's words what was expected", async () => {
    await using server = await serve(json([{ token: TOKEN }]));
    await using client = new Client({ baseUrl: server.origin });
    const walk = client.paginate("/", { schema: v.object({ token: v.number() }) });
    const error = await caught(walk.all(), ValidationError);
    expect(error.message).not.toContain(TOKEN);
    const single = await caught(
      get(server.origin).json(v.array(v.object({ token: v.number() }))),
      ValidationError,
    );
    expect(single.message).toContain(
      "The response does not match the schema: 0.token: Invalid type: Expected number but received …",
    );
    expect(single.issues[0]?.message).toContain(TOKEN);
  });

  test("and where nobody catches it, on the screen", async () => {
    await using server = await serve(json({}, 401));
    const { stderr, code } = await run(`
      import { bearer, get, secret } from "../src/index.ts";
      await get(${JSON.stringify(server.origin)}, {
        auth: bearer("${TOKEN}"),
        params: { tenant: secret("${TOKEN}") },
        headers: { "x-tenant": secret("${TOKEN}") },
      }).json();
    `);
    expect(code).toBe(1);
    expect(stderr).toContain("HttpError: 401");
    expect(stderr).not.toContain(TOKEN);
  });

  test("#28 a param that was a Secret in one call is none in another, and the latest of 3,000 is one", async () => {
    await using client = new Client({ baseUrl: "http://h" });
    const url = (params: RequestOptions["params"]) => client.build("GET", "/", { params }).toJSON().url;
    for (let i = 0; i < 3000; i++) expect(url({ [`odd${i}`]: secret(TOKEN) })).toBe(`http://h/?odd${i}=***`);
    expect(url({ odd1: "42" })).toBe("http://h/?odd1=42");
    expect(
      url([
        ["a", 1],
        ["A", secret(TOKEN)],
      ]),
    ).toBe("http://h/?a=***&A=***");
  });

  test("what is no secret stays to be read: method, URL, status, plain headers", async () => {
    await using server = await serve(json({}, 401, { "www-authenticate": 'Bearer realm="api"' }));
    const error = await caught(
      get(`${server.origin}/x?page=2&api_key=${TOKEN}`, { headers: { "x-trace": "abc" } }).json(),
      ChasquiError,
    );
    expect(error.message).toBe(
      `401 Client Error: Unauthorized for GET ${server.origin}/x?page=2&api_key=***`,
    );
    const shown = JSON.stringify(error);
    for (const part of ["/x?page=2&api_key=***", '"x-trace":"abc"', "401"]) expect(shown).toContain(part);
    if ("response" in error) expect(printed(error.response)).toContain('Bearer realm="api"');
  });
});

describe("#28 what keeps a secret", () => {
  test.each<[string, () => Auth]>([
    ["basic()", () => basic("ann", TOKEN)],
    ["bearer()", () => bearer(TOKEN)],
    ["bearer() of a provider that has answered", () => bearer(() => TOKEN)],
    ["apiKey()", () => apiKey(TOKEN)],
    ["apiKey() in the query", () => apiKey(secret(TOKEN), { query: "k" })],
  ])("%s prints as its scheme", async (_, make) => {
    const auth = make();
    await auth.authorize({
      method: "GET",
      url: "http://api.test/",
      origin: "http://api.test",
      target: "/",
      header: () => null,
      headers: [],
    });
    expectClean(auth);
    expect(inspect(auth)).toMatch(/^Auth\((basic|bearer|apiKey)\)$/);
  });

  test("Secret and Headers", () => {
    expectClean(secret(TOKEN));
    expectClean(new Headers({ authorization: TOKEN, "x-tenant": secret(TOKEN), cookie: `a=${TOKEN}` }));
    expect(inspect(secret(TOKEN))).toBe("Secret(***)");
    expect(`${secret(TOKEN)}`).toBe("***");
    expect(secret(TOKEN).reveal()).toBe(TOKEN);
  });

  test("a cookie that a server sets, in a response and in a client", async () => {
    await using server = await serve(json({}, 200, { "set-cookie": `sid=${TOKEN}; Path=/` }));
    await using client = new Client({ baseUrl: server.origin });
    const response = await client.get("/");
    expect({ ...response.cookies }).toEqual({ sid: TOKEN });
    expectClean(response);
    expectClean(await client.get("/"));
    expect(server.last().headers.cookie).toBe(`sid=${TOKEN}`);
    expectClean(client);
  });
});
