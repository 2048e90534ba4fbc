import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  AuthError,
  Client,
  memoryTokens,
  type OAuth2Options,
  OptionsError,
  oauth2,
  type StoredToken,
  secret,
  type TokenStore,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { type TokenServer, tokenServer } from "../peers/token-server.ts";

const SECRET = "s3cr3t-of-the-client";

/** An `oauth2()` at a server, with some options changed. */
function at({ tokenEndpoint }: { readonly tokenEndpoint: string }, more: Record<string, unknown> = {}) {
  const options = {
    tokenEndpoint,
    clientId: "app",
    clientSecret: SECRET,
    grant: "client_credentials",
    ...more,
  };
  return oauth2(options as unknown as OAuth2Options);
}

const apiTokens = ({ http }: TokenServer): (string | undefined)[] =>
  http.seen.filter(({ target }) => target === "/api").map(({ headers }) => headers.authorization?.slice(7));

describe("client credentials (RFC 6749 §4.4)", () => {
  test.each<[string, Record<string, unknown>, Record<string, string>, string | undefined]>([
    ["the secret in Basic", {}, {}, `app:${SECRET}`],
    [
      "the secret in Basic, form-encoded (RFC 6749 §2.3.1)",
      { clientId: "my-app:1", clientSecret: secret("ü+%/") },
      {},
      "my-app%3A1:%C3%BC%2B%25%2F",
    ],
    [
      "the secret in the body",
      { clientAuth: "client_secret_post" },
      { client_id: "app", client_secret: SECRET },
      undefined,
    ],
    ["a scope", { scope: "read write" }, { scope: "read write" }, `app:${SECRET}`],
    ["a list of scopes", { scope: ["read", "write"] }, { scope: "read write" }, `app:${SECRET}`],
    [
      "further parameters",
      { params: { audience: "https://api.example.com", tenant: secret("t1") } },
      { audience: "https://api.example.com", tenant: "t1" },
      `app:${SECRET}`,
    ],
  ])("sends %s", async (_, options, fields, basic) => {
    await using server = await tokenServer();
    await using client = new Client({ baseUrl: server.origin, auth: at(server, options) });
    expect(await client.get("/api").json()).toEqual({ ok: true });
    expect(server.asked).toEqual([{ fields: { grant_type: "client_credentials", ...fields }, basic }]);
  });

  test("P5 1,000 concurrent calls over an expiry cause one refresh", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    await using client = new Client({ baseUrl: server.origin, auth: at(server, { clock }) });
    await Promise.all(Array.from({ length: 1000 }, () => client.get("/api").json()));
    expect(server.asked).toHaveLength(1);
    clock.advance(3_600_000);
    await Promise.all(Array.from({ length: 1000 }, () => client.get("/api").json()));
    expect(server.asked.map(({ fields }) => fields.grant_type)).toEqual([
      "client_credentials",
      "refresh_token",
    ]);
    expect(apiTokens(server).filter((token) => token === "at2")).toHaveLength(1000);
    expect(apiTokens(server)).toHaveLength(2000);
  });

  test("P5 1,000 concurrent calls whose token was revoked cause one refresh, and each is sent once more", async () => {
    await using server = await tokenServer();
    await using client = new Client({ baseUrl: server.origin, auth: at(server) });
    await client.get("/api").json();
    server.good = "revoked";
    await Promise.all(Array.from({ length: 1000 }, () => client.get("/api").json()));
    expect(server.asked).toHaveLength(2);
    expect(apiTokens(server).filter((token) => token === "at2")).toHaveLength(1000);
  });

  test("a token that runs out soon is renewed by its refresh token, while calls go on", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    await using client = new Client({ baseUrl: server.origin, auth: at(server, { clock }) });
    await client.get("/api").json();
    clock.advance(3_540_000);
    await client.get("/api");
    await expect.poll(() => server.asked.at(-1)?.fields.refresh_token).toBe("rt1");
    await expect.poll(async () => (await client.get("/api")).status).toBe(200);
  });

  test("a token that comes without a refresh token is followed by another of the same kind", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const plain = { token_type: "bearer", expires_in: 60 };
    server.instead.push(json({ ...plain, access_token: "a" }), json({ ...plain, access_token: "b" }));
    const auth = at(server, { clock });
    await auth.token();
    clock.advance(60_000);
    expect((await auth.token()).reveal()).toBe("b");
    const grants = server.asked.map(({ fields }) => fields.grant_type);
    expect(grants).toEqual(["client_credentials", "client_credentials"]);
  });

  test("a refresh token that is refused is not the end: the client asks as it did at first", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    await using client = new Client({ baseUrl: server.origin, auth: at(server, { clock }) });
    await client.get("/api").json();
    server.instead.push(json({ error: "invalid_grant" }, 400));
    clock.advance(3_600_000);
    await client.get("/api").json();
    expect(server.asked.map(({ fields }) => fields.grant_type)).toEqual([
      "client_credentials",
      "refresh_token",
      "client_credentials",
    ]);
  });

  test("token() gives the token before the first call, and forget() begins anew", async () => {
    await using server = await tokenServer();
    const auth = at(server);
    const token = await auth.token();
    expect(token.reveal()).toBe("at1");
    expect(String(token)).toBe("***");
    await auth.forget();
    expect((await auth.token()).reveal()).toBe("at2");
    expect(server.asked.map(({ fields }) => fields.grant_type)).toEqual([
      "client_credentials",
      "client_credentials",
    ]);
  });

  test("is somebody of its own for caches and limits, whichever the token", async () => {
    await using server = await tokenServer();
    const [a, b] = [at(server), at(server)];
    const before = a.identity?.(server.origin);
    await a.token();
    expect(before).toEqual(expect.any(String));
    expect(a.identity?.(server.origin)).toBe(before);
    expect(b.identity?.(server.origin)).not.toBe(before);
  });
});

