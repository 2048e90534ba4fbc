import { Client, type PaginateOptions } from "chasqui";
import { describe, expect, test } from "vitest";
import { type HttpServer, json, serve } from "../peers/http-server.ts";

/** Cursors as APIs give them: beside flags that say otherwise, and with digits that JSON's reader loses. */

const rows = (from: number, count: number): { id: number }[] =>
  Array.from({ length: count }, (_, at) => ({ id: from + at }));

interface Walked {
  readonly asked: readonly string[];
  readonly rows: readonly unknown[];
  readonly error: unknown;
}

async function walk(
  answer: (asked: URLSearchParams, turn: number) => unknown,
  options: PaginateOptions = {},
): Promise<Walked> {
  await using server: HttpServer = await serve((response, seen, request) => {
    const body = answer(new URL(seen.target, "http://x.test").searchParams, server.seen.length);
    return (body === undefined ? json({}, 400) : json(body))(response, seen, request);
  });
  await using client = new Client({ baseUrl: server.origin, retry: false });
  const found: unknown[] = [];
  let error: unknown;
  try {
    for await (const row of client.paginate("/list", options)) found.push(row);
  } catch (thrown) {
    error = thrown;
  }
  return { asked: server.seen.map(({ target }) => target), rows: found, error };
}

/** Twenty-five rows by tens, with something for the cursor of the next page, and something beside it. */
const tens =
  (cursor: (next: number) => unknown, beside: (next: number) => object = () => ({})) =>
  (asked: URLSearchParams): unknown => {
    const from = Math.max(0, Number((asked.get("cursor") ?? "0").replace("c", "")));
    const count = Math.max(0, Math.min(10, 25 - from));
    return { data: rows(from, count), next_cursor: cursor(from + 10), ...beside(from + 10) };
  };

describe("a cursor that stands on the last page, too", () => {
  test.each<[string, (next: number) => object]>([
    ["has_more: false", (next) => ({ has_more: next < 25 })],
    ["has_more as text", (next) => ({ has_more: String(next < 25) })],
    ["last: true", (next) => ({ last: next >= 25 })],
  ])("beside %s is looked behind once, and ends the walk", async (_name, beside) => {
    const found = await walk(tens((next) => `c${next}`, beside));
    expect(found).toMatchObject({ rows: rows(0, 25), error: undefined });
    expect(found.asked.at(-1)).toBe("/list?cursor=c30");
    expect(found.asked).toHaveLength(4);
  });

  test("beside a flag that is wrong is gone on with", async () => {
    const found = await walk(
      tens(
        (next) => (next < 25 ? `c${next}` : null),
        () => ({ has_more: false }),
      ),
    );
    expect(found).toMatchObject({ rows: rows(0, 25), error: undefined });
  });

  test("and is refused there, is the end that the flag says", async () => {
    const pages = tens(
      (next) => `c${next}`,
      (next) => ({ has_more: next < 25 }),
    );
    const found = await walk((asked) => (asked.get("cursor") === "c30" ? undefined : pages(asked)));
    expect(found).toMatchObject({ rows: rows(0, 25), error: undefined });
  });

  test.each(["next", "link"] as const)("so is a %s URL", async (by) => {
    await using server = await serve((response, seen, request) => {
      const page = Number(new URL(seen.target, "http://x.test").searchParams.get("p") ?? 1);
      const next = `/list?p=${page + 1}`;
      const body = {
        data: page > 3 ? [] : rows(page * 10, 10),
        has_more: page < 3,
        ...(by === "next" ? { next } : {}),
      };
      const headers: Record<string, string> = by === "link" ? { link: `<${next}>; rel="next"` } : {};
      return json(body, 200, headers)(response, seen, request);
    });
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/list").all()).toHaveLength(30);
    expect(server.seen).toHaveLength(4);
  });
});

test.each(["0", "-1", -1])("%j behind the last page leads to the beginning, and is the end", async (end) => {
  const found = await walk(tens((next) => (next < 25 ? `c${next}` : end)));
  expect(found).toMatchObject({ rows: rows(0, 25), error: undefined });
});

