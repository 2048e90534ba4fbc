import { expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

const practice = createPractice({ posts: 1_000_000 });
const read = async (path: string) => {
  const response = await practice.fetch(`http://x.test${path}`);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};

test.each([
  ["/posts/1000000", { id: 1_000_000, userId: 100_000 }],
  ["/posts/2", { title: "qui est esse" }],
  ["/comments/5000000", { postId: 1_000_000 }],
  ["/users/100000", { id: 100_000 }],
  ["/photos/50000000", { albumId: 1_000_000 }],
  ["/posts?_page=100000", [{ id: 999_991 }, {}, {}, {}, {}, {}, {}, {}, {}, { id: 1_000_000 }]],
  ["/posts?_start=500000&_limit=1", [{ id: 500_001 }]],
  ["/posts?userId=77777&_limit=1", [{ id: 777_761 }]],
  ["/posts?id_gte=999999", [{ id: 999_999 }, { id: 1_000_000 }]],
  ["/posts?userId=77777&_sort=id&_order=desc&_limit=1", [{ id: 777_770 }]],
  ["/posts/999999/comments?q=a&_limit=1", [{ id: 4_999_991 }]],
])("a million posts: %s", async (path, expected) => {
  const { status, body } = await read(path);
  expect(status).toBe(200);
  expect(body).toMatchObject(expected);
});

test("the counts of a million posts are those of all of them", async () => {
  expect((await read("/posts?_page=7")).headers.get("x-total-count")).toBe("1000000");
  expect((await read("/comments?_limit=1&postId_ne=1")).headers.get("x-total-count")).toBe("4999995");
});

test.each([
  ["/posts?_sort=title&_limit=1", /sorting in 1,000,000 posts/],
  ["/posts?q=qui&_limit=1", /a search with q in 1,000,000 posts/],
  ["/posts?title_like=^q&_limit=1", /a filter on title in 1,000,000 posts/],
  ["/posts", /a list of posts/],
  ["/posts?_limit=100001", /a list of posts/],
  ["/albums?_embed=photos&_limit=5000", /a list of photos/],
  ["/db", /a list of posts/],
])("%s is 400 with the reason", async (path, reason) => {
  const { status, body } = await read(path);
  expect(status).toBe(400);
  expect(body.error).toMatch(reason);
  expect(body.error).toMatch(/more than 100,000 generated rows/);
});

test("rows cost no memory until they are asked for", async () => {
  const before = process.memoryUsage().heapUsed;
  const many = Array.from({ length: 20 }, () => createPractice({ posts: 1_000_000 }));
  for (const one of many) await (await one.fetch("http://x.test/posts?_page=50000")).arrayBuffer();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
});

test.each([
  [0, 10, 0],
  [5, 10, 25],
  [250, 25, 1250],
])("%i posts have %i users and %i comments", async (posts, users, comments) => {
  const small = createPractice({ posts });
  const count = async (name: string) =>
    ((await (await small.fetch(`http://x.test/${name}`)).json()) as unknown[]).length;
  expect([await count("posts"), await count("users"), await count("comments")]).toEqual([
    posts,
    users,
    comments,
  ]);
});
