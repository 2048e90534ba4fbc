import { type RunningPractice, startPractice } from "@chasqui/practice";
import {
  type Checkpoint,
  Client,
  HttpError,
  OptionsError,
  type PaginateOptions,
  PaginationError,
} from "chasqui";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { json, serve } from "../peers/http-server.ts";

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

/** Where a walk stands after so many pages, as a file has it. */
async function after(pages: number, path: string, options: PaginateOptions = {}): Promise<Checkpoint> {
  const walk = client.paginate<Row>(path, options);
  for await (const page of walk.pages()) if (page.number === pages) break;
  return JSON.parse(JSON.stringify(walk.checkpoint));
}

describe("a list that shows no way on", () => {
  test.each([
    ["silent", "/paging/silent/posts", {}],
    ["with a total", "/paging/page/posts", {}],
    ["with a size", "/posts", { params: { _limit: 7 } }],
    ["with equal pages allowed", "/paging/silent/posts", { allowRepeats: true }],
  ] as const)(
    "%s: goes on after its first page, which is asked for again and not given again",
    async (_name, path, options) => {
      const from = await after(1, path, options);
      expect(from).toMatchObject({ by: null, next: {}, pages: 1 });
      const rest = await client.paginate<Row>(path, { ...options, from }).all();
      expect(rest.map(({ id }) => id)).toEqual(upTo(100).slice(from.rows));
    },
  );

  test("whose first page is another meanwhile ends in `shifted`", async () => {
    const lists = [
      [{ id: 1 }, { id: 2 }],
      [{ id: 2 }, { id: 3 }],
    ];
    await using server = await serve((response, seen, request) =>
      json(seen.target === "/list" ? lists.shift() : [{ id: 4 }])(response, seen, request),
    );
    await using own = new Client({ baseUrl: server.origin });
    const walk = own.paginate<Row>("/list");
    for await (const _page of walk.pages()) break;
    const error = await caught(own.paginate("/list", { from: walk.checkpoint }).all(), PaginationError);
    expect(error).toMatchObject({ kind: "shifted", hint: expect.stringContaining("begin anew") });
    expect(error.partial).toEqual([]);
  });

  test("is looked at behind its last page by a walk that goes on from there", async () => {
    const path = "/paging/faulty/total-lies/page/posts?fewer=10";
    const from = await after(9, path, { by: "page" });
    expect(from).toMatchObject({ next: null, beyond: { params: { page: "10" } }, rows: 90 });
    const rest = await client.paginate<Row>(path, { by: "page", from }).all();
    expect(rest.map(({ id }) => id)).toEqual(upTo(100).slice(90));
  });
});

describe("a walk that is left within a page", () => {
  const path = "/paging/cursor/posts";

  test.each<
    [string, (rows: AsyncIterable<Row> & { take(count: number): Promise<Row[]> }) => Promise<unknown>]
  >([
    ["by take()", (rows) => rows.take(25)],
    [
      "by a loop over rows",
      async (rows) => {
        for await (const { id } of rows) if (id === 25) break;
      },
    ],
    [
      "by an iterator that is not read on",
      async (rows) => {
        const iterator = rows[Symbol.asyncIterator]();
        for (let at = 1; at <= 25; at++) await iterator.next();
      },
    ],
  ])("%s, goes on with that page: no row is lost", async (_name, read) => {
    const walk = client.paginate<Row>(path);
    await read(walk);
    expect(walk.checkpoint).toMatchObject({ pages: 2, rows: 20 });
    const rest = await client.paginate<Row>(path, { from: walk.checkpoint }).all();
    expect(rest.map(({ id }) => id)).toEqual(upTo(100).slice(20));
  });

  test("of its last row goes on behind it", async () => {
    const walk = client.paginate<Row>(path);
    await walk.take(20);
    expect(walk.checkpoint).toMatchObject({ pages: 2 });
    for await (const { id } of walk) if (id === 30) break;
    expect(walk.checkpoint).toMatchObject({ pages: 3 });
  });

  test("its first, begins anew; gone on with, where that began", async () => {
    const walk = client.paginate<Row>(path);
    await walk.first();
    expect(walk.checkpoint).toBeUndefined();
    const from = await after(2, path);
    const further = client.paginate<Row>(path, { from });
    await further.first();
    expect(further.checkpoint).toEqual(from);
  });
});

