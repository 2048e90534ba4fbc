import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPractice, type RunningPractice, startPractice } from "../src/index.ts";

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(practice.url + path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
  });

test("POST is 201 with what was sent, the id last, and where it is", async () => {
  const response = await send("POST", "/posts", { title: "My New Post", body: "Hello world", userId: 1 });
  expect(response.status).toBe(201);
  expect(response.headers.get("location")).toBe(`${practice.url}/posts/101`);
  expect(await response.text()).toBe(
    '{\n  "title": "My New Post",\n  "body": "Hello world",\n  "userId": 1,\n  "id": 101\n}',
  );
});

test.each([
  ["an id that is sent gives way", { id: 7, title: "x" }, '{"title":"x","id":101}'],
  ["an empty object", {}, '{"id":101}'],
  ["a key named __proto__ is only a key", '{"__proto__":{"a":1}}', '{"__proto__":{"a":1},"id":101}'],
])("POST: %s", async (_, body, expected) => {
  const response = await send("POST", "/posts", body);
  expect(JSON.stringify(await response.json())).toBe(expected);
});

test("POST takes forms, plain and multipart, and no body at all", async () => {
  const form = await fetch(`${practice.url}/posts`, {
    method: "POST",
    body: new URLSearchParams("title=a&tag=1&tag=2"),
  });
  expect(await form.json()).toEqual({ title: "a", tag: ["1", "2"], id: 101 });
  const parts = new FormData();
  parts.set("title", "b");
  const multipart = await fetch(`${practice.url}/posts`, { method: "POST", body: parts });
  expect(await multipart.json()).toEqual({ title: "b", id: 101 });
  expect(await (await send("POST", "/posts")).json()).toEqual({ id: 101 });
});

test("POST: a field that is repeated thousands of times is one list, and a form of too many fields is 413", async () => {
  const post = (fields: number) =>
    fetch(`${practice.url}/posts`, { method: "POST", body: new URLSearchParams("&a=".repeat(fields)) });
  expect(await (await post(10_000)).json()).toEqual({ a: Array(10_000).fill(""), id: 101 });
  const refused = await post(120_000);
  expect(refused.status).toBe(413);
  expect(await refused.text()).toContain("at most 10,000 fields");
});

test("POST below a parent sets its key, as the original does from the path", async () => {
  const response = await send("POST", "/posts/1/comments", { body: "hi" });
  expect(response.headers.get("location")).toBe(`${practice.url}/comments/501`);
  expect(await response.json()).toEqual({ body: "hi", postId: "1", id: 501 });
});

test("PUT replaces all but the id, PATCH what is sent, DELETE answers {}; none of it lasts", async () => {
  const put = await send("PUT", "/posts/1", { title: "Updated Title", id: 9 });
  expect([put.status, await put.json()]).toEqual([200, { title: "Updated Title", id: 1 }]);
  const patch = await send("PATCH", "/posts/1", { title: "Patched Title" });
  expect([patch.status, await patch.json()]).toMatchObject([
    200,
    { userId: 1, id: 1, title: "Patched Title" },
  ]);
  const gone = await send("DELETE", "/posts/1");
  expect([gone.status, await gone.json()]).toEqual([200, {}]);
  const minimal = await send("DELETE", "/posts/1", undefined, { prefer: "return=minimal" });
  expect([minimal.status, minimal.headers.get("preference-applied"), await minimal.text()]).toEqual([
    204,
    "return=minimal",
    "",
  ]);
  expect(await (await send("GET", "/posts/1")).json()).toMatchObject({
    title: expect.stringMatching(/^sunt aut facere/),
  });
});