describe("refresh tokens that rotate (RFC 9700 §2.2.2)", () => {
  const begin = { grant: "refresh_token", refreshToken: "rt0" };

  test("each is spent once, and the next is stored before the token is used", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const events: string[] = [];
    const inner = memoryTokens();
    const store: TokenStore = {
      ...inner,
      set: async (key, token) => {
        // As slow as three requests: whoever did not wait for it would be there before.
        for (let i = 0; i < 3; i++) await fetch(`${server.origin}/elsewhere`);
        events.push(`stored ${token.refreshToken} after ${apiTokens(server).length} calls`);
        await inner.set(key, token);
      },
    };
    await using client = new Client({ baseUrl: server.origin, auth: at(server, { ...begin, store, clock }) });
    await client.get("/api").json();
    clock.advance(3_600_000);
    await client.get("/api").json();
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual(["rt0", "rt1"]);
    expect(events).toEqual(["stored rt1 after 0 calls", "stored rt2 after 1 calls"]);
  });

  test("a public client says its name and no secret", async () => {
    await using server = await tokenServer();
    await at(server, { ...begin, clientSecret: undefined }).token();
    expect(server.asked).toEqual([
      { fields: { grant_type: "refresh_token", refresh_token: "rt0", client_id: "app" }, basic: undefined },
    ]);
  });

  test("what was stored goes on in the next run, with no question while the token is good", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const store = memoryTokens();
    await at(server, { ...begin, store, clock }).token();
    clock.advance(60_000);
    expect((await at(server, { ...begin, store, clock }).token()).reveal()).toBe("at1");
    expect(server.asked).toHaveLength(1);
    clock.advance(3_600_000);
    expect((await at(server, { ...begin, store, clock }).token()).reveal()).toBe("at2");
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual(["rt0", "rt1"]);
  });

  test("two that share a store do not spend the same one", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const store = memoryTokens();
    const both = [at(server, { ...begin, store, clock }), at(server, { ...begin, store, clock })];
    const tokens = await Promise.all(both.map(async (auth) => (await auth.token()).reveal()));
    expect(tokens).toEqual(["at1", "at1"]);
    clock.advance(3_600_000);
    const next = await Promise.all(both.map(async (auth) => (await auth.token()).reveal()));
    expect(next).toEqual(["at2", "at2"]);
    expect(server.asked).toHaveLength(2);
  });

  test.each<[string, Record<string, unknown>]>([
    ["another account", { account: "ann" }],
    ["another scope", { scope: "write" }],
    ["another client", { clientId: "other" }],
    ["another audience", { params: { audience: "b" } }],
  ])("%s has a token of its own in the store", async (_, other) => {
    await using server = await tokenServer();
    const store = memoryTokens();
    const shared = { store, params: { audience: "a" } };
    await at(server, shared).token();
    await at(server, { ...shared, ...other }).token();
    expect(server.asked).toHaveLength(2);
  });

  test("the key under which it is stored tells no secret", async () => {
    await using server = await tokenServer();
    const keys: string[] = [];
    const store: TokenStore = { get: (key) => void keys.push(key), set: () => {}, delete: () => {} };
    const params = { tenant: secret("t3n4nt"), password: "pa55", audience: "a" };
    await at(server, { store, params, scope: "read", account: "ann" }).token();
    expect(keys[0]).toContain("audience=a");
    expect(keys[0]).not.toMatch(/t3n4nt|pa55|s3cr3t/);
  });

  test("a store that fails fails the call, and the token is not lost: it is stored by the next", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const kept = new Map<string, StoredToken>();
    let full = true;
    const store: TokenStore = {
      get: (key) => kept.get(key),
      set: (key, token) => {
        if (full) throw new Error("the disk is full");
        kept.set(key, token);
      },
      delete: (key) => void kept.delete(key),
    };
    await using client = new Client({ baseUrl: server.origin, auth: at(server, { ...begin, store, clock }) });
    const error = await caught(client.get("/api"), AuthError);
    expect(error.message).toMatch(/could not be stored/);
    expect(error.cause).toMatchObject({ message: "the disk is full" });
    full = false;
    await client.get("/api").json();
    expect(server.asked).toHaveLength(1);
    expect([...kept.values()]).toMatchObject([{ accessToken: "at1", refreshToken: "rt1" }]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["another thing", () => "at1", /The store gave a string, not what set\(\) was given/],
    ["no token", () => ({ refreshToken: "r" }), /an object with the keys refreshToken, not what/],
    ["an error", () => Promise.reject(new Error("locked")), /could not be read: the store failed/],
  ])("a store that gives %s fails the call, and nothing is asked", async (_, get, message) => {
    await using server = await tokenServer();
    const store = { get, set: () => {}, delete: () => {} };
    const error = await caught(at(server, { ...begin, store }).token(), AuthError);
    expect(error.message).toMatch(message);
    expect(server.asked).toEqual([]);
  });

  test("a server that does not rotate keeps its refresh token", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const auth = at(server, { ...begin, clock });
    server.instead.push(json({ access_token: "a", token_type: "Bearer", expires_in: 60 }));
    await auth.token();
    clock.advance(60_000);
    server.instead.push(json({ access_token: "b", token_type: "Bearer", expires_in: 60 }));
    expect((await auth.token()).reveal()).toBe("b");
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual(["rt0", "rt0"]);
  });

  test("a server that does not rotate keeps the refresh token that it gave, too", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const auth = at(server, { clock });
    const plain = { access_token: "a", token_type: "Bearer", expires_in: 60 };
    server.instead.push(json({ ...plain, refresh_token: "given" }), json(plain), json(plain));
    for (let i = 0; i < 3; i++) {
      await auth.token();
      clock.advance(60_000);
    }
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual([undefined, "given", "given"]);
  });

  test("an answer that is lost is asked for again at once; where the server had rotated the error says so", async () => {
    await using server = await tokenServer();
    server.instead.push((response) => void response.destroy());
    const auth = at(server, begin);
    expect((await auth.token()).reveal()).toBe("at1");
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual(["rt0", "rt0"]);
    await auth.forget();
    // The server makes rt2 of what it is given, and nobody hears of it.
    server.instead.push((response) => void response.destroy(), json({ error: "invalid_grant" }, 400));
    const error = await caught(at(server, { ...begin, refreshToken: "rt1" }).token(), AuthError);
    expect(error).toMatchObject({
      reason: "invalid_grant",
      hint: expect.stringMatching(/An answer was lost/),
    });
  });

  test("a refresh token of the caller's is taken where that of the store is dead", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const store = memoryTokens();
    await at(server, { ...begin, store, clock }).token();
    clock.advance(3_600_000);
    server.instead.push(
      json({ error: "invalid_grant" }, 400),
      json({ access_token: "b", token_type: "Bearer" }),
    );
    // Somebody has signed in anew, and put the new one into the environment.
    expect((await at(server, { ...begin, refreshToken: "new", store, clock }).token()).reveal()).toBe("b");
    expect(server.asked.map(({ fields }) => fields.refresh_token)).toEqual(["rt0", "rt1", "new"]);
  });
});

