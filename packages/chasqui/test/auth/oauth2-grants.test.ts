import { generateKeyPairSync, type KeyObject, webcrypto } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { type RunningPractice, startPractice } from "@chasqui/practice";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  AuthError,
  CallerError,
  Client,
  type DevicePrompt,
  memoryTokens,
  type OAuth2Options,
  OptionsError,
  oauth2,
  secret,
} from "../../src/index.ts";
import { openBrowser, openLoopback } from "../../src/platform/web.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { json, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";
import { tokenServer } from "../peers/token-server.ts";

let now = Date.now();
let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0, now: () => now });
});
afterAll(() => practice.close());
beforeEach(() => {
  now = Date.now();
  practice.reset();
});

const made = (options: Record<string, unknown>) => oauth2(options as unknown as OAuth2Options);

/** What a browser shows after it has gone where it was sent. */
interface Shown {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
}

describe("an authorization code (RFC 6749 §4.1, RFC 7636, RFC 8252)", () => {
  /** A browser before which somebody sits who decides. */
  function browser(
    decision = "allow",
    more = "",
  ): { readonly shown: Shown[]; open(url: string): Promise<void> } {
    const shown: Shown[] = [];
    return {
      shown,
      open: async (url) => {
        const response = await fetch(`${url}&decision=${decision}${more}`);
        shown.push({
          status: response.status,
          url: response.url,
          text: await response.text(),
          headers: response.headers,
        });
      },
    };
  }
  const app = (more: Record<string, unknown>) =>
    made({ issuer: practice.url, clientId: "practice-app", grant: "authorization_code", ...more });

  test("is got by a browser that comes back to the loopback, and renewed without one", async () => {
    const { shown, open } = browser();
    const opened: URL[] = [];
    const store = memoryTokens();
    const auth = app({
      open: (url: string) => {
        opened.push(new URL(url));
        return open(url);
      },
      scope: "read",
      params: { expires_in: "100" },
      authorizationParams: { prompt: "consent" },
      store,
    });
    await using client = new Client({ baseUrl: practice.url, auth });
    await Promise.all([client.get("/auth/bearer").json(), client.get("/auth/bearer").json()]);
    expect(opened).toHaveLength(1);
    expect(Object.fromEntries(opened[0]?.searchParams ?? [])).toMatchObject({
      response_type: "code",
      client_id: "practice-app",
      scope: "read",
      prompt: "consent",
      code_challenge_method: "S256",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
    });
    await expect.poll(() => shown.length).toBe(1);
    expect(shown[0]).toMatchObject({ status: 200, text: expect.stringMatching(/You are signed in/) });
    expect(shown[0]?.headers.get("referrer-policy")).toBe("no-referrer");
    // Nobody listens any more.
    await expect(fetch(opened[0]?.searchParams.get("redirect_uri") ?? "")).rejects.toThrow();
    now += 100_000;
    await client.get("/auth/bearer").json();
    // Another run of the program has no need of a browser either.
    const again = app({ open, scope: "read", params: { expires_in: "100" }, store });
    await again.token();
    expect(opened).toHaveLength(1);
    expect(shown).toHaveLength(1);
  });

  test("goes to endpoints that are given, with a secret, and comes back where it was told to", async () => {
    const { shown, open } = browser();
    const auth = made({
      tokenEndpoint: `${practice.url}/auth/token`,
      authorizationEndpoint: `${practice.url}/auth/authorize`,
      clientId: "practice-client",
      clientSecret: "practice-secret",
      grant: "authorization_code",
      redirectUri: "http://localhost:0/call/back",
      open,
    });
    await auth.token();
    await expect.poll(() => shown[0]?.url).toMatch(/^http:\/\/localhost:\d+\/call\/back\?code=/);
  });

  test.each<[string, string, string, RegExp, string | undefined]>([
    ["a no", "deny", "", /The sign-in has failed: access_denied \(somebody said no\)/, "access_denied"],
    ["another issuer (RFC 9207)", "allow", "&fault=iss", /not the one that was waited for: .*iss/, undefined],
    [
      "no issuer, where it says that it names itself",
      "allow",
      "&fault=iss-missing",
      /iss.* missing/,
      undefined,
    ],
  ])(
    "that is answered by %s is none: the browser is told, and no code is sent",
    async (_, decision, more, message, reason) => {
      const { shown, open } = browser(decision, more);
      const error = await caught(app({ open }).token(), AuthError);
      expect(error.message).toMatch(message);
      expect(error.reason).toBe(reason);
      await expect.poll(() => shown.length).toBe(1);
      expect(shown[0]).toMatchObject({ status: 400, text: expect.stringMatching(/The sign-in has failed/) });
      const code = new URL(shown[0]?.url ?? "").searchParams.get("code");
      if (code !== null) expect(inspect(error, { depth: 10 })).not.toContain(code);
    },
  );

  test("without an issuer that is known cannot be compared with one, and is taken", async () => {
    const { open } = browser("allow", "&fault=iss");
    const auth = made({
      tokenEndpoint: `${practice.url}/auth/token`,
      authorizationEndpoint: `${practice.url}/auth/authorize`,
      clientId: "practice-app",
      grant: "authorization_code",
      open,
    });
    expect((await auth.token()).reveal()).toEqual(expect.any(String));
  });

  test("is waited for until it comes, whatever else asks at that port", async () => {
    const statuses: number[] = [];
    const open = async (url: string): Promise<void> => {
      const back = new URL(url).searchParams.get("redirect_uri") ?? "";
      const answers = await Promise.all([
        fetch(`${back}favicon.ico`),
        fetch(back, { method: "POST" }),
        // By a name that somebody else has made lead here (DNS rebinding).
        fetch(back.replace("127.0.0.1", "localhost")),
      ]);
      statuses.push(...answers.map(({ status }) => status));
      await fetch(`${url}&decision=allow`);
    };
    await app({ open }).token();
    expect(statuses).toEqual([404, 404, 404]);
  });

  test.each<[string, (state: string) => string]>([
    ["a code with another state", () => "code=c&state=another"],
    ["a code with no state", () => "code=c"],
    ["a code with the state twice", (state) => `code=c&state=${state}&state=${state}`],
    ["an error with another state (RFC 6749 §4.1.2.1)", () => "error=access_denied&state=another"],
    ["an error with no state", () => "error=access_denied"],
    ["the state with more behind it", (state) => `code=c&state=${state}x`],
  ])(
    "is not ended by %s: whoever sent it is refused, and the true answer is waited for",
    async (_, query) => {
      const answers: { status: number; text: string }[] = [];
      const open = async (url: string): Promise<void> => {
        const { redirect_uri: back = "", state = "" } = Object.fromEntries(new URL(url).searchParams);
        for (let time = 0; time < 3; time++) {
          const response = await fetch(`${back}?${query(state)}`);
          answers.push({ status: response.status, text: await response.text() });
        }
        await fetch(`${url}&decision=allow`);
      };
      expect((await app({ open }).token()).reveal()).toEqual(expect.any(String));
      const refused = { status: 400, text: expect.stringContaining("its state is another") };
      expect(answers).toEqual([refused, refused, refused]);
    },
  );

  test("from a server that changes the state is not believed, and the time limit says that it came", async () => {
    const { shown, open } = browser("allow", "&fault=state");
    const clock = new ManualClock();
    const failed = caught(app({ open, clock }).token(), AuthError);
    await expect.poll(() => shown.length).toBe(1);
    expect(shown[0]?.status).toBe(400);
    clock.advance(300_000);
    const { message, hint } = await failed;
    expect(message).toBe("Nobody has signed in within 300 s");
    expect(hint).toMatch(
      /^An answer came with another `state` than was sent, or none, and nobody believed it\./,
    );
  });

  test("is not kept from coming by more connections than a browser opens: those beyond 256 are turned away", async () => {
    let [connected, ended, answered] = [0, 0, 0];
    const open = async (url: string): Promise<void> => {
      const back = new URL(new URL(url).searchParams.get("redirect_uri") ?? "");
      const opened = (text: string): Socket => {
        const socket = connect(Number(back.port), back.hostname, () => connected++);
        socket.once("data", () => answered++);
        socket.on("error", () => {}).on("close", () => ended++);
        socket.write(text);
        return socket;
      };
      const most = Array.from({ length: 256 }, () => opened("GET / HTTP/1.1\r\n"));
      await until(() => connected === 256);
      // Whole requests: one that is let in is answered, and closed then.
      for (let count = 0; count < 44; count++) opened("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await until(() => ended === 44);
      for (const socket of most) socket.destroy();
      await until(() => ended === 300);
      await fetch(`${url}&decision=allow`);
    };
    expect((await app({ open }).token()).reveal()).toEqual(expect.any(String));
    expect(answered).toBe(0);
  });

  test("that nobody decides about is given up after five minutes, or when the caller says", async () => {
    for (const [more, ms] of [
      [{}, 300_000],
      [{ signInTimeout: "10s" }, 10_000],
    ] as const) {
      const clock = new ManualClock();
      const failed = caught(app({ open: () => {}, clock, ...more }).token(), AuthError);
      await clock.armed(ms);
      clock.advance(ms);
      expect((await failed).message).toBe(`Nobody has signed in within ${ms / 1000} s`);
    }
  });

  test("whose page cannot be opened fails with what was thrown", async () => {
    const open = (): never => {
      throw new TypeError("no browser");
    };
    expect((await caught(app({ open }).token(), CallerError)).cause).toMatchObject({ message: "no browser" });
  });

  test("cannot come back to a port that another has", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const auth = app({ open: () => {}, redirectUri: `http://127.0.0.1:${port}/` });
    expect((await caught(auth.token(), AuthError)).message).toMatch(/Nothing can listen on port/);
    await new Promise((resolve) => other.close(resolve));
  });

  test("is asked for anew when the token is refused, and not while it does, though it cannot be renewed", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    let opened = 0;
    const auth = made({
      tokenEndpoint: server.tokenEndpoint,
      authorizationEndpoint: "https://as.example/authorize",
      clientId: "app",
      grant: "authorization_code",
      clock,
      open: async (url: string) => {
        opened++;
        const { redirect_uri = "", state = "" } = Object.fromEntries(new URL(url).searchParams);
        await fetch(`${redirect_uri}?${new URLSearchParams({ code: "c", state })}`);
      },
    });
    await using client = new Client({ baseUrl: server.origin, auth });
    await client.get("/api").json();
    for (let turn = 0; turn < 3; turn++) server.instead.push(json({ error: "invalid_grant" }, 400));
    clock.advance(3_550_000);
    await client.get("/api").json();
    // The second question of a renewal shows that the first has come to its end.
    const asksAgain = async (): Promise<number> => {
      clock.advance(1000);
      await client.get("/api").json();
      return server.asked.length;
    };
    await expect.poll(asksAgain, { interval: 150, timeout: 5000 }).toBe(3);
    expect(server.asked.slice(1).map(({ fields }) => fields.grant_type)).toEqual([
      "refresh_token",
      "refresh_token",
    ]);
    expect(opened).toBe(1);
    server.good = "revoked";
    await client.get("/api").json();
    expect(opened).toBe(2);
  });

  test.runIf(process.platform === "linux")(
    "opens the browser of the system, and writes where to",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "chasqui-browser-"));
      const seen = join(folder, "seen");
      writeFileSync(
        join(folder, "xdg-open"),
        `#!/bin/sh\nprintf %s "$1" > "${seen}.part"\nmv "${seen}.part" "${seen}"\n`,
      );
      chmodSync(join(folder, "xdg-open"), 0o755);
      const program = `
      import { oauth2 } from "../src/index.ts";
      const auth = oauth2({
        tokenEndpoint: "${practice.url}/auth/token",
        authorizationEndpoint: "${practice.url}/auth/authorize",
        clientId: "practice-app",
        grant: "authorization_code",
        signInTimeout: "3s",
      });
      await auth.token().catch((error) => console.log(error.message));
    `;
      const { stdout, stderr } = await run(program, { PATH: `${folder}:${process.env.PATH}` });
      expect(stdout).toMatch(/^Nobody has signed in within 3 s/);
      const [, written] = /^To sign in, open (\S+)$/m.exec(stderr) ?? [];
      expect(existsSync(seen)).toBe(true);
      expect(readFileSync(seen, "utf8")).toBe(written);
      expect(written).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/auth\/authorize\?response_type=code&/);
      rmSync(folder, { recursive: true });
    },
  );

  test("needs Node", async () => {
    expect(await caught(openLoopback("http://127.0.0.1:0/", "s"), OptionsError)).toMatchObject({
      option: "grant",
    });
    await caught(openBrowser("http://127.0.0.1/"), OptionsError);
  });
});

