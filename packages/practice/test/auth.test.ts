import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

interface Answer {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  error: string;
}
let now = Date.UTC(2026, 10, 22);
const practice = createPractice({ now: () => now });
async function ask(path: string, init: RequestInit = {}) {
  const response = await practice.fetch(`http://x.test${path}`, init);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer,
  };
}
const authorization = (value: string) => ({ headers: { authorization: value } });
const basic = (pair: string) => authorization(`Basic ${Buffer.from(pair).toString("base64")}`);
const bearer = (token: string) => ask("/auth/bearer", authorization(`Bearer ${token}`));

test.each([
  ["the right pair", "/auth/basic", basic("user:passwd"), 200],
  ["the scheme in another case", "/auth/basic", authorization(`bASIC ${btoa("user:passwd")}`), 200],
  [
    "a pair of one's own, in UTF-8, with a colon",
    `/auth/basic?user=jos%C3%A9&password=a:b`,
    basic("josé:a:b"),
    200,
  ],
  ["the wrong password", "/auth/basic", basic("user:wrong"), 401],
  ["no colon", "/auth/basic", basic("user"), 401],
  ["nothing", "/auth/basic", {}, 401],
  ["another scheme", "/auth/basic", authorization("Bearer practice-token"), 401],
  ["the right token", "/auth/bearer", authorization("Bearer practice-token"), 200],
  ["the wrong token", "/auth/bearer", authorization("Bearer wrong"), 401],
  ["no token", "/auth/bearer", {}, 401],
  ["the key in the header", "/auth/key", { headers: { "x-api-key": "practice-key" } }, 200],
  ["the key in the query", "/auth/key?api_key=practice-key", {}, 200],
  ["the key in the wrong place", "/auth/key?in=header&api_key=practice-key", {}, 401],
  ["the wrong key", "/auth/key?api_key=wrong", {}, 401],
  ["no key", "/auth/key", {}, 401],
])("%s: %s is answered by the right status", async (_, path, init, status) => {
  const answer = await ask(path, init);
  expect(answer.status).toBe(status);
  if (status === 401) {
    expect(answer.headers.get("www-authenticate")).toMatch(/^(Basic|Bearer|ApiKey) realm="practice"/);
    expect(answer.body).toEqual({ error: expect.any(String) });
  } else expect(answer.body).toMatchObject({ authenticated: true });
});

test("a login sets the cookie of a session, and a logout takes it back", async () => {
  expect((await ask("/auth/cookie")).status).toBe(401);
  const wrong = await ask("/auth/cookie/login", {
    method: "POST",
    body: new URLSearchParams("username=user&password=no"),
  });
  expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);
  const login = await ask("/auth/cookie/login", {
    method: "POST",
    body: JSON.stringify({ username: "user", password: "passwd" }),
    headers: { "content-type": "application/json" },
  });
  const cookie = login.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^session=[\w-]{24}; Path=\/; HttpOnly; SameSite=Lax$/);
  const headers = { cookie: cookie.split(";")[0] ?? "" };
  expect((await ask("/auth/cookie", { headers })).body).toEqual({
    authenticated: true,
    scheme: "cookie",
    user: "user",
  });
  const logout = await ask("/auth/cookie/logout", { method: "POST", headers });
  expect(logout.headers.get("set-cookie")).toMatch(/Max-Age=0/);
  expect((await ask("/auth/cookie", { headers })).status).toBe(401);
});

const CLIENT = { client_id: "practice-client", client_secret: "practice-secret" };
const token = (fields: Record<string, string>, query = "") =>
  ask(`/auth/token${query}`, { method: "POST", body: new URLSearchParams(fields) });
const credentials = (fields: Record<string, string> = {}, query = "") =>
  token({ grant_type: "client_credentials", ...CLIENT, ...fields }, query);

test("client credentials bring a token, not for caches, without a refresh token", async () => {
  const { status, headers, body } = await credentials();
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(body).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 3600 });
  expect((await bearer(body.access_token)).status).toBe(200);
});

test("the client may name itself in Basic", async () => {
  const init = {
    method: "POST",
    body: new URLSearchParams("grant_type=client_credentials"),
    ...basic("practice-client:practice-secret"),
  };
  expect((await ask("/auth/token", init)).status).toBe(200);
});