test("an error of any kind has how far the walk had come, and where to go on", async () => {
  const path = "/paging/faulty/fails-once/cursor/posts?at=4&run=told";
  const error = await caught(client.paginate<Row>(path, { retry: false }).all(), HttpError);
  expect(error.walk).toMatchObject({ pages: 3, rows: 30 });
  expect(error.walk?.partial).toHaveLength(30);
  const from = JSON.parse(JSON.stringify(error.walk?.checkpoint));
  const rest = await client.paginate<Row>(path, { from }).all();
  expect([...(error.walk?.partial ?? []), ...rest]).toMatchObject(upTo(100).map((id) => ({ id })));
  expect(Object.keys(error)).not.toContain("walk");
  const elsewhere = await caught(client.get("/paging/cursor/nothing").json(), HttpError);
  expect(elsewhere.walk).toBeUndefined();
});

test("a page that fails leaves the checkpoint of the page before", async () => {
  const path = "/paging/faulty/fails-once/cursor/posts?at=4&run=left";
  const walk = client.paginate<Row>(path, { retry: false });
  const read: number[] = [];
  const reading = (async () => {
    for await (const { id } of walk) read.push(id);
  })();
  await caught(reading, HttpError);
  expect(walk.checkpoint).toMatchObject({ pages: 3, rows: 30 });
  const rest = await client.paginate<Row>(path, { from: walk.checkpoint }).all();
  expect([...read, ...rest.map(({ id }) => id)]).toEqual(upTo(100));
});

describe("a list of numbered pages that grew at its front while nobody read", () => {
  const SIZE = 10;

  /** Walks three pages of forty rows, writes so many, and goes on. */
  async function grown(by: number, options: PaginateOptions): Promise<{ ids: number[]; error: unknown }> {
    let list = upTo(40);
    await using server = await serve((response, seen, request) => {
      const page = Number(new URL(seen.target, "http://x.test").searchParams.get("page"));
      const rows = list.slice((page - 1) * SIZE, page * SIZE).map((id) => ({ id, title: `row ${id}` }));
      json(rows)(response, seen, request);
    });
    await using own = new Client({ baseUrl: server.origin });
    const ids: number[] = [];
    const walk = own.paginate<Row>("/list", { by: "page", ...options });
    for await (const page of walk.pages()) {
      ids.push(...page.rows.map(({ id }) => id));
      if (page.number === 3) break;
    }
    list = [...upTo(by).map((id) => 1000 + id), ...list];
    const from: Checkpoint = JSON.parse(JSON.stringify(walk.checkpoint));
    let error: unknown;
    try {
      for await (const { id } of own.paginate<Row>("/list", { by: "page", ...options, from })) ids.push(id);
    } catch (thrown) {
      error = thrown;
    }
    return { ids, error };
  }

  test.each([1, 9, 10, 11, 25, 30, 200])("by %i rows: they come twice, and the walk says so", async (by) => {
    const { error } = await grown(by, {});
    expect(error).toBeInstanceOf(PaginationError);
    expect(["shifted", "repeated"]).toContain(Reflect.get(Object(error), "kind"));
  });

  test.each([1, 9, 15, 25])("by %i rows: those that come twice are left out by their key", async (by) => {
    const { ids, error } = await grown(by, { primaryKey: "id", allowRepeats: true });
    expect(error).toBeUndefined();
    expect(ids.filter((id) => id < 1000)).toEqual(upTo(40));
  });
});

