import { type RunningPractice, startPractice } from "@chasqui/practice";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Checkpoint, Client, type PaginateOptions, PaginationError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";

let practice: RunningPractice;
let client: Client;
beforeAll(async () => {
  practice = await startPractice({ port: 0 });
  client = new Client({ baseUrl: practice.url, random: () => 0, retry: { backoff: { base: 0 } } });
});
afterAll(async () => {
  await client.close();
  await practice.close();
});

interface Row {
  readonly id: number;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);
const GRAPHQL =
  "query ($first: Int, $after: String) { posts(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";

interface Style {
  readonly name: string;
  readonly path: string;
  /** What asks for pages of seven, with nothing said of how they are walked. */
  readonly asks: PaginateOptions & { readonly params?: Readonly<Record<string, number>> };
  readonly by: PaginateOptions["by"];
  /** The style that is found, and as an option. */
  readonly found: readonly [style: string, spec: unknown];
}

const STYLES: readonly Style[] = [
  {
    name: "page numbers",
    path: "page/posts",
    asks: { params: { per_page: 7 } },
    by: "page",
    found: ["page", { by: { page: "page", first: 1 }, rows: "data" }],
  },
  {
    name: "offsets",
    path: "offset/posts",
    asks: { params: { limit: 7 } },
    by: "offset",
    found: ["offset", { by: { offset: "offset" }, rows: "data" }],
  },
  {
    name: "a cursor in the body",
    path: "cursor/posts",
    asks: { params: { limit: 7 } },
    by: "cursor",
    found: ["cursor", { by: { cursor: "next_cursor", param: "cursor" }, rows: "data" }],
  },
  {
    name: "a token",
    path: "token/posts",
    asks: { params: { pageSize: 7 } },
    by: "token",
    found: ["cursor", { by: { cursor: "nextPageToken", param: "pageToken" }, rows: "items" }],
  },
  {
    name: "a next URL",
    path: "next/posts",
    asks: { params: { per_page: 7 } },
    by: "next",
    found: ["next", { by: { next: "next" }, rows: "results" }],
  },
  {
    name: "a Link header",
    path: "link/posts",
    asks: { params: { per_page: 7 } },
    by: "link",
    found: ["link", { by: "link" }],
  },
  {
    name: "the last id",
    path: "last-id/posts",
    asks: { params: { limit: 7 } },
    by: "last-id",
    found: ["last-id", { by: { lastId: "id", param: "starting_after" }, rows: "data" }],
  },
  {
    name: "a silent list",
    path: "silent/posts",
    asks: { params: { per_page: 7 } },
    by: "page",
    found: ["page", { by: { page: "page", first: 1 } }],
  },
  {
    name: "ranges",
    path: "range/posts",
    asks: { headers: { range: "items=0-6" } },
    by: { range: "items", size: 7 },
    found: ["range", { by: { range: "items" } }],
  },
  {
    name: "a posted search",
    path: "search/posts",
    asks: { json: { page_size: 7 } },
    by: { cursor: "next_cursor", param: "start_cursor", in: "body" },
    found: ["cursor", { by: { cursor: "next_cursor", param: "start_cursor", in: "body" }, rows: "results" }],
  },
  {
    name: "a GraphQL connection",
    path: "graphql",
    asks: { json: { query: GRAPHQL, variables: { first: 7 } } },
    by: "graphql",
    found: ["graphql", { by: { connection: "data.posts", variable: "after" } }],
  },
];

describe.each(STYLES)("$name", ({ path, asks, by, found }) => {
  test("is found, proven, and every row comes once and in order", async () => {
    const posts = client.paginate<Row>(`/paging/${path}`, asks);
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
    const [style, spec] = found;
    expect(posts.explain()).toMatchObject({
      style,
      confidence: "proven",
      ended: true,
      rowsRead: 100,
    });
    // Of a list that says nothing only an empty page is the end.
    expect(posts.explain().pages).toBe(path.startsWith("silent") ? 16 : 15);
    expect(posts.spec).toEqual(spec);
  });

  test("is found the same where the found options are pinned, and nothing is detected any more", async () => {
    const pinned: PaginateOptions = JSON.parse(JSON.stringify(found[1]));
    const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, ...pinned });
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
    expect(posts.explain().confidence).toBe("given");
  });

  test("goes by what `by` says", async () => {
    const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, by });
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
  });

  test("goes on exactly where it stopped, page by page, through JSON", async () => {
    const ids: number[] = [];
    let from: Checkpoint | undefined;
    for (let walks = 0; walks < 20; walks++) {
      const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, from });
      let page = 0;
      for await (const { rows } of posts.pages()) {
        ids.push(...rows.map(({ id }) => id));
        if (++page === 2) break;
      }
      // A list that says nothing of its second page is known when that has come.
      from = JSON.parse(JSON.stringify(posts.checkpoint));
      if (from?.next === null) break;
    }
    expect(ids).toEqual(upTo(100));
  });

  test("brings the same rows in the same order where the next page is fetched ahead", async () => {
    const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, prefetch: true, concurrency: 4 });
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
  });

  test("of a list that is empty there are no rows, and no error", async () => {
    const params = { ...Object(asks.params), userId: 999 };
    if (path === "graphql") return;
    expect(await client.paginate(`/paging/${path}`, { ...asks, params }).all()).toEqual([]);
  });

  test("take() and first() ask for no page that they do not need", async () => {
    const seen: string[] = [];
    await using watched = client.extend({ hooks: { onResponse: ({ url }) => void seen.push(url) } });
    expect(await watched.paginate<Row>(`/paging/${path}`, asks).first()).toMatchObject({ id: 1 });
    expect(seen).toHaveLength(1);
    expect(await watched.paginate<Row>(`/paging/${path}`, { ...asks, by }).take(8)).toHaveLength(8);
    expect(seen).toHaveLength(3);
  });
});

