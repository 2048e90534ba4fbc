import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

const practice = createPractice();
interface Page {
  status: number;
  headers: Headers;
  // The styles differ, and a test looks at what its own has.
  body: Record<string, unknown>;
  rows: number[];
}
async function read(url: string): Promise<Page> {
  const response = await practice.fetch(new URL(url, "http://x.test"));
  const body = (await response.json()) as Record<string, unknown>;
  const rows = (Array.isArray(body) ? body : (body.data ?? body.results ?? body.items ?? [])) as {
    id: number;
  }[];
  return { status: response.status, headers: response.headers, body, rows: rows.map((row) => row.id) };
}
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);
const nextLink = (page: Page) => /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];

/** How a client goes on in each style, and undefined at the end. */
const follow: Record<string, (page: Page, url: URL) => string | undefined> = {
  page: ({ body }, url) => {
    const next = Number(body.page) + 1;
    url.searchParams.set("page", String(next));
    return next <= Number(body.total_pages) ? url.href : undefined;
  },
  offset: ({ body }, url) => {
    const next = Number(body.offset) + Number(body.limit);
    url.searchParams.set("offset", String(next));
    return next < Number(body.total) ? url.href : undefined;
  },
  cursor: ({ body }, url) => {
    url.searchParams.set("cursor", String(body.next_cursor));
    return body.next_cursor === null ? undefined : url.href;
  },
  token: ({ body }, url) => {
    url.searchParams.set("pageToken", String(body.nextPageToken));
    return "nextPageToken" in body ? url.href : undefined;
  },
  next: ({ body }) => (typeof body.next === "string" ? body.next : undefined),
  link: nextLink,
  "last-id": ({ body, rows }, url) => {
    url.searchParams.set("starting_after", String(rows.at(-1)));
    return body.has_more === true ? url.href : undefined;
  },
};
const SIZES: Record<string, string> = {
  offset: "limit",
  cursor: "limit",
  "last-id": "limit",
  token: "pageSize",
};
async function walk(path: string, style: string, most = 1000): Promise<number[][]> {
  const pages: number[][] = [];
  let url: string | undefined = new URL(path, "http://x.test").href;
  while (url !== undefined && pages.length < most) {
    const page: Page = await read(url);
    expect(page.status).toBe(200);
    pages.push(page.rows);
    url = follow[style]?.(page, new URL(url));
  }
  return pages;
}

describe.each(Object.keys(follow))("style %s", (style) => {
  const size = SIZES[style] ?? "per_page";
  test.each([10, 7, 100])("brings every row once, %i at a time", async (rows) => {
    const pages = await walk(`/paging/${style}/posts?${size}=${rows}`, style);
    expect(pages.flat()).toEqual(upTo(100));
    expect(pages).toHaveLength(Math.ceil(100 / rows));
  });
  test("has ten rows a page, at most a hundred, and the filters of the lists", async () => {
    expect((await read(`/paging/${style}/posts`)).rows).toHaveLength(10);
    expect((await read(`/paging/${style}/posts?${size}=100000`)).rows).toHaveLength(100);
    expect((await walk(`/paging/${style}/comments?postId=2&${size}=2`, style)).flat()).toEqual([
      6, 7, 8, 9, 10,
    ]);
  });
  test("fails once: a page is 503 the first time in each run", async () => {
    const url = `/paging/faulty/fails-once/${style}/posts?${size}=50&at=1`;
    expect((await read(`${url}&run=${style}-a`)).status).toBe(503);
    expect((await read(`${url}&run=${style}-b`)).status).toBe(503);
    expect((await walk(`${url}&run=${style}-a`, style)).flat()).toEqual(upTo(100));
    practice.reset(`${style}-a`);
    expect((await read(`${url}&run=${style}-a`)).status).toBe(503);
    expect((await read(`${url}&run=${style}-b`)).status).toBe(200);
  });
  test("loops: the same page for ever", async () => {
    const pages = await walk(`/paging/faulty/loop/${style}/posts?${size}=3`, style, 20);
    expect(pages).toEqual(Array(20).fill([1, 2, 3]));
  });
});

describe.each(["cursor", "token", "next", "link"])(
  "style %s, where the server says what is next",
  (style) => {
    const size = SIZES[style] ?? "per_page";
    test("points back: A B C A", async () => {
      const pages = await walk(`/paging/faulty/back/${style}/posts?${size}=1`, style, 7);
      expect(pages.flat()).toEqual([1, 2, 3, 1, 2, 3, 1]);
    });
    test("A B A", async () => {
      const pages = await walk(`/paging/faulty/aba/${style}/posts?${size}=1`, style, 5);
      expect(pages.flat()).toEqual([1, 2, 1, 2, 1]);
    });
  },
);

test("the second page fails, where nothing else is said", async () => {
  const url = "/paging/faulty/fails-once/link/posts?run=second";
  expect((await read(url)).status).toBe(200);
  expect((await read(`${url}&page=2`)).status).toBe(503);
  expect((await read(`${url}&page=2`)).rows[0]).toBe(11);
});

test("each style says what it promises", async () => {
  expect((await read("/paging/page/posts?page=2&per_page=5")).body).toMatchObject({
    page: 2,
    per_page: 5,
    total: 100,
    total_pages: 20,
  });
  expect((await read("/paging/offset/posts?offset=95")).body).toMatchObject({
    offset: 95,
    limit: 10,
    total: 100,
  });
  const cursor = await read("/paging/cursor/posts");
  expect(cursor.headers.get("x-next-cursor")).toBe(cursor.body.next_cursor);
  expect((await read("/paging/next/posts?page=10")).body).toMatchObject({
    count: 100,
    next: null,
    previous: "http://x.test/paging/next/posts?page=9",
  });
  const link = (await read("/paging/link/posts?page=10")).headers.get("link");
  expect([...(link ?? "").matchAll(/rel="(\w+)"/g)].map(([, name]) => name)).toEqual(["first", "prev"]);
});

test.each([
  ["/paging/cursor/posts?cursor=nonsense", 400],
  ["/paging/page/nothing", 404],
  ["/paging/faulty/back/page/posts", 404],
  ["/paging/nothing/posts", 404],
  ["/paging/page/posts?page=99", 200],
])("%s is %i", async (url, status) => {
  expect((await read(url)).status).toBe(status);
});

test("a cursor holds where the page size changes on the way", async () => {
  const first = await read("/paging/cursor/posts?limit=3");
  expect((await read(`/paging/cursor/posts?limit=10&cursor=${String(first.body.next_cursor)}`)).rows[0]).toBe(
    4,
  );
});
