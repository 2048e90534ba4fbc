import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPractice, startPractice } from "../src/index.ts";

let practice: RunningPractice;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
});
afterAll(() => practice.close());

type Json = Record<string, unknown>;
async function read(path: string): Promise<{ status: number; headers: Headers; body: unknown }> {
  const response = await fetch(practice.url + path);
  return { status: response.status, headers: response.headers, body: await response.json() };
}
async function rows(path: string): Promise<Json[]> {
  const { body } = await read(path);
  if (!Array.isArray(body)) throw new Error(`${path} is no list: ${JSON.stringify(body)}`);
  return body;
}
const ids = async (path: string) => (await rows(path)).map((row) => row.id);
const cityOf = (row: Json) => Object(row.address).city as string;
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test.each([
  ["posts", 100, ["userId", "id", "title", "body"]],
  ["comments", 500, ["postId", "id", "name", "email", "body"]],
  ["albums", 100, ["userId", "id", "title"]],
  ["photos", 5000, ["albumId", "id", "title", "url", "thumbnailUrl"]],
  ["todos", 200, ["userId", "id", "title", "completed"]],
  ["users", 10, ["id", "name", "username", "email", "address", "phone", "website", "company"]],
])("%s has %i rows in the original's shape", async (name, count, keys) => {
  const all = await rows(`/${name}`);
  expect(all).toHaveLength(count);
  for (const row of all) expect(Object.keys(row)).toEqual(keys);
  expect(all.map((row) => row.id)).toEqual(upTo(1, count));
});

test("a user has an address, a place and a company", async () => {
  const { body } = await read("/users/2");
  expect(body).toMatchObject({
    address: {
      street: expect.any(String),
      suite: expect.any(String),
      city: expect.any(String),
      zipcode: expect.any(String),
    },
    company: { name: expect.any(String), catchPhrase: expect.any(String), bs: expect.any(String) },
  });
  expect(body).toHaveProperty("address.geo", { lat: expect.any(String), lng: expect.any(String) });
});

test.each([
  [
    "/posts/1",
    { userId: 1, id: 1, title: "sunt aut facere repellat provident occaecati excepturi optio reprehenderit" },
  ],
  ["/posts/2", { userId: 1, id: 2, title: "qui est esse" }],
  ["/posts/3", { userId: 1, id: 3, title: "ea molestias quasi exercitationem repellat qui ipsa sit aut" }],
  ["/users/1", { id: 1, name: "Leanne Graham", email: "Sincere@april.biz" }],
  ["/posts/11", { userId: 2 }],
  ["/comments/500", { postId: 100 }],
  ["/photos/5000", { albumId: 100 }],
  ["/todos/200", { userId: 10 }],
])("%s is the row that everybody knows", async (path, expected) => {
  expect(await read(path)).toMatchObject({ status: 200, body: expected });
});

test.each([
  ["/posts?userId=3", upTo(21, 30)],
  ["/posts?userId=1&userId=2", upTo(1, 20)],
  ["/posts?id=5&id=3&id=4&id=4&id=nope&id=05", [3, 4, 5]],
  ["/posts?userId=01", []],
  ["/posts?id_gte=98", [98, 99, 100]],
  ["/posts?id_lte=2", [1, 2]],
  ["/posts?id_gte=10&id_lte=12&id_ne=11", [10, 12]],
  ["/posts?id_lte=3&id_ne=1&id_ne=3", [2]],
  ["/posts?userId_gte=10&id_ne=95", [...upTo(91, 94), ...upTo(96, 100)]],
  ["/posts?userId_ne=1&_limit=2", [11, 12]],
  ["/posts?userId_lte=1.5", upTo(1, 10)],
  ["/posts?id_gte=abc", []],
  ["/posts?title=qui est esse", [2]],
  ["/posts?title=QUI EST ESSE", []],
  ["/posts?title_like=^QUI EST", [2]],
  ["/posts?title_like=^(sunt aut f|qui e|ea m).*", [1, 2, 3]],
  ["/posts?title_like=^sunt aut facere&title_like=^ea molestias", [1, 3]],
  ["/posts?nonsense=1&_limit=2", [1, 2]],
  ["/posts?nonsense_gte=1&_limit=2", [1, 2]],
  ["/posts?constructor.name=Object&_limit=1", [1]],
  ["/users?address=1", []],
  ["/posts?q=QUI est ESSE", [2]],
  ["/users?q=leanne", [1]],
  ["/posts?q=zzzzzz", []],
  ["/posts?_sort=id&_order=desc&_limit=3", [100, 99, 98]],
  ["/posts?_sort=userId,id&_order=desc,asc&_limit=3", [91, 92, 93]],
  ["/posts?_sort=userId&_order=desc&_limit=2", [91, 92]],
  ["/posts?_start=10&_end=13", [11, 12, 13]],
  ["/posts?_start=10&_limit=2", [11, 12]],
  ["/posts?_start=98&_limit=20", [99, 100]],
  ["/posts?_end=2", [1, 2]],
  ["/posts?_limit=2", [1, 2]],
  ["/posts?_limit=0", []],
  ["/posts?_start=99", upTo(1, 100)],
  ["/posts?_page=2", upTo(11, 20)],
  ["/posts?_page=2&_limit=3", [4, 5, 6]],
  ["/posts?_page=0&_limit=2", [1, 2]],
  ["/posts?_page=abc&_limit=2", [1, 2]],
  ["/posts?_page=-3&_limit=2", [1, 2]],
  ["/posts?_page=11", []],
  ["/posts?_page=2&_limit=3&_sort=id&_order=desc", [97, 96, 95]],
  ["/posts/1/comments", [1, 2, 3, 4, 5]],
  ["/posts/3/comments?id_gte=14", [14, 15]],
  ["/posts/3/comments?_page=1&_limit=2", [11, 12]],
  ["/posts/9999/comments", []],
  ["/posts/abc/comments", []],
  ["/users/2/posts?_limit=1", [11]],
  ["/posts/1/users", []],
])("GET %s gives the rows that json-server gives", async (path, expected) => {
  expect(await ids(path)).toEqual(expected);
});

