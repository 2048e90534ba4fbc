import { expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

const data: Record<"posts" | "echo" | "two words" | "comments", object[]> & Record<string, unknown> = {
  posts: [
    { id: "a1", title: "one", tags: ["x", "y"], views: 10 },
    { id: "b2", title: "two", views: 9, toString: 1 },
    { id: "c3", title: null },
  ],
  echo: [{ id: 1 }, { id: 7 }],
  "two words": [{ id: 1 }],
  comments: [
    { id: 1, postId: "a1" },
    { id: 2, postId: "b2" },
  ],
  profile: { name: "Ana" },
  version: 3,
};
const practice = createPractice({ data, keep: true });
const read = async (path: string, init?: RequestInit) => {
  const response = await practice.fetch(`http://x.test${path}`, init);
  return [response.status, await response.json()] as const;
};
const form = (fields: Record<string, string>) => new URLSearchParams(fields);

test.each([
  ["/posts/b2", { id: "b2", title: "two", views: 9, toString: 1 }],
  ["/posts?views_gte=10", [data.posts[0]]],
  ["/posts?tags[1]=y", [data.posts[0]]],
  ["/posts?q=Y", [data.posts[0]]],
  ["/posts?toString=1", [data.posts[1]]],
  ["/posts?_sort=views", [data.posts[1], data.posts[0], data.posts[2]]],
  ["/posts?_sort=title&_order=desc", [data.posts[2], data.posts[1], data.posts[0]]],
  ["/posts/a1?_embed=comments", { ...data.posts[0], comments: [data.comments[0]] }],
  ["/posts/b2/comments", [data.comments[1]]],
  ["/comments/2?_expand=post", { ...data.comments[1], post: data.posts[1] }],
  ["/echo", data.echo],
  ["/two%20words", data["two words"]],
  ["/profile", { name: "Ana" }],
])("%s serves the file as json-server would", async (path, expected) => {
  expect(await read(path)).toEqual([200, expected]);
});

test("what is neither a list nor an object is no resource", async () => {
  expect((await read("/version"))[0]).toBe(404);
});

test("a created row gets the next number, or a made-up id where ids are words", async () => {
  expect(await read("/echo", { method: "POST", body: form({ a: "1" }) })).toEqual([201, { a: "1", id: 8 }]);
  const [, word] = await read("/posts", { method: "POST", body: form({ title: "new" }) });
  expect(word).toEqual({ title: "new", id: expect.stringMatching(/^[0-9a-f]{8}$/) });
});

test("an object is changed by PATCH and replaced by PUT", async () => {
  expect(await read("/profile", { method: "PATCH", body: form({ city: "Cusco" }) })).toEqual([
    200,
    { name: "Ana", city: "Cusco" },
  ]);
  expect(await read("/profile", { method: "PUT", body: form({ name: "Luz" }) })).toEqual([
    200,
    { name: "Luz" },
  ]);
  expect(await read("/profile")).toEqual([200, { name: "Luz" }]);
  expect((await read("/profile", { method: "DELETE" }))[0]).toBe(405);
});

test("rows of a file have no limit", async () => {
  const many = createPractice({ data: { rows: Array.from({ length: 120_000 }, (_, id) => ({ id })) } });
  const response = await many.fetch("http://x.test/rows?_sort=id&_order=desc&_limit=1");
  expect(await response.json()).toEqual([{ id: 119_999 }]);
});

test.each([
  [{ posts: -1 }, RangeError],
  [{ posts: 1.5 }, RangeError],
  [{ latency: 60_001 }, RangeError],
  [{ data: [] }, TypeError],
  [{ prots: 1 }, TypeError],
])("the option %j is refused", (options, error) => {
  expect(() => Reflect.apply(createPractice, undefined, [options])).toThrow(error);
});
