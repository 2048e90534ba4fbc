import { describe, expect, test } from "vitest";
import {
  AbortError,
  bearer,
  Client,
  type ClientOptions,
  NetworkError,
  type RequestOptions,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { json, redirectTo, serve } from "../peers/http-server.ts";

/** Two calls at the same time; how many requests arrived. */
async function requests(
  options: ClientOptions,
  [one, other]: readonly [RequestOptions, RequestOptions],
  path = "/",
): Promise<number> {
  await using server = await serve(json({ a: 1 }));
  await using client = new Client({ baseUrl: server.origin, dedupe: true, ...options });
  await Promise.all([client.get(path, one), client.get(path, other)]);
  return server.seen.length;
}

describe("dedupe", () => {
  test("answers calls that ask for the same by one request, each with a response of its own", async () => {
    const open = gate();
    await using server = await serve(async (response) => {
      await open.opened;
      response.end('{"a":1}');
    });
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    const calls = Array.from({ length: 20 }, () => client.get("/x"));
    await until(() => server.seen.length > 0);
    open.open();
    const responses = await Promise.all(calls);
    expect(server.seen).toHaveLength(1);
    expect(new Set(responses).size).toBe(20);
    for (const response of responses) expect(await response.json()).toEqual({ a: 1 });
    const kinds = responses.map(({ trace }) => trace.events.map(({ kind }) => kind).join());
    expect(kinds[0]).toBe("exchange");
    expect(new Set(kinds.slice(1))).toEqual(new Set(["exchange,dedupe"]));
    await client.get("/x");
    expect(server.seen).toHaveLength(2);
  });

  const same: RequestOptions = {};
  test.each<[string, ClientOptions, readonly [RequestOptions, RequestOptions], number]>([
    ["the same", {}, [same, same], 1],
    [
      "the same, with a limit of time each",
      {},
      [{ timeout: { total: "1s" } }, { timeout: { total: "2s" } }],
      1,
    ],
    ["read otherwise", {}, [{ encoding: "latin1" }, { raise: true }], 1],
    ["another query", {}, [{ params: { a: 1 } }, { params: { a: 2 } }], 2],
    ["another header", {}, [{ headers: { accept: "text/html" } }, same], 2],
    ["other credentials", {}, [{ auth: bearer("one") }, { auth: bearer("two") }], 2],
    ["equal credentials", {}, [{ auth: bearer("one") }, { auth: bearer("one") }], 1],
    [
      "credentials of which nobody says whose",
      {},
      [{ auth: { authorize: () => ({}) } }, { auth: { authorize: () => ({}) } }],
      2,
    ],
    ["other cookies of a call", {}, [{ cookies: { a: "1" } }, { cookies: { a: "2" } }], 2],
    ["another policy of redirects", {}, [{ redirect: "manual" }, same], 2],
    ["another policy of retries", {}, [{ retry: 2 }, same], 2],
    ["hooks of a call's own", {}, [{ hooks: { onRequest: () => {} } }, same], 2],
    [
      "the same policies, said by each",
      {},
      [
        { retry: 2, redirect: "manual" },
        { retry: 2, redirect: "manual" },
      ],
      1,
    ],
    ["the same mode of a cache", { cache: true }, [{ cache: "reload" }, { cache: "reload" }], 1],
    ["another mode of a cache", { cache: true }, [{ cache: "reload" }, same], 2],
    ["another limit of size", {}, [{ maxBytes: 100 }, same], 2],
    ["a streamed body", {}, [{ stream: true }, { stream: true }], 2],
    ["switched off for both", {}, [{ dedupe: false }, { dedupe: false }], 2],
    ["off by default", { dedupe: false }, [same, same], 2],
  ])("of two calls, %s", async (_, options, pair, expected) => {
    expect(await requests(options, pair)).toBe(expected);
  });

  test("does not join what is not safe", async () => {
    await using server = await serve(json({}));
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    await Promise.all([client.post("/", { json: 1 }), client.post("/", { json: 1 })]);
    expect(server.seen).toHaveLength(2);
  });

  test("one call that is given up takes nothing from the others; the request ends with the last of them", async () => {
    await using server = await serve(() => {});
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    const [first, second] = [new AbortController(), new AbortController()];
    const one = client.get("/", { signal: first.signal });
    const other = client.get("/", { signal: second.signal });
    let over = false;
    other.then(
      () => {},
      () => {
        over = true;
      },
    );
    await until(() => server.seen.length > 0);
    first.abort();
    await caught(one, AbortError);
    expect(over).toBe(false);
    expect(server.open()).toBe(1);
    second.abort();
    await caught(other, AbortError);
    await until(() => server.open() === 0);
    expect(server.seen).toHaveLength(1);
  });

  test("one that comes when all have left asks anew", async () => {
    await using server = await serve((response, seen) => {
      if (server.seen.length > 1) response.end(seen.target);
    });
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    const stop = new AbortController();
    const given = client.get("/", { signal: stop.signal });
    await until(() => server.seen.length > 0);
    stop.abort();
    await caught(given, AbortError);
    expect(await client.get("/").text()).toBe("/");
  });

  test("all are told of a failure, and none is left waiting", async () => {
    await using server = await serve((response) => {
      response.destroy();
    });
    await using client = new Client({ baseUrl: server.origin, dedupe: true, retry: false });
    const results = await Promise.all([1, 2, 3].map(() => caught(client.get("/"), NetworkError)));
    expect(results).toHaveLength(3);
    expect(server.seen).toHaveLength(1);
  });

  test("redirects that were followed together stand in the history of each", async () => {
    await using server = await serve({ "/old": redirectTo("/new"), "/new": json({}) });
    await using client = new Client({ baseUrl: server.origin, dedupe: true });
    const responses = await Promise.all([client.get("/old"), client.get("/old")]);
    for (const { history, redirected } of responses) {
      expect(history.map(({ status }) => status)).toEqual([302]);
      expect(redirected).toBe(true);
    }
    expect(server.seen).toHaveLength(2);
  });

  test("a client that is closed ends what was asked for together", async () => {
    await using server = await serve(() => {});
    const client = new Client({ baseUrl: server.origin, dedupe: true });
    const calls = [1, 2].map(() => caught(client.get("/"), AbortError));
    await until(() => server.seen.length > 0);
    await client.close();
    await Promise.all(calls);
  });
});
