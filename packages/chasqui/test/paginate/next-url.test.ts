import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { type Auth, apiKey, bearer, Client, HttpError, memory, PaginationError, secret } from "chasqui";
import { describe, expect, test } from "vitest";
import type { PaginateOptions } from "../../src/paginate/options.ts";
import { type HttpServer, json, redirectTo, serve } from "../peers/http-server.ts";

/** Two origins: the first answers page one with what it is given, the second a last page, as the first does at `/b`. */
async function twoOrigins(
  first: (other: HttpServer, home: () => HttpServer) => unknown,
): Promise<{ home: HttpServer; other: HttpServer } & AsyncDisposable> {
  const other = await serve(json({ data: [{ id: 2 }], next: null }));
  const home: HttpServer = await serve({
    "/v1/a": (response) =>
      reply(
        response,
        first(other, () => home),
      ),
    "/v1/b": json({ data: [{ id: 2 }], next: null }),
    "/b": json({ data: [{ id: 2 }], next: null }),
  });
  const close = async (): Promise<void> => {
    await home.close();
    await other.close();
  };
  return { home, other, [Symbol.asyncDispose]: close };
}

function reply(response: ServerResponse, data: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(data));
}

const nameList = (server: HttpServer): string[] => Object.keys(server.last().headers);

describe("a next URL on the same origin", () => {
  test.each([
    ["absolute", (home: string) => `${home}/v1/b?p=2`, "/v1/b?p=2&key=k"],
    ["a path", () => "/v1/b?p=2", "/v1/b?p=2&key=k"],
    ["relative", () => "b?p=2", "/v1/b?p=2&key=k"],
    ["with the client's param in it", () => "b?key=other", "/v1/b?key=other"],
    ["with a fragment", () => "b#frag", "/v1/b?key=k"],
    ["with escapes as they are", () => "b?q=%20%2f+a", "/v1/b?q=%20%2f+a&key=k"],
    ["outside of the base's path", () => "/b", "/b?key=k"],
  ])(
    "%s: the client's params are added where they lack, and headers, credentials and cookies go along",
    async (_name, next, target) => {
      await using servers = await twoOrigins((_other, home) => ({
        data: [{ id: 1 }],
        next: next(home().origin),
      }));
      const { home } = servers;
      await using client = new Client({
        baseUrl: `${home.origin}/v1`,
        params: { key: "k" },
        headers: { "x-tenant": "t" },
        auth: bearer("token-1"),
      });
      const walk = client.paginate("/a", {
        by: "next",
        params: { mine: 1 },
        headers: { "x-call": "c" },
        cookies: { session: "s" },
      });
      expect(await walk.all()).toEqual([{ id: 1 }, { id: 2 }]);
      const { target: asked, headers } = home.last();
      expect(asked).toBe(target);
      expect(headers).toMatchObject({
        authorization: "Bearer token-1",
        "x-tenant": "t",
        "x-call": "c",
        cookie: "session=s",
      });
    },
  );

  test("the user of the first URL goes along, that of a next URL does not", async () => {
    await using servers = await twoOrigins((_other, home) => ({
      data: [{ id: 1 }],
      next: home().origin.replace("//", "//eve:other@").concat("/b"),
    }));
    const { home } = servers;
    await using client = new Client();
    await client.paginate(`${home.origin.replace("//", "//ann:pw@")}/v1/a`).all();
    expect(home.last().headers.authorization).toBe(`Basic ${btoa("ann:pw")}`);
  });

  test("a param of the client's that the call has removed does not come back", async () => {
    await using servers = await twoOrigins(() => ({ data: [{ id: 1 }], next: "/b" }));
    await using client = new Client({ baseUrl: servers.home.origin, params: { key: "k", lang: "en" } });
    await client.paginate("/v1/a", { params: { key: null, lang: "de" } }).all();
    expect(servers.home.last().target).toBe("/b?lang=de");
  });

  test("a key in the query that the server repeats is neither doubled nor shown", async () => {
    const key = "k-7f3a";
    await using home = await serve((response, seen) => {
      const last = seen.target.includes("p=2");
      reply(response, { data: [{ id: last ? 2 : 1 }], next: last ? null : `/a?api_key=${key}&p=2` });
    });
    await using client = new Client({ baseUrl: home.origin, auth: apiKey(key, { query: "api_key" }) });
    const urls: string[] = [];
    for await (const page of client.paginate("/a").pages()) urls.push(page.response.url);
    expect(urls).toEqual([`${home.origin}/a`, `${home.origin}/a?p=2`]);
    expect(home.last().target).toBe(`/a?p=2&api_key=${key}`);
  });
});

