import { startPractice } from "@chasqui/practice";
import {
  CallerError,
  type ChasquiError,
  Client,
  DecodeError,
  EmptyBodyError,
  HttpError,
  NetworkError,
  PaginationError,
} from "chasqui";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PaginateOptions } from "../../src/paginate/options.ts";
import { type Answer, json, serve } from "../peers/http-server.ts";

let practice: Awaited<ReturnType<typeof startPractice>>;
let client: Client;

beforeAll(async () => {
  practice = await startPractice({ port: 0 });
  // The waits between attempts are another file's subject.
  client = new Client({ baseUrl: practice.url, random: () => 0 });
});
afterAll(async () => {
  await client.close();
  await practice.close();
});

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

const counting = ["page", "offset"] as const;
const pointing = ["cursor", "next", "link"] as const;

describe("paging that goes wrong ends complete or in an error that says why", () => {
  test.each([...counting, ...pointing])("the same page for ever, by %s", async (by) => {
    const walk = client.paginate(`/paging/faulty/loop/${by}/posts`, { by });
    expect(await failure(walk.all())).toMatchObject({
      code: "ERR_PAGINATION",
      kind: "repeated",
      pages: 1,
      rows: 10,
    });
  });

  test.each([...counting, ...pointing])("a page that fails once, by %s, is asked for again", async (by) => {
    const path = `/paging/faulty/fails-once/${by}/posts`;
    const rows = await client.paginate<{ id: number }>(path, { by, params: { run: `again-${by}` } }).all();
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  });

  test.each([...counting, ...pointing])(
    "a page that fails, by %s, is an error that says which, and no end",
    async (by) => {
      const walk = client.paginate(`/paging/faulty/fails-once/${by}/posts`, {
        by,
        params: { at: 3, run: `once-${by}` },
        retry: false,
      });
      let rows = 0;
      const error = await failure(
        (async () => {
          for await (const _row of walk) rows++;
        })(),
      );
      expect(error).toBeInstanceOf(HttpError);
      expect(error).toMatchObject({ status: 503, message: expect.stringMatching(/\(page 3\)$/) });
      expect(rows).toBe(20);
    },
  );

  test.each([
    ["back", 3, 30],
    ["aba", 2, 20],
  ] as const)("a next that points %s", async (fault, pages, rows) => {
    for (const by of pointing) {
      const walk = client.paginate(`/paging/faulty/${fault}/${by}/posts`, { by });
      expect(await failure(walk.all()), by).toMatchObject({ kind: "repeated", pages, rows });
    }
  });
});