describe("P5 a failed refresh does not take away a token that works", () => {
  test("ahead of its end: calls go on with it, and the endpoint is left in peace for a while", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    await using client = new Client({ baseUrl: server.origin, auth: at(server, { clock }) });
    await client.get("/api").json();
    clock.advance(3_540_000);
    for (let i = 0; i < 9; i++) server.instead.push(json({ error: "server_error" }, 400));
    for (let i = 0; i < 10; i++) {
      await client.get("/api").json();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => server.asked.length).toBe(2);
    clock.advance(60_000);
    await caught(client.get("/api"), AuthError);
  });
});

describe("clock skew", () => {
  const DAY = 24 * 3600 * 1000;
  /** A server whose clock is so far from ours. */
  const dated = (clock: ManualClock, skew: number, body: object): Answer =>
    json(body, 200, { date: new Date(clock.date() + skew).toUTCString() });

  test.each([DAY, -DAY])(
    "of %i ms is learned from Date: what is stored is the server's time",
    async (skew) => {
      const clock = new ManualClock();
      await using server = await tokenServer();
      const store = memoryTokens();
      const kept: StoredToken[] = [];
      const watched: TokenStore = {
        ...store,
        set: (key, token) => {
          kept.push(token);
          return store.set(key, token);
        },
      };
      server.instead.push(dated(clock, skew, { access_token: "at1", token_type: "Bearer", expires_in: 600 }));
      const auth = at(server, { store: watched, clock });
      await auth.token();
      const expected = clock.date() + skew + 600_000;
      expect(Math.abs((kept[0]?.expiresAt ?? 0) - expected)).toBeLessThanOrEqual(1000);
      clock.advance(599_000 - 1000);
      expect((await auth.token()).reveal()).toBe("at1");
      server.instead.push(json({ access_token: "b", token_type: "Bearer" }));
      clock.advance(3_000);
      await expect.poll(async () => (await auth.token()).reveal()).toBe("b");
    },
  );

  test("of a token that another clock has stored is learned from the first 401: the rest is known to have run out", async () => {
    const clock = new ManualClock();
    const ahead = { date: () => clock.date() + DAY };
    await using server = await tokenServer(ahead);
    const store = memoryTokens();
    const first = at(server, { store, clock });
    await first.token();
    // Another process, which has asked nobody yet: by its own clock the token lives for another day and an hour.
    const other = at(server, { store, clock });
    await using client = new Client({ baseUrl: server.origin, auth: other });
    clock.advance(2 * 3_600_000);
    server.good = "expired";
    const response = await client.get("/api");
    expect([response.status, response.history.length]).toEqual([200, 1]);
    expect(apiTokens(server)).toEqual(["at1", "at2"]);
    clock.advance(3_600_000);
    await client.get("/api").json();
    expect(apiTokens(server)).toEqual(["at1", "at2", "at3"]);
  });
});

