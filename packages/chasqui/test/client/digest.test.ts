import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  type Auth,
  AuthError,
  CallerError,
  Client,
  type DigestOptions,
  digest,
  get,
  HttpError,
  type Middleware,
  NetworkError,
  OptionsError,
  RedirectError,
  secret,
} from "../../src/index.ts";
import * as node from "../../src/platform/node.ts";
import * as web from "../../src/platform/web.ts";
import { caught } from "../peers/caught.ts";
import { gate } from "../peers/gate.ts";
import { type Answer, json, redirectTo, type Seen, serve } from "../peers/http-server.ts";
import { run } from "../peers/program.ts";

const md5 = (text: string): string => createHash("md5").update(text, "latin1").digest("hex");

/** The params of a Digest header, unquoted. */
function params({ headers }: Seen): Record<string, string> {
  const found = (headers.authorization ?? "").matchAll(/([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return Object.fromEntries(Array.from(found, ([, name = "", quoted, bare]) => [name, quoted ?? bare ?? ""]));
}

interface Guard {
  /** The nonces to give, one after the other; the last again and again. */
  readonly nonces?: readonly string[];
  /** What the challenge says besides. */
  readonly more?: string;
  readonly headers?: Record<string, string>;
  /** For how many requests a nonce is good. */
  readonly uses?: number;
}

/** Lets in ann with pa55 by Digest with MD5 and qop=auth, whose nonce must be of those given and its count new. */
function guarded({ nonces = ["n1"], more = "", headers = {}, uses = 1000 }: Guard = {}): Answer {
  const left = [...nonces];
  const used = new Map<string, Set<string>>();
  return (response, seen) => {
    const { nonce = "", nc = "", cnonce = "", uri = "", response: given } = params(seen);
    const counts = used.get(nonce);
    const a1 = md5(`ann:api:pa55`);
    const right =
      given === md5(`${a1}:${nonce}:${nc}:${cnonce}:auth:${md5(`${seen.method}:${uri}`)}`) &&
      uri === seen.target;
    if (right && counts !== undefined && !counts.has(nc) && counts.size < uses) {
      counts.add(nc);
      response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
      return;
    }
    const next = (left.length > 1 ? left.shift() : left[0]) ?? "";
    if (!used.has(next)) used.set(next, new Set());
    const stale = right ? ", stale=true" : "";
    response
      .writeHead(401, {
        "www-authenticate": `Digest realm="api", nonce="${next}", qop="auth"${stale}${more}`,
        ...headers,
      })
      .end("no");
  };
}

const ANN = (options?: DigestOptions): Auth => digest("ann", secret("pa55"), options);

describe("the challenge and its answer", () => {
  test("#94 Digest: no credentials until a 401 challenge; then one retry", async () => {
    await using server = await serve(guarded());
    const response = await get(`${server.origin}/a`, { auth: ANN() });
    expect(await response.json()).toEqual({ ok: true });
    expect(server.seen.map(({ headers }) => headers.authorization?.slice(0, 7))).toEqual([
      undefined,
      "Digest ",
    ]);
  });

  test("#94 a wrong password is tried once: the second 401 is the answer", async () => {
    await using server = await serve(guarded({ nonces: ["n1", "n2", "n3"] }));
    const error = await caught(get(server.origin, { auth: digest("ann", "wrong") }).json(), HttpError);
    expect(error).toMatchObject({ status: 401, attempts: 2 });
    expect(server.seen).toHaveLength(2);
  });

  test("#97 nc is 8 hex digits, rises on reuse of a nonce, resets on a new challenge", async () => {
    await using server = await serve(guarded({ nonces: ["n1", "n2"], uses: 3 }));
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    for (let at = 0; at < 5; at++) await client.get("/").json();
    const sent = server.seen.map(params).map(({ nonce, nc }) => nonce && `${nonce} ${nc}`);
    expect(sent).toEqual([
      undefined,
      "n1 00000001",
      "n1 00000002",
      "n1 00000003",
      "n1 00000004",
      "n2 00000001",
      "n2 00000002",
    ]);
  });

  test("#98 later requests pre-send digest with the remembered challenge (no second 401)", async () => {
    await using server = await serve(guarded());
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    const statuses = [];
    for (let at = 0; at < 4; at++) statuses.push((await client.get(`/${at}`)).status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(server.seen).toHaveLength(5);
    const cnonces = new Set(server.seen.slice(1).map((seen) => params(seen).cnonce));
    expect(cnonces.size).toBe(4);
  });

  test("#98 with calls of their own too, as long as the Auth is the same", async () => {
    await using server = await serve(guarded());
    const auth = ANN();
    for (let at = 0; at < 3; at++) await get(server.origin, { auth }).json();
    expect(server.seen).toHaveLength(4);
  });

  test("#97 concurrent calls over one nonce have a count each", async () => {
    await using server = await serve(guarded());
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    await client.get("/").json();
    await Promise.all(Array.from({ length: 40 }, () => client.get("/").json()));
    const counts = server.seen.slice(1).map((seen) => params(seen).nc);
    expect(new Set(counts).size).toBe(41);
    expect(server.seen).toHaveLength(42);
  });

  test("#97 also where forty first calls get the same nonce each in a challenge of its own", async () => {
    await using server = await serve(guarded());
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    const answers = await Promise.all(Array.from({ length: 40 }, () => client.get("/").json()));
    expect(answers).toHaveLength(40);
    expect(server.seen).toHaveLength(80);
  });

  test("stale=true: a nonce that is used up is replaced within the call, at each retry too", async () => {
    let answers = 0;
    const guard = guarded({ nonces: ["n1", "n2", "n3"], uses: 1 });
    await using server = await serve((response, seen, request) => {
      // The second good answer is a 503, for which the nonce is spent all the same.
      if (seen.headers.authorization !== undefined && ++answers === 2) {
        response.writeHead(503, { "retry-after": "0" }).end();
        return;
      }
      return guard(response, seen, request);
    });
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    await client.get("/").json();
    expect(await client.get("/").json()).toEqual({ ok: true });
    expect(params(server.last())).toMatchObject({ nonce: "n2", nc: "00000001" });
  });

  test("#101 Digest uri uses the encoded request target (path+query) as sent", async () => {
    await using server = await serve(guarded());
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    await client.get('/a b/ü"x', { params: { q: "1 & 2", e: "é" } }).json();
    const last = server.last();
    expect(last.target).toMatch(/^\/a%20b\/%C3%BC%22x\?q=1/);
    expect(params(last).uri).toBe(last.target);
    expect(md5(`GET:${last.target}`)).not.toBe(md5("GET:/"));
  });

  test("#89 cookies set by a 401 challenge are sent on the digest retry and stored", async () => {
    await using server = await serve(
      guarded({ nonces: ["n1", "n2"], headers: { "set-cookie": "fake=fake_value; Path=/" } }),
    );
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    await client.get("/").json();
    expect(server.last().headers.cookie).toBe("fake=fake_value");
    expect(await client.cookies?.getCookieHeader(server.origin)).toBe("fake=fake_value");
    await get(`${server.origin}/alone`, { auth: ANN() }).json();
    expect(server.last().headers.cookie).toBe("fake=fake_value");
  });

  test("the body goes along with the answer", async () => {
    await using server = await serve(guarded());
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    expect(await client.post("/", { json: { n: 1 } }).json()).toEqual({ ok: true });
    expect(server.seen.map(({ body }) => body.toString())).toEqual(['{"n":1}', '{"n":1}']);
  });

  test("#104 a one-shot stream body raises rather than resending nothing", async () => {
    await using server = await serve(guarded());
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    const body = (): ReadableStream<Uint8Array> => new Blob(["once"]).stream();
    const error = await caught(client.post("/", { body: body() }).json(), HttpError);
    expect(error).toMatchObject({ status: 401, hint: expect.stringMatching(/sent once.*function/) });
    expect(server.seen.map(({ body: sent }) => sent.toString())).toEqual(["once"]);
    // Made anew by a function it is sent again, and where the challenge is known a stream goes at once.
    expect(await client.post("/", { body }).json()).toEqual({ ok: true });
    expect(await client.post("/", { body: body() }).json()).toEqual({ ok: true });
    expect(server.last().body.toString()).toBe("once");
  });
});

describe("what is no challenge of Digest's", () => {
  test.each<[string, Answer]>([
    ["a WWW-Authenticate on a 200", json({}, 200, { "www-authenticate": 'Digest realm="api", nonce="n"' })],
    ["a malformed one on a 200", json({}, 200, { "www-authenticate": "Digest" })],
    ["one on a 403", json({}, 403, { "www-authenticate": 'Digest realm="api", nonce="n"' })],
    ["a different scheme", json({}, 401, { "www-authenticate": 'Basic realm="Digest nonce"' })],
    ["a scheme that begins alike", json({}, 401, { "www-authenticate": 'DigestX realm="api", nonce="n"' })],
    ["a 401 that asks for nothing", json({}, 401)],
    ["S34 a proxy's challenge", json({}, 407, { "proxy-authenticate": 'Digest realm="api", nonce="n"' })],
  ])("#99 %s is ignored", async (_, answer) => {
    await using server = await serve(answer);
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    await client.get("/");
    await client.get("/");
    expect(server.seen.map(({ headers }) => [headers.authorization, headers["proxy-authorization"]])).toEqual(
      [
        [undefined, undefined],
        [undefined, undefined],
      ],
    );
  });

  test.each([
    ["a malformed challenge", 'Digest realm="api', /malformed/],
    ["one without a nonce", 'Digest realm="api", qop="auth"', /malformed.*nonce/],
    ["#96 only auth-int", 'Digest realm="api", nonce="n", qop="auth-int"', /auth-int.*not supported/],
    ["#96 an unknown qop", 'Digest realm="api", nonce="n", qop="sign"', /malformed.*qop/],
    ["an unknown algorithm", 'Digest realm="api", nonce="n", algorithm=BLAKE3', /BLAKE3/],
  ])("#99 %s is an AuthError of clear words", async (_, header, message) => {
    await using server = await serve(json({}, 401, { "www-authenticate": header }));
    const error = await caught(get(`${server.origin}/x`, { auth: ANN() }), AuthError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), attempts: 1 });
    expect(server.seen).toHaveLength(1);
  });

  test("an escape sequence in a challenge does not reach the message", async () => {
    await using server = await serve(
      json({}, 401, { "www-authenticate": 'Digest realm="api", nonce="n", qop="\x9b2J"' }),
    );
    const error = await caught(get(server.origin, { auth: ANN() }), AuthError);
    expect(error).toMatchObject({ message: expect.not.stringContaining("\x9b") });
  });
});

describe("#95 #96 which challenge is answered", () => {
  const said = (algorithm: string): string =>
    `Digest realm="api", nonce="n", qop="auth", algorithm=${algorithm}`;

  test.each<[string, string | string[], DigestOptions | undefined, string]>([
    [
      "the strongest of a line",
      `${said("MD5")}, ${said("SHA-256")}, Basic realm="api"`,
      undefined,
      "SHA-256",
    ],
    [
      "the strongest of several lines",
      [said("SHA-256"), said("SHA-512-256"), said("MD5")],
      undefined,
      "SHA-512-256",
    ],
    [
      "one that can be done before a stronger one that cannot",
      [said("MD5"), said("SHA3-512")],
      undefined,
      "MD5",
    ],
    [
      "one with qop=auth before a stronger one with auth-int alone",
      [said("MD5"), 'Digest realm="api", nonce="n", qop="auth-int", algorithm=SHA-256'],
      undefined,
      "MD5",
    ],
    ["among those that the option allows", [said("MD5"), said("SHA-256")], { algorithms: ["MD5"] }, "MD5"],
    ["a session of the same hash", [said("MD5"), said("SHA-256-sess")], undefined, "SHA-256-sess"],
  ])("%s", async (_, header, options, algorithm) => {
    await using server = await serve((response, { headers }) => {
      if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": header }).end();
      else response.end();
    });
    expect((await get(server.origin, { auth: ANN(options) })).status).toBe(200);
    expect(params(server.last()).algorithm).toBe(algorithm);
  });

  test("what the option leaves out is not used, and the error says so", async () => {
    await using server = await serve(guarded());
    const error = await caught(
      get(server.origin, { auth: ANN({ algorithms: ["SHA-256", "SHA-512-256"] }) }),
      AuthError,
    );
    expect(error).toMatchObject({ message: expect.stringMatching(/MD5.*`algorithms`/) });
  });
});

describe("S34 S35 whose challenge is answered", () => {
  test("S34 digest state is keyed by origin: another port's server gets no answer to this one's nonce", async () => {
    await using one = await serve(guarded({ nonces: ["one"] }));
    await using two = await serve(guarded({ nonces: ["two"] }));
    const auth = ANN();
    await get(one.origin, { auth }).json();
    await get(two.origin, { auth }).json();
    await get(one.origin, { auth }).json();
    expect(two.seen.map((seen) => params(seen).nonce)).toEqual([undefined, "two"]);
    expect(one.seen.map((seen) => params(seen).nonce)).toEqual([undefined, "one", "one"]);
  });

  test.each([
    ["with a base", true],
    ["without one", false],
  ])("S35 only the first origin is answered, not one that a redirect led to: %s", async (_, based) => {
    await using other = await serve(guarded({ nonces: ["other"] }));
    await using server = await serve({ "/": redirectTo(`${other.origin}/`) });
    await using client = new Client({ auth: ANN(), ...(based ? { baseUrl: server.origin } : {}) });
    const error = await caught(client.get(based ? "/" : server.origin).json(), HttpError);
    expect(error).toMatchObject({ status: 401, hint: expect.stringMatching(/another origin/) });
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("S35 an origin in `domain` gets nothing, paths of its own are pre-sent, others are not", async () => {
    await using other = await serve(json({}));
    const guard = guarded({ more: `, domain="/in ${other.origin}/"` });
    await using server = await serve((response, seen, request) => {
      if (seen.target.startsWith("/in")) return guard(response, seen, request);
      response.end("{}");
    });
    await using client = new Client({ auth: ANN() });
    await client.get(`${server.origin}/in/1`);
    await client.get(`${server.origin}/in/2`);
    await client.get(`${server.origin}/out`);
    await client.get(`${other.origin}/`);
    expect(server.seen.map(({ target, headers }) => [target, headers.authorization !== undefined])).toEqual([
      ["/in/1", false],
      ["/in/1", true],
      ["/in/2", true],
      ["/out", false],
    ]);
    expect(other.last().headers.authorization).toBeUndefined();
  });

  test("a `domain` that leaves out what it protects is not heeded", async () => {
    await using server = await serve(guarded({ more: ', domain="/elsewhere"' }));
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    await client.get("/here").json();
    await client.get("/here").json();
    expect(server.seen).toHaveLength(3);
  });

  test("#100 Digest after a redirect: challenge state resets and Authorization is not carried to the new hop", async () => {
    const one = guarded({ nonces: ["one"] });
    const two = guarded({ nonces: ["two"] });
    await using server = await serve({
      "/one": (response, seen, request) => {
        if (seen.headers.authorization === undefined) return one(response, seen, request);
        response.writeHead(302, { location: "/two" }).end();
      },
      "/two": two,
    });
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    expect(await client.get("/one").json()).toEqual({ ok: true });
    const sent = server.seen.map((seen) => [seen.target, params(seen).nonce, params(seen).uri]);
    expect(sent).toEqual([
      ["/one", undefined, undefined],
      ["/one", "one", "/one"],
      // Made for this hop, out of what the server has said, and not the header of the hop before.
      ["/two", "one", "/two"],
      ["/two", "two", "/two"],
    ]);
  });
});

describe("#102 auth-flow hops are visible in history", () => {
  test("the 401 that was answered, in its place among redirects, which alone count as such", async () => {
    const guard = guarded();
    await using server = await serve({ "/a": redirectTo("/b"), "/b": guard });
    await using client = new Client({ baseUrl: server.origin, auth: ANN(), redirect: { max: 1 } });
    const through = await client.get("/a");
    expect(through.history.map(({ status, url }) => [status, new URL(url).pathname])).toEqual([
      [302, "/a"],
      [401, "/b"],
    ]);
    expect(through.redirected).toBe(true);
    expect(through.history[1]?.request.headers.has("authorization")).toBe(false);
    expect(through.history[1]?.headers.get("www-authenticate")).toMatch(/^Digest/);
    const again = await client.get("/b");
    expect([again.history.length, again.redirected]).toEqual([0, false]);
  });

  test("a 401 that was answered takes nothing from `redirect.max`", async () => {
    await using server = await serve({
      "/a": (response, seen, request) => {
        if (seen.headers.authorization === undefined) return guarded()(response, seen, request);
        response.writeHead(302, { location: "/b" }).end();
      },
      "/b": json({}),
    });
    await using client = new Client({ baseUrl: server.origin, auth: ANN(), redirect: { max: 1 } });
    expect((await client.get("/a")).history.map(({ status }) => status)).toEqual([401, 302]);
    const error = await caught(client.get("/a", { redirect: "error" }), RedirectError);
    expect(JSON.parse(JSON.stringify(error)).hops).toBe(1);
  });

  test("a 401 alone is no redirect", async () => {
    await using server = await serve(guarded());
    const response = await get(server.origin, { auth: ANN() });
    expect(response.history.map(({ status }) => status)).toEqual([401]);
    expect(response.redirected).toBe(false);
  });
});

describe("#103 an Auth may read the request body and the response body if it declares so", () => {
  const signed = (): Auth & { readonly read: string[] } => {
    const read: string[] = [];
    return {
      read,
      needs: { requestBody: true, responseBody: true },
      authorize: ({ body, target }) => {
        read.push(`out ${target} ${new TextDecoder().decode(body)}`);
        return { headers: { "x-length": String(body?.length) } };
      },
      refresh: ({ body }) => {
        read.push(`in ${new TextDecoder().decode(body)}`);
      },
    };
  };

  test.each<[string, () => object, string]>([
    ["JSON", () => ({ json: { n: 1 } }), '{"n":1}'],
    ["no body", () => ({}), ""],
    ["a function that makes a stream", () => ({ body: () => new Blob(["made"]).stream() }), "made"],
    [
      "a stream that can be read once, which can then be sent again",
      () => ({ body: new Blob(["once"]).stream() }),
      "once",
    ],
  ])("%s", async (_, options, expected) => {
    const statuses = [401, 200];
    await using server = await serve((response) => {
      response.writeHead(statuses.shift() ?? 500).end("prove it");
    });
    const auth = signed();
    await using client = new Client({ baseUrl: server.origin, auth });
    const response = await client.post("/p?q=1", options());
    expect(response.status).toBe(200);
    expect(auth.read).toEqual([`out /p?q=1 ${expected}`, "in prove it", `out /p?q=1 ${expected}`]);
    expect(server.seen.map(({ body, headers }) => [body.toString(), headers["x-length"]])).toEqual([
      [expected, String(expected.length)],
      [expected, String(expected.length)],
    ]);
    expect(await response.history[0]?.text()).toBe("prove it");
  });

  test("without such a word neither is read", async () => {
    const given: unknown[] = [];
    await using server = await serve(json({ secret: 1 }, 401));
    const auth: Auth = {
      authorize: (request) => {
        given.push("body" in request);
        return {};
      },
      refresh: (challenge) => {
        given.push("body" in challenge);
      },
    };
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.post("/", { json: 1 });
    expect(given).toEqual([false, false, false]);
  });

  test("a stream that fails while it is read for an Auth is the caller's error, and nothing is sent", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, auth: signed() });
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error("the disk is gone")),
    });
    const error = await caught(client.post("/", { body }), CallerError);
    expect(error).toMatchObject({ code: "ERR_CALLER", attempts: 0, cause: { message: "the disk is gone" } });
    expect(server.seen).toHaveLength(0);
  });
});