describe("a page that is none", () => {
  const good = json({ data: [{ id: 1 }], next_cursor: "a" });

  async function second(answer: Answer, options: PaginateOptions = {}): Promise<unknown> {
    await using server = await serve((response, seen, request) =>
      (server.seen.length === 1 ? good : answer)(response, seen, request),
    );
    await using single = new Client({ baseUrl: server.origin, retry: false });
    return await failure(single.paginate("/list", options).all());
  }

  const text =
    (body: string, status = 200): Answer =>
    (response) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(body);

  test.each<[string, Answer, new (...args: never[]) => ChasquiError]>([
    ["401", text("{}", 401), HttpError],
    ["404", text("{}", 404), HttpError],
    ["500", text("{}", 500), HttpError],
    ["304", text("", 304), HttpError],
    ["an empty body", text(""), EmptyBodyError],
    ["half of a JSON", text('{"data":[{"id":2}'), DecodeError],
    ["a web page", text("<html>"), DecodeError],
    [
      "a body that breaks off",
      (response) =>
        void response.writeHead(200, { "content-length": 100 }).write("{", () => response.destroy()),
      NetworkError,
    ],
  ])("%s throws its own error, with the page", async (_name, answer, type) => {
    const error = await second(answer);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({
      message: expect.stringMatching(/\(page 2\)$/),
      request: { url: expect.stringContaining("cursor=a") },
    });
    expect(error instanceof Error ? error.stack : "").toContain("(page 2)");
  });

  test.each([false, () => false] as const)(
    "a client's raise: %o does not make a failed page an end",
    async (raise) => {
      await using server = await serve(json({ error: "broken" }, 500));
      await using client = new Client({ baseUrl: server.origin, raise, retry: false });
      await expect(client.paginate("/x").all()).rejects.toThrow(HttpError);
    },
  );

  test.each<[string, unknown, PaginateOptions]>([
    ["a list of another name", { warnings: ["slow"], posts: [{ id: 2 }] }, {}],
    ["a bare list after one in an object", [{ id: 2 }], {}],
    ["a path that is not there", { next_cursor: "b" }, { rows: "data" }],
    ["an object at the path", { data: { id: 2 } }, { rows: "data" }],
    ["null for a body", null, {}],
    ["a function that finds nothing", {}, { rows: (body) => listAt(body) }],
  ])("%s: rows that are not found are an error", async (_name, body, options) => {
    const error = await second(json(body), options);
    expect(error).toBeInstanceOf(PaginationError);
    expect(error).toMatchObject({ kind: "rows", pages: 1, rows: 1, hint: expect.stringContaining("`rows`") });
    expect(error).toMatchObject({ message: expect.stringContaining("on page 2") });
  });

  function listAt(body: unknown): readonly unknown[] | undefined {
    return typeof body === "object" && body !== null && "data" in body && Array.isArray(body.data)
      ? body.data
      : undefined;
  }

  test("null for a list is a page without rows", async () => {
    expect(await second(json({ data: null, next_cursor: null }))).toBe("no error");
  });

  test("an abort between two pages ends the walk with it", async () => {
    await using server = await serve(good);
    await using single = new Client({ baseUrl: server.origin });
    const abort = new AbortController();
    const walk = single.paginate("/list", { signal: abort.signal });
    const error = await failure(
      (async () => {
        for await (const _row of walk) abort.abort();
      })(),
    );
    expect(error).toMatchObject({ code: "ERR_ABORTED" });
    expect(server.seen).toHaveLength(1);
  });

  test("what `rows` throws is told as the caller's", async () => {
    const thrown = new Error("mine");
    const error = await failure(
      client
        .paginate("/posts", {
          rows: () => {
            throw thrown;
          },
        })
        .all(),
    );
    expect(error).toBeInstanceOf(CallerError);
    expect(error).toMatchObject({ cause: thrown });
  });

  test("an error shows the line that made the walk", async () => {
    const error = await failure(client.paginate("/posts", { strict: true }).all());
    expect(error).toBeInstanceOf(PaginationError);
    expect(error instanceof Error ? error.stack : "").toContain("faults.test.ts");
    expect(error).toMatchObject({ request: { method: "GET", url: `${practice.url}/posts` } });
  });
});

