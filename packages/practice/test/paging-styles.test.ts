import { describe, expect, test } from "vitest";
import { createPractice } from "../src/index.ts";

const practice = createPractice();
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, i) => i + from);

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, init: RequestInit = {}): Promise<Answered> {
  const response = await practice.fetch(new Request(new URL(path, "http://x.test"), init));
  const { status, headers } = response;
  return { status, headers, body: (await response.json()) as Record<string, unknown> };
}

const posted = (path: string, body: unknown): Promise<Answered> =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

function ids(rows: unknown): number[] {
  return (rows as { id: number }[]).map(({ id }) => id);
}

test("silent: the rows, and no word of others", async () => {
  const first = await ask("/paging/silent/posts");
  expect([ids(first.body), first.headers.get("link"), first.headers.get("x-total-count")]).toEqual([
    upTo(10),
    null,
    null,
  ]);
  expect(ids((await ask("/paging/silent/posts?page=11")).body)).toEqual([]);
});

describe("range", () => {
  test.each([
    [undefined, 206, "items 0-9/100", upTo(10)],
    ["items=0-24", 206, "items 0-24/100", upTo(25)],
    ["items=95-120", 206, "items 95-99/100", upTo(100, 96)],
    ["items=100-124", 416, "items */100", undefined],
    ["bytes=0-1", 206, "items 0-9/100", upTo(10)],
  ])("%s is %i with %s", async (range, status, said, rows) => {
    const init = range === undefined ? {} : { headers: { range } };
    const answer = await ask("/paging/range/posts", init);
    expect([answer.status, answer.headers.get("content-range")]).toEqual([status, said]);
    if (rows !== undefined) expect(ids(answer.body)).toEqual(rows);
  });
  test("an empty list has no range", async () => {
    expect(await ask("/paging/range/posts?userId=999")).toMatchObject({ status: 200, body: [] });
  });
});

test("search: a posted question, with the cursor in the body", async () => {
  const rows: number[] = [];
  let body: Record<string, unknown> = { page_size: 40 };
  for (;;) {
    const answer = (await posted("/paging/search/posts", body)).body;
    rows.push(...ids(answer.results));
    expect(answer.has_more).toBe(answer.next_cursor !== null);
    if (answer.next_cursor === null) break;
    body = { page_size: 40, start_cursor: answer.next_cursor };
  }
  expect(rows).toEqual(upTo(100));
});

describe("graphql", () => {
  interface Connection {
    totalCount: number;
    nodes: unknown;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  }
  const query =
    "query P($first: Int, $after: String) { posts(first: $first, after: $after) { nodes { id } } }";
  test("a connection is walked by endCursor", async () => {
    const rows: number[] = [];
    let after: string | null = null;
    for (;;) {
      const { body } = await posted("/paging/graphql", { query, variables: { first: 30, after } });
      const { posts } = body.data as { posts: Connection };
      expect(posts.totalCount).toBe(100);
      rows.push(...ids(posts.nodes));
      if (!posts.pageInfo.hasNextPage) break;
      after = posts.pageInfo.endCursor;
    }
    expect(rows).toEqual(upTo(100));
  });
  test("arguments may stand in the document", async () => {
    const { body } = await posted("/paging/graphql", { query: "{ users(first: 3) { nodes { id } } }" });
    expect(ids((body.data as { users: Connection }).users.nodes)).toEqual([1, 2, 3]);
  });
  test.each([["{ nothing { id } }"], ["no document"]])("%s is 200 with errors", async (text) => {
    const { status, body } = await posted("/paging/graphql", { query: text });
    expect([status, body.data]).toEqual([200, null]);
    expect(body.errors).toHaveLength(1);
  });
});

test("updated_at has ties, moves with tick, and can be asked for", async () => {
  const rows = async (query: string) =>
    (await ask(`/paging/page/posts?per_page=100&${query}`)).body.data as { id: number; updated_at: string }[];
  const before = await rows("");
  expect(before.slice(0, 4).map(({ updated_at }) => updated_at)).toEqual([
    "2025-01-01T00:00:00.000Z",
    "2025-01-01T00:00:00.000Z",
    "2025-01-01T00:00:00.000Z",
    "2025-01-01T00:00:01.000Z",
  ]);
  const after = await rows("tick=2");
  const moved = after.filter((row, at) => row.updated_at !== before[at]?.updated_at);
  expect(moved.map(({ id }) => id)).toEqual([
    1, 2, 11, 12, 21, 22, 31, 32, 41, 42, 51, 52, 61, 62, 71, 72, 81, 82, 91, 92,
  ]);
  expect(ids(await rows("tick=2&updated_at_gte=2025-01-03T00:00:00.000Z"))).toEqual([
    2, 12, 22, 32, 42, 52, 62, 72, 82, 92,
  ]);
  const sorted = (await rows("tick=2&_sort=updated_at")).map(({ updated_at }) => updated_at);
  expect(sorted).toEqual(sorted.toSorted());
});