describe("secrecy", () => {
  test("neither the password nor an answer shows in errors, logs, the Auth or the requests", async () => {
    const lines: string[] = [];
    const write = (...args: unknown[]): void => {
      lines.push(args.map((arg) => inspect(arg, { depth: 10 })).join(" "));
    };
    const log = { debug: write, info: write, warn: write, error: write };
    await using server = await serve(guarded({ nonces: ["n1", "n2", "n3"] }));
    const auth = digest("ann", "s3cr3t-w0rd");
    await using client = new Client({ baseUrl: server.origin, auth, log });
    const error = await caught(client.get("/").json(), HttpError);
    const { response: answer = "?", cnonce = "?" } = params(server.last());
    expect(answer).toHaveLength(32);
    const printed = [
      ...lines,
      inspect(error, { depth: 20, showHidden: true }),
      JSON.stringify(error),
      inspect(error.response, { depth: 20 }),
      inspect(error.response.history, { depth: 20 }),
      inspect(auth, { depth: 20, showHidden: true }),
      JSON.stringify(auth),
    ].join("\n");
    for (const word of ["s3cr3t-w0rd", answer, cnonce]) expect(printed).not.toContain(word);
    expect(inspect(auth)).toBe("Auth(digest)");
  });

  test("two answers of one call have nothing of the client's in common", async () => {
    await using server = await serve(guarded({ uses: 1, nonces: ["n1", "n2"] }));
    await using client = new Client({ baseUrl: server.origin, auth: ANN() });
    await client.get("/").json();
    await client.get("/").json();
    const cnonces = server.seen.slice(1).map((seen) => params(seen).cnonce ?? "");
    for (const cnonce of cnonces) expect(cnonce).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(cnonces).size).toBe(cnonces.length);
  });
});