test.each([
  ["POST", "/posts", "{bad", 400, /not JSON/],
  ["POST", "/posts", "[1]", 400, /must be a JSON object/],
  ["POST", "/posts", '"text"', 400, /must be a JSON object/],
  ["PUT", "/posts/9999", "{}", 404, /no row 9999/],
  ["PATCH", "/posts/9999", "{}", 404, /no row 9999/],
  ["PUT", "/posts", "{}", 405, /PUT is not for/],
  ["POST", "/posts/1", "{}", 405, /POST is not for/],
  ["DELETE", "/posts", undefined, 405, /DELETE is not for/],
])("%s %s with %s is %i with a JSON error, never a stack", async (method, path, body, status, reason) => {
  const response = await send(method, path, body);
  const answer = await response.json();
  expect(response.status).toBe(status);
  expect(Object.keys(answer as object)).toEqual(["error"]);
  expect((answer as { error: string }).error).toMatch(reason);
  if (status === 405) expect(response.headers.get("allow")).toContain("GET");
});

test("a body of nothing but brackets is 400, and its echo has no json", async () => {
  const brackets = `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
  expect((await send("POST", "/posts", brackets)).status).toBe(400);
  const echoed = await send("POST", "/echo", brackets);
  expect([echoed.status, await echoed.json()]).toMatchObject([200, { length: brackets.length, json: null }]);
});

test("a body beyond 10 MiB is 413, declared or not", async () => {
  const big = "x".repeat(11 * 1024 * 1024);
  expect((await send("POST", "/posts", big)).status).toBe(413);
  const inMemory = await createPractice().fetch("http://x.test/posts", { method: "POST", body: big });
  expect(inMemory.status).toBe(413);
});

describe("kept", () => {
  const kept = (options = {}) => {
    const memory = createPractice({ keep: true, ...options });
    return async (method: string, path: string, body?: unknown) => {
      const response = await memory.fetch(`http://x.test${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? null : JSON.parse(text),
      };
    };
  };

  test("what is written is read, in its place, filtered, sorted and counted", async () => {
    const call = kept();
    expect((await call("POST", "/posts", { title: "one more", userId: 1 })).body).toMatchObject({ id: 101 });
    expect((await call("POST", "/posts", { title: "another", userId: 2 })).body).toMatchObject({ id: 102 });
    await call("PUT", "/posts/2", { title: "replaced", userId: 2 });
    await call("DELETE", "/posts/3");
    const ids = async (path: string) => (await call("GET", path)).body.map((row: { id: number }) => row.id);
    expect(await ids("/posts?userId=1")).toEqual([1, 4, 5, 6, 7, 8, 9, 10, 101]);
    expect(await ids("/posts?userId=2")).toEqual([2, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 102]);
    expect(await ids("/posts?_limit=3")).toEqual([1, 2, 4]);
    expect(await ids("/posts?_sort=id&_order=desc&_limit=2")).toEqual([102, 101]);
    expect(await ids("/posts?title_like=^(one|repl)")).toEqual([2, 101]);
    expect(await ids("/users/2/posts?_start=10&_limit=5")).toEqual([20, 102]);
    expect((await call("GET", "/posts?_page=1")).headers.get("x-total-count")).toBe("101");
    expect((await call("GET", "/posts/3")).status).toBe(404);
    expect((await call("GET", "/posts/101")).body).toEqual({ title: "one more", userId: 1, id: 101 });
  });

  test("deleting takes along what hangs on it, as json-server does", async () => {
    const call = kept();
    expect((await call("DELETE", "/posts/1")).status).toBe(200);
    expect((await call("GET", "/posts/1/comments")).body).toEqual([]);
    expect((await call("GET", "/comments/1")).status).toBe(404);
    expect((await call("GET", "/comments/6")).status).toBe(200);
    expect((await call("DELETE", "/posts/1")).status).toBe(404);
  });

  test("an id that is sent counts, and is 409 when it is taken", async () => {
    const call = kept();
    expect((await call("POST", "/posts", { id: 500, title: "far" })).body).toEqual({ title: "far", id: 500 });
    expect((await call("POST", "/posts", { id: 500 })).status).toBe(409);
    expect((await call("POST", "/posts", {})).body).toEqual({ id: 501 });
    await call("DELETE", "/posts/501");
    expect((await call("POST", "/posts", {})).body).toEqual({ id: 502 });
  });
});
