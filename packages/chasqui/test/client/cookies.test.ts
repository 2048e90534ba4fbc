import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  type Auth,
  Client,
  CookieJar,
  type CookieStore,
  get,
  memory,
  OptionsError,
  secret,
} from "../../src/index.ts";
import { type Answer, json, redirectTo, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

function setting(lines: string | string[], status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "set-cookie": lines, ...headers }).end("{}");
  };
}

/** The cookies of the last request, in order of name. */
function sent(server: { last(): { headers: Readonly<Record<string, string>> } }): string[] {
  return (server.last().headers.cookie ?? "").split("; ").filter(Boolean).sort();
}

/** Somebody whose name is "localhost" and not an address: the same server, another host. */
const named = (origin: string): string => origin.replace("127.0.0.1", "localhost");

describe("the jar of a client", () => {
  test.each([200, 201, 301, 404, 500])(
    "#79 #80 keeps what a %i sets, and sends it from then on",
    async (status) => {
      await using server = await serve({
        "/set": setting("sid=1; Path=/", status, status === 301 ? { location: "/x" } : {}),
        "/x": json({}),
      });
      await using client = new Client({ baseUrl: server.origin, retry: false });
      await client.get("/set");
      await client.get("/x");
      expect(sent(server)).toEqual(["sid=1"]);
    },
  );

  test("#80 #74 a redirect's cookie goes with the very next hop, and one that it changes as it is now", async () => {
    await using server = await serve({
      "/a": setting("step=a; Path=/", 302, { location: "/b" }),
      "/b": setting("step=b; Path=/", 302, { location: "/c" }),
      "/c": json({}),
    });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/a");
    expect(server.seen.map(({ headers }) => headers.cookie)).toEqual([undefined, "step=a", "step=b"]);
  });

  test("#74 the Cookie header is rebuilt from the jar at every hop: what is for one path or host stays there", async () => {
    await using far = await serve(json({}));
    await using server = await serve({
      "/a": setting(["deep=1; Path=/deep", "all=1; Path=/"], 302, { location: "/deep/b" }),
      "/deep/b": redirectTo("/c"),
      "/c": redirectTo(`${named(far.origin)}/d`),
    });
    await using client = new Client();
    await client.get(`${server.origin}/a`);
    expect(server.seen.map(({ headers }) => headers.cookie)).toEqual([undefined, "deep=1; all=1", "all=1"]);
    expect(far.last().headers.cookie).toBeUndefined();
  });

  test("#80 a call without a client has a jar of its own, for its redirects alone", async () => {
    await using server = await serve({
      "/a": setting("sid=1; Path=/", 302, { location: "/b" }),
      "/b": json({}),
    });
    await get(`${server.origin}/a`);
    expect(sent(server)).toEqual(["sid=1"]);
    await get(`${server.origin}/b`);
    expect(sent(server)).toEqual([]);
  });

  test.each(["sid=gone; Max-Age=0", "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"])(
    "#81 %s removes",
    async (line) => {
      await using server = await serve({
        "/in": setting("sid=1; Path=/"),
        "/out": setting(`${line}; Path=/`),
        "/x": json({}),
      });
      await using client = new Client({ baseUrl: server.origin });
      await client.get("/in");
      await client.get("/x");
      expect(sent(server)).toEqual(["sid=1"]);
      await client.get("/out");
      await client.get("/x");
      expect(sent(server)).toEqual([]);
    },
  );

  test("#84 quotes stay", async () => {
    await using server = await serve({ "/set": setting('q="a b"; Path=/'), "/x": json({}) });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/set");
    await client.get("/x");
    expect(sent(server)).toEqual(['q="a b"']);
  });

  test("#85 a path is kept to", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { "set-cookie": "deep=1; Path=/a/b" }).end();
    });
    await using client = new Client({ baseUrl: server.origin });
    for (const path of ["/", "/a/bc", "/a/b/c"]) await client.get(path);
    await client.get("/x");
    expect(server.seen.map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      undefined,
      "deep=1",
      undefined,
    ]);
  });

  test("#85 S2 a cookie without a domain stays with the host that set it, whoever it redirects to", async () => {
    await using far = await serve(json({}));
    await using server = await serve(setting("sid=1; Path=/", 302, { location: `${named(far.origin)}/x` }));
    await using client = new Client();
    await client.get(server.origin);
    expect(far.last().headers.cookie).toBeUndefined();
    await client.get(server.origin, { redirect: "manual" });
    expect(sent(server)).toEqual(["sid=1"]);
  });

  test("#85 a domain is kept to, and nobody speaks for another", async () => {
    const seen: string[] = [];
    await using client = new Client({
      transport: memory((request) => {
        seen.push(`${new URL(request.url).host} ${request.headers.get("cookie")}`);
        const headers = new globalThis.Headers();
        headers.append("set-cookie", "wide=1; Domain=example.com");
        headers.append("set-cookie", "narrow=1");
        headers.append("set-cookie", "foreign=1; Domain=other.com");
        return new globalThis.Response("", { headers });
      }),
    });
    await client.get("https://api.example.com/");
    await client.get("https://www.example.com/");
    await client.get("https://other.com/");
    expect(seen).toEqual(["api.example.com null", "www.example.com wide=1", "other.com null"]);
  });

  test("#86 one name under two paths: asking by the name alone is told so, asking with the path works", async () => {
    await using server = await serve({ "/set": setting(["n=root; Path=/", "n=deep; Path=/deep"]) });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/set");
    const jar = client.cookies;
    if (!(jar instanceof CookieJar)) throw new Error("the client has no jar");
    expect(() => jar.get("n")).toThrow(OptionsError);
    expect(jar.get("n", { path: "/deep" })).toBe("deep");
  });

  test("#87 several lines in one response, with commas in their dates", async () => {
    await using server = await serve({
      "/set": setting([
        "a=1; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
        "b=2; Path=/; Expires=Thu, 22 Oct 2099 07:28:00 GMT",
        "c=3; Path=/",
      ]),
      "/x": json({}),
    });
    await using client = new Client({ baseUrl: server.origin });
    const response = await client.get("/set");
    expect(response.headers.getSetCookie()).toHaveLength(3);
    await client.get("/x");
    expect(sent(server)).toEqual(["a=1", "b=2", "c=3"]);
  });

  test("#88 may be anybody's, and stays that object", async () => {
    const lines: string[] = [];
    const mine: CookieStore = {
      getCookieHeader: async (url) => `asked=${new URL(url).pathname.slice(1)}`,
      setCookies: (_url, given) => {
        lines.push(...given);
      },
    };
    await using server = await serve(setting("sid=1"));
    await using client = new Client({ baseUrl: server.origin, cookies: mine });
    expect(client.cookies).toBe(mine);
    await client.get("/x");
    expect(sent(server)).toEqual(["asked=x"]);
    expect(lines).toEqual(["sid=1"]);
  });

  test("#88 one jar may serve two clients", async () => {
    const jar = new CookieJar();
    await using server = await serve({ "/set": setting("sid=1; Path=/"), "/x": json({}) });
    await using one = new Client({ baseUrl: server.origin, cookies: jar });
    await using two = new Client({ baseUrl: server.origin, cookies: jar });
    await one.get("/set");
    await two.get("/x");
    expect(sent(server)).toEqual(["sid=1"]);
  });

  test("#89 what a 401 sets goes with the replay, and stays", async () => {
    let count = 0;
    await using server = await serve((response, { headers }) => {
      count++;
      const ok = headers.cookie === "nonce=1";
      response.writeHead(ok ? 200 : 401, { "set-cookie": `nonce=${count}; Path=/` }).end("{}");
    });
    const auth: Auth = { authorize: () => ({}), refresh: () => {} };
    await using client = new Client({ baseUrl: server.origin, auth });
    expect((await client.get("/")).status).toBe(200);
    expect(server.seen).toHaveLength(2);
    await client.get("/");
    expect(server.seen[2]?.headers.cookie).toBe("nonce=2");
  });

  test("what an answer that is tried again sets goes with the next attempt", async () => {
    let count = 0;
    await using server = await serve((response) => {
      count++;
      response
        .writeHead(count === 1 ? 503 : 200, { "set-cookie": "node=b; Path=/", "retry-after": "0" })
        .end();
    });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/");
    expect(sent(server)).toEqual(["node=b"]);
  });

  test("#90 response.cookies has what that response set, and nothing else", async () => {
    await using server = await serve({
      "/a": setting("a=1; Path=/"),
      "/b": setting(["b=2; Path=/", "c=3=3"]),
    });
    await using client = new Client({ baseUrl: server.origin });
    expect({ ...(await client.get("/a")).cookies }).toEqual({ a: "1" });
    expect({ ...(await client.get("/b")).cookies }).toEqual({ b: "2", c: "3=3" });
  });

  test("cookies: false of a client keeps none", async () => {
    await using server = await serve(setting("sid=1; Path=/"));
    await using client = new Client({ baseUrl: server.origin, cookies: false });
    expect(client.cookies).toBeUndefined();
    await client.get("/");
    await client.get("/");
    expect(sent(server)).toEqual([]);
  });

  test("cookies: false of a call neither sends nor stores", async () => {
    await using server = await serve({
      "/a": setting("sid=1; Path=/"),
      "/b": setting("sid=2; Path=/"),
      "/x": json({}),
    });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/a");
    await client.get("/b", { cookies: false });
    expect(sent(server)).toEqual([]);
    await client.get("/x");
    expect(sent(server)).toEqual(["sid=1"]);
  });

  test("extend() shares the jar, whoever sees the first cookie", async () => {
    await using server = await serve({ "/set": setting("sid=1; Path=/"), "/x": json({}) });
    await using parent = new Client({ baseUrl: server.origin });
    await parent.extend({ headers: { "x-child": "1" } }).get("/set");
    await parent.get("/x");
    expect(sent(server)).toEqual(["sid=1"]);
  });

  test("a store that throws fails the call with what it threw, in a result with an error of the family", async () => {
    const cookies: CookieStore = {
      getCookieHeader: () => {
        throw new Error("the disk is gone");
      },
      setCookies: () => {},
    };
    await using client = new Client({ cookies });
    const result = await client.get("http://127.0.0.1:9/").result();
    expect(result.error?.code).toBe("ERR_CALLER");
    expect(result.error?.cause).toMatchObject({ message: "the disk is gone" });
  });
});