describe("a hostile or broken token endpoint", () => {
  const good = { access_token: "t", token_type: "Bearer" };
  const page =
    (status: number, html: string): Answer =>
    (response) =>
      void response.writeHead(status, { "content-type": "text/html" }).end(html);

  test.each<[string, Answer, RegExp]>([
    [
      "an HTML page with 200",
      page(200, "<p>Log in</p>"),
      /answered 200 with text\/html, and no JSON object$/,
    ],
    ["an HTML page with 400", page(400, "<p>Bad</p>"), /answered 400 with text\/html/],
    ["nothing", (response) => void response.writeHead(200).end(), /answered 200 with no type/],
    ["a list", json([good]), /no JSON object/],
    ["an error with 200", json({ error: "invalid_request" }), /gave no token: invalid_request$/],
    ["an error that is none of OAuth's", json({ error: "No such route" }, 404), /answered 404, and no token/],
    ["no token", json({ token_type: "Bearer" }), /gave no token that can be used: .*access_token/],
    ["an empty token", json({ ...good, access_token: "" }), /gave no token that can be used/],
    ["a token of two lines", json({ ...good, access_token: "a\nb" }), /no header can carry/],
    ["a number for a token", json({ ...good, access_token: 5 }), /gave no token that can be used/],
    [
      "another type of token",
      json({ ...good, token_type: "mac" }),
      /gave no token that can be used: .*token_type/,
    ],
    ["no type of token", json({ access_token: "t" }), /gave no token that can be used: .*token_type/],
    ["a redirect on the same server", redirectTo("/elsewhere", 307), /No token could be had: .*redirect/i],
    [
      "a body without end",
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const piece = Buffer.alloc(256 * 1024, " ");
        const more = (): void => {
          while (!response.destroyed && response.write(piece));
          response.once("drain", more);
        };
        more();
      },
      /No token could be had: .*1048576/,
    ],
  ])("that answers %s is an AuthError, and nothing of its answer is shown", async (_, answer, message) => {
    await using server = await tokenServer();
    server.instead.push(answer);
    await using client = new Client({ baseUrl: server.origin, auth: at(server) });
    const error = await caught(client.get("/api"), AuthError);
    expect(error.message.replace(/ for GET \S+$/, "")).toMatch(message);
    expect(inspect(error, { depth: 10 })).not.toMatch(/Log in|<p>|s3cr3t/);
    expect(apiTokens(server)).toEqual([]);
  });

  test("S1 that redirects to another origin gets nothing sent there", async () => {
    await using thief = await serve(json(good));
    await using server = await tokenServer();
    server.instead.push(redirectTo(`${thief.origin}/token`, 307));
    await caught(at(server).token(), AuthError);
    expect(thief.seen).toEqual([]);
  });

  test.each<[string, unknown, number | undefined]>([
    ["a number in a string", "600", 600],
    ["a fraction", 0.5, 0.5],
    ["a negative number", -1, undefined],
    ["0", 0, undefined],
    ["a word", "never", undefined],
    ["an object", {}, undefined],
    ["null", null, undefined],
    ["nothing", undefined, undefined],
    ["more than there is time", 1e300, 100 * 365 * 24 * 3600],
  ])("that says expires_in as %s: it counts where it can", async (_, expiresIn, seconds) => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    server.instead.push(json({ ...good, expires_in: expiresIn }));
    const kept: StoredToken[] = [];
    const store: TokenStore = {
      get: () => undefined,
      set: (_key, token) => void kept.push(token),
      delete: () => {},
    };
    const auth = at(server, { clock, store });
    expect((await auth.token()).reveal()).toBe("t");
    const [token] = kept;
    if (seconds === undefined) expect(token).not.toHaveProperty("expiresAt");
    else expect(((token?.expiresAt ?? 0) - (token?.obtainedAt ?? 0)) / 1000).toBeCloseTo(seconds);
  });

  test("that does not answer ends in a timeout, after a second attempt", async () => {
    await using server = await tokenServer();
    server.instead.push(
      () => {},
      () => {},
    );
    const clock = new ManualClock();
    await using client = new Client({ clock, random: () => 0 });
    const failed = caught(at(server, { client }).token(), AuthError);
    for (const count of [1, 2]) {
      // The wait between the two is none, and ends with the next step of the clock.
      await expect
        .poll(() => {
          clock.advance(1);
          return server.asked.length;
        })
        .toBe(count);
      clock.advance(15_000);
    }
    expect((await failed).cause).toMatchObject({ code: "ERR_TIMEOUT" });
    expect(server.asked).toHaveLength(2);
  });

  test("that is overwhelmed is asked again when it says so", async () => {
    await using server = await tokenServer();
    server.instead.push(json({ error: "slow down, please" }, 429, { "retry-after": "0" }), json({}, 503));
    expect((await at(server).token()).reveal()).toBe("at1");
    expect(server.asked).toHaveLength(3);
  });

  test("P9 that gives a secret as its error code is told without it", async () => {
    await using server = await tokenServer();
    server.instead.push(json({ error: SECRET }, 400));
    expect(await caught(at(server).token(), AuthError)).toMatchObject({ reason: "***" });
  });

  test("P9 that repeats secrets in its error is told without them", async () => {
    await using server = await tokenServer();
    server.instead.push(
      json({ error: "invalid_client", error_description: `no ${SECRET} and\u001b[2J t3n4nt` }, 401, {
        "www-authenticate": 'Basic realm="x"',
      }),
    );
    const auth = at(server, { params: { tenant: secret("t3n4nt") } });
    await using client = new Client({ baseUrl: server.origin, auth });
    const error = await caught(client.get("/api"), AuthError);
    expect(error).toMatchObject({ reason: "invalid_client", description: "no *** and\ufffd[2J ***" });
    expect(inspect([error, auth, client], { depth: 10 }) + JSON.stringify(error)).not.toMatch(
      /s3cr3t|t3n4nt/,
    );
  });
});