test.each<[string, () => unknown]>([
  ["of an unset variable", () => digest(undefined as never, "x")],
  ["of an empty user", () => digest("", "x")],
  ["of a password that is none", () => digest("ann", 5 as never)],
  ["with options that are none", () => digest("ann", "x", "MD5" as never)],
  ["with an option that it does not have", () => digest("ann", "x", { realm: "r" } as never)],
  ["with an algorithm that it does not have", () => digest("ann", "x", { algorithms: ["MD4" as never] })],
  ["with no algorithm", () => digest("ann", "x", { algorithms: [] })],
])("digest() %s is an OptionsError at once", (_, make) => {
  expect(make).toThrow(OptionsError);
});

test.each([
  ["Digest", 'Digest realm="api", nonce="n"', /digest\(user, password\)/],
  ["Basic", 'Basic realm="api"', /\[user, password\]/],
  ["Bearer", "Bearer", /bearer\(token\)/],
  ["Digest before Basic", 'Basic realm="api", Digest realm="api", nonce="n"', /digest\(/],
  ["a scheme that nobody knows", "Negotiate, Other", /of the scheme Negotiate: `auth` as a function/],
])("a 401 to a call without credentials hints at what would answer it: %s", async (_, header, hint) => {
  await using server = await serve(json({}, 401, { "www-authenticate": header }));
  const error = await caught(get(server.origin).json(), HttpError);
  expect(error.hint).toMatch(hint);
  const brought = await caught(get(server.origin, { auth: ["ann", "x"] }).json(), HttpError);
  expect(brought.hint).toBe("The server has refused the credentials of `auth`.");
});

test("a 401 that asks for something else than Digest does not speak of credentials that were never sent", async () => {
  await using server = await serve(json({}, 401, { "www-authenticate": 'Basic realm="api"' }));
  const error = await caught(get(server.origin, { auth: ANN() }).json(), HttpError);
  expect(error.hint).toMatch(/^`auth` has sent nothing, .* auth: \[user, password\]\.$/);
});

test.each<[string, Auth]>([
  ["another header", { authorize: () => ({ headers: { "x-sign": "s" } }), answers: () => false }],
  ["the query", { authorize: () => ({ query: { key: "k" } }), answers: () => false }],
])("a 401 to credentials that stand in %s says that they are refused", async (_, auth) => {
  await using server = await serve(json({}, 401, { "www-authenticate": 'Basic realm="api"' }));
  const error = await caught(get(server.origin, { auth }).json(), HttpError);
  expect(error.hint).toBe("The server has refused the credentials of `auth`.");
});

test("a call that waits while another is challenged does not wait for it", async () => {
  const late = gate();
  const guard = guarded({ nonces: ["n1", "n2"] });
  await using server = await serve(async (response, seen, request) => {
    if (seen.target === "/slow" && seen.headers.authorization === undefined) await late.opened;
    return guard(response, seen, request);
  });
  await using client = new Client({ baseUrl: server.origin, auth: ANN() });
  const slow = client.get("/slow").json();
  expect(await client.get("/fast").json()).toEqual({ ok: true });
  late.open();
  expect(await slow).toEqual({ ok: true });
});

describe("hashes", () => {
  const bytes = new TextEncoder().encode("ann:api:pa55");

  test.each(["SHA", "SHA-256", "SHA-512"] as const)(
    "%s of the web's runtimes is Node's",
    async (algorithm) => {
      expect(web.canHash(algorithm)).toBe(true);
      expect(await web.hashHex(algorithm, bytes)).toBe(await node.hashHex(algorithm, bytes));
    },
  );

  test.each(["MD5", "SHA-512-256"] as const)("%s is not to be had there", (algorithm) => {
    expect([web.canHash(algorithm), node.canHash(algorithm)]).toEqual([false, true]);
  });

  // A request is no place to look: undici loads it for a purpose of its own, and so does Fetch's Response.
  test("node:crypto is loaded by neither the library nor an Auth that has nothing to answer", async () => {
    const ended = await run(`
      import { digest } from "../src/index.ts";
      const loaded = () => process.moduleLoadList.includes("NativeModule internal/crypto/hash");
      const auth = digest("ann", "pa55");
      const header = () => 'Digest realm="api", nonce="n"';
      const request = { method: "GET", url: "http://api.test/", origin: "http://api.test", target: "/", header: () => null };
      await auth.authorize(request);
      const seen = [loaded()];
      await auth.refresh({ status: 401, header, request });
      await auth.authorize(request);
      seen.push(loaded());
      console.log(seen.join(" "));
    `);
    expect(ended).toEqual({ code: 0, stdout: "false true\n", stderr: "" });
  });
});

test("#103 a stream that was read for an Auth is sent from memory at a retry as well", async () => {
  await using server = await serve(json({}));
  const auth: Auth = {
    needs: { requestBody: true },
    authorize: ({ body }) => ({ headers: { "x-n": `${body?.length}` } }),
  };
  const wire: Middleware[] = [];
  let failed = false;
  wire.push((request, next) => {
    if (failed) return next(request);
    failed = true;
    throw new NetworkError("reset", "the connection was reset");
  });
  await using client = new Client({ baseUrl: server.origin, auth, wire, retry: { backoff: { base: 0 } } });
  await client.put("/", { body: new Blob(["once"]).stream() });
  expect(server.seen.map(({ body }) => body.toString())).toEqual(["once"]);
});
