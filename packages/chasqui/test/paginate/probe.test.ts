import { Client, HttpError, type PaginateOptions, PaginationError } from "chasqui";
import { describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { type Answer, type HttpServer, json, serve } from "../peers/http-server.ts";

/** APIs whose first page says nothing of a second. */

const SIZE = 5;
const all = (count: number): { id: number }[] => Array.from({ length: count }, (_, id) => ({ id }));

interface Api {
  readonly rows: number;
  /** The number of the first page. */
  readonly first: number;
  readonly param?: string;
  /** What answers behind the last page: an empty one where it is not said. */
  readonly beyond?: number;
  readonly body?: (rows: readonly unknown[]) => unknown;
}

function silent({ rows, first, param = "page", beyond = 200, body = (page) => page }: Api): Answer {
  return (response, seen, request) => {
    const page = Number(new URL(seen.target, "http://x.test").searchParams.get(param) ?? first) - first;
    const from = page * SIZE;
    const answer =
      from < 0 || from >= rows ? json(body([]), beyond) : json(body(all(rows).slice(from, from + SIZE)));
    return answer(response, seen, request);
  };
}

async function walk(
  api: Api,
  options: PaginateOptions = {},
): Promise<{
  rows: unknown;
  server: HttpServer;
  explained: ReturnType<ReturnType<Client["paginate"]>["explain"]>;
}> {
  await using server = await serve(silent(api));
  await using client = new Client({ baseUrl: server.origin, retry: false });
  const pages = client.paginate("/list", options);
  const rows = await pages.all();
  return { rows, server, explained: pages.explain() };
}

describe("an API that counts its pages from 0, and says nothing", () => {
  test.each([
    ["of one page", 4],
    ["of two", 8],
    ["of two full ones", 10],
    ["of five", 23],
  ])("%s is walked from its first page on", async (_name, rows) => {
    expect((await walk({ rows, first: 0 })).rows).toEqual(all(rows));
  });

  test.each([400, 404, 422])(
    "and answers %i behind the last page, says so in an error: a failed page is no end",
    async (beyond) => {
      expect((await walk({ rows: 4, first: 0, beyond })).rows).toEqual(all(4));
      const error = await caught(walk({ rows: 8, first: 0, beyond }), HttpError);
      expect(error).toMatchObject({ status: beyond, hint: expect.stringContaining("behind its last page") });
      const by: PaginateOptions["by"] = ({ rows, number }) =>
        rows.length === SIZE && { params: { page: number } };
      expect((await walk({ rows: 8, first: 0, beyond }, { by })).rows).toEqual(all(8));
    },
  );

  test("is told from one that counts from 1", async () => {
    const zero = await walk({ rows: 23, first: 0 });
    expect(zero.explained).toMatchObject({
      by: { page: "page", first: 0 },
      probes: ["page=2: other rows", "page=1: other rows"],
      reason: expect.stringContaining("`page=1` brought other rows"),
    });
    const one = await walk({ rows: 23, first: 1 });
    expect(one.rows).toEqual(all(23));
    expect(one.explained).toMatchObject({
      by: { page: "page", first: 1 },
      probes: ["page=2: other rows", "page=1: the same rows"],
    });
  });

  test("is found in the dialect of its params, and beside a number of rows", async () => {
    const body = (data: readonly unknown[]): unknown => ({ data, total: 23 });
    const found = await walk({ rows: 23, first: 0, body }, { params: { per_page: SIZE } });
    expect(found.rows).toEqual(all(23));
  });

  test("goes on from a checkpoint after its first page", async () => {
    await using server = await serve(silent({ rows: 23, first: 0 }));
    await using client = new Client({ baseUrl: server.origin });
    const pages = client.paginate("/list");
    for await (const _page of pages.pages()) break;
    const from = JSON.parse(JSON.stringify(pages.checkpoint));
    expect(await client.paginate("/list", { from }).all()).toEqual(all(23).slice(SIZE));
  });
});

test("a list whose page 2 is empty, and whose page 1 is the first, is whole: nothing else is tried", async () => {
  const { server, explained } = await walk({ rows: 4, first: 1 });
  expect(server.seen.map(({ target }) => target)).toEqual(["/list", "/list?page=2", "/list?page=1"]);
  expect(explained).toMatchObject({ confidence: "proven", reason: "`page=2` has no rows" });
});

test("a page 2 that is as empty as page 1 says nothing: the param selects something else", async () => {
  // As json-server has it, which takes a param that it does not know for a field.
  await using server = await serve((response, seen, request) => {
    const { searchParams } = new URL(seen.target, "http://x.test");
    if (searchParams.has("page")) return json([])(response, seen, request);
    const page = Number(searchParams.get("_page") ?? 1);
    return json(all(12).slice((page - 1) * SIZE, page * SIZE))(response, seen, request);
  });
  await using client = new Client({ baseUrl: server.origin });
  const pages = client.paginate("/list");
  expect(await pages.all()).toEqual(all(12));
  expect(pages.explain().by).toEqual({ page: "_page", first: 1 });
});

test("a probe that fails is no end", async () => {
  await using server = await serve((response, seen, request) =>
    json(all(5), seen.target === "/list" ? 200 : 500)(response, seen, request),
  );
  await using client = new Client({ baseUrl: server.origin, retry: false });
  const error = await client
    .paginate("/list")
    .all()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 500 });
  expect(error).not.toBeInstanceOf(PaginationError);
});