describe("the client that asks for tokens", () => {
  test("is the caller's, without what belongs to the API: credentials, headers, params, cookies", async () => {
    await using server = await tokenServer();
    await using api = await serve(json({}));
    const seen: string[] = [];
    await using own = new Client({
      baseUrl: api.origin,
      auth: ["ann", "pa55"],
      headers: { "x-api-key": "k0" },
      params: { tenant: "t1" },
      hooks: { onRequest: ({ url }) => void seen.push(url) },
    });
    await at(server, { client: own }).token();
    const { headers, target } = server.http.last();
    expect(target).toBe("/token");
    expect(headers["x-api-key"]).toBeUndefined();
    expect(server.asked[0]?.basic).toBe(`app:${SECRET}`);
    expect(seen).toEqual([server.tokenEndpoint]);
  });

  test("P9 writes no secret into its log, nor does whoever waits for the token", async () => {
    await using server = await tokenServer();
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const log = { debug: say, info: say, warn: say, error: say };
    await using own = new Client({ log });
    const options = { client: own, clientAuth: "client_secret_post", params: { tenant: secret("t3n4nt") } };
    await using client = new Client({ baseUrl: server.origin, log, auth: at(server, options) });
    const response = await client.get("/api");
    server.instead.push((answer) => void answer.destroy(), json({ error: "invalid_client" }, 401));
    server.good = "revoked";
    await client.get("/api").result();
    expect(lines.some((line) => line.includes("/token"))).toBe(true);
    const shown = [
      ...lines,
      String(response.trace),
      JSON.stringify(response.trace),
      inspect(response, { depth: 9 }),
    ];
    expect(shown.join("\n")).not.toMatch(/s3cr3t|t3n4nt|at1|rt1/);
  });

  test("waits for no turn: calls that wait for the token have them all", async () => {
    await using server = await tokenServer();
    // Of the one turn in an hour there is none left for whoever asks for the token.
    const throttle = { rate: "1/h", concurrency: 1, per: "origin" } as const;
    await using own = new Client({ baseUrl: server.origin, throttle });
    await own.get("/api");
    const auth = at(server, { client: own });
    expect((await auth.token()).reveal()).toBe("at1");
    await using client = new Client({ baseUrl: server.origin, auth, throttle: { concurrency: 1 } });
    await Promise.all([client.get("/api").json(), client.get("/api").json()]);
  });

  test("may have this very auth: it does not wait for itself", async () => {
    await using server = await tokenServer();
    const late: { client?: Client } = {};
    const plain = new Client({ baseUrl: server.origin });
    const auth = at(server, { client: plain });
    late.client = plain.extend({ auth });
    expect(await late.client.get("/api").json()).toEqual({ ok: true });
    await plain.close();
  });
});

