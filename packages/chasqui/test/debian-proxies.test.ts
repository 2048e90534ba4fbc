import { inspect } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { Client, get, NetworkError } from "../src/index.ts";
import { caught } from "./peers/caught.ts";
import { type Certificates, certificates } from "./peers/certificates.ts";
import {
  hasDante,
  hasTinyproxy,
  startDante,
  startTinyproxy,
  WITHOUT_DANTE,
  WITHOUT_TINYPROXY,
} from "./peers/debian-proxies.ts";
import { json, serve } from "./peers/http-server.ts";

const once = { retry: false } as const;
let all: Certificates;

beforeAll(async () => {
  all = await certificates();
});

describe.skipIf(!hasTinyproxy)(`tinyproxy${WITHOUT_TINYPROXY}`, () => {
  test("#105 carries http and https, bodies both ways", async () => {
    await using plain = await serve((response, { body }) => void response.end(body));
    await using secured = await serve((response, { body }) => void response.end(body), {
      tls: all.localhost,
    });
    await using proxy = await startTinyproxy();
    await using client = new Client({ proxy: `http://${proxy.host}`, tls: { ca: all.ca.cert } });
    const big = "0123456789".repeat(100_000);
    for (const { origin, last } of [plain, secured]) {
      expect(await client.post(`${origin}/echo?x=1`, { body: big }).text()).toBe(big);
      // At once, when tinyproxy has just closed the connection, and has not said that it would.
      for (const body of ["again", "and again"]) {
        expect(await client.post(`${origin}/echo?x=1`, { body }).text()).toBe(body);
      }
      expect(last()).toMatchObject({ target: "/echo?x=1", headers: { host: new URL(origin).host } });
    }
    // It writes Via into what it forwards, and cannot write into a tunnel.
    expect(plain.last().headers.via).toContain("tinyproxy");
    expect(secured.last().headers.via).toBeUndefined();
    // One tunnel for both.
    expect(secured.connections()).toBe(1);
  });

  test("#109 S4 BasicAuth: with the credentials it carries, and the server does not get them", async () => {
    await using plain = await serve(json({}));
    await using secured = await serve(json({}), { tls: all.localhost });
    await using proxy = await startTinyproxy("BasicAuth ann s3cret");
    await using client = new Client({ proxy: `http://ann:s3cret@${proxy.host}`, tls: { ca: all.ca.cert } });
    for (const server of [plain, secured]) {
      expect((await client.get(server.origin)).status).toBe(200);
      expect(server.last().headers).not.toHaveProperty("proxy-authorization");
    }
  });

  test("P12 BasicAuth: without credentials it answers 407, which is told with a hint", async () => {
    await using plain = await serve(json({}));
    await using secured = await serve(json({}), { tls: all.localhost });
    await using proxy = await startTinyproxy("BasicAuth ann s3cret");
    for (const server of [plain, secured]) {
      const error = await caught(
        get(server.origin, { ...once, proxy: `http://${proxy.host}` }),
        NetworkError,
      );
      expect(error.kind).toBe("proxy");
      expect(error.message).toContain("407");
      expect(error.hint).toContain("password");
      expect(server.seen).toHaveLength(0);
    }
  });

  test("P12 BasicAuth: to wrong credentials it answers 401, which of a tunnel is told with a hint", async () => {
    await using plain = await serve(json({}));
    await using secured = await serve(json({}), { tls: all.localhost });
    await using proxy = await startTinyproxy("BasicAuth ann s3cret");
    const options = { ...once, proxy: `http://ann:wr0ng@${proxy.host}` };
    const error = await caught(get(secured.origin, options), NetworkError);
    expect(error.message).toMatch(/did not connect to 127\.0\.0\.1:\d+: 401/);
    expect(error.hint).toContain("user and password");
    expect(inspect(error)).not.toContain("wr0ng");
    // Of what is forwarded nobody can tell a 401 of the proxy's from one of the server's.
    const response = await get(plain.origin, options);
    expect([response.status, response.headers.get("server")]).toEqual([
      401,
      expect.stringContaining("tinyproxy"),
    ]);
    expect(plain.seen.length + secured.seen.length).toBe(0);
  });

  test("a port that it does not connect to", async () => {
    await using server = await serve(json({}), { tls: all.localhost });
    await using proxy = await startTinyproxy("ConnectPort 443");
    const error = await caught(get(server.origin, { ...once, proxy: `http://${proxy.host}` }), NetworkError);
    expect(error.message).toMatch(/did not connect to 127\.0\.0\.1:\d+: 403/);
    expect(error.hint).toContain("forbid");
  });
});

describe.skipIf(!hasDante)(`dante${WITHOUT_DANTE}`, () => {
  test.each(["socks5", "socks5h"])("S72 carries http and https: %s", async (scheme) => {
    await using plain = await serve((response, { body }) => void response.end(body));
    await using secured = await serve((response, { body }) => void response.end(body), {
      tls: all.localhost,
    });
    await using proxy = await startDante("none");
    await using client = new Client({ proxy: `${scheme}://${proxy.host}`, tls: { ca: all.ca.cert } });
    const big = "0123456789".repeat(100_000);
    for (const { origin, last } of [plain, secured]) {
      const url = origin.replace("127.0.0.1", "localhost");
      expect(await client.post(`${url}/echo`, { body: big }).text()).toBe(big);
      expect(last()).toMatchObject({ target: "/echo", headers: { host: new URL(url).host } });
    }
    const error = await caught(
      get(secured.origin, { ...once, proxy: `${scheme}://${proxy.host}` }),
      NetworkError,
    );
    expect(error).toMatchObject({ kind: "tls", host: new URL(secured.origin).host });
  });

  test.each([
    ["a server that is not there", "127.0.0.1", /the host refused the connection/],
    ["one that its rules forbid", "127.0.0.9", /its rules do not allow it/],
  ])("%s, in words", async (_what, host, message) => {
    const server = await serve(json({}));
    await server.close();
    await using proxy = await startDante("none");
    const url = server.origin.replace("127.0.0.1", host);
    const error = await caught(get(url, { ...once, proxy: `socks5h://${proxy.host}` }), NetworkError);
    expect(error.kind).toBe("proxy");
    expect(error.message).toMatch(message);
  });

  test("it wants user and password, and these are none of this machine's", async () => {
    await using proxy = await startDante("username");
    const none = await caught(
      get("http://127.0.0.1/", { ...once, proxy: `socks5h://${proxy.host}` }),
      NetworkError,
    );
    expect(none.message).toContain("wants credentials");
    const login = "nobody:s3cret-of-nobody";
    const wrong = await caught(
      get("http://127.0.0.1/", { ...once, proxy: `socks5h://${login}@${proxy.host}` }),
      NetworkError,
    );
    expect(wrong.message).toContain("did not accept the credentials");
    expect(inspect(wrong, { depth: 9 })).not.toContain("s3cret");
  });
});