describe("what comes twice", () => {
  /** Rows of a page, the same for the same number. */
  const rowsOf = (page: number): unknown[] =>
    Array.from({ length: 5 }, (_, at) => ({ id: page * 10 + at, text: `row ${at}` }));

  async function walk(
    pageOf: (asked: number) => unknown,
    options: PaginateOptions = {},
  ): Promise<{ rows: number; asked: number; error: unknown }> {
    await using server = await serve((response, seen, request) =>
      json(pageOf(server.seen.length))(response, seen, request),
    );
    await using single = new Client({ baseUrl: server.origin });
    let rows = 0;
    const error = await failure(
      (async () => {
        for await (const _row of single.paginate("/list", { by: "page", ...options })) rows++;
      })(),
    );
    return { rows, asked: server.seen.length, error };
  }

  test.each<[string, (asked: number) => number, number]>([
    ["the first page for ever", () => 1, 2],
    ["the last page for ever", (asked) => Math.min(asked, 4), 5],
    ["the first page again, after four", (asked) => ((asked - 1) % 4) + 1, 5],
    ["a circle of two that begins later", (asked) => (asked < 4 ? asked : (asked % 2) + 10), 6],
  ])("%s is found, however each body differs beside its rows", async (_name, which, asked) => {
    const found = await walk((at) => ({
      at: `2026-01-01T00:00:0${at}Z`,
      took: 10 ** at,
      data: rowsOf(which(at)),
      token: `${at}`,
    }));
    expect(found).toMatchObject({ asked, error: { kind: "repeated" } });
  });

  test("pages that differ in the middle alone are different", async () => {
    const found = await walk((at) => (at > 30 ? [] : [1, 0, at, 0, 1, 0, 1]));
    expect(found).toMatchObject({ rows: 210, error: "no error" });
  });

  test("what the caller does to its rows does not hide a repetition", async () => {
    await using server = await serve(json([{ id: 1 }, { id: 2 }]));
    await using single = new Client({ baseUrl: server.origin });
    const error = await failure(
      (async () => {
        for await (const row of single.paginate<Record<string, unknown>>("/list", { by: "page" }))
          row.id = Math.random();
      })(),
    );
    expect(error).toMatchObject({ kind: "repeated", rows: 2 });
  });

  test("allowRepeats lets equal pages be", async () => {
    const found = await walk((at) => (at > 7 ? [] : ["x"]), { allowRepeats: true });
    expect(found).toMatchObject({ rows: 7, error: "no error" });
  });

  test.each<[string, (at: number) => unknown, PaginateOptions]>([
    ["a cursor", (at) => ({ data: [{ id: at }], next_cursor: at === 3 ? "c1" : `c${at}` }), { by: "cursor" }],
    [
      "a URL",
      (at) => ({ data: [{ id: at }], next: at === 3 ? "/list?p=1" : `/list?p=${at}` }),
      { by: "next" },
    ],
    [
      "the first URL",
      (at) => ({ data: [{ id: at }], next: at === 3 ? "/list" : `/list?p=${at}` }),
      { by: "next" },
    ],
  ])("%s is found before it is asked for again, whatever the rows", async (_name, pageOf, options) => {
    const found = await walk(pageOf, options);
    expect(found).toMatchObject({ asked: 3, rows: 3, error: { kind: "repeated", pages: 3, rows: 3 } });
  });

  test("has_more with an empty page for ever, by offset, is found", async () => {
    expect(await walk(() => ({ data: [], has_more: true }), { by: "offset" })).toMatchObject({
      asked: 1,
      error: { kind: "repeated" },
    });
  });
});

describe("maxPages", () => {
  const endless = (): Promise<{ server: Awaited<ReturnType<typeof serve>>; single: Client }> =>
    serve((response, seen, request) => json([{ id: server.at++ }])(response, seen, request)).then((made) => ({
      server: made,
      single: new Client({ baseUrl: made.origin }),
    }));
  const server = { at: 0 };

  test("is 1,000 unless told otherwise, and its error says so", async () => {
    const { server: peer, single } = await endless();
    const error = await failure(single.paginate("/list", { by: "page" }).all());
    expect(error).toBeInstanceOf(PaginationError);
    expect(error).toMatchObject({
      kind: "max-pages",
      pages: 1000,
      rows: 1000,
      hint: expect.stringContaining("`maxPages`"),
    });
    expect(error).toMatchObject({ message: expect.stringContaining("1000 pages") });
    expect(peer.seen).toHaveLength(1000);
    await single.close();
    await peer.close();
  });

  test("holds to what it is told, and is no error where the list ends in time", async () => {
    expect(await failure(client.paginate("/paging/cursor/posts", { maxPages: 9 }).all())).toMatchObject({
      kind: "max-pages",
      pages: 9,
      rows: 90,
    });
    expect(await client.paginate("/paging/cursor/posts", { maxPages: 10 }).all()).toHaveLength(100);
    expect(await client.paginate("/paging/cursor/posts", { maxPages: 2 }).take(20)).toHaveLength(20);
    expect(
      await client.paginate("/paging/cursor/posts", { maxPages: Number.POSITIVE_INFINITY }).all(),
    ).toHaveLength(100);
  });
});