describe("digits that JSON's reader loses", () => {
  const big = "9007199254740993";
  const inexact = (text: string): unknown => JSON.parse(text);

  test.each<[string, unknown, PaginateOptions]>([
    ["a cursor", inexact(`{"data":[{"id":1}],"next_cursor":${big}}`), {}],
    ["a cursor that is posted", inexact(`{"data":[{"id":1}],"next_cursor":${big}}`), { json: {} }],
    ["the id of the last row", inexact(`{"object":"list","has_more":true,"data":[{"id":${big}}]}`), {}],
  ])("%s that is a number of more is not sent as another", async (_name, body, options) => {
    const { asked, error } = await walk(() => body, options);
    expect(asked).toHaveLength(1);
    expect(error).toMatchObject({ kind: "undetected", hint: expect.stringContaining("`parseJson`") });
  });

  test("a primary key that is one could be that of two rows", async () => {
    const body = inexact(`{"data":[{"id":${big}},{"id":9007199254740992}]}`);
    const { error } = await walk(() => body, { primaryKey: "id", single: true });
    expect(error).toMatchObject({
      kind: "rows",
      message: expect.stringContaining("more digits"),
      hint: expect.stringContaining("`parseJson`"),
    });
  });

  test("a `parseJson` that keeps them goes on with all of them", async () => {
    const parseJson = (text: string): unknown =>
      JSON.parse(text, (_key, value, { source }: { source?: string } = {}) =>
        typeof value === "number" && !Number.isSafeInteger(value) ? BigInt(source ?? "") : value,
      );
    await using server = await serve((response, seen) => {
      const last = seen.target.includes("cursor");
      response.writeHead(200, { "content-type": "application/json" });
      response.end(`{"data":[{"id":${last ? 2 : 1}}],"next_cursor":${last ? null : big}}`);
    });
    await using client = new Client({ baseUrl: server.origin, parseJson });
    expect(await client.paginate("/list", { primaryKey: "id" }).all()).toEqual([{ id: 1 }, { id: 2 }]);
    expect(server.last().target).toBe(`/list?cursor=${big}`);
  });
});

test("half of a surrogate pair in a cursor is an error of the walk, and goes into a body as it is", async () => {
  const body = (asked: string): unknown => ({
    data: [{ id: asked === "" ? 1 : 2 }],
    next_cursor: asked === "" ? "a\ud83d" : null,
  });
  const { error } = await walk((asked) => body(asked.get("cursor") ?? ""));
  expect(error).toMatchObject({ kind: "undetected", message: expect.stringContaining("surrogate") });
  await using server = await serve((response, seen, request) =>
    json(body(String(JSON.parse(String(seen.body)).cursor ?? "")))(response, seen, request),
  );
  await using client = new Client({ baseUrl: server.origin });
  const posted = client.paginate("/list", { json: {}, by: { cursor: "next_cursor", in: "body" } });
  expect(await posted.all()).toEqual([{ id: 1 }, { id: 2 }]);
});

describe("pages without rows", () => {
  test("that never end are an error after a hundred, whatever the limit of pages", async () => {
    const options = { maxPages: Number.POSITIVE_INFINITY };
    const { asked, error } = await walk((_asked, turn) => ({ data: [], next_cursor: `c${turn}` }), options);
    expect(error).toMatchObject({ kind: "repeated", message: expect.stringContaining("100 pages in a row") });
    expect(asked).toHaveLength(101);
  });

  test("may be that many where the caller says so", async () => {
    const answer = (_asked: URLSearchParams, turn: number): unknown => ({
      data: turn === 150 ? [{ id: 1 }] : [],
      next_cursor: turn < 150 ? `c${turn}` : null,
    });
    expect(await walk(answer, { allowRepeats: true })).toMatchObject({ rows: [{ id: 1 }], error: undefined });
  });
});

test("a scroll whose cursor stays the same is walked with allowRepeats, and is an error without", async () => {
  const answer = (_asked: URLSearchParams, turn: number): unknown => ({
    data: rows(turn * 10, turn > 3 ? 0 : 10),
    next_cursor: turn > 3 ? null : "scroll",
  });
  expect(await walk(answer)).toMatchObject({
    error: { kind: "repeated", hint: expect.stringContaining("a scroll") },
  });
  expect(await walk(answer, { allowRepeats: true })).toMatchObject({ rows: rows(10, 30), error: undefined });
});

test("where what was found proves to be wrong, the hint says what it was found by", async () => {
  const { error } = await walk(() => ({ data: rows(0, 10), meta: { next_token: "t" } }));
  expect(error).toMatchObject({
    kind: "repeated",
    hint: expect.stringContaining("because `meta.next_token` has a cursor"),
  });
});

test("Elasticsearch's total is an object", async () => {
  const answer = (asked: URLSearchParams): unknown => ({
    hits: {
      total: { value: 25, relation: "eq" },
      hits: rows(Number(asked.get("from")), 25)
        .slice(0, 10)
        .filter(({ id }) => id < 25),
    },
  });
  const found = await walk(answer, { by: { offset: "from" } });
  expect(found).toMatchObject({ rows: rows(0, 25), error: undefined });
  expect(found.asked).toHaveLength(3);
});
