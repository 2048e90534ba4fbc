import { describe, expect, test } from "vitest";
import { CallerError, Client, get, OptionsError, post } from "../../src/index.ts";
import { FakeServer } from "../../src/testing/index.ts";

function clientOf(server: FakeServer): Client {
  return new Client({ baseUrl: "http://api.test", transport: server.transport, retry: false });
}

function thrownBy(run: () => unknown): OptionsError {
  try {
    run();
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
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
        "Expected POST /orders once, and it came never.",
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
    expect(await second.text()).toContain("it has come once already");
    expect(() => server.verify()).toThrow("Nothing was said of GET /");
    server.expect("GET", "/never", { times: 0 });
    expect(await (await client.get("/never")).text()).toContain("it is never to come");
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

  test("says of a placeholder that cannot be decoded that it does not fit, and goes on", async () => {
    await using server = new FakeServer();
    server.on("GET", "/users/{id}").reply({ json: 1 });
    const origin = await server.listen();
    // Fetch sends it as it is; a client of ours would escape the percent sign.
    const response = await fetch(`${origin}/users/%zz`);
    expect([response.status, await response.text()]).toEqual([
      501,
      "Nothing was said of GET /users/%zz\n  GET /users/{id}: {id} is %zz, which cannot be decoded\n",
    ]);
    server.on("GET", "/users/%zz").reply({ text: "as it is" });
    expect(await (await fetch(`${origin}/users/%zz`)).text()).toBe("as it is");
    expect(await get(`${origin}/users/a%20b`).json()).toBe(1);
  });

  test.each(["/café/{id}", "/a b/{id}", "/a%20b/{id}", '/x^`"<>/{id}'])(
    "the path of a rule may be written as it is read, or as it is sent: %s",
    async (path) => {
      await using server = new FakeServer();
      server.on("GET", path).reply(({ params }) => ({ json: params.id }));
      const origin = await server.listen();
      const sent = path.replace("{id}", "é 1");
      expect(await get(origin + sent).json()).toBe("é 1");
    },
  );

  test("says of a rule for the same path that it is for another method", async () => {
    const server = new FakeServer();
    server.on("GET", "/users/{id}").reply({ json: 1 });
    server.on("GET", "/users").reply({ json: [] });
    await using client = clientOf(server);
    const response = await client.delete("/users/7");
    expect([response.status, await response.text()]).toEqual([
      501,
      "Nothing was said of DELETE /users/7\n  GET /users/{id}: another method\n",
    ]);
  });

  test.each<[string, unknown, string, string]>([
    ["a field that does not exist", { data: 1 }, "reply.data", "json: …"],
    ["a status that is no object", 200, "reply", "{ status: 200, json: … }"],
    ["text that is no object", "hi", "reply", "{ text: … }"],
    ["an object as body", { body: { a: 1 } }, "reply.body", "json: …"],
    ["a string as body", { body: "hi" }, "reply.body", "text: …"],
    ["an object as text", { text: { a: 1 } }, "reply.text", "json: …"],
    ["a Response that is read once", new Response("hi"), "reply", "() => new Response"],
    ["headers that are a list", { headers: ["a"] }, "reply.headers", ""],
    ["two bodies", { json: 1, text: "1" }, "reply.text", ""],
    ["a status below 200", { status: 199 }, "reply.status", ""],
    ["a status above 599", { status: 600 }, "reply.status", ""],
    ["a status that is no number", { status: "200" }, "reply.status", ""],
  ])("refuses %s as an answer at once", (_, given, option, hint) => {
    const server = new FakeServer();
    const replies: unknown[] = [{ text: "good" }, given];
    const error = thrownBy(() => Reflect.apply(server.on("GET", "/").reply, undefined, replies));
    expect(error.option).toBe(option);
    expect(error.hint ?? "").toContain(hint);
    expect(thrownBy(() => Reflect.construct(FakeServer, [{ otherwise: given }])).option).toBe(option);
  });

  test("refuses what a function answers likewise, when it does", async () => {
    const server = new FakeServer();
    server.on("GET", "/").reply(() => JSON.parse('{"data":1}'));
    await expect(server.handle(new Request("http://api.test/"))).rejects.toThrow('no field "data"');
  });

  test("refuses rules that can never fit", () => {
    const server = new FakeServer();
    expect(() => server.on("GET", "users")).toThrow(OptionsError);
    expect(() => server.on("GET", "/a", JSON.parse('{"body":1}'))).toThrow(OptionsError);
    const error = thrownBy(() => server.on("GET", "/users/:id/posts/:post"));
    expect(error.message).toContain("A placeholder is written {id}, not :id");
    expect(error.hint).toBe("/users/{id}/posts/{post}");
    expect(() => server.on("POST", "/things:batch")).not.toThrow();
    const query = thrownBy(() => server.on("GET", "/a?x=1&y="));
    expect([query.option, query.message]).toEqual([
      "path",
      'The path of a rule is "/a?x=1&y=": it has a query, which no path has',
    ]);
    expect(query.hint).toContain('("GET", "/a", { query: {"x":"1","y":""} })');
    expect(thrownBy(() => server.expect("GET", "/a#top")).message).toContain(
      "a fragment, which is never sent",
    );
  });
});
