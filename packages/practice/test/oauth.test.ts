import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

let now = Date.UTC(2026, 10, 22);
const practice = createPractice({ now: () => now });
const ORIGIN = "http://x.test";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await practice.fetch(ORIGIN + path, init);
  const text = await response.text();
  const body = response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, body };
}
const post = (path: string, fields: Record<string, string>): Promise<Answer> =>
  ask(path, { method: "POST", body: new URLSearchParams(fields) });
const bearer = async (token: unknown): Promise<number> =>
  (await ask("/auth/bearer", { headers: { authorization: `Bearer ${String(token)}` } })).status;

describe("an authorization code with PKCE", () => {
  const verifier = "v".repeat(43);
  const asked = {
    response_type: "code",
    client_id: "practice-app",
    redirect_uri: "http://127.0.0.1:1234/back",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: "s",
    scope: "read",
  };
  const authorize = (more: Record<string, string> = {}): Promise<Answer> =>
    ask(`/auth/authorize?${new URLSearchParams({ ...asked, ...more })}`);
  const leadsTo = ({ headers }: Answer): Record<string, string> =>
    Object.fromEntries(new URL(headers.get("location") ?? "").searchParams);
  const spend = (code: string, more: Record<string, string> = {}): Promise<Answer> =>
    post("/auth/token", {
      grant_type: "authorization_code",
      client_id: "practice-app",
      redirect_uri: asked.redirect_uri,
      code_verifier: verifier,
      code,
      ...more,
    });

  test("is asked for on a page, and leads back with the code, the state and the issuer", async () => {
    const page = await authorize();
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    const [link = ""] = /\/auth\/authorize\?[^"]*decision=allow/.exec(page.text) ?? [];
    const answer = await ask(link.replaceAll("&#38;", "&"));
    expect(answer.status).toBe(302);
    expect(leadsTo(answer)).toEqual({ code: expect.any(String), state: "s", iss: ORIGIN });
    const { body } = await spend(leadsTo(answer).code ?? "");
    expect(body).toMatchObject({ token_type: "Bearer", scope: "read", refresh_token: expect.any(String) });
    expect(await bearer(body.access_token)).toBe(200);
  });

  test("that comes twice revokes what was got for it (RFC 6749, 4.1.2)", async () => {
    const { code = "" } = leadsTo(await authorize({ decision: "allow" }));
    const first = await spend(code);
    expect((await spend(code)).body).toMatchObject({ error: "invalid_grant" });
    expect(await bearer(first.body.access_token)).toBe(401);
  });

  test.each<[string, Record<string, string>]>([
    ["another verifier", { code_verifier: "w".repeat(43) }],
    ["another redirect_uri", { redirect_uri: "http://127.0.0.1:9/" }],
    ["another client", { client_id: "practice-client", client_secret: "practice-secret" }],
    ["another code", { code: "x" }],
  ])("is refused with %s", async (_, more) => {
    const { code = "" } = leadsTo(await authorize({ decision: "allow" }));
    expect((await spend(code, more)).body).toMatchObject({ error: "invalid_grant" });
  });

  test("gives a refresh token that is no other client's", async () => {
    const { code = "" } = leadsTo(await authorize({ decision: "allow" }));
    const { refresh_token = "" } = (await spend(code)).body;
    const asked = { grant_type: "refresh_token", refresh_token: String(refresh_token) };
    const other = { client_id: "practice-client", client_secret: "practice-secret" };
    expect((await post("/auth/token", { ...asked, ...other })).body.error).toBe("invalid_grant");
    expect((await post("/auth/token", { ...asked, client_id: "practice-app" })).status).toBe(200);
  });

  test("is over after a minute", async () => {
    const { code = "" } = leadsTo(await authorize({ decision: "allow" }));
    now += 60_000;
    expect((await spend(code)).body).toMatchObject({ error: "invalid_grant" });
  });

  test.each<[string, Record<string, string>, Record<string, unknown>]>([
    ["a no", { decision: "deny" }, { error: "access_denied", state: "s", iss: ORIGIN }],
    ["another response_type", { response_type: "token" }, { error: "unsupported_response_type" }],
    ["no PKCE", { code_challenge: "" }, { error: "invalid_request" }],
    ["another PKCE", { code_challenge_method: "plain" }, { error: "invalid_request" }],
    ["fault=state", { decision: "allow", fault: "state" }, { state: "another", code: expect.any(String) }],
    ["fault=iss", { decision: "allow", fault: "iss" }, { iss: "https://elsewhere.example", state: "s" }],
  ])("%s leads back and says so", async (_, more, params) => {
    expect(leadsTo(await authorize(more))).toMatchObject(params);
  });

  test("fault=iss-missing leads back without the issuer", async () => {
    expect(leadsTo(await authorize({ decision: "allow", fault: "iss-missing" }))).not.toHaveProperty("iss");
  });

  test.each<[string, Record<string, string>]>([
    ["another client", { client_id: "x" }],
    ["another machine", { redirect_uri: "http://evil.example/" }],
    ["https", { redirect_uri: "https://127.0.0.1/" }],
    ["no URL", { redirect_uri: "/back" }],
  ])("%s is led nowhere (RFC 6749, 4.1.2.1)", async (_, more) => {
    const { status, headers } = await authorize({ decision: "allow", ...more });
    expect([status, headers.get("location")]).toEqual([400, null]);
  });
});

describe("a device code (RFC 8628)", () => {
  const poll = (device_code: unknown, client_id = "practice-app"): Promise<Answer> =>
    post("/auth/token", {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      client_id,
      device_code: String(device_code),
    });
  const begin = async (query = ""): Promise<Record<string, unknown>> =>
    (await post(`/auth/device${query}`, { client_id: "practice-app", scope: "read" })).body;

  test("waits, slows down who polls too fast, and gives a token when somebody has said yes", async () => {
    const device = await begin();
    expect(device).toMatchObject({
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      verification_uri: `${ORIGIN}/auth/device`,
      expires_in: 600,
      interval: 5,
    });
    const errors = [(await poll(device.device_code)).body.error];
    now += 4_999;
    errors.push((await poll(device.device_code)).body.error);
    now += 9_999;
    errors.push((await poll(device.device_code)).body.error);
    now += 15_000;
    errors.push((await poll(device.device_code)).body.error);
    expect(errors).toEqual(["authorization_pending", "slow_down", "slow_down", "authorization_pending"]);
    const page = await ask(
      new URL(String(device.verification_uri_complete)).pathname +
        new URL(String(device.verification_uri_complete)).search,
    );
    expect(page.text).toContain("decision=allow");
    const said = await ask(`/auth/device?user_code=${String(device.user_code).toLowerCase()}&decision=allow`);
    expect(said.status).toBe(200);
    now += 15_000;
    const { body } = await poll(device.device_code);
    expect(body).toMatchObject({ scope: "read", refresh_token: expect.any(String) });
    expect(await bearer(body.access_token)).toBe(200);
    now += 15_000;
    expect((await poll(device.device_code)).body.error).toBe("invalid_grant");
  });

  test("is denied, is over, is nobody else's, and is decided once", async () => {
    const denied = await begin();
    await ask(`/auth/device?user_code=${denied.user_code}&decision=deny`);
    await ask(`/auth/device?user_code=${denied.user_code}&decision=allow`);
    expect((await poll(denied.device_code)).body.error).toBe("access_denied");
    const over = await begin("?expires_in=10&interval=1");
    expect(over).toMatchObject({ expires_in: 10, interval: 1 });
    now += 10_000;
    expect((await poll(over.device_code)).body.error).toBe("expired_token");
    expect((await ask(`/auth/device?user_code=${over.user_code}&decision=allow`)).status).toBe(400);
    const other = await post("/auth/token", {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      client_id: "practice-client",
      client_secret: "practice-secret",
      device_code: String((await begin()).device_code),
    });
    expect(other.body.error).toBe("invalid_grant");
    expect((await post("/auth/device", { client_id: "x" })).status).toBe(401);
    expect((await post("/auth/device?interval=-1", { client_id: "practice-app" })).status).toBe(400);
    expect((await ask("/auth/device")).status).toBe(400);
  });
});

describe("a client with a key (RFC 7523)", () => {
  const ALGORITHMS = {
    RS256: { pair: generateKeyPairSync("rsa", { modulusLength: 2048 }), hash: "sha256", options: {} },
    ES256: {
      pair: generateKeyPairSync("ec", { namedCurve: "P-256" }),
      hash: "sha256",
      options: { dsaEncoding: "ieee-p1363" as const },
    },
    EdDSA: { pair: generateKeyPairSync("ed25519"), hash: null, options: {} },
  };
  type Alg = keyof typeof ALGORITHMS;
  const register = async (alg: Alg): Promise<string> => {
    const keys = [ALGORITHMS[alg].pair.publicKey.export({ format: "jwk" })];
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jwks: { keys } }),
    };
    const { status, body } = await ask("/auth/register", init);
    expect(status).toBe(201);
    return String(body.client_id);
  };
  let jti = 0;
  const jwt = (alg: Alg, client: string, more: Record<string, unknown> = {}): string => {
    const seconds = now / 1000;
    const claims = {
      iss: client,
      sub: client,
      aud: `${ORIGIN}/auth/token`,
      exp: seconds + 60,
      iat: seconds,
      jti: `j${++jti}`,
      ...more,
    };
    const data = [{ alg, typ: "JWT" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const { pair, hash, options } = ALGORITHMS[alg];
    return `${data}.${sign(hash, Buffer.from(data), { key: pair.privateKey, ...options }).toString("base64url")}`;
  };
  const CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

  test.each(["RS256", "ES256", "EdDSA"] as const)("says who it is, and asks, by %s", async (alg) => {
    const client = await register(alg);
    const said = await post("/auth/token", {
      grant_type: "client_credentials",
      client_assertion_type: CLIENT_ASSERTION,
      client_assertion: jwt(alg, client, { aud: ORIGIN }),
    });
    expect(await bearer(said.body.access_token)).toBe(200);
    const granted = await post("/auth/token", {
      grant_type: JWT_BEARER,
      assertion: jwt(alg, client, { sub: "ann" }),
    });
    expect(await bearer(granted.body.access_token)).toBe(200);
    expect(granted.body).not.toHaveProperty("refresh_token");
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["for somebody else", { aud: "https://elsewhere.example" }, /aud is none of/],
    ["that is over", { exp: now / 1000 - 31 }, /exp is over/],
    ["without an end", { exp: undefined }, /exp is over, or missing/],
    ["of tomorrow", { iat: now / 1000 + 86_400 }, /iat is still to come/],
    ["about nobody", { sub: undefined }, /sub is missing/],
    ["without a name", { jti: undefined }, /jti is missing/],
    ["of another client", { iss: "x" }, /iss is no registered client/],
  ])("is refused with an assertion %s", async (_, more, message) => {
    now = Date.UTC(2026, 10, 22);
    const client = await register("ES256");
    const { body } = await post("/auth/token", {
      grant_type: JWT_BEARER,
      assertion: jwt("ES256", client, more),
    });
    expect(body).toMatchObject({ error: "invalid_grant", error_description: expect.stringMatching(message) });
  });

  test("is refused with an assertion that was there, or that somebody has changed", async () => {
    const client = await register("ES256");
    const assertion = jwt("ES256", client);
    expect((await post("/auth/token", { grant_type: JWT_BEARER, assertion })).status).toBe(200);
    expect((await post("/auth/token", { grant_type: JWT_BEARER, assertion })).body.error_description).toMatch(
      /jti/,
    );
    const [head, , signature] = jwt("ES256", client).split(".");
    const [, body] = jwt("ES256", client, { sub: "root" }).split(".");
    const changed = await post("/auth/token", {
      grant_type: JWT_BEARER,
      assertion: `${head}.${body}.${signature}`,
    });
    expect(changed.body.error_description).toMatch(/signature/);
    for (const broken of ["", "a.b", "a.b.c"]) {
      expect((await post("/auth/token", { grant_type: JWT_BEARER, assertion: broken })).status).toBe(400);
    }
  });

  test.each([
    {},
    { jwks: { keys: [] } },
    { jwks: { keys: ["x"] } },
    { jwks: { keys: [{ kty: "EC", d: "secret" }] } },
  ])("is not registered with %j", async (metadata) => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(metadata),
    };
    expect((await ask("/auth/register", init)).body.error).toBe("invalid_client_metadata");
  });
});