test.each(["?expires_in=1", ""])("a token expires when its second is over (said in %j)", async (query) => {
  const { body } = await credentials(query === "" ? { expires_in: "1" } : {}, query);
  expect(body.expires_in).toBe(1);
  now += 999;
  expect((await bearer(body.access_token)).status).toBe(200);
  now += 1;
  const late = await bearer(body.access_token);
  expect(late.status).toBe(401);
  expect(late.headers.get("www-authenticate")).toBe(
    'Bearer realm="practice", error="invalid_token", error_description="the token has expired"',
  );
});

test("a token is used up after so many uses", async () => {
  const { body } = await credentials({ uses: "2" });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await bearer(body.access_token)).status);
  expect(statuses).toEqual([200, 200, 401, 401]);
});

test("refresh tokens rotate, and one that is spent twice revokes its family (RFC 9700, 4.14.2)", async () => {
  const first = (await credentials({ scope: "read offline_access" })).body;
  const refresh = (refresh_token: string) => token({ grant_type: "refresh_token", refresh_token, ...CLIENT });
  const second = (await refresh(first.refresh_token)).body;
  expect(second).toMatchObject({ scope: "read offline_access", refresh_token: expect.any(String) });
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect((await bearer(second.access_token)).status).toBe(200);
  const stolen = await refresh(first.refresh_token);
  expect([stolen.status, stolen.body.error]).toEqual([400, "invalid_grant"]);
  expect((await refresh(second.refresh_token)).body.error).toBe("invalid_grant");
  expect((await bearer(second.access_token)).status).toBe(401);
});

test.each([
  [
    "a wrong secret",
    { ...CLIENT, client_secret: "no", grant_type: "client_credentials" },
    401,
    "invalid_client",
  ],
  ["no client", { grant_type: "client_credentials" }, 401, "invalid_client"],
  ["no grant", CLIENT, 400, "invalid_request"],
  ["another grant", { ...CLIENT, grant_type: "password" }, 400, "unsupported_grant_type"],
  [
    "an unknown refresh token",
    { ...CLIENT, grant_type: "refresh_token", refresh_token: "x" },
    400,
    "invalid_grant",
  ],
  [
    "a lifetime that is none",
    { ...CLIENT, grant_type: "client_credentials", expires_in: "soon" },
    400,
    "invalid_request",
  ],
])("%s is refused as RFC 6749, 5.2, has it", async (_, fields, status, error) => {
  const answer = await token(fields);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ error, error_description: expect.any(String) });
  if (status === 401) expect(answer.headers.get("www-authenticate")).toBe('Basic realm="practice"');
});

test("a reset forgets tokens and sessions", async () => {
  const { body } = await credentials();
  practice.reset();
  expect((await bearer(body.access_token)).status).toBe(401);
});

/** The params of a challenge of Digest's. */
function challengeOf(headers: Headers): Record<string, string> {
  const found = (headers.get("www-authenticate") ?? "").matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g);
  return Object.fromEntries(Array.from(found, ([, name = "", quoted, bare = ""]) => [name, quoted ?? bare]));
}

/** An answer to it, by RFC 7616 with MD5, some params of which may be changed. */
function digest(nonce: string, nc: string, uri: string, changed: Record<string, string> = {}) {
  const hex = (text: string) => createHash("md5").update(text).digest("hex");
  const secret = hex(`user:practice:${changed.password ?? "passwd"}`);
  const response = hex(`${secret}:${nonce}:${nc}:c:auth:${hex(`GET:${uri}`)}`);
  const params = {
    username: "user",
    realm: "practice",
    nonce,
    uri,
    qop: "auth",
    nc,
    cnonce: "c",
    response,
    ...changed,
  };
  return authorization(
    `Digest ${Object.entries(params)
      .map(([name, value]) => `${name}="${value}"`)
      .join(", ")}`,
  );
}

test("/auth/digest lets in who answers its challenge, counts on, and says when a nonce is used up", async () => {
  const uri = "/auth/digest?uses=2";
  const first = await ask(uri);
  const { nonce = "", ...rest } = challengeOf(first.headers);
  expect([first.status, rest]).toEqual([401, { realm: "practice", qop: "auth", algorithm: "MD5" }]);
  expect((await ask(uri, digest(nonce, "00000001", uri))).status).toBe(200);
  // The order may be another: two calls at once overtake one another.
  expect((await ask(uri, digest(nonce, "00000009", uri))).body).toMatchObject({
    authenticated: true,
    user: "user",
  });
  const used = await ask(uri, digest(nonce, "00000002", uri));
  expect([used.status, challengeOf(used.headers).stale]).toEqual([401, "true"]);
  expect(challengeOf(used.headers).nonce).not.toBe(nonce);
});

