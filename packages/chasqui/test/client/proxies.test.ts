import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  AbortError,
  Client,
  get,
  NetworkError,
  OptionsError,
  type ProxyOption,
  post,
  secret,
  TimeoutError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { type Certificates, certificates, pinOf } from "../peers/certificates.ts";
import { listenFull } from "../peers/full-listener.ts";
import { type HttpProxy, startHttpProxy } from "../peers/http-proxy.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";
import { run } from "../peers/program.ts";
import { serveRaw } from "../peers/raw-server.ts";
import { startSocksProxy } from "../peers/socks-proxy.ts";

const once = { retry: false } as const;
let all: Certificates;

beforeAll(async () => {
  all = await certificates();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function basicOf(login: string): string {
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

/** A URL below `.test`, which the proxies here take for this machine. */
function testUrl(origin: string, name = "target", path = "/"): string {
  return `${origin.replace("127.0.0.1", `${name}.test`)}${path}`;
}

describe("http by an http proxy", () => {
  test("the proxy gets the whole URL (RFC 9112 3.2.2), and Host is the server's", async () => {
    await using server = await serve(json({ ok: true }));
    await using proxy = await startHttpProxy();
    const url = testUrl(server.origin, "target", "/a%20b?x=1&y=2#part");
    expect(await get(url, { proxy: proxy.url }).json()).toEqual({ ok: true });
    const { host } = new URL(url);
    expect(proxy.seen).toMatchObject([
      { method: "GET", target: `http://${host}/a%20b?x=1&y=2`, headers: { host } },
    ]);
    expect(server.last()).toMatchObject({ target: "/a%20b?x=1&y=2", headers: { host } });
  });

  test("bodies, streams and HEAD go as they would without", async () => {
    await using server = await serve((response, { body }) => void response.end(body));
    await using proxy = await startHttpProxy();
    await using client = new Client({ proxy: proxy.url });
    const url = testUrl(server.origin);
    expect(await client.post(url, { json: { a: 1 } }).json()).toEqual({ a: 1 });
    const stream = (): ReadableStream<Uint8Array> => new Blob(["piece by piece"]).stream();
    expect(await client.post(url, { body: stream }).text()).toBe("piece by piece");
    expect((await client.head(url)).status).toBe(200);
    // One connection to the proxy carries them all.
    expect(proxy.connections()).toBe(1);
  });

  test("#109 the proxy is told the credentials, and the server is not", async () => {
    await using server = await serve(json({}));
    await using proxy = await startHttpProxy({ authorization: basicOf("us:p@ss") });
    const url = testUrl(server.origin);
    await get(url, { proxy: proxy.url.replace("//", "//us:p%40ss@"), auth: ["me", "mine"] });
    expect(proxy.seen[0]?.headers).toMatchObject({
      "proxy-authorization": basicOf("us:p@ss"),
      authorization: basicOf("me:mine"),
    });
    expect(server.last().headers).toMatchObject({ authorization: basicOf("me:mine") });
    expect(server.last().headers["proxy-authorization"]).toBeUndefined();
  });

  test.each([
    ["nobody's", "", /wants credentials \(Basic\): 407/],
    ["wrong ones", "us:s3cret@", /did not accept the credentials: 407/],
  ])("P12 a 407 to %s is an error of the proxy's, with a hint", async (_what, login, message) => {
    await using server = await serve(json({}));
    await using proxy = await startHttpProxy({ authorization: basicOf("us:right") });
    const call = get(testUrl(server.origin), { ...once, proxy: proxy.url.replace("//", `//${login}`) });
    const error = await caught(call, NetworkError);
    expect(error).toMatchObject({ kind: "proxy", port: proxy.port });
    expect(error.message).toMatch(message);
    expect(error.hint).toContain("password");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cret|dXM6czNjcmV0/);
    expect(server.seen).toHaveLength(0);
  });

  test("headers for the proxy are told to it", async () => {
    await using server = await serve(json({}));
    await using proxy = await startHttpProxy();
    await get(testUrl(server.origin), {
      proxy: { url: proxy.url, auth: secret("t0ken"), headers: { "x-team": "blue" } },
    });
    expect(proxy.seen[0]?.headers).toMatchObject({ "proxy-authorization": "Bearer t0ken", "x-team": "blue" });
  });
});

describe("S58 https by an http proxy goes through a tunnel, always", () => {
  test("the proxy learns host and port and nothing else", async () => {
    await using server = await serve(json({ ok: true }), { tls: all.localhost });
    await using proxy = await startHttpProxy();
    const url = `${testUrl(server.origin)}private?q=1`;
    const options = {
      proxy: proxy.url,
      tls: { ca: all.ca.cert, servername: "localhost" },
      auth: ["me", "mine"],
      headers: { "x-own": "1" },
      cookies: { sid: "abc" },
    } as const;
    expect(await get(url, options).json()).toEqual({ ok: true });
    const { host } = new URL(url);
    expect(proxy.seen).toEqual([{ method: "CONNECT", target: host, headers: { host } }]);
    expect(server.last()).toMatchObject({
      target: "/private?q=1",
      headers: { host, "x-own": "1", cookie: "sid=abc" },
    });
  });

  test("#109 S4 S17 credentials of the proxy go with CONNECT, and never through the tunnel", async () => {
    await using server = await serve(json({}), { tls: all.localhost });
    await using proxy = await startHttpProxy({ authorization: basicOf("us:pw") });
    const proxyOptions = {
      url: proxy.url,
      auth: ["us", secret("pw")],
      headers: { "x-team": "blue" },
    } as const;
    await using client = new Client({ proxy: proxyOptions, tls: { ca: all.ca.cert } });
    await client.get(server.origin);
    await client.get(`${server.origin}/again`);
    expect(proxy.seen).toHaveLength(1);
    expect(proxy.seen[0]?.headers).toMatchObject({
      "proxy-authorization": basicOf("us:pw"),
      "x-team": "blue",
    });
    for (const { rawHeaders } of server.seen) {
      expect(rawHeaders.join(" ").toLowerCase()).not.toMatch(/proxy-|x-team/);
    }
  });

  test("#110 an empty password is told too", async () => {
    await using server = await serve(json({}), { tls: all.localhost });
    await using proxy = await startHttpProxy({ authorization: basicOf("us:") });
    await get(server.origin, { proxy: proxy.url.replace("//", "//us:@"), tls: { ca: all.ca.cert } });
    expect(proxy.seen[0]?.headers["proxy-authorization"]).toBe(basicOf("us:"));
  });

  test("an IPv6 host stands in brackets", async () => {
    await using proxy = await serveRaw((socket, head) => {
      socket.end(`HTTP/1.1 403 ${head.split(" ")[1]}\r\n\r\n`);
    });
    const error = await caught(get("https://[2001:db8::1]/", { ...once, proxy: proxy.origin }), NetworkError);
    expect(error.message).toContain("403 [2001:db8::1]:443");
  });

  test.each(["http://target.test/", "https://target.test/"])(
    "S4 a Proxy-Authorization by hand is refused before anything is sent: %s",
    async (url) => {
      await using proxy = await startHttpProxy();
      const headers = { "Proxy-Authorization": secret("Basic x") };
      const error = await caught(get(url, { proxy: proxy.url, headers }), OptionsError);
      expect(error.message).toContain("Proxy-Authorization");
      expect(error.hint).toContain("`proxy: { url, auth");
      expect(proxy.connections()).toBe(0);
    },
  );

  test("what the server answers is the server's, a 407 too", async () => {
    await using server = await serve(json({}, 407), { tls: all.localhost });
    await using proxy = await startHttpProxy();
    expect((await get(server.origin, { proxy: proxy.url, tls: { ca: all.ca.cert } })).status).toBe(407);
  });
});

describe("S72 what is said of TLS with the server holds whatever way leads there", () => {
  const kinds = ["none", "http", "https", "socks5", "socks5h"] as const;

  async function withProxy(
    kind: (typeof kinds)[number],
    act: (proxy: ProxyOption) => Promise<void>,
  ): Promise<void> {
    if (kind === "none") return act(null);
    if (kind === "socks5" || kind === "socks5h") {
      await using proxy = await startSocksProxy();
      await act(`${kind}://${proxy.host}`);
      expect(proxy.connections()).toBeGreaterThan(0);
      return;
    }
    await using proxy = await startHttpProxy(kind === "https" ? { tls: all.localhost } : {});
    await act(kind === "https" ? { url: proxy.url, tls: { ca: all.ca.cert } } : proxy.url);
    expect(proxy.connections()).toBeGreaterThan(0);
  }

  test.each(kinds)("authority, name, pin, versions and the client's certificate, by %s", async (kind) => {
    const mutual = { ...all.localhost, ca: all.ca.cert, requestCert: true, rejectUnauthorized: true };
    await using server = await serve(
      (response, _seen, { socket }) => {
        response.end((socket as TLSSocket).getPeerCertificate().subject.CN);
      },
      { tls: { ...mutual, maxVersion: "TLSv1.2" } },
    );
    await withProxy(kind, async (proxy) => {
      const { cert, key } = all.client;
      const ca = all.ca.cert;
      const good = { ca, cert, key, pins: [pinOf(all.localhost)] };
      const url = server.origin;
      expect(await get(url, { proxy, tls: good }).text()).toBe("alice");
      const bad = [
        { ...good, ca: all.otherCa.cert },
        { ...good, servername: "elsewhere.example" },
        { ...good, pins: [pinOf(all.renewed)] },
        { ...good, minVersion: "TLSv1.3" },
        { ca },
      ] as const;
      for (const tls of bad) {
        const error = await caught(get(url, { ...once, proxy, tls }), NetworkError);
        expect([error.kind, error.host]).toEqual(["tls", new URL(url).host]);
      }
      expect(await get(url, { proxy, tls: { cert, key, rejectUnauthorized: false } }).text()).toBe("alice");
      // What was not verified once is verified the next time (S5).
      await caught(get(url, { ...once, proxy, tls: { cert, key } }), NetworkError);
    });
  });
});

test("HTTP/2 is spoken with the server through a tunnel as well", async () => {
  const { createSecureServer } = await import("node:http2");
  const server = createSecureServer(all.localhost, (request, response) => {
    response.end(request.httpVersion);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  await using http = await startHttpProxy();
  await using socks = await startSocksProxy();
  await using client = new Client({ http2: true, tls: { ca: all.ca.cert } });
  for (const proxy of [http.url, `socks5h://${socks.host}`]) {
    expect(await client.get(`https://127.0.0.1:${port}/`, { proxy }).text()).toBe("2.0");
  }
  expect([http.connections(), socks.connections()]).toEqual([1, 1]);
  await client.close();
  await new Promise((resolve) => server.close(resolve));
});

describe("https to the proxy", () => {
  test("S72 http and https go by it, the proxy's options of TLS, pins among them, apart from the server's", async () => {
    await using secured = await serve(json({ by: "tls" }), { tls: all.renewed });
    await using plain = await serve(json({ by: "tcp" }));
    await using proxy = await startHttpProxy({ tls: all.localhost });
    await using client = new Client({
      proxy: { url: proxy.url, tls: { ca: all.ca.cert, pins: [pinOf(all.localhost)] } },
      tls: { ca: all.ca.cert, pins: [pinOf(all.renewed)] },
    });
    expect(await client.get(secured.origin).json()).toEqual({ by: "tls" });
    expect(await client.get(plain.origin).json()).toEqual({ by: "tcp" });
    expect(proxy.seen.map(({ method }) => method)).toEqual(["CONNECT", "GET"]);
    const impostor = { url: proxy.url, tls: { ca: all.ca.cert, pins: [pinOf(all.renewed)] } };
    const error = await caught(get(plain.origin, { ...once, proxy: impostor }), NetworkError);
    expect(error.message).toContain("is not one that is pinned");
    expect(proxy.seen).toHaveLength(2);
  });

  test.each(["http://target.test/", "https://target.test/"])(
    "a certificate of the proxy's that is not trusted is the proxy's failure: %s",
    async (url) => {
      await using proxy = await startHttpProxy({ tls: all.localhost });
      // What is trusted for the server is not for the proxy.
      const error = await caught(
        get(url, { ...once, proxy: proxy.url, tls: { ca: all.ca.cert } }),
        NetworkError,
      );
      expect(error).toMatchObject({ kind: "proxy", port: proxy.port });
      expect(error.message).toContain(`No secure connection to the proxy ${proxy.url}`);
      expect(error.hint).toContain("`proxy.tls.ca`");
      expect(proxy.seen).toHaveLength(0);
    },
  );

  test("a proxy that speaks no TLS", async () => {
    await using proxy = await startHttpProxy();
    const error = await caught(
      get("http://target.test/", { ...once, proxy: proxy.url.replace("http", "https") }),
      NetworkError,
    );
    expect(error).toMatchObject({ kind: "proxy", port: proxy.port });
  });
});

describe("SOCKS5", () => {
  test.each([
    ["socks5h leaves names to the proxy", "socks5h", { kind: "name", host: "target.test" }],
    ["socks5 resolves them here, IPv4 first", "socks5", { kind: "ipv4", host: "192.0.2.7" }],
  ])("%s", async (_what, scheme, expected) => {
    await using server = await serve(json({ ok: true }));
    await using proxy = await startSocksProxy();
    const lookup = vi.fn(
      (
        hostname: string,
        _options: unknown,
        done: (error: null, found: { address: string; family: number }[]) => void,
      ) => {
        const own = hostname === "target.test";
        done(
          null,
          own
            ? [
                { address: "2001:db8::7", family: 6 },
                { address: "192.0.2.7", family: 4 },
              ]
            : [],
        );
      },
    );
    const url = testUrl(server.origin);
    expect(await get(url, { proxy: `${scheme}://${proxy.host}`, lookup }).json()).toEqual({ ok: true });
    const { port, host } = new URL(url);
    expect(proxy.seen).toMatchObject([{ ...expected, port: Number(port), methods: [0], user: undefined }]);
    expect(lookup).toHaveBeenCalledTimes(scheme === "socks5" ? 1 : 0);
    expect(server.last().headers.host).toBe(host);
    expect(server.last().target).toBe("/");
  });

  test.each([
    ["an IPv4 address", "http://192.0.2.9", { kind: "ipv4", host: "192.0.2.9" }],
    [
      "an IPv6 address",
      "http://[2001:db8::9]",
      { kind: "ipv6", host: "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9" },
    ],
  ])("%s is one for both", async (_what, origin, expected) => {
    await using server = await serve(json({ ok: true }));
    await using proxy = await startSocksProxy();
    const { port } = new URL(server.origin);
    for (const scheme of ["socks5", "socks5h"]) {
      await get(`${origin}:${port}/`, { proxy: `${scheme}://${proxy.host}` });
    }
    expect(proxy.seen).toMatchObject([expected, expected]);
  });

  test("a name that is not found is the name's failure, not the proxy's", async () => {
    await using proxy = await startSocksProxy();
    const error = await caught(
      get("http://nowhere.invalid/", { ...once, proxy: `socks5://${proxy.host}` }),
      NetworkError,
    );
    expect(error).toMatchObject({ kind: "dns", host: "nowhere.invalid" });
  });

  test("user and password (RFC 1929), percent-decoded, an empty password too", async () => {
    await using server = await serve(json({}));
    for (const [login, written] of [
      ["us:p@ss:é", "us:p%40ss%3A%C3%A9"],
      ["us:", "us:"],
    ]) {
      await using proxy = await startSocksProxy(login);
      await get(testUrl(server.origin), { proxy: `socks5h://${written}@${proxy.host}` });
      expect(proxy.seen).toMatchObject([{ methods: [0, 2], user: login }]);
    }
    expect(server.last().headers["proxy-authorization"]).toBeUndefined();
  });

  test("one that wants them and gets none, or wrong ones", async () => {
    await using proxy = await startSocksProxy("us:right");
    const none = await caught(
      get("http://target.test/", { ...once, proxy: `socks5h://${proxy.host}` }),
      NetworkError,
    );
    expect([none.kind, none.message]).toEqual(["proxy", expect.stringContaining("wants credentials")]);
    const wrong = await caught(
      get("http://target.test/", { ...once, proxy: `socks5h://us:wrong@${proxy.host}` }),
      NetworkError,
    );
    expect([wrong.kind, wrong.message]).toEqual([
      "proxy",
      expect.stringContaining("did not accept the credentials"),
    ]);
  });

  test("a server that is not there, in words", async () => {
    await using server = await serve(json({}));
    await using proxy = await startSocksProxy();
    await server.close();
    const error = await caught(
      get(testUrl(server.origin), { ...once, proxy: `socks5h://${proxy.host}` }),
      NetworkError,
    );
    expect(error.kind).toBe("proxy");
    expect(error.message).toMatch(/did not connect to target\.test:\d+: the host refused the connection/);
  });
});

describe("redirects: the proxy is chosen for each hop, and told only its own", () => {
  test("#77 S1 S11 S33 P18 from one proxy to another to none", async () => {
    await using last = await serve(json({ end: true }));
    await using second = await serve(redirectTo(`${last.origin}/c`));
    await using first = await serve(redirectTo(testUrl(second.origin, "two", "/b")));
    await using one = await startHttpProxy({ authorization: basicOf("one:1") });
    await using two = await startHttpProxy();
    await using client = new Client({
      proxy: {
        "http://one.test": one.url.replace("//", "//one:1@"),
        "http://two.test": two.url,
        all: null,
      },
    });
    const response = await client.get(testUrl(first.origin, "one", "/a"), { auth: ["me", "mine"] });
    expect(await response.json()).toEqual({ end: true });
    expect(one.seen).toHaveLength(1);
    expect(two.seen).toHaveLength(1);
    // Neither the other proxy's credentials nor the server's go along.
    expect(two.seen[0]?.headers).not.toHaveProperty("proxy-authorization");
    expect(two.seen[0]?.headers).not.toHaveProperty("authorization");
    for (const server of [first, second, last]) {
      expect(server.seen).toHaveLength(1);
      expect(server.last().headers).not.toHaveProperty("proxy-authorization");
    }
    expect(first.last().headers.authorization).toBe(basicOf("me:mine"));
  });

  test("#77 S4 from http, where the proxy sees the request, to https, where it sees a tunnel", async () => {
    await using secured = await serve(json({ end: true }), { tls: all.localhost });
    await using plain = await serve(redirectTo(secured.origin));
    await using proxy = await startHttpProxy({ authorization: basicOf("us:pw") });
    await using client = new Client({ proxy: proxy.url.replace("//", "//us:pw@"), tls: { ca: all.ca.cert } });
    expect(await client.get(testUrl(plain.origin)).json()).toEqual({ end: true });
    expect(proxy.seen.map(({ method, headers }) => [method, headers["proxy-authorization"]])).toEqual([
      ["GET", basicOf("us:pw")],
      ["CONNECT", basicOf("us:pw")],
    ]);
    expect(secured.last().headers).not.toHaveProperty("proxy-authorization");
  });

  test("S17 what stays behind at a border stays behind by a proxy as well", async () => {
    await using other = await serve(json({}));
    await using first = await serve(redirectTo(testUrl(other.origin, "other")));
    await using proxy = await startHttpProxy();
    const headers = { "x-api-key": "k", cookie: "sid=1", accept: "text/plain" };
    await get(testUrl(first.origin, "home"), { proxy: proxy.url, headers, auth: ["me", "mine"] });
    expect(proxy.seen[1]?.headers).toMatchObject({ accept: "text/plain" });
    for (const name of ["x-api-key", "cookie", "authorization"]) {
      expect(proxy.seen[1]?.headers).not.toHaveProperty(name);
    }
  });
});

describe("S32 connections belong to a proxy and to who asked it", () => {
  test.each<[string, boolean]>([
    ["http", false],
    ["https", true],
  ])("%s: other credentials, another connection; the same, the same", async (_scheme, secure) => {
    await using server = await serve(json({}), secure ? { tls: all.localhost } : {});
    await using proxy = await startHttpProxy();
    await using client = new Client({ tls: { ca: all.ca.cert } });
    const as = (login: string): ProxyOption => proxy.url.replace("//", `//${login}@`);
    await client.get(server.origin, { proxy: as("ann:1") });
    await client.get(server.origin, { proxy: as("ann:1") });
    expect(proxy.connections()).toBe(1);
    await client.get(server.origin, { proxy: as("bob:2") });
    expect(proxy.connections()).toBe(2);
    await client.get(server.origin, { proxy: null });
    expect(proxy.connections()).toBe(2);
    await client.get(server.origin, { proxy: as("ann:1") });
    expect(proxy.connections()).toBe(2);
  });
});

describe("the environment", () => {
  async function withProxy(act: (proxy: HttpProxy, url: string) => Promise<void>): Promise<void> {
    for (const name of ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]) {
      vi.stubEnv(name, undefined);
      vi.stubEnv(name.toUpperCase(), undefined);
    }
    await using server = await serve(json({}));
    await using proxy = await startHttpProxy();
    await act(proxy, testUrl(server.origin));
  }

  test("#105 P12 is followed by default", () =>
    withProxy(async (proxy, url) => {
      vi.stubEnv("HTTP_PROXY", proxy.url);
      await using client = new Client();
      expect((await client.get(url)).status).toBe(200);
      expect(proxy.seen).toHaveLength(1);
    }));

  test("is read once a client", () =>
    withProxy(async (proxy, url) => {
      vi.stubEnv("http_proxy", proxy.url);
      await using client = new Client();
      await client.get(url);
      vi.stubEnv("http_proxy", "http://127.0.0.1:1");
      await client.get(url);
      expect(proxy.seen).toHaveLength(2);
    }));

  test("S53 is no way to this machine", () =>
    withProxy(async (proxy, url) => {
      vi.stubEnv("all_proxy", proxy.url);
      const { port } = new URL(url);
      await using client = new Client();
      for (const host of ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"]) {
        expect((await client.get(`http://${host}:${port}/`)).status).toBe(200);
      }
      expect(proxy.connections()).toBe(0);
    }));

  test("#111 `trustEnv: false` ignores it, on a client or for a call", () =>
    withProxy(async (proxy, url) => {
      vi.stubEnv("http_proxy", proxy.url);
      await using client = new Client({ ...once, trustEnv: false });
      const error = await caught(client.get(url), NetworkError);
      expect(error.kind).toBe("dns");
      expect(error.hint).toContain(
        "The environment has http_proxy, which was not followed: `trustEnv` is false",
      );
      expect((await client.get(url, { trustEnv: true })).status).toBe(200);
      await caught(get(url, { ...once, trustEnv: false }), NetworkError);
      await caught(client.get(url, { proxy: { noProxy: "x.test" } }), NetworkError);
      // A proxy that is said is used.
      expect((await client.get(url, { proxy: proxy.url })).status).toBe(200);
      expect(proxy.seen).toHaveLength(2);
    }));

  test("#111 nor are the authorities that NODE_EXTRA_CA_CERTS adds, of the server or of the proxy", async () => {
    await using server = await serve(json({}), { tls: all.localhost });
    await using proxy = await startHttpProxy({ tls: all.localhost });
    const folder = await mkdtemp("/tmp/chasqui-ca-");
    try {
      await writeFile(`${folder}/ca.pem`, all.ca.cert);
      const program = `
        import { Client } from "../src/index.ts";
        const say = async (call) => { try { return (await call).status } catch (error) { return error.kind } };
        const url = ${JSON.stringify(server.origin)};
        const proxy = ${JSON.stringify(proxy.url)};
        const tls = { ca: ${JSON.stringify(all.ca.cert)} };
        const trusting = new Client({ retry: false });
        const wary = new Client({ retry: false, trustEnv: false });
        console.log(JSON.stringify([
          await say(trusting.get(url)),
          await say(wary.get(url)),
          await say(wary.get(url, { tls })),
          await say(trusting.get(url, { proxy })),
          await say(wary.get(url, { proxy, tls })),
          await say(wary.get(url, { proxy: { url: proxy, tls }, tls })),
        ]));
        await Promise.all([trusting.close(), wary.close()]);`;
      const { stdout, stderr } = await run(program, { NODE_EXTRA_CA_CERTS: `${folder}/ca.pem` });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual([200, "tls", 200, 200, "proxy", 200]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("#107 the option comes before it, and null switches it off", () =>
    withProxy(async (proxy, url) => {
      vi.stubEnv("http_proxy", "http://127.0.0.1:1");
      vi.stubEnv("no_proxy", "target.test");
      await using client = new Client({ ...once, proxy: proxy.url });
      expect((await client.get(url)).status).toBe(200);
      expect((await caught(client.get(url, { proxy: null }), NetworkError)).kind).toBe("dns");
      vi.stubEnv("http_proxy", proxy.url);
      await using other = new Client(once);
      await caught(other.get(url), NetworkError);
      expect((await other.get(url, { proxy: { noProxy: [] } })).status).toBe(200);
      expect(proxy.seen).toHaveLength(2);
    }));

  test("#110 a variable that cannot be read is an OptionsError that names it, before anything is sent", () =>
    withProxy(async (_proxy, url) => {
      vi.stubEnv("HTTP_PROXY", "http://us:s3cret@proxy:port");
      await using client = new Client();
      const error = await caught(client.get(url), OptionsError);
      expect(error).toMatchObject({ option: "HTTP_PROXY" });
      expect(inspect(error)).not.toContain("s3cret");
    }));

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    [
      "NO_PROXY names the host",
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "a.test,.test" },
      "https://target.test/",
      'NO_PROXY has the entry ".test", so that the proxy of HTTPS_PROXY was not used.',
    ],
    [
      "the variable is the other scheme's",
      { HTTP_PROXY: "http://p:1" },
      "https://target.test/",
      "The environment has HTTP_PROXY, which is not for https:// addresses: those go by HTTPS_PROXY, which is not set.",
    ],
    [
      "the program runs under CGI",
      { HTTP_PROXY: "http://p:1", REQUEST_METHOD: "GET" },
      "http://target.test/",
      "HTTP_PROXY is set and was ignored: under CGI",
    ],
    [
      "there is none",
      {},
      "https://target.test/",
      "set HTTPS_PROXY (for http://, HTTP_PROXY) or the option `proxy`",
    ],
  ])("P12 a failure to connect says why no proxy was used: %s", (_what, variables, url, hint) =>
    withProxy(async () => {
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      await using client = new Client(once);
      const error = await caught(client.get(url), NetworkError);
      expect(error.kind).toBe("dns");
      expect(error.hint).toContain(hint);
    }),
  );

  test("P12 and says nothing of proxies where they have no part in it", () =>
    withProxy(async (proxy) => {
      vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:1");
      const local = await caught(get("http://127.0.0.1:1/", once), NetworkError);
      expect(local.hint).toBe("Is the server running, and is this its port?");
      await proxy.close();
    }));

  test("S55 a polluted prototype lends neither variables nor options", async () => {
    await using server = await serve(json({}));
    await using proxy = await startHttpProxy();
    const program = `
      import { Client } from "../src/index.ts";
      for (const name of ["http_proxy", "HTTP_PROXY", "all_proxy", "proxy", "url", "noProxy"]) {
        Object.defineProperty(Object.prototype, name, { value: ${JSON.stringify(proxy.url)}, configurable: true, writable: true });
      }
      const client = new Client({ retry: false });
      const say = async (call) => { try { return (await call).status } catch (error) { return error.kind ?? error.code } };
      console.log(JSON.stringify([
        await say(client.get(${JSON.stringify(server.origin)})),
        await say(client.get("http://nowhere.invalid/")),
        await say(client.get("http://nowhere.invalid/", { proxy: { noProxy: "x.test" } })),
      ]));
      await client.close();`;
    const { stdout, stderr } = await run(program, {
      http_proxy: undefined,
      HTTP_PROXY: undefined,
      all_proxy: undefined,
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([200, "dns", "dns"]);
    expect(proxy.connections()).toBe(0);
  });
});

describe("what goes wrong with the proxy itself names it, without its password", () => {
  test.each([
    ["nobody listens", "http://us:s3cret@127.0.0.1:1", "The proxy http://127.0.0.1:1 refused the connection"],
    [
      "nobody listens for SOCKS",
      "socks5h://us:s3cret@127.0.0.1:1",
      "The proxy socks5h://127.0.0.1:1 refused the connection",
    ],
    [
      "a name that is not found",
      "http://us:s3cret@proxy.invalid:3128",
      "The name of the proxy http://proxy.invalid:3128 could not be resolved",
    ],
  ])("P10 %s", async (_what, proxy, message) => {
    const error = await caught(get("https://target.test/", { ...once, proxy }), NetworkError);
    expect(error.kind).toBe("proxy");
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cret");
  });

  test("the server behind it is not there", async () => {
    await using server = await serve(json({}));
    await using proxy = await startHttpProxy();
    await server.close();
    const url = testUrl(server.origin).replace("http:", "https:");
    const error = await caught(get(url, { ...once, proxy: proxy.url }), NetworkError);
    expect(error.kind).toBe("proxy");
    expect(error.message).toMatch(/did not connect to target\.test:\d+: 502 Bad Gateway/);
  });
});

describe("time and giving up", () => {
  test.each([
    ["an http proxy that says nothing", "http"],
    ["an https proxy that says nothing", "https"],
    ["a SOCKS proxy that says nothing", "socks5h"],
  ])("#137 the limit for connecting covers the tunnel: %s", async (_what, scheme) => {
    const clock = new ManualClock();
    const arrived = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("close", () => ended.resolve());
      socket.once("data", () => arrived.resolve());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await using client = new Client({ ...once, clock, proxy: `${scheme}://127.0.0.1:${port}` });
    const call = client.get("https://target.test/", { timeout: { connect: "5s" } });
    call.catch(() => {});
    await arrived.promise;
    clock.advance(5000);
    const error = await caught(call, TimeoutError);
    expect(error).toMatchObject({ phase: "connect", timeout: 5000 });
    expect(error.hint).toContain(`by the proxy ${scheme}://127.0.0.1:${port}`);
    await ended.promise;
    await new Promise((resolve) => server.close(resolve));
  });

  test("#137 and the way to the proxy", async () => {
    await using full = await listenFull();
    const clock = new ManualClock();
    await using client = new Client({ ...once, clock, proxy: full.origin });
    const call = client.get("https://target.test/");
    call.catch(() => {});
    await clock.armed(10_000);
    clock.advance(10_000);
    expect(await caught(call, TimeoutError)).toMatchObject({
      phase: "connect",
      hint: expect.stringContaining(full.origin),
    });
  });

  test("P4 a call that is given up ends the handshake", async () => {
    const asked = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    await using proxy = await serveRaw((socket) => {
      socket.on("close", () => ended.resolve());
      asked.resolve();
    });
    const controller = new AbortController();
    await using client = new Client({ proxy: proxy.origin });
    const call = client.get("https://target.test/", { signal: controller.signal });
    call.catch(() => {});
    await asked.promise;
    controller.abort();
    await caught(call, AbortError);
    await ended.promise;
  });

  test("closing the client leaves nothing open, with the server or the proxies", async () => {
    await using server = await serve(json({}), { tls: all.localhost });
    await using http = await startHttpProxy();
    await using https = await startHttpProxy({ tls: all.localhost });
    await using socks = await startSocksProxy();
    const client = new Client({ tls: { ca: all.ca.cert } });
    const ways: ProxyOption[] = [
      http.url,
      { url: https.url, tls: { ca: all.ca.cert } },
      `socks5://${socks.host}`,
    ];
    for (const proxy of ways) await client.get(server.origin, { proxy });
    expect([http.open(), https.open(), socks.open()].every((count) => count > 0)).toBe(true);
    await client.close();
    await vi.waitFor(() =>
      expect([http.open(), https.open(), socks.open(), server.open()]).toEqual([0, 0, 0, 0]),
    );
  });
});

describe("where a proxy has no part", () => {
  test("a Unix socket is the way by itself", async () => {
    const folder = await mkdtemp("/tmp/chasqui-proxy-");
    try {
      await using server = await serve(json({ ok: true }), { path: `${folder}/s` });
      await using client = new Client({ proxy: "http://127.0.0.1:1" });
      const call = client.get("http://localhost/", { unixSocket: `${folder}/s` });
      expect(await call.json()).toEqual({ ok: true });
      // And not with the whole URL, as a proxy would have it.
      expect(server.last().target).toBe("/");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a bad option rejects the call, and throws on a client", async () => {
    expect(() => new Client({ proxy: "ftp://p:1" })).toThrow(OptionsError);
    const error = await caught(post("http://127.0.0.1:1/", { proxy: "http://p:port" }), OptionsError);
    expect(error.option).toBe("proxy");
    const slip: object = { proxies: { http: "http://p:1" } };
    expect((await caught(get("http://127.0.0.1:1/", slip), OptionsError)).hint).toContain("`proxy`");
  });
});