describe("the cookies of a call", () => {
  test("#82 #83 D10 override the jar for that call and leave it as it was", async () => {
    await using server = await serve({
      "/set": setting(["sid=jar; Path=/", "other=1; Path=/"]),
      "/x": json({}),
    });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/set");
    await client.get("/x", { cookies: { sid: "call", extra: secret("e") } });
    expect(sent(server)).toEqual(["extra=e", "other=1", "sid=call"]);
    await client.get("/x");
    expect(sent(server)).toEqual(["other=1", "sid=jar"]);
  });

  test("join a Cookie header that was set by hand, and win over it", async () => {
    await using server = await serve(json({}));
    await get(server.origin, { headers: { cookie: "a=hand; b=hand" }, cookies: { b: "call" } });
    expect(sent(server)).toEqual(["a=hand", "b=call"]);
  });

  test("#82 a Cookie header that was set by hand wins over the jar, and is one line", async () => {
    await using server = await serve({
      "/set": setting(["sid=jar; Path=/", "other=1; Path=/"]),
      "/x": json({}),
    });
    await using client = new Client({ baseUrl: server.origin });
    await client.get("/set");
    await client.get("/x", { headers: { cookie: "sid=hand" } });
    expect(sent(server)).toEqual(["other=1", "sid=hand"]);
    expect(server.last().rawHeaders.filter((text) => text.toLowerCase() === "cookie")).toHaveLength(1);
  });

  test("stay with the call on a redirect of the same origin", async () => {
    await using server = await serve({ "/a": redirectTo("/b"), "/b": json({}) });
    await get(`${server.origin}/a`, { cookies: { mine: "1" } });
    expect(sent(server)).toEqual(["mine=1"]);
  });

  test.each<[string, unknown]>([
    ["a value that would be another cookie", { a: "1; admin=1" }],
    ["a value with a line break", { a: "1\r\nx: y" }],
    ["a value that is a number", { a: 1 }],
    ["a value that is nothing", { a: undefined }],
    ["a name with an equals sign", { "a=b": "1" }],
    ["an empty name", { "": "1" }],
    ["a string", "a=1"],
    ["true", true],
  ])("S27 S73 %s is refused before anything is sent, and not shown", async (_, cookies) => {
    const result = await get("http://127.0.0.1:9/", { cookies: cookies as never }).result();
    expect(result.error).toBeInstanceOf(OptionsError);
    if (result.error instanceof OptionsError) expect(result.error.option).toMatch(/^cookies/);
    expect(inspect(result.error)).not.toContain("admin");
  });
});

