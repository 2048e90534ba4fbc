import { describe, expect, test } from "vitest";
import {
  type Auth,
  ChasquiError,
  Client,
  type ClientOptions,
  type CookieStore,
  digest,
  Headers,
  type Middleware,
  type RequestOptions,
  secret,
} from "../../src/index.ts";
import { startHttpProxy } from "../peers/http-proxy.ts";
import { serveRaw } from "../peers/raw-server.ts";

const EVIL = "a\r\nX-Evil: 1\r\nX-Rest: b";

const wire = (change: Middleware): ClientOptions => ({ wire: [change] });
const asking = (credentials: object): Auth => ({ authorize: () => credentials });

/** Every way by which a text of the caller's comes into the head of a request. */
const WAYS: [string, ClientOptions, RequestOptions?][] = [
  ["a header", {}, { headers: { "x-a": EVIL } }],
  ["the name of a header", {}, { headers: { "x-a: 1\r\nX-Evil": "1" } }],
  ["a header of the client's", wire((request, next) => next(request)), { headers: [["x-a", EVIL]] }],
  ["upgrade", {}, { headers: { upgrade: EVIL } }],
  ["Host", {}, { headers: { host: EVIL } }],
  ["a Secret", {}, { headers: { authorization: secret(EVIL) } }],
  ["a cookie", {}, { cookies: { a: EVIL } }],
  ["the name of a cookie", {}, { cookies: { [EVIL]: "1" } }],
  ["auth that gives a header", { auth: asking({ headers: { authorization: EVIL } }) }],
  ["auth that gives the name of a header", { auth: asking({ headers: { [EVIL]: "1" } }) }],
  ["auth that gives a pair of the query", { auth: asking({ query: { key: EVIL, [EVIL]: "1" } }) }],
  ["a user and a password", {}, { auth: [EVIL, EVIL] }],
  ["the user of Digest", { auth: digest(EVIL, "pa55") }],
  ["an idempotency key", {}, { idempotencyKey: EVIL }],
  ["an idempotency key that is made", { idempotencyKey: () => EVIL }],
  ["params", {}, { params: { a: EVIL, [EVIL]: "1" } }],
  ["path", {}, { path: { name: EVIL } }],
  [
    "a jar of somebody's",
    { cookies: { getCookieHeader: () => EVIL, setCookies: () => {} } satisfies CookieStore },
  ],
  [
    "a header that middleware sets",
    wire((request, next) => {
      request.headers.set("x-a", EVIL);
      return next(request);
    }),
  ],
  [
    "headers that middleware takes as they are",
    wire((request, next) => next(request.with({ headers: Headers.fromFlat(["x-a", EVIL]) }))),
  ],
  [
    "the method of middleware",
    wire((request, next) => next(request.with({ method: `GET / HTTP/1.1\r\n${EVIL}` }))),
  ],
  [
    "the target of middleware",
    wire((request, next) => next(request.with({ target: `/ HTTP/1.1\r\n${EVIL}` }))),
  ],
  [
    "a target of middleware that begins another request",
    wire((request, next) =>
      next(request.with({ target: "/ HTTP/1.1\r\nHost: h\r\n\r\nGET /second HTTP/1.1\r\nX-Evil: 1" })),
    ),
  ],
];

describe("S68 #23 every string is validated before it is written to the wire: a line break in it is no header", () => {
  test.each(WAYS)("%s", async (_, options, call = {}) => {
    const heads: string[] = [];
    await using server = await serveRaw((socket, head) => {
      heads.push(head);
      const challenge = head.includes("uthorization")
        ? ""
        : 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n';
      const status = challenge !== "" && options.auth !== undefined ? 401 : 200;
      socket.write(`HTTP/1.1 ${status} X\r\n${challenge}content-length: 2\r\n\r\n{}`);
    });
    await using client = new Client({ retry: false, ...options });
    const url = "path" in call ? `${server.origin}/{name}` : `${server.origin}/`;
    const result = await client.post(url, call).result();
    if (!result.ok) expect(result.error).toBeInstanceOf(ChasquiError);
    expect(heads.length).toBeLessThanOrEqual(2);
    for (const head of heads) expect(head).not.toMatch(/^x-evil/im);
    expect(heads.join()).not.toContain("/second");
  });

  test.each<[string, (url: string) => RequestOptions["proxy"]]>([
    ["a header for the proxy", (url) => ({ url, headers: { "x-a": EVIL } })],
    ["a token for the proxy", (url) => ({ url, auth: secret(EVIL) })],
    ["a password in the URL of the proxy", (url) => url.replace("//", `//us:${encodeURIComponent(EVIL)}@`)],
  ])("%s", async (_, proxyOf) => {
    await using proxy = await startHttpProxy();
    await using client = new Client({ retry: false });
    for (const url of ["http://target.test:1/", "https://target.test:1/"]) {
      const { error } = await client.get(url, { proxy: proxyOf(proxy.url) }).result();
      expect(error).toBeInstanceOf(ChasquiError);
    }
    for (const { headers } of proxy.seen) expect(headers).not.toHaveProperty("x-evil");
  });
});