describe("S45 S51 P18 D19 a next URL on another origin carries no credentials", () => {
  const options: PaginateOptions = {
    params: { mine: "m", token: "t-9" },
    headers: { "x-call": "c", accept: "application/json", authorization: "Bearer by-hand" },
    cookies: { session: "s" },
  };

  test.each<[string, Auth, string]>([
    ["a header of the client's Auth", bearer("token-1"), "/x?p=2&api_key=key-1"],
    ["a key in the query", apiKey("key-1", { query: "api_key" }), "/x?p=2"],
  ])("%s, and no header, param or cookie of client or call", async (_name, auth, target) => {
    await using servers = await twoOrigins((other) => ({
      data: [{ id: 1 }],
      next: `${other.origin}/x?p=2&api_key=key-1&token=t-9`,
    }));
    const { home, other } = servers;
    await using client = new Client({
      baseUrl: home.origin,
      auth,
      params: { key: "k" },
      headers: { "x-tenant": "t", "x-api-key": "xk" },
    });
    await client.cookies?.setCookies(home.origin, ["home=1; Path=/"]);
    expect(await client.paginate("/v1/a", options).all()).toEqual([{ id: 1 }, { id: 2 }]);
    // The jar goes by host, as RFC 6265 has it, and these two servers differ in the port.
    const names = nameList(other).filter((name) => name !== "cookie");
    expect(names.toSorted()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"]);
    expect(other.last().headers.cookie ?? "").not.toContain("session");
    // A key that is not the caller's is the server's own affair.
    expect(other.last().target).toBe(target);
  });

  test("the client's jar stays out where the call has left it out", async () => {
    await using servers = await twoOrigins((other) => ({ data: [{ id: 1 }], next: `${other.origin}/x` }));
    await using client = new Client({ baseUrl: servers.home.origin });
    await client.cookies?.setCookies(servers.other.origin, ["jar=1; Path=/"]);
    await client.paginate("/v1/a", { cookies: false }).all();
    expect(nameList(servers.other)).not.toContain("cookie");
  });

  test("what has been left behind does not come back with a next URL that leads home", async () => {
    const home: HttpServer = await serve({
      "/a": (response) => reply(response, { data: [1], next: `${other.origin}/b` }),
      "/c": json({ data: [3], next: "/d" }),
      "/d": json({ data: [4], next: null }),
    });
    const other: HttpServer = await serve((response) =>
      reply(response, { data: [2], next: `${home.origin}/c` }),
    );
    await using client = new Client({ baseUrl: home.origin, auth: bearer("token-1"), params: { key: "k" } });
    expect(await client.paginate("/a").all()).toEqual([1, 2, 3, 4]);
    expect(home.seen.map(({ target, headers }) => [target, headers.authorization])).toEqual([
      ["/a?key=k", "Bearer token-1"],
      ["/c", undefined],
      ["/d", undefined],
    ]);
    await home.close();
    await other.close();
  });

  test("a page that a redirect fetched from elsewhere does not send credentials home", async () => {
    await using other = await serve({
      "/moved": (response) => reply(response, { data: [1], next: `${home.origin}/b` }),
    });
    const home: HttpServer = await serve({
      "/a": redirectTo(`${other.origin}/moved`),
      "/b": json({ data: [2], next: null }),
    });
    await using client = new Client({ baseUrl: home.origin, auth: bearer("token-1") });
    expect(await client.paginate("/a").all()).toEqual([1, 2]);
    expect(home.last()).toMatchObject({ target: "/b" });
    expect(nameList(home)).not.toContain("authorization");
    await home.close();
  });

  test("headers that the caller lets cross do, and a 401 names those that did not", async () => {
    await using other = await serve((response) => void response.writeHead(401).end());
    await using home = await serve(json({ data: [1], next: `${other.origin}/b` }));
    await using client = new Client({
      baseUrl: home.origin,
      auth: bearer("token-1"),
      headers: { "x-keep": "1", "x-leave": secret("2") },
    });
    const error = await client
      .paginate("/a", { redirect: { keepHeaders: ["X-Keep"] } })
      .all()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status: 401, hint: expect.stringContaining("x-leave") });
    expect(error).not.toMatchObject({ hint: expect.stringContaining("x-keep") });
    expect(nameList(other)).toContain("x-keep");
    expect(nameList(other)).not.toContain("x-leave");
  });
});

describe("S48 S52 D20 a next URL that may not be followed", () => {
  test.each([
    ["file:///etc/passwd", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["ftp://127.0.0.1/x", "scheme"],
    ["data:application/json,[]", "scheme"],
    ["unix:/var/run/docker.sock", "scheme"],
    ["http://", "valid URL"],
    ["http://[::bad", "valid URL"],
  ])("%s is refused", async (next, why) => {
    await using home = await serve(json({ data: [1, 2], next }));
    await using client = new Client({ baseUrl: home.origin });
    const error = await client
      .paginate("/a", { by: "next" })
      .all()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PaginationError);
    expect(error).toMatchObject({
      kind: "refused",
      pages: 1,
      rows: 2,
      message: expect.stringContaining(why),
    });
    expect(home.seen).toHaveLength(1);
  });

  test("S3 http after https is refused, unless it is allowed", async () => {
    const transport = memory((request) =>
      Response.json(
        request.url.startsWith("https")
          ? { data: [1], next: "http://api.test/b?token=t-1" }
          : { data: [2], next: null },
      ),
    );
    await using client = new Client({ baseUrl: "https://api.test", transport });
    const error = await client
      .paginate("/a")
      .all()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PaginationError);
    expect(error).toMatchObject({ kind: "refused", message: expect.stringContaining("allowDowngrade") });
    expect(await client.paginate("/a", { redirect: { allowDowngrade: true } }).all()).toEqual([1, 2]);
  });
});

test("what a PaginationError shows has no secret in it", async () => {
  await using home = await serve(json({ data: [1, 2], next: "/a?access_token=t-1&key=k-1" }));
  await using client = new Client({ baseUrl: home.origin, auth: apiKey("k-1", { query: "key" }) });
  const error = await client
    .paginate("/a?access_token=t-1")
    .all()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PaginationError);
  expect(error).toMatchObject({
    kind: "repeated",
    pages: 1,
    rows: 2,
    request: { method: "GET", url: `${home.origin}/a?access_token=***` },
  });
  for (const shown of [inspect(error), JSON.stringify(error), String(error)])
    expect(shown).not.toMatch(/[tk]-1/);
});