describe("options", () => {
  const fine = {
    tokenEndpoint: "https://as.example/token",
    clientId: "app",
    clientSecret: "s",
    grant: "client_credentials",
  };

  test.each<[string, unknown, string]>([
    ["no object", "https://as.example", "auth"],
    ["no grant", { ...fine, grant: undefined }, "grant"],
    ["another grant", { ...fine, grant: "password" }, "grant"],
    ["no endpoint", { ...fine, tokenEndpoint: undefined }, "tokenEndpoint"],
    ["a relative endpoint", { ...fine, tokenEndpoint: "/token" }, "tokenEndpoint"],
    ["http on another machine", { ...fine, tokenEndpoint: "http://as.example/token" }, "tokenEndpoint"],
    [
      "an endpoint with a password",
      { ...fine, tokenEndpoint: "https://a:pa55@as.example/" },
      "tokenEndpoint",
    ],
    ["an endpoint with a fragment", { ...fine, tokenEndpoint: "https://as.example/#x" }, "tokenEndpoint"],
    ["no client", { ...fine, clientId: undefined }, "clientId"],
    ["an empty client", { ...fine, clientId: "" }, "clientId"],
    ["no secret", { ...fine, clientSecret: undefined }, "clientSecret"],
    ["a secret that is a number", { ...fine, clientSecret: 5 }, "clientSecret"],
    ["another way to send it", { ...fine, clientAuth: "client_secret_jwt" }, "clientAuth"],
    ["a scope with quotes", { ...fine, scope: 'a"b' }, "scope"],
    ["an empty list of scopes", { ...fine, scope: [] }, "scope"],
    ["a scope of two words in a list", { ...fine, scope: ["a b"] }, "scope"],
    ["params that are none", { ...fine, params: "a=1" }, "params"],
    ["a param that is a number", { ...fine, params: { a: 1 } }, "params.a"],
    ["a param that has an option", { ...fine, params: { scope: "a" } }, "params.scope"],
    ["a store that is none", { ...fine, store: {} }, "store"],
    ["a client that is none", { ...fine, client: {} }, "client"],
    ["a clock that is none", { ...fine, clock: {} }, "clock"],
    ["a timeout that is none", { ...fine, timeout: "soon" }, "timeout"],
    ["allowHttp in words", { ...fine, allowHttp: "yes" }, "allowHttp"],
    ["a refresh token of another grant", { ...fine, refreshToken: "r" }, "refreshToken"],
    ["a name that is no option", { ...fine, clientID: "x" }, "clientID"],
    ["no refresh token", { ...fine, grant: "refresh_token" }, "refreshToken"],
  ])("%s is an OptionsError that names the option", (_, options, option) => {
    let error: unknown;
    try {
      oauth2(options as OAuth2Options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({ option });
    expect(inspect(error)).not.toContain("pa55");
  });

  test.each(["http://localhost:1/t", "http://127.0.0.9/t", "http://[::1]/t", "http://as.localhost/t"])(
    "%s is this machine's, and may be http",
    (tokenEndpoint) => {
      expect(() => oauth2({ ...fine, tokenEndpoint } as OAuth2Options)).not.toThrow();
    },
  );

  test("allowHttp sends in the clear all the same; S55 a polluted prototype does not", () => {
    const tokenEndpoint = "http://as.example/token";
    expect(() => oauth2({ ...fine, tokenEndpoint, allowHttp: true } as OAuth2Options)).not.toThrow();
    Object.defineProperty(Object.prototype, "allowHttp", {
      value: true,
      configurable: true,
      enumerable: false,
    });
    try {
      expect(() => oauth2({ ...fine, tokenEndpoint } as OAuth2Options)).toThrow(OptionsError);
    } finally {
      Reflect.deleteProperty(Object.prototype, "allowHttp");
    }
  });

  test("what does not belong together does not compile", () => {
    const server = { tokenEndpoint: "https://as.example/token" };
    const made: OAuth2Options[] = [
      { ...server, grant: "client_credentials", clientId: "a", clientSecret: "s" },
      // @ts-expect-error A client without a secret has no credentials.
      { ...server, grant: "client_credentials", clientId: "a" },
      // @ts-expect-error The grant has a name.
      { ...server, clientId: "a", clientSecret: "s" },
      // @ts-expect-error There is a server.
      { grant: "client_credentials", clientId: "a", clientSecret: "s" },
      // @ts-expect-error A refresh token belongs to the grant of that name.
      { ...server, grant: "client_credentials", clientId: "a", clientSecret: "s", refreshToken: "r" },
      // @ts-expect-error Which begins with one.
      { ...server, grant: "refresh_token", clientId: "a" },
      // @ts-expect-error A client without a secret sends none.
      {
        ...server,
        grant: "refresh_token",
        clientId: "a",
        refreshToken: "r",
        clientAuth: "client_secret_post",
      },
      { ...server, grant: "refresh_token", clientId: "a", refreshToken: "r" },
    ];
    expect(made).toHaveLength(8);
  });
});