describe("a device code (RFC 8628)", () => {
  const device = (more: Record<string, unknown>) =>
    made({ issuer: practice.url, clientId: "practice-app", grant: "device_code", ...more });

  /** Somebody before a browser, and the time as both sides have it. */
  function waiting(more: Record<string, unknown> = {}) {
    const clock = new ManualClock(now - 1000);
    const prompts: DevicePrompt[] = [];
    const token = device({
      clock,
      prompt: (prompt: DevicePrompt) => void prompts.push(prompt),
      ...more,
    }).token();
    const after = async (ms: number): Promise<void> => {
      await clock.armed(ms);
      now += ms;
      clock.advance(ms);
    };
    /** Between two polls, of which the next comes after so many milliseconds. */
    const decide = async (decision: string, ms: number): Promise<void> => {
      await clock.armed(ms);
      await fetch(`${prompts[0]?.verificationUriComplete}&decision=${decision}`);
    };
    return { clock, prompts, token, after, decide };
  }

  test("is shown, and polled for until somebody has said yes", async () => {
    const { prompts, token, after, decide } = waiting({ scope: "read" });
    await after(5000);
    expect(prompts).toEqual([
      {
        userCode: expect.stringMatching(/^\w{4}-\w{4}$/),
        verificationUri: `${practice.url}/auth/device`,
        verificationUriComplete: expect.stringMatching(/\?user_code=\w{4}-\w{4}$/),
        expiresAt: new Date(now - 5000 + 600_000),
      },
    ]);
    await after(5000);
    await decide("allow", 5000);
    await after(5000);
    expect((await token).reveal()).toEqual(expect.any(String));
  });

  test("is polled for more slowly when the server says so, by five seconds each time", async () => {
    const { token, after, clock, decide } = waiting();
    await after(5000);
    // The server's clock goes slower than ours: each poll comes too early for it.
    await clock.armed(5000);
    now += 1000;
    clock.advance(5000);
    await after(10_000);
    await decide("allow", 10_000);
    await after(10_000);
    await token;
    expect(clock.waits.filter((ms) => ms >= 5000 && ms <= 10_000 && ms % 5000 === 0)).toEqual([
      5000, 5000, 10_000, 10_000,
    ]);
  });

  test("that is denied is an error, at once", async () => {
    const { token, after, decide } = waiting();
    const failed = caught(token, AuthError);
    await after(5000);
    await decide("deny", 5000);
    await after(5000);
    expect(await failed).toMatchObject({ reason: "access_denied", hint: "Whoever was asked said no." });
  });

  test("that nobody has decided about in time is an error", async () => {
    const clock = new ManualClock();
    await using server = await serve({
      "/device": json({
        device_code: "d",
        user_code: "u",
        verification_uri: "https://as.example/",
        expires_in: "12",
      }),
      "/token": json({ error: "authorization_pending" }, 400),
    });
    const auth = made({
      tokenEndpoint: `${server.origin}/token`,
      deviceAuthorizationEndpoint: `${server.origin}/device`,
      clientId: "app",
      grant: "device_code",
      clock,
      prompt: () => {},
    });
    const failed = caught(auth.token(), AuthError);
    for (const ms of [5000, 5000, 2000]) {
      await clock.armed(ms);
      clock.advance(ms);
    }
    expect(await failed).toMatchObject({ reason: "expired_token" });
    expect(server.seen.filter(({ target }) => target === "/token")).toHaveLength(2);
  });

  test.each<[string, string, number]>([
    ["nothing", "null", 5000],
    ["0", "0", 5000],
    ["less than 0", "-3", 5000],
    ["no number", '"soon"', 5000],
    ["a millisecond", "0.001", 1000],
    ["a millisecond in a string", '"0.001"', 1000],
    ["two seconds", "2", 2000],
    ["an hour", "3600", 300_000],
    ["more than a number can be", "1e999", 300_000],
  ])("is asked about at a pace that can be, where the server says %s", async (_, interval, ms) => {
    const clock = new ManualClock();
    const answers = [{ error: "authorization_pending" }, { error: "slow_down" }];
    await using server = await serve({
      "/device": (response) => {
        response.setHeader("content-type", "application/json");
        response.end(
          `{"device_code":"d","user_code":"u","verification_uri":"https://as.example/","expires_in":3600,"interval":${interval}}`,
        );
      },
      "/token": (response, seen, request) => {
        const error = answers.shift();
        if (error !== undefined) return json(error, 400)(response, seen, request);
        return json({ access_token: "t", token_type: "Bearer" })(response, seen, request);
      },
    });
    const prompted = gate();
    let waits = 0;
    const auth = made({
      tokenEndpoint: `${server.origin}/token`,
      deviceAuthorizationEndpoint: `${server.origin}/device`,
      clientId: "app",
      grant: "device_code",
      clock,
      prompt: () => {
        waits = clock.waits.length;
        prompted.open();
      },
    });
    const token = auth.token();
    await prompted.opened;
    await new Promise((resolve) => setImmediate(resolve));
    // The first wait follows at once: another than this one is not waited for here.
    expect(clock.waits.slice(waits)).toEqual([ms]);
    for (const wait of [ms, ms, ms + 5000]) {
      await clock.armed(wait);
      clock.advance(wait);
    }
    expect((await token).reveal()).toBe("t");
    expect(server.seen).toHaveLength(4);
  });

  test("is polled for at longer intervals while the server does not answer", async () => {
    const clock = new ManualClock();
    const errors = [true, true, false];
    await using server = await serve({
      "/device": json({
        device_code: "d",
        user_code: "u",
        verification_uri: "https://as.example/",
        expires_in: 900,
        interval: 7,
      }),
      "/token": (response, seen, request) => {
        if (errors.shift()) response.destroy();
        else return json({ access_token: "t", token_type: "Bearer" })(response, seen, request);
      },
    });
    const auth = made({
      tokenEndpoint: `${server.origin}/token`,
      deviceAuthorizationEndpoint: `${server.origin}/device`,
      clientId: "app",
      grant: "device_code",
      clock,
      prompt: () => {},
    });
    const token = auth.token();
    for (const ms of [7000, 14_000, 28_000]) {
      await clock.armed(ms);
      clock.advance(ms);
    }
    expect((await token).reveal()).toBe("t");
  });

  test("is waited for for a day at most, whatever the server says", async () => {
    const from = Date.now();
    await using server = await serve((response) => {
      response.setHeader("content-type", "application/json");
      response.end(
        '{"device_code":"d","user_code":"A","verification_uri":"https://as.example/go","expires_in":1e300}',
      );
    });
    let until = 0;
    const auth = oauth2({
      tokenEndpoint: `${server.origin}/token`,
      deviceAuthorizationEndpoint: `${server.origin}/device`,
      clientId: "app",
      grant: "device_code",
      prompt: ({ expiresAt }) => {
        until = expiresAt.getTime();
        throw new TypeError("no screen");
      },
    });
    await caught(auth.token(), CallerError);
    const day = 24 * 3600 * 1000;
    expect(until).toBeGreaterThanOrEqual(from + day);
    expect(until).toBeLessThanOrEqual(Date.now() + day);
  });

  test("is written to stderr where nobody says how it is shown; what a server writes steers no terminal", async () => {
    const { stderr } = await run(`
      import { createServer } from "node:http";
      import { oauth2 } from "../src/index.ts";
      const answers = {
        "/device": { device_code: "d", user_code: "A\\u001b[2JB", verification_uri: "https://as.example/go", expires_in: 9, interval: 0.01 },
        "/token": { access_token: "t", token_type: "Bearer" },
      };
      const server = createServer((request, response) => response.end(JSON.stringify(answers[request.url])));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      const origin = "http://127.0.0.1:" + server.address().port;
      const auth = oauth2({
        tokenEndpoint: origin + "/token",
        deviceAuthorizationEndpoint: origin + "/device",
        clientId: "app",
        grant: "device_code",
      });
      await auth.token();
      server.close();
    `);
    expect(stderr).toBe("To sign in, open https://as.example/go and enter the code A\ufffd[2JB\n");
  });

  test("whose prompt throws fails with that", async () => {
    const prompt = (): never => {
      throw new TypeError("no screen");
    };
    expect((await caught(device({ prompt }).token(), CallerError)).cause).toMatchObject({
      message: "no screen",
    });
  });
});