describe("what a middleware makes of an answer", () => {
  test("#80 sets cookies as the server's own does", async () => {
    await using server = await serve(json({}));
    await using client = new Client({
      baseUrl: server.origin,
      wire: [async (request, next) => (await next(request)).with({ headers: { "set-cookie": "mine=1" } })],
    });
    await client.get("/");
    await client.get("/");
    expect(sent(server)).toEqual(["mine=1"]);
  });

  test("#80 of two that it asked for, the one it answers counts", async () => {
    await using server = await serve({ "/set": setting("a=1"), "/plain": json({}) });
    await using client = new Client({
      baseUrl: server.origin,
      wire: [
        async (request, next) => {
          const first = await next(request.with({ target: "/set" }));
          await next(request.with({ target: "/plain" }));
          return first;
        },
      ],
    });
    await client.get("/");
    await client.get("/");
    expect(sent(server)).toEqual(["a=1"]);
  });
});

test("#85 the jar goes by the client's clock", async () => {
  await using server = await serve({ "/set": setting("a=1; Max-Age=60"), "/": json({}) });
  const clock = new ManualClock();
  await using client = new Client({ baseUrl: server.origin, clock });
  await client.get("/set");
  await client.get("/");
  expect(sent(server)).toEqual(["a=1"]);
  clock.advance(61_000);
  await client.get("/");
  expect(sent(server)).toEqual([]);
});