describe("what goes wrong", () => {
  const data = async (path: string) => ids((await ask(`/paging/faulty/${path}`)).body.data);

  test.each([
    ["overlap", "overlap/page/posts?page=2", upTo(18, 9)],
    ["rows appear at the front", "grows/page/posts?page=2&by=3", upTo(17, 8)],
    ["rows appear before the first, for who begins anew", "grows/offset/posts?offset=10&by=3", upTo(17, 8)],
    ["rows vanish at the front", "shrinks/page/posts?page=2&by=3", upTo(23, 14)],
    ["a short page", "short/page/posts?page=2", upTo(15, 11)],
    ["the page behind it", "short/page/posts?page=3", upTo(30, 21)],
    ["an empty page in the middle", "blank/cursor/posts?cursor=cm93OjEw", []],
    ["a quiet end at a depth", "depth-cap/page/posts?page=6&quiet=1", []],
  ])("%s", async (_, path, rows) => {
    expect(await data(path)).toEqual(rows);
  });

  test.each([
    ["a total that is too large", "total-lies/page/posts", 107],
    ["a total that is too small", "total-lies/page/posts?fewer=9", 91],
    ["a total that grows", "grows/page/posts?page=3&by=2", 104],
    ["a total that shrinks", "shrinks/page/posts?page=3&by=2", 96],
  ])("%s", async (_, path, total) => {
    expect((await ask(`/paging/faulty/${path}`)).body.total).toBe(total);
  });

  test("a cursor expires, a depth ends, a scroll is read once", async () => {
    expect((await ask("/paging/faulty/expires/cursor/posts?cursor=cm93OjIw")).status).toBe(410);
    expect((await ask("/paging/faulty/depth-cap/page/posts?page=5")).status).toBe(200);
    expect((await ask("/paging/faulty/depth-cap/page/posts?page=6")).status).toBe(422);
    const scroll = "/paging/faulty/one-shot/cursor/posts?cursor=cm93OjEw&run=scroll";
    expect([(await ask(scroll)).status, (await ask(scroll)).status]).toEqual([200, 404]);
  });

  test("posted ones too", async () => {
    const { body } = await posted("/paging/faulty/aba/search/posts", { start_cursor: "cm93OjEw" });
    expect([ids(body.results), Buffer.from(String(body.next_cursor), "base64url").toString()]).toEqual([
      upTo(20, 11),
      "row:0",
    ]);
  });
});

describe("a cursor stands behind a row, and not at a number", () => {
  const keeping = (keep: Parameters<typeof createPractice>[0]) => {
    const own = createPractice(keep);
    return {
      delete: (path: string) => own.fetch(new Request(`http://x.test${path}`, { method: "DELETE" })),
      get: async (path: string) => {
        const response = await own.fetch(new Request(`http://x.test/paging/cursor/${path}`));
        return { status: response.status, body: (await response.json()) as Record<string, unknown> };
      },
    };
  };

  test.each([
    ["a row before it", "/posts/3"],
    ["the row that it stands behind", "/posts/10"],
  ])("%s goes, and it stays", async (_, gone) => {
    const own = keeping({ keep: true });
    const { next_cursor: cursor } = (await own.get("posts")).body;
    await own.delete(gone);
    expect(ids((await own.get(`posts?cursor=${cursor}`)).body.data)).toEqual(upTo(20, 11));
  });

  test("in a list that is sorted, too; where its own row is gone nothing says where it stood", async () => {
    const own = keeping({ keep: true });
    const list = "users?_sort=name&limit=4";
    const all = ids((await own.get("users?_sort=name&limit=10")).body.data);
    const first = (await own.get(list)).body;
    await own.delete(`/users/${all[1]}`);
    expect(ids((await own.get(`${list}&cursor=${first.next_cursor}`)).body.data)).toEqual(all.slice(4, 8));
    await own.delete(`/users/${all[3]}`);
    expect((await own.get(`${list}&cursor=${first.next_cursor}`)).status).toBe(410);
  });

  test("of rows whose ids are text", async () => {
    const own = keeping({ data: { notes: ["c", "a", "b"].map((id) => ({ id })) } });
    const { next_cursor: cursor } = (await own.get("notes?limit=2")).body;
    expect((await own.get(`notes?limit=2&cursor=${cursor}`)).body.data).toEqual([{ id: "b" }]);
  });

  test("what is none of ours is refused", async () => {
    for (const text of ["x", "after:{}", "after:no", "row:-1"]) {
      const cursor = Buffer.from(text).toString("base64url");
      expect((await ask(`/paging/cursor/posts?cursor=${cursor}`)).status, text).toBe(400);
    }
  });
});