describe("signed assertions (RFC 7523)", () => {
  const pem = (key: KeyObject, type: "pkcs8" | "pkcs1" | "sec1" = "pkcs8"): string =>
    String(key.export({ format: "pem", type }));
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ed25519 = generateKeyPairSync("ed25519");

  async function register({ publicKey }: { readonly publicKey: KeyObject }): Promise<string> {
    const response = await fetch(`${practice.url}/auth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1" }] } }),
    });
    return ((await response.json()) as { client_id: string }).client_id;
  }
  const cryptoKey = (params: webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams, key: KeyObject) =>
    webcrypto.subtle.importKey("pkcs8", key.export({ format: "der", type: "pkcs8" }), params, false, [
      "sign",
    ]);

  test.each<
    [
      string,
      { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
      () => unknown,
      string | undefined,
    ]
  >([
    ["RSA in PKCS #8", rsa, () => pem(rsa.privateKey), undefined],
    ["RSA in PKCS #1", rsa, () => secret(pem(rsa.privateKey, "pkcs1")), undefined],
    ["RSA by PS256", rsa, () => pem(rsa.privateKey), "PS256"],
    ["P-256", p256, () => pem(p256.privateKey), "ES256"],
    ["Ed25519", ed25519, () => `\n${pem(ed25519.privateKey)}\n`, undefined],
    [
      "a CryptoKey of P-256",
      p256,
      () => cryptoKey({ name: "ECDSA", namedCurve: "P-256" }, p256.privateKey),
      undefined,
    ],
    [
      "a CryptoKey of RSA-PSS",
      rsa,
      () => cryptoKey({ name: "RSA-PSS", hash: "SHA-256" }, rsa.privateKey),
      undefined,
    ],
  ])("say who the client is, and on whose behalf it asks: %s", async (_, pair, key, alg) => {
    const clientId = await register(pair);
    const privateKey = await key();
    const signing = { privateKey, keyId: "k1", ...(alg === undefined ? {} : { alg }) };
    const tokenEndpoint = `${practice.url}/auth/token`;
    const auths = [
      made({ issuer: practice.url, clientId, ...signing, grant: "client_credentials" }),
      made({ tokenEndpoint, clientId, ...signing, audience: practice.url, grant: "client_credentials" }),
      made({
        tokenEndpoint,
        grant: "jwt-bearer",
        assertion: { issuer: clientId, subject: "ann", ...signing },
      }),
      made({
        issuer: practice.url,
        grant: "jwt-bearer",
        scope: "read",
        assertion: { issuer: clientId, ...signing },
      }),
    ];
    for (const auth of auths) {
      await using client = new Client({ baseUrl: practice.url, auth });
      await client.get("/auth/bearer").json();
    }
  });

  test("that run out are followed by others", async () => {
    const clientId = await register(p256);
    const clock = new ManualClock(now - 1000);
    const assertion = { issuer: clientId, privateKey: pem(p256.privateKey) };
    const auth = made({
      issuer: practice.url,
      grant: "jwt-bearer",
      params: { expires_in: "60" },
      assertion,
      clock,
    });
    const first = (await auth.token()).reveal();
    clock.advance(60_000);
    now += 60_000;
    expect((await auth.token()).reveal()).not.toBe(first);
  });

  /** The claims of what came. */
  const claimsOf = (jwt = ""): Record<string, unknown> =>
    JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());

  test("say what they are told to say", async () => {
    const clock = new ManualClock();
    await using server = await tokenServer(clock);
    const assertion = {
      issuer: "robot@project.example",
      subject: "ann@example.com",
      audience: "https://as.example/",
      claims: { scope: "a b", iat: 5 },
      life: "1h",
      privateKey: pem(rsa.privateKey),
      keyId: "k7",
    };
    await made({ tokenEndpoint: server.tokenEndpoint, grant: "jwt-bearer", assertion, clock }).token();
    const { assertion: jwt = "", ...fields } = server.asked[0]?.fields ?? {};
    expect(fields).toEqual({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" });
    expect(JSON.parse(Buffer.from(jwt.split(".")[0] ?? "", "base64url").toString())).toEqual({
      alg: "RS256",
      typ: "JWT",
      kid: "k7",
    });
    expect(claimsOf(jwt)).toEqual({
      iss: "robot@project.example",
      sub: "ann@example.com",
      aud: "https://as.example/",
      exp: Math.floor(clock.date() / 1000) + 3600,
      iat: 5,
      jti: expect.any(String),
      scope: "a b",
    });
  });

  test("are signed anew where the answer was lost: no server takes the same one twice", async () => {
    await using server = await tokenServer();
    server.instead.push((response) => void response.destroy());
    const assertion = { issuer: "a", privateKey: pem(p256.privateKey) };
    await made({ tokenEndpoint: server.tokenEndpoint, grant: "jwt-bearer", assertion }).token();
    const names = server.asked.map(({ fields }) => claimsOf(fields.assertion).jti);
    expect(names).toHaveLength(2);
    expect(names[0]).not.toBe(names[1]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["of the grant", { grant: "jwt-bearer", assertion: { issuer: "a", privateKey: "" } }, "assertion"],
    ["of the client", { grant: "client_credentials", clientId: "a", privateKey: "" }, "client_assertion"],
  ])("%s are signed anew by the server's time, where ours was wrong", async (_, options, field) => {
    const clock = new ManualClock();
    const HOUR = 3_600_000;
    const theirs = { date: () => clock.date() + HOUR };
    await using server = await tokenServer(theirs);
    server.instead.push(json({ error: "invalid_grant", error_description: "exp is over" }, 400));
    const key = pem(p256.privateKey);
    const withKey =
      "assertion" in options ? { assertion: { issuer: "a", privateKey: key } } : { privateKey: key };
    await made({ tokenEndpoint: server.tokenEndpoint, clock, ...options, ...withKey }).token();
    const times = server.asked.map(({ fields }) => Number(claimsOf(fields[field]).iat) * 1000 - clock.date());
    expect(times).toHaveLength(2);
    expect(Math.abs(times[0] ?? 0)).toBeLessThan(1000);
    expect(Math.abs((times[1] ?? 0) - HOUR)).toBeLessThanOrEqual(1500);
  });

  test("may be somebody else's", async () => {
    await using server = await tokenServer();
    const given = ["a.b.c", secret("d.e.f")];
    const options = { tokenEndpoint: server.tokenEndpoint, grant: "jwt-bearer" };
    await made({ ...options, assertion: () => given[0] }).token();
    await made({ ...options, assertion: async () => given[1], clientId: "app", clientSecret: "s" }).token();
    expect(server.asked.map(({ fields, basic }) => [fields.assertion, basic])).toEqual([
      ["a.b.c", undefined],
      ["d.e.f", "app:s"],
    ]);
    for (const [assertion, message] of [
      [() => 5, /gave the number 5, not a JWT/],
      [() => "", /gave an empty string, not a JWT/],
      [() => Promise.reject(new Error("down")), /that gives the assertion failed/],
    ] as const) {
      expect((await caught(made({ ...options, assertion }).token(), AuthError)).message).toMatch(message);
    }
  });

  test.each<[string, () => unknown, Record<string, unknown>, RegExp]>([
    [
      "a public key",
      () => String(rsa.publicKey.export({ format: "pem", type: "spki" })),
      {},
      /PUBLIC KEY, and not PRIVATE/,
    ],
    ["SEC 1", () => pem(p256.privateKey, "sec1"), {}, /EC PRIVATE KEY, and not PRIVATE KEY \(PKCS #8\)/],
    ["PEM that is cut off", () => pem(rsa.privateKey).slice(0, 200), {}, /its PEM is cut off/],
    ["no base64", () => "-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----", {}, /no base64/],
    ["damage", () => pem(rsa.privateKey).replace(/\n.{20}(.*\n-----END)/, "\n$1"), {}, /it is damaged/],
    ["another kind", () => pem(generateKeyPairSync("x25519").privateKey), {}, /no key of RSA/],
    [
      "another algorithm",
      () => pem(p256.privateKey),
      { alg: "RS256" },
      /`alg` is RS256, and it can sign by ES256/,
    ],
    [
      "a CryptoKey that checks",
      () =>
        webcrypto.subtle.importKey(
          "jwk",
          p256.publicKey.export({ format: "jwk" }),
          { name: "ECDSA", namedCurve: "P-256" },
          true,
          ["verify"],
        ),
      {},
      /it may not sign/,
    ],
    [
      "a CryptoKey of another hash",
      () => cryptoKey({ name: "RSASSA-PKCS1-v1_5", hash: "SHA-512" }, rsa.privateKey),
      { alg: "RS256" },
      /`alg` is RS256, and it can sign by RS512/,
    ],
  ])(
    "cannot be signed with %s: the error says why, and shows nothing of it",
    async (_, key, more, message) => {
      const privateKey = await key();
      const auth = made({
        tokenEndpoint: "http://127.0.0.1:9/",
        grant: "client_credentials",
        clientId: "a",
        privateKey,
        ...more,
      });
      const error = await caught(auth.token(), AuthError);
      expect(error.message).toMatch(message);
      const [, line = "none"] = typeof privateKey === "string" ? privateKey.split("\n") : [];
      expect(inspect([error, auth], { depth: 10 })).not.toContain(line === "" ? "none" : line.slice(0, 30));
    },
  );
});

describe("an issuer that says where its endpoints are", () => {
  const path = {
    oidc: "/t1/.well-known/openid-configuration",
    oauth2: "/.well-known/oauth-authorization-server/t1",
  };
  const options = { clientId: "app", clientSecret: "s", grant: "client_credentials" };

  test.each(["oidc", "oauth2"] as const)(
    "is asked once, by the name that it answers to (%s)",
    async (kind) => {
      await using server = await tokenServer();
      await using issuer = await serve((response, seen, request) => {
        const { target } = seen;
        const metadata = { issuer: `${issuer.origin}/t1`, token_endpoint: server.tokenEndpoint };
        return (target === path[kind] ? json(metadata) : json({ message: "no" }, 404))(
          response,
          seen,
          request,
        );
      });
      const auth = made({ ...options, issuer: `${issuer.origin}/t1` });
      await auth.token();
      await auth.forget();
      await auth.token();
      expect(server.asked).toHaveLength(2);
      expect(issuer.seen.map(({ target }) => target)).toEqual(
        kind === "oidc" ? [path.oidc] : [path.oidc, path.oauth2],
      );
    },
  );

  test.each<[string, Record<string, unknown>, number, RegExp]>([
    [
      "speaks in the name of another",
      { issuer: "https://evil.example" },
      200,
      /"issuer" property does not match/,
    ],
    [
      "leads to http on another machine",
      { token_endpoint: "http://as.example/t" },
      200,
      /token_endpoint "http:\/\/as\.example\/t"/,
    ],
    ["leads to no URL", { token_endpoint: "/t" }, 200, /an absolute https URL/],
    ["has no token endpoint", { token_endpoint: undefined }, 200, /has no token_endpoint/],
    ["is not there", {}, 404, /openid-configuration answered 404, and no metadata/],
  ])("and %s is an AuthError", async (_, more, status, message) => {
    await using issuer = await serve((response, seen, request) => {
      const metadata = { issuer: issuer.origin, token_endpoint: "https://as.example/token", ...more };
      return json(metadata, status)(response, seen, request);
    });
    expect((await caught(made({ ...options, issuer: issuer.origin }).token(), AuthError)).message).toMatch(
      message,
    );
  });

  test("and is down for a moment is asked again by the next call", async () => {
    await using server = await tokenServer();
    let down = true;
    await using issuer = await serve((response, seen, request) => {
      if (down) response.destroy();
      else
        return json({ issuer: issuer.origin, token_endpoint: server.tokenEndpoint })(response, seen, request);
    });
    const client = new Client({ retry: false });
    const auth = made({ ...options, issuer: issuer.origin, client });
    await caught(auth.token(), AuthError);
    down = false;
    expect((await auth.token()).reveal()).toBe("at1");
    await client.close();
  });
});

test("what does not belong together does not compile, of any grant", () => {
  const server = { tokenEndpoint: "https://as.example/token", clientId: "a" };
  const page = { authorizationEndpoint: "https://as.example/page" };
  const assertion = { issuer: "a", privateKey: "-----BEGIN …" };
  const options: OAuth2Options[] = [
    { ...server, ...page, grant: "authorization_code" },
    { issuer: "https://as.example", clientId: "a", grant: "authorization_code", open: () => {} },
    // @ts-expect-error Where the endpoints are given, the page is among them.
    { ...server, grant: "authorization_code" },
    // @ts-expect-error It is given by one of both.
    { ...server, grant: "device_code" },
    // @ts-expect-error A prompt belongs to a device.
    { ...server, ...page, grant: "authorization_code", prompt: () => {} },
    // @ts-expect-error A secret or a key.
    { ...server, grant: "client_credentials", clientSecret: "s", privateKey: "-----BEGIN …" },
    { ...server, grant: "client_credentials", privateKey: "-----BEGIN …", alg: "ES256" },
    // @ts-expect-error An algorithm that there is.
    { ...server, grant: "client_credentials", privateKey: "-----BEGIN …", alg: "none" },
    // @ts-expect-error Something has to be signed.
    { ...server, grant: "jwt-bearer" },
    { tokenEndpoint: "https://as.example/token", grant: "jwt-bearer", assertion },
  ];
  expect(options).toHaveLength(10);
});

test.each<[string, Record<string, unknown>, string]>([
  [
    "a page where the issuer is asked for it",
    { issuer: "https://as.example", authorizationEndpoint: "https://as.example/" },
    "authorizationEndpoint",
  ],
  ["a place to come back to on another machine", { redirectUri: "http://app.example/" }, "redirectUri"],
  ["a place to come back to by https", { redirectUri: "https://127.0.0.1/" }, "redirectUri"],
  ["a place to come back to with a query", { redirectUri: "http://127.0.0.1/?a=1" }, "redirectUri"],
  ["a state of one's own", { authorizationParams: { state: "x" } }, "authorizationParams.state"],
  ["something else than a function to open", { open: "firefox" }, "open"],
  ["a key that is no PEM", { privateKey: "k3y" }, "privateKey"],
  ["a key that is a number", { privateKey: 5 }, "privateKey"],
  ["an algorithm that is none", { privateKey: "-----BEGIN PRIVATE KEY-----", alg: "HS256" }, "alg"],
  ["an assertion of text", { grant: "jwt-bearer", assertion: "a.b.c" }, "auth"],
  ["an assertion without a key", { grant: "jwt-bearer", assertion: { issuer: "a" } }, "privateKey"],
  [
    "an assertion with more",
    { grant: "jwt-bearer", assertion: { issuer: "a", privateKey: "-----BEGIN ", sub: "x" } },
    "sub",
  ],
])("%s is an OptionsError that names the option", (_, more, option) => {
  const page =
    "grant" in more || "issuer" in more ? {} : { authorizationEndpoint: "https://as.example/page" };
  const server = "issuer" in more ? {} : { tokenEndpoint: "https://as.example/token" };
  const options = { ...server, ...page, clientId: "a", grant: "authorization_code", ...more };
  let error: unknown;
  try {
    made(options);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(OptionsError);
  expect(error).toMatchObject({ option });
  expect(inspect(error)).not.toContain("k3y");
});