test.each<[string, Record<string, string>, RegExp]>([
  ["an nc for the second time", {}, /nc has been there/],
  ["an nc that is not 8 digits", { nc: "2" }, /8 hexadecimal/],
  ["another uri than the target", { uri: "/auth/digest" }, /uri is not the target/],
  ["another qop", { qop: "auth-int" }, /qop is not auth/],
  ["the wrong password", { password: "no" }, /password is wrong/],
  ["another user", { username: "ann" }, /user or the password is wrong/],
])("/auth/digest refuses %s", async (_, changed, reason) => {
  const uri = "/auth/digest?x=1";
  const { nonce = "" } = challengeOf((await ask(uri)).headers);
  await ask(uri, digest(nonce, "00000001", uri));
  const refused = await ask(uri, digest(nonce, "00000001", uri, changed));
  expect([refused.status, refused.body.error]).toEqual([401, expect.stringMatching(reason)]);
  expect(challengeOf(refused.headers)).not.toHaveProperty("stale");
});

test.each(["algorithm=SHA-1", "qop=auth-int", "uses=0", "uses=many"])(
  "/auth/digest?%s is a 400",
  async (query) => {
    expect((await ask(`/auth/digest?${query}`)).status).toBe(400);
  },
);

test("a reset forgets nonces: they are stale", async () => {
  const { nonce = "" } = challengeOf((await ask("/auth/digest")).headers);
  practice.reset();
  const { status, headers } = await ask("/auth/digest", digest(nonce, "00000001", "/auth/digest"));
  expect([status, challengeOf(headers).stale]).toEqual([401, "true"]);
});

describe("/auth/hmac", () => {
  const signed = (method: string, target: string, body: string, changed: Record<string, string> = {}) => {
    const headers = {
      "x-timestamp": String(Math.floor(now / 1000)),
      "x-nonce": "0123456789abcdef",
      ...changed,
    };
    const digest = createHash("sha256").update(body).digest("hex");
    const lines = [method, target, headers["x-timestamp"], headers["x-nonce"], digest];
    const signature = createHmac("sha256", "practice-signing-key").update(lines.join("\n")).digest("hex");
    return { method, headers: { ...headers, "x-signature": signature }, ...(body === "" ? {} : { body }) };
  };

  test("lets in what is signed, once", async () => {
    practice.reset();
    expect((await ask("/auth/hmac?a=1", signed("GET", "/auth/hmac?a=1", ""))).status).toBe(200);
    const again = await ask("/auth/hmac?a=1", signed("GET", "/auth/hmac?a=1", ""));
    expect([again.status, again.body.error]).toEqual([401, "this X-Nonce has been there"]);
    now += 600_000;
    expect((await ask("/auth/hmac", signed("POST", "/auth/hmac", "hi"))).status).toBe(200);
  });

  test.each<[string, string, RequestInit, RegExp]>([
    ["another path", "/auth/hmac?a=2", signed("GET", "/auth/hmac", ""), /not that of this request/],
    [
      "another method",
      "/auth/hmac",
      { ...signed("POST", "/auth/hmac", ""), method: "GET" },
      /not that of this/,
    ],
    [
      "another body",
      "/auth/hmac",
      { ...signed("POST", "/auth/hmac", "a"), body: "b" },
      /not that of this request/,
    ],
    ["no signature", "/auth/hmac", {}, /X-Timestamp is missing/],
    [
      "a short nonce",
      "/auth/hmac",
      signed("GET", "/auth/hmac", "", { "x-nonce": "1" }),
      /X-Nonce is missing/,
    ],
    ["an old time", "/auth/hmac", signed("GET", "/auth/hmac", "", { "x-timestamp": "1" }), /300 seconds off/],
  ])("refuses %s", async (_, path, init, reason) => {
    const answer = await ask(path, init);
    expect([answer.status, answer.body.error]).toEqual([401, expect.stringMatching(reason)]);
    expect(answer.headers.get("www-authenticate")).toMatch(/^HMAC realm="practice"/);
  });
});