describe("a checkpoint of another walk is refused", () => {
  test.each<[string, string, PaginateOptions, string]>([
    ["another path", "/paging/cursor/comments", {}, "belongs to a walk of"],
    ["other params", "/paging/cursor/posts?userId=3", {}, "with other params"],
    ["a param that is missing", "/paging/cursor/posts", { params: {} }, "with other params"],
    ["another size", "/paging/cursor/posts", { params: { userId: 2, limit: 4 } }, "with other params"],
  ])("%s", async (_name, path, options, message) => {
    const from = await after(1, "/paging/cursor/posts", { params: { userId: 2, limit: 3 } });
    const error = await caught(client.paginate(path, { ...options, from }).all(), OptionsError);
    expect(error).toMatchObject({ message: expect.stringContaining(message), option: "from" });
  });

  test("another body", async () => {
    const path = "/paging/search/posts";
    const from = await after(1, path, { json: { page_size: 7 } });
    const error = await caught(client.paginate(path, { json: { page_size: 8 }, from }).all(), OptionsError);
    expect(error.message).toContain("another body");
    expect(await client.paginate(path, { json: { page_size: 7 }, from }).all()).toHaveLength(93);
  });

  test("but for params in another order, and secrets, which may have been renewed", async () => {
    await using server = await serve((response, seen, request) =>
      json(
        seen.target.includes("cursor=b") ? { data: [{ id: 2 }] } : { data: [{ id: 1 }], next_cursor: "b" },
      )(response, seen, request),
    );
    await using own = new Client({ baseUrl: server.origin });
    const walk = own.paginate("/list", { params: { a: 1, b: 2, api_key: "old-key" } });
    for await (const _page of walk.pages()) break;
    const kept = JSON.stringify(walk.checkpoint);
    expect(kept).not.toContain("old-key");
    const params = { b: 2, api_key: "new-key", a: 1 };
    expect(await own.paginate("/list", { params, from: JSON.parse(kept) }).all()).toEqual([{ id: 2 }]);
    expect(server.seen.at(-1)?.target).toContain("api_key=new-key");
  });
});

describe("a checkpoint that somebody wrote to", () => {
  test.each<[string, (from: Checkpoint) => unknown]>([
    ["no object", () => "cursor"],
    ["another version", (from) => ({ ...from, version: 2 })],
    ["pages that are no number", (from) => ({ ...from, pages: "1" })],
    ["rows below zero", (from) => ({ ...from, rows: -1 })],
    ["a next that is text", (from) => ({ ...from, next: "/x" })],
    ["a URL of another scheme", (from) => ({ ...from, next: { url: "file:///etc/passwd" } })],
    ["a relative URL", (from) => ({ ...from, next: { url: "/posts" } })],
    ["a header that asks for no page", (from) => ({ ...from, next: { headers: { authorization: "x" } } })],
    ["params that are no text", (from) => ({ ...from, next: { params: { page: { a: 1 } } } })],
    ["something unknown beside them", (from) => ({ ...from, next: { params: {}, method: "DELETE" } })],
    ["a beyond that is text", (from) => ({ ...from, beyond: "/x" })],
  ])("%s: is refused before anything is sent", async (_name, change) => {
    const from = change(await after(1, "/paging/cursor/posts"));
    const seen: string[] = [];
    await using watched = client.extend({ hooks: { onRequest: ({ url }) => void seen.push(url) } });
    // What was read from a file has no type yet.
    const options: PaginateOptions = Object({ from });
    const error = await caught(watched.paginate("/paging/cursor/posts", options).all(), OptionsError);
    expect(error).toMatchObject({ option: "from" });
    expect(seen).toEqual([]);
  });

  test("to lead elsewhere gets no credentials there", async () => {
    await using elsewhere = await serve(json({ data: [{ id: 9 }] }));
    const path = "/paging/next/posts";
    const headers = { authorization: "Bearer abc", cookie: "sid=1", "x-api-key": "k" };
    const from = { ...(await after(1, path)), next: { url: `${elsewhere.origin}/paging/next/posts` } };
    await client
      .paginate(path, { headers, from, rows: "data", total: false })
      .all()
      .catch(() => undefined);
    expect(elsewhere.seen).toHaveLength(1);
    for (const name of Object.keys(headers)) expect(elsewhere.seen[0]?.headers[name]).toBeUndefined();
  });
});

describe("the path that `total` names", () => {
  test("has to lead to a number on the first page, and the error names those that there are", async () => {
    const walk = client.paginate("/paging/page/posts", { by: "page", total: "totl" });
    expect(await caught(walk.all(), PaginationError)).toMatchObject({
      kind: "undetected",
      hint: expect.stringMatching(/`total`.*page, per_page, total, total_pages/),
    });
  });

  test("leads to the number of rows", async () => {
    expect(await client.paginate("/paging/page/posts", { by: "page", total: "total" }).all()).toHaveLength(
      100,
    );
  });
});
