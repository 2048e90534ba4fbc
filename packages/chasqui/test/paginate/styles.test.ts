import { startPractice } from "@chasqui/practice";
import { Client, OptionsError } from "chasqui";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PageStyleOption, PaginateOptions } from "../../src/paginate/options.ts";

let practice: Awaited<ReturnType<typeof startPractice>>;
let client: Client;

beforeAll(async () => {
  practice = await startPractice({ port: 0 });
  client = new Client({ baseUrl: practice.url });
});
afterAll(async () => {
  await client.close();
  await practice.close();
});

interface Post {
  readonly id: number;
}

const ids = (rows: readonly Post[]): number[] => rows.map(({ id }) => id);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe("each style walks every row, once and in order", () => {
  const sizes = {
    page: "per_page",
    offset: "limit",
    cursor: "limit",
    next: "per_page",
    link: "per_page",
  } as const;
  const table = (["page", "offset", "cursor", "next", "link"] as const).flatMap((style) =>
    [undefined, 1, 7, 33, 100].map((size) => ({ style, size })),
  );

  test.each(table)("by $style, $size a page", async ({ style, size }) => {
    const params = size === undefined ? {} : { [sizes[style]]: size, ...(size === 1 ? { id_lte: 4 } : {}) };
    const rows = await client.paginate<Post>(`/paging/${style}/posts`, { by: style, params }).all();
    expect(ids(rows)).toEqual(range(1, size === 1 ? 4 : 100));
  });

  test.each(["cursor", "next", "link"] as const)("%s is found without a word", async (style) => {
    expect(ids(await client.paginate<Post>(`/paging/${style}/posts`).all())).toEqual(range(1, 100));
  });

  test.each([
    ["/paging/page/posts", { page: 1 }],
    ["/paging/offset/posts", { offset: 0 }],
    ["/posts", { _page: 1 }],
    ["/posts", { _start: 0, _limit: 20 }],
  ])("%s is found by the caller's own params %o", async (path, params) => {
    expect(ids(await client.paginate<Post>(path, { params }).all())).toEqual(range(1, 100));
  });

  test("a list that is empty has no rows and is no error", async () => {
    for (const by of ["page", "offset", "cursor", "next", "link", "auto"] as const) {
      const path = by === "auto" ? "/paging/cursor/posts" : `/paging/${by}/posts`;
      expect(await client.paginate(path, { by, params: { id: 0 } }).all(), by).toEqual([]);
    }
  });
});

describe("a walk starts where the caller says", () => {
  const table: [name: string, path: string, options: PaginateOptions, first: number][] = [
    ["a page as an object", "/paging/page/posts", { by: "page", params: { page: 3 } }, 21],
    ["a page as text", "/paging/page/posts", { by: "page", params: "page=3&per_page=20" }, 41],
    ["a page as pairs", "/paging/page/posts", { by: "page", params: [["page", 3]] }, 21],
    ["a page as a Map", "/paging/page/posts", { by: "page", params: new Map([["page", 3]]) }, 21],
    [
      "a page as URLSearchParams",
      "/paging/page/posts",
      { by: "page", params: new URLSearchParams("page=3") },
      21,
    ],
    ["a page in the URL", "/paging/page/posts?page=3", { by: "page" }, 21],
    ["a page, detected", "/paging/page/posts?page=3", {}, 21],
    ["the last page", "/paging/page/posts", { by: "page", params: { page: 10 } }, 91],
    ["a page whose size is odd", "/paging/page/posts", { by: "page", params: { page: 3, per_page: 30 } }, 61],
    ["JSONPlaceholder's page", "/posts", { by: { page: "_page" }, params: { _page: 1 } }, 1],
    ["JSONPlaceholder's page 4", "/posts", { by: { page: "_page" }, params: { _page: 4, _limit: 30 } }, 91],
    ["an offset", "/paging/offset/posts", { by: "offset", params: { offset: 45 } }, 46],
    [
      "an offset with a size",
      "/paging/offset/posts",
      { by: { offset: "offset", size: 7 }, params: { offset: 45 } },
      46,
    ],
    ["an offset, detected", "/paging/offset/posts?offset=45", {}, 46],
    ["a cursor", "/paging/cursor/posts", { by: "cursor", params: { cursor: btoa("row:30") } }, 31],
    ["a next page", "/paging/next/posts", { params: { page: 9 } }, 81],
    ["a linked page", "/paging/link/posts", { by: "link", params: { page: 9 } }, 81],
  ];

  test.each(table)("%s", async (_name, path, options, first) => {
    expect(ids(await client.paginate<Post>(path, options).all())).toEqual(range(first, 100));
  });

  test("params of the client are among them", async () => {
    await using paged = new Client({ baseUrl: `${practice.url}/paging?per_page=50`, params: { page: 2 } });
    expect(ids(await paged.paginate<Post>("/page/posts", { by: "page" }).all())).toEqual(range(51, 100));
  });

  test("a size of the caller's wins over the style's", async () => {
    const options = { by: { offset: "offset", size: 50 }, params: { limit: 40 } } as const;
    const sizes: number[] = [];
    for await (const page of client.paginate("/paging/offset/posts", options).pages())
      sizes.push(page.rows.length);
    expect(sizes).toEqual([40, 40, 20]);
  });

  test.each<[PageStyleOption, string]>([
    ["page", "page"],
    [{ page: "_page" }, "_page"],
    ["offset", "offset"],
  ])("by %o, a start that is no number is an OptionsError", async (by, param) => {
    const walk = client.paginate("/posts", { by, params: { [param]: "two" } });
    await expect(walk.all()).rejects.toThrow(OptionsError);
  });
});