test("a dotted path compares what is inside", async () => {
  const [user] = await rows("/users?id=4");
  const city = cityOf(user ?? {});
  const found = await rows(`/users?address.city=${encodeURIComponent(String(city))}`);
  expect(found.map((row) => row.id)).toContain(4);
  for (const row of found) expect(cityOf(row)).toBe(city);
  const sorted = await rows("/users?_sort=address.city");
  const cities = sorted.map(cityOf);
  expect(cities).toEqual([...cities].sort());
});

test.each([
  ["/posts?_page=1", "100", ["first", "next", "last"]],
  ["/posts?_page=5&_limit=10", "100", ["first", "prev", "next", "last"]],
  ["/posts?_page=10", "100", ["first", "prev", "last"]],
  ["/posts?_page=11", "100", []],
  ["/posts?_page=1&userId=1", "10", []],
  ["/posts?_page=1&_limit=4&userId=1", "10", ["first", "next", "last"]],
])("%s has X-Total-Count %s and links %j", async (path, total, relations) => {
  const { headers } = await read(path);
  expect(headers.get("x-total-count")).toBe(total);
  expect(headers.get("access-control-expose-headers")).toBe("X-Total-Count, Link");
  const link = headers.get("link") ?? "";
  expect([...link.matchAll(/rel="(\w+)"/g)].map(([, name]) => name)).toEqual(relations);
});

test("links are absolute, keep the rest of the query, and lead through every row once", async () => {
  let url: string | undefined = `${practice.url}/posts?_page=1&_limit=30&userId_gte=1`;
  const seen: unknown[] = [];
  while (url !== undefined) {
    const response: Response = await fetch(url);
    seen.push(...((await response.json()) as Json[]).map((row) => row.id));
    url = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    if (url !== undefined)
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/posts\?_page=\d&_limit=30&userId_gte=1$/);
  }
  expect(seen).toEqual(upTo(1, 100));
});

test.each([
  ["/posts?_start=5&_end=7", "100"],
  ["/posts?_limit=3&userId=2", "10"],
  ["/posts?_limit=0", "100"],
  ["/posts", null],
  ["/posts?_start=5", null],
])("%s has X-Total-Count %s and no links", async (path, total) => {
  const { headers } = await read(path);
  expect(headers.get("x-total-count")).toBe(total);
  expect(headers.get("link")).toBe(null);
});

test("_embed adds the children, _expand the parent, to lists and to single rows", async () => {
  expect((await read("/posts/1?_embed=comments&_expand=user")).body).toMatchObject({
    id: 1,
    comments: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }],
    user: { name: "Leanne Graham" },
  });
  const listed = await rows("/comments?_expand=post&_limit=6");
  expect(listed[5]).toMatchObject({ id: 6, post: { id: 2, title: "qui est esse" } });
  expect((await read("/users/1?_embed=nothing")).body).not.toHaveProperty("nothing");
});

test.each(["/posts/0", "/posts/101", "/posts/01", "/posts/abc", "/posts/1e1", "/users/11"])(
  "a missing id is 404 and {}: %s",
  async (path) => {
    expect(await read(path)).toMatchObject({ status: 404, body: {} });
    expect((await read(path)).body).toEqual({});
  },
);

test.each(["/posts/1/comments/2", "/nothing", "/posts/1/nothing", "/__proto__", "/constructor/1"])(
  "what there is not is 404 in JSON: %s",
  async (path) => {
    const { status, headers } = await read(path);
    expect(status).toBe(404);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  },
);

test("/db is everything", async () => {
  const { body } = await read("/db");
  const sizes = Object.entries(body as Record<string, unknown[]>).map(([name, list]) => [name, list.length]);
  expect(Object.fromEntries(sizes)).toEqual({
    posts: 100,
    comments: 500,
    albums: 100,
    photos: 5000,
    todos: 200,
    users: 10,
  });
});

test("rows are the same on every machine, and others with another seed", async () => {
  const { body } = await read("/posts/50");
  expect(body).toMatchInlineSnapshot(`
    {
      "body": "pars quod at rerum ripa id quam velit ripa
    natus nemo pons tempora lumen
    esse quo hora hora liber error
    magnam id laudantium odio architecto",
      "id": 50,
      "title": "sit quaerat incidunt tempora id explicabo cupio perferendis eum magni",
      "userId": 5,
    }
  `);
  await using other = await startPractice({ port: 0, seed: 2 });
  expect(await (await fetch(`${other.url}/posts/50`)).json()).not.toEqual(body);
  expect(await (await fetch(`${other.url}/posts/2`)).json()).toMatchObject({ title: "qui est esse" });
});
