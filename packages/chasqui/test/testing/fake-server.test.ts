import { describe, expect, test } from "vitest";
import { CallerError, Client, get, OptionsError, post } from "../../src/index.ts";
import { FakeServer } from "../../src/testing/index.ts";

function clientOf(server: FakeServer): Client {
  return new Client({ baseUrl: "http://api.test", transport: server.transport, retry: false });
}

describe("a fake server", () => {
  test("answers by method and path, with what stood in the placeholders", async () => {
    const server = new FakeServer();
    server.on("GET", "/users/{id}").reply(({ params, query }) => ({ json: { id: params.id, ...query } }));
    await using client = clientOf(server);
    expect(await client.get("/users/{id}", { path: { id: "a b/c" }, params: { x: 1 } }).json()).toEqual({
      id: "a b/c",
      x: "1",
    });
    server.verify();
  });

  test("answers one after the other, the last again and again", async () => {
    const server = new FakeServer();
    server.on("GET", "/").reply({ status: 503 }, { status: 500 }, { text: "there" });
    await using client = clientOf(server);
    const statuses: number[] = [];
    for (let call = 0; call < 4; call++) statuses.push((await client.get("/")).status);
    expect(statuses).toEqual([503, 500, 200, 200]);
  });

  test("lets the rule win that was added last, and that fits", async () => {
    const server = new FakeServer();
    server.on("GET", "/a").reply({ text: "all" });
    server.on("GET", "/a", { query: { x: "1" } }).reply({ text: "x" });
    await using client = clientOf(server);
    expect(await client.get("/a").text()).toBe("all");
    expect(await client.get("/a?x=1").text()).toBe("x");
  });

  test("takes a Response of Fetch's, bytes, and headers", async () => {
    const server = new FakeServer();
    server.on("GET", "/fetch").reply(() => Response.json({ a: 1 }));
    server.on("GET", "/bytes").reply({ body: new Uint8Array([1, 2]), headers: { "x-a": "b" } });
    server.on("DELETE", "/").reply({ status: 204 });
    await using client = clientOf(server);
    expect(await client.get("/fetch").json()).toEqual({ a: 1 });
    const bytes = await client.get("/bytes");
    expect([...(await bytes.bytes())]).toEqual([1, 2]);
    expect(bytes.headers.get("x-a")).toBe("b");
    expect((await client.delete("/")).status).toBe(204);
  });

  test("verify() says what did not come, and what nobody expected, and why it did not fit", async () => {
    const server = new FakeServer();
    server.expect("POST", "/orders", {
      json: { item: 7, tags: ["a"] },
      headers: { "x-key": /^k/ },
      times: 1,
    });
    server.expect("GET", "/never");
    await using client = clientOf(server);
    await client.post("/orders", { json: { tags: ["a"], item: 8 } });
    await client.get("/elsewhere");
    expect(() => server.verify()).toThrow(
      [
        "Expected POST /orders 1 times, and it came never.",
        "Expected GET /never, and it came never.",
        "Nothing was said of POST /orders",
        '  POST /orders: header x-key is not there, not /^k/; the body is {"tags":["a"],"item":8}, not {"item":7,"tags":["a"]}',
        "Nothing was said of GET /elsewhere",
      ].join("\n"),
    );
    expect(() => server.verify()).toThrow(CallerError);
    server.reset();
    await client.post("/orders", { json: { tags: ["a"], item: 7 }, headers: { "x-key": "k1" } });
    await client.get("/never");
    server.verify();
    expect(server.seen.map(({ path }) => path)).toEqual(["/orders", "/never"]);
  });

  test("one request too many is unexpected", async () => {
    const server = new FakeServer();
    server.expect("GET", "/", { times: 1 }).reply({ text: "x" });
    await using client = clientOf(server);
    expect((await client.get("/")).status).toBe(200);
    const second = await client.get("/");
    expect(second.status).toBe(501);
    expect(await second.text()).toContain("it has come 1 times already");
    expect(() => server.verify()).toThrow("Nothing was said of GET /");
  });

  test("answers what nothing was said of as it is told", async () => {
    const server = new FakeServer({ otherwise: { status: 404 } });
    await using client = clientOf(server);
    expect((await client.get("/x")).status).toBe(404);
    server.verify();
  });

  test("listens on a port, for programs that take no transport", async () => {
    await using server = new FakeServer();
    server
      .expect("POST", "/a", { text: "hi", query: { b: "c" } })
      .reply({ status: 201, json: 1, headers: { "x-a": "b" } });
    const origin = await server.listen();
    const response = await post(`${origin}/a?b=c`, { body: "hi" });
    expect([response.status, response.headers.get("x-a"), await response.json()]).toEqual([201, "b", 1]);
    server.on("GET", "/slip").reply(() => {
      throw new Error("a slip");
    });
    expect(await (await get(`${origin}/slip`, { retry: false })).text()).toContain("a slip");
    server.verify();
    await server.close();
    expect((await get(origin, { retry: false }).result()).ok).toBe(false);
  });

  test("refuses rules that can never fit", () => {
    const server = new FakeServer();
    expect(() => server.on("GET", "users")).toThrow(OptionsError);
    expect(() => server.on("GET", "/a", JSON.parse('{"body":1}'))).toThrow(OptionsError);
  });
});