describe("how much is asked for", () => {
  test.each([
    [0, 0],
    [1, 1],
    [10, 1],
    [11, 2],
    [100, 10],
    [101, 10],
  ])("take(%i) makes %i requests", async (count, requests) => {
    const asked: string[] = [];
    await using counting = client.extend({ hooks: { onRequest: (request) => void asked.push(request.url) } });
    const rows = await counting.paginate<Post>("/paging/cursor/posts").take(count);
    expect(ids(rows)).toEqual(range(1, Math.min(count, 100)));
    expect(asked).toHaveLength(requests);
  });

  test.each([-1, 1.5, Number.NaN])("take(%d) is an OptionsError", async (count) => {
    await expect(client.paginate("/paging/cursor/posts").take(count)).rejects.toThrow(OptionsError);
  });

  test("first() is the first row, or undefined", async () => {
    expect(await client.paginate<Post>("/paging/link/posts").first()).toMatchObject({ id: 1 });
    expect(
      await client.paginate<Post>("/paging/cursor/posts", { params: { id: 0 } }).first(),
    ).toBeUndefined();
  });

  test("nothing is sent before the first row is asked for, and nothing after the loop is left", async () => {
    const asked: string[] = [];
    await using counting = client.extend({ hooks: { onRequest: (request) => void asked.push(request.url) } });
    const posts = counting.paginate<Post>("/paging/cursor/posts");
    expect(asked).toHaveLength(0);
    for await (const post of posts) if (post.id === 15) break;
    for await (const page of posts.pages()) if (page.number === 3) break;
    expect(asked).toHaveLength(5);
  });

  test("each loop is a walk of its own, and several at once do not disturb each other", async () => {
    const posts = client.paginate<Post>("/paging/cursor/posts");
    const walks = [posts.all(), posts.all(), posts.take(35), posts.all()];
    const [first, second, third, fourth] = await Promise.all(walks);
    expect(ids(first ?? [])).toEqual(range(1, 100));
    expect([second, fourth]).toEqual([first, first]);
    expect(third).toHaveLength(35);
  });

  test("rows asked for in one breath come in order, with nothing behind the last or behind a return", async () => {
    const rows = client
      .paginate<Post>("/paging/page/users", { by: "page", params: { per_page: 4 } })
      [Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 12 }, () => rows.next()));
    expect(results.map(({ value }) => value?.id)).toEqual([...range(1, 10), undefined, undefined]);
    const left = client.paginate<Post>("/paging/page/users", { by: "page" })[Symbol.asyncIterator]();
    await left.next();
    await left.return?.();
    expect(await left.next()).toEqual({ done: true, value: undefined });
  });
});

test("a page has its number, rows, body and response", async () => {
  const pages = [];
  for await (const page of client
    .paginate<Post>("/paging/page/users", { by: "page", params: { per_page: 6 } })
    .pages()) {
    pages.push(page);
  }
  expect(pages.map(({ number, rows }) => [number, rows.length])).toEqual([
    [1, 6],
    [2, 4],
  ]);
  expect(pages[1]?.data).toMatchObject({ page: 2, total: 10 });
  expect(pages[1]?.response.url).toContain("page=2");
});

test("what the caller does to a page does not decide where the walk goes", async () => {
  const seen: number[] = [];
  for await (const page of client.paginate<Post>("/paging/cursor/posts").pages()) {
    seen.push(...ids(page.rows));
    const { data, rows } = page;
    if (typeof data === "object" && data !== null) Reflect.deleteProperty(data, "next_cursor");
    Reflect.set(rows, "length", 0);
  }
  expect(seen).toEqual(range(1, 100));
});