type End = "complete" | "shifted" | "truncated" | "repeated" | number;

/** What each faulty twin comes to: every row, or an error of this kind, or the status of a page that failed. Never neither. */
const TWINS: readonly (readonly [path: string, options: PaginateOptions, end: End])[] = [
  ...["page", "offset", "cursor", "token", "next", "link", "last-id"].flatMap(
    (style) =>
      [
        [`loop/${style}/posts`, { maxPages: 60, by: style as "page" }, "repeated"],
        [`fails-once/${style}/posts?run=${style}-walk`, {}, "complete"],
      ] as const,
  ),
  ...["cursor", "token", "next", "link"].flatMap(
    (style) =>
      [
        [`back/${style}/posts`, {}, "repeated"],
        [`aba/${style}/posts`, {}, "repeated"],
        [`expires/${style}/posts`, {}, 410],
        [`one-shot/${style}/posts?run=${style}-once`, {}, "complete"],
        [`blank/${style}/posts`, {}, "complete"],
      ] as const,
  ),
  // Without being told, no way to a second page is found, and the server says that there is one.
  ["loop/page/posts", {}, "truncated"],
  // All of what the server calls all has been read, and rows are missing: the overlap has taken their place.
  ["overlap/page/posts", { by: "page" }, "shifted"],
  ["overlap/page/posts", { by: "page", primaryKey: "id" }, "truncated"],
  ["overlap/page/posts", { primaryKey: "id" }, "truncated"],
  ["overlap/silent/posts", { primaryKey: "id" }, "complete"],
  ["overlap/silent/posts", {}, "shifted"],
  ["overlap/cursor/posts", { primaryKey: "id" }, "complete"],
  ["grows/page/posts", { by: "page" }, "shifted"],
  ["grows/page/posts", { by: "page", primaryKey: "id" }, "complete"],
  ["grows/offset/posts", { by: "offset", primaryKey: "id" }, "complete"],
  ["shrinks/page/posts", { by: "page" }, "shifted"],
  ["shrinks/offset/posts", { by: "offset", primaryKey: "id" }, "shifted"],
  ["total-lies/page/posts", {}, "truncated"],
  ["total-lies/offset/posts", {}, "truncated"],
  ["total-lies/next/posts", {}, "complete"],
  ["total-lies/offset/posts?fewer=9", { total: false, by: "offset" }, "complete"],
  ["short/cursor/posts", {}, "complete"],
  ["short/link/posts", {}, "complete"],
  ["depth-cap/page/posts", { by: "page" }, 422],
  ["depth-cap/link/posts", {}, 422],
  ["depth-cap/offset/posts?quiet=1", { by: "offset" }, "truncated"],
  ["depth-cap/next/posts?quiet=1", {}, "complete"],
];

describe("a server that pages wrongly", () => {
  test.each(TWINS)("%s %j: %s, never a silent stop and never a circle", async (path, options, end) => {
    const ids = new Set<number>();
    const posts = client.paginate<Row>(`/paging/faulty/${path}`, { maxPages: 200, ...options });
    let outcome: unknown = "complete";
    try {
      for await (const { id } of posts) ids.add(id);
    } catch (error) {
      outcome = error instanceof PaginationError ? error.kind : Reflect.get(Object(error), "status");
    }
    expect(outcome).toBe(end);
    const hidden = path.startsWith("short") ? 5 : path.startsWith("blank") ? 10 : 0;
    const depth = path.startsWith("depth-cap/next") ? 50 : undefined;
    if (end === "complete") expect(ids.size).toBe(depth ?? 100 - hidden);
  });

  test("rows that came before are left out by their key, and counted", async () => {
    const posts = client.paginate<Row>("/paging/faulty/overlap/cursor/posts", { primaryKey: "id" });
    let duplicates = 0;
    for await (const page of posts.pages()) duplicates += page.duplicates;
    expect(duplicates).toBeGreaterThan(0);
    expect(posts.explain().duplicates).toBe(duplicates);
  });

  test("an error has what was read, and goes on where it stopped", async () => {
    const options: PaginateOptions = { params: { limit: 10 }, maxPages: 3 };
    const error = await caught(client.paginate<Row>("/paging/cursor/posts", options).all(), PaginationError);
    expect([error.kind, error.partial.length]).toEqual(["max-pages", 30]);
    const from: Checkpoint = JSON.parse(JSON.stringify(error.checkpoint));
    const rest = await client.paginate<Row>("/paging/cursor/posts", { params: { limit: 10 }, from }).all();
    expect(rest.map(({ id }) => id)).toEqual(upTo(100).slice(30));
  });
});