describe("the token endpoint", () => {
  const CLIENT = {
    grant_type: "client_credentials",
    client_id: "practice-client",
    client_secret: "practice-secret",
  };

  test("is where its metadata says", async () => {
    const { body } = await ask("/.well-known/oauth-authorization-server");
    expect(body).toMatchObject({
      issuer: ORIGIN,
      authorization_endpoint: `${ORIGIN}/auth/authorize`,
      token_endpoint: `${ORIGIN}/auth/token`,
      device_authorization_endpoint: `${ORIGIN}/auth/device`,
    });
  });

  test("takes a client without a secret at its word, but not for credentials", async () => {
    const { body } = await post("/auth/token", {
      grant_type: "client_credentials",
      client_id: "practice-app",
    });
    expect(body.error).toBe("unauthorized_client");
  });

  test("decodes the client in Basic (RFC 6749, 2.3.1)", async () => {
    const authorization = `Basic ${btoa("practice%2Dclient:practice%2Dsecret")}`;
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    expect((await ask("/auth/token", { method: "POST", body, headers: { authorization } })).status).toBe(200);
  });

  test.each<[string, number, RegExp]>([
    ["html", 200, /<p>Sign in/],
    ["error-200", 200, /invalid_request/],
    ["expires-string", 200, /"expires_in": "3600"/],
    ["expires-negative", 200, /"expires_in": -1/],
    ["type-other", 200, /"token_type": "mac"/],
    ["huge", 200, /x{1000}/],
    ["redirect", 307, /moved/],
  ])("answers fault=%s so many times in a run, and then well", async (fault, status, text) => {
    const path = `/auth/token?fault=${fault}&times=1&run=${fault}`;
    const spoiled = await post(path, CLIENT);
    expect([spoiled.status, spoiled.text]).toEqual([status, expect.stringMatching(text)]);
    expect((await post(path, CLIENT)).body).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
  });

  test.each(["expires-missing", "type-missing"])("leaves a field out for fault=%s", async (fault) => {
    const { body } = await post(`/auth/token?fault=${fault}`, CLIENT);
    expect(Object.keys(body)).toHaveLength(2);
  });

  test("loses an answer for fault=lost, whose token was made", async () => {
    const offline = { ...CLIENT, scope: "offline_access" };
    const { refresh_token: first } = (await post("/auth/token", offline)).body;
    const { client_id, client_secret } = CLIENT;
    const spend = { grant_type: "refresh_token", refresh_token: String(first), client_id, client_secret };
    await expect(post("/auth/token?fault=lost", spend)).rejects.toThrow("fetch failed");
    expect((await post("/auth/token", spend)).body.error).toBe("invalid_grant");
  });

  test("does not answer for fault=hang, as long as somebody waits", async () => {
    const controller = new AbortController();
    const init = { method: "POST", body: new URLSearchParams(CLIENT), signal: controller.signal };
    const answer = ask("/auth/token?fault=hang", init);
    setImmediate(() => controller.abort());
    await expect(answer).rejects.toThrow();
  });
});
