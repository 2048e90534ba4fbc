import { describe, expect, test } from "vitest";
import { CallerError, Client, DecodeError, OptionsError, type PaginateOptions } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate } from "../peers/gate.ts";
import { json, serve } from "../peers/http-server.ts";
import { run } from "../peers/program.ts";

describe("rows of other shapes", () => {
  test.each<[string, unknown, PaginateOptions["rows"], unknown]>([
    [
      "a map of values",
      { base: "PEN", rates: { EUR: 0.25, USD: 0.27 } },
      { map: "rates" },
      [
        { key: "EUR", value: 0.25 },
        { key: "USD", value: 0.27 },
      ],
    ],
    [
      "a map of records",
      { a: { n: 1 }, b: { n: 2 } },
      { map: "" },
      [
        { key: "a", n: 1 },
        { key: "b", n: 2 },
      ],
    ],
    [
      "a table whose first row names the columns",
      { range: "A1:B3", values: [["id", "name"], ["1", "Ana"], ["2"]] },
      { table: "values" },
      [
        { id: "1", name: "Ana" },
        { id: "2", name: null },
      ],
    ],
    ["a table whose columns are told", [[1, 2]], { table: "", columns: ["a", "b"] }, [{ a: 1, b: 2 }]],
    [
      "a function",
      { x: [{ y: [1] }, { y: [2, 3] }] },
      (data) => (data as { x: { y: number[] }[] }).x.flatMap(({ y }) => y),
      [1, 2, 3],
    ],
    ["a dotted path", { a: { "b.c": [1] } }, "a.b.c", [1]],
  ])("%s", async (_, body, rows, expected) => {
    await using server = await serve(json(body));
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/x", { rows, single: true }).all()).toEqual(expected);
  });

  test("a table on several pages has its names on the first, and after a checkpoint too", async () => {
    await using server = await serve((response, seen) => {
      const page = Number(new URL(seen.target, "http://x.test").searchParams.get("page"));
      const values = [[["id"], [1], [2]], [[3], [4]], []][page - 1] ?? [];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ values }));
    });
    await using client = new Client({ baseUrl: server.origin });
    const options: PaginateOptions = { by: "page", rows: { table: "values" } };
    const walk = client.paginate("/x", options);
    expect(await walk.take(2)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await client.paginate("/x", { ...options, from: walk.checkpoint }).all()).toEqual([
      { id: 3 },
      { id: 4 },
    ]);
  });

  test.each<[string, unknown, PaginateOptions["rows"]]>([
    ["a list where a map should be", { rates: [] }, { map: "rates" }],
    ["nothing where a map should be", {}, { map: "rates" }],
    ["a row that is no list of cells", { values: [["a"], { b: 1 }] }, { table: "values" }],
  ])("%s is an error", async (_, body, rows) => {
    await using server = await serve(json(body));
    await using client = new Client({ baseUrl: server.origin });
    await expect(client.paginate("/x", { rows }).all()).rejects.toMatchObject({ kind: "rows" });
  });

  test.each<[string, object]>([
    ["rows: {}", { rows: {} }],
    ["map and table", { rows: { map: "a", table: "b" } }],
    ["columns without a table", { rows: { map: "a", columns: [] } }],
    ["single beside by", { single: true, by: "page" }],
    ["by.in", { by: { page: "p", in: "header" } }],
    ["by.range", { by: { range: "a b" } }],
    ["concurrency: 0", { concurrency: 0 }],
    ["maxRows: 0", { maxRows: 0 }],
    ["maxDuration: -1", { maxDuration: -1 }],
    ["primaryKey: 1", { primaryKey: 1 }],
    ["strict: 1", { strict: 1 }],
    ["from: {}", { from: {} }],
    ["from a later version", { from: { version: 2 } }],
    ["form", { form: { a: 1 } }],
  ])("%s is told when the walk begins, and nothing is sent", async (_, options) => {
    await using server = await serve(json([]));
    await using client = new Client({ baseUrl: server.origin });
    await expect(client.paginate("/x", options as PaginateOptions).all()).rejects.toBeInstanceOf(
      OptionsError,
    );
    expect(server.seen).toHaveLength(0);
  });
});

describe("a function says what comes next", () => {
  const numbered = (most: number) =>
    serve((response, seen) => {
      const at = Number(
        new URL(seen.target, "http://x.test").searchParams.get("at") ?? seen.headers["x-at"] ?? 0,
      );
      const posted = seen.body.length > 0 ? JSON.parse(seen.body.toString()).at.here : at;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ rows: [posted], more: posted < most ? posted + 1 : 0 }));
    });
  const more = (data: unknown): number => (data as { more: number }).more;

  test.each<[string, PaginateOptions]>([
    ["a URL", { by: ({ data }) => more(data) > 0 && `?at=${more(data)}` }],
    ["params", { by: ({ data }) => (more(data) > 0 ? { params: { at: more(data) } } : undefined) }],
    ["headers", { by: ({ data }) => (more(data) > 0 ? { headers: { "x-at": String(more(data)) } } : null) }],
    [
      "fields of the body",
      {
        json: { at: { here: 0 }, kept: true },
        by: ({ data }) => (more(data) > 0 ? { body: { "at.here": more(data) } } : null),
      },
    ],
  ])("by %s", async (_, options) => {
    await using server = await numbered(3);
    await using client = new Client({ baseUrl: server.origin });
    const walk = client.paginate("/x", options);
    expect(await walk.all()).toEqual([0, 1, 2, 3]);
    expect(walk.explain()).toMatchObject({ style: "function", confidence: "given" });
    expect(walk.spec).toBeUndefined();
    if (options.json !== undefined)
      expect(JSON.parse(server.last().body.toString())).toMatchObject({ kept: true });
  });

  test.each<[string, unknown]>([
    ["a number", 7],
    ["a promise", Promise.resolve("x")],
    ["a list", []],
    ["an unknown field", { query: {} }],
    ["a param that is an object", { params: { a: {} } }],
  ])("%s is refused", async (_, answer) => {
    await using server = await numbered(3);
    await using client = new Client({ baseUrl: server.origin });
    const walk = client.paginate("/x", { by: (() => answer) as () => string });
    await expect(walk.all()).rejects.toMatchObject({ code: expect.stringMatching(/ERR_(?:OPTIONS|CALLER)/) });
  });

  test("what it throws is told as the caller's", async () => {
    await using server = await numbered(3);
    await using client = new Client({ baseUrl: server.origin });
    const walk = client.paginate("/x", {
      by: () => {
        throw new RangeError("mine");
      },
    });
    expect((await caught(walk.all(), CallerError)).cause).toBeInstanceOf(RangeError);
  });

  test("a checkpoint of it goes on with the function given again", async () => {
    await using server = await numbered(3);
    await using client = new Client({ baseUrl: server.origin });
    const by: PaginateOptions["by"] = ({ data }) => more(data) > 0 && `?at=${more(data)}`;
    const walk = client.paginate("/x", { by });
    await walk.take(2);
    const from = JSON.parse(JSON.stringify(walk.checkpoint));
    expect(await client.paginate("/x", { by, from }).all()).toEqual([2, 3]);
  });
});

describe("JSON Lines", () => {
  const LINES = '{"id":1}\n\n{"id":2}\r\n{"id":3}';

  test("are one page, found by the content type", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" }).end(LINES);
    });
    await using client = new Client({ baseUrl: server.origin });
    const walk = client.paginate("/x");
    expect(await walk.all()).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(walk.explain()).toMatchObject({ confidence: "proven" });
    expect(server.seen).toHaveLength(1);
  });

  test("are read as they come with by: lines, and without end", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      let id = 0;
      const more = (): void => {
        while (!response.destroyed) {
          id++;
          if (!response.write(`{"id":${id}}\n`)) return void response.once("drain", more);
        }
      };
      more();
    });
    await using client = new Client({ baseUrl: server.origin });
    const rows = await client.paginate<{ id: number }>("/x", { by: "lines" }).take(5000);
    expect(rows.at(-1)).toEqual({ id: 5000 });
  });

  test("are handed on as they come: none waits for another", async () => {
    const lines = gate();
    await using server = await serve(async (response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.write('{"id":1}\n{"id":2}\n{"id"');
      await lines.opened;
      response.end(":3}\n");
    });
    await using client = new Client({ baseUrl: server.origin });
    const ids: number[] = [];
    for await (const { id } of client.paginate<{ id: number }>("/x", { by: "lines" })) {
      ids.push(id);
      // The server sends no more before this.
      if (id === 2) lines.open();
    }
    expect(ids).toEqual([1, 2, 3]);
  });

  test("before one that is none are handed on, and are in the error", async () => {
    await using server = await serve((response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" }).end('{"id":1}\n{"id":2}\n{"id"\n');
    });
    await using client = new Client({ baseUrl: server.origin });
    const error = await caught(client.paginate("/x", { by: "lines" }).all(), DecodeError);
    expect(error.walk).toMatchObject({ rows: 2, partial: [{ id: 1 }, { id: 2 }], checkpoint: undefined });
  });

  test("are as many as maxRows says, and those that come twice are left out by their key", async () => {
    await using server = await serve((response) => {
      response
        .writeHead(200, { "content-type": "application/x-ndjson" })
        .end('{"id":1}\n{"id":2}\n{"id":1}\n');
    });
    await using client = new Client({ baseUrl: server.origin });
    const lines = { by: "lines" } as const;
    expect(await client.paginate("/x", { ...lines, maxRows: 3 }).all()).toHaveLength(3);
    expect(await client.paginate("/x", { ...lines, primaryKey: "id" }).all()).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test.each(["auto", "lines"] as const)("a line that is none is named, by %s, and not quoted", async (by) => {
    await using server = await serve((response) => {
      response
        .writeHead(200, { "content-type": "application/x-ndjson" })
        .end('{"id":1}\n{"secret": hunter2\n');
    });
    await using client = new Client({ baseUrl: server.origin });
    const error = await caught(client.paginate("/x", { by }).all(), DecodeError);
    expect(error.message).toContain("ine 2");
    expect(error.message).not.toContain("hunter2");
  });
});

test("a walk that is killed goes on from the checkpoint that it wrote, with every row once", async () => {
  await using server = await serve((response, seen) => {
    const at = Number(new URL(seen.target, "http://x.test").searchParams.get("cursor") ?? 0);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ data: [{ id: at }, { id: at + 1 }], next_cursor: at + 2 < 40 ? at + 2 : null }),
    );
  });
  const program = `
    import { existsSync, readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
    import { tmpdir } from "node:os";
    import { join } from "node:path";
    import { Client } from "../src/index.ts";
    const client = new Client({ baseUrl: process.env.ORIGIN });
    const from = process.env.FROM === "" ? undefined : JSON.parse(process.env.FROM);
    const walk = client.paginate("/x", { from });
    const rows = [];
    for await (const page of walk.pages()) {
      rows.push(...page.rows.map(({ id }) => id));
      process.stdout.write(JSON.stringify({ rows, checkpoint: walk.checkpoint }) + "\\n");
      if (rows.length >= 12) process.kill(process.pid, "SIGKILL");
    }
    await client.close();`;
  const all: number[] = [];
  let from = "";
  for (let runs = 0; runs < 10; runs++) {
    const { stdout } = await run(program, { ORIGIN: server.origin, FROM: from });
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (last === "") break;
    const { rows, checkpoint } = JSON.parse(last) as { rows: number[]; checkpoint: { next: unknown } };
    all.push(...rows);
    from = JSON.stringify(checkpoint);
    if (checkpoint.next === null) break;
  }
  expect(all).toEqual(Array.from({ length: 40 }, (_, id) => id));
});

test("a checkpoint has no secret in it, and goes on with the secrets of the next walk", async () => {
  await using server = await serve((response, seen) => {
    const url = new URL(seen.target, "http://x.test");
    const page = Number(url.searchParams.get("p") ?? 1);
    response.writeHead(200, { "content-type": "application/json" });
    // A server that repeats the query of the request in the next URL, the key and all.
    url.searchParams.set("p", String(page + 1));
    response.end(JSON.stringify({ data: [{ page }], next: page < 4 ? url.pathname + url.search : null }));
  });
  const make = (): Client =>
    new Client({
      baseUrl: server.origin,
      params: { api_key: "s3cret" },
      headers: { authorization: "Bearer s3cret" },
    });
  await using first = make();
  const walk = first.paginate("/x");
  await walk.take(2);
  const from = JSON.stringify(walk.checkpoint);
  expect(from).not.toContain("s3cret");
  await using second = make();
  expect(await second.paginate("/x", { from: JSON.parse(from) }).all()).toEqual([{ page: 3 }, { page: 4 }]);
  expect(server.last().target).toContain("api_key=s3cret");
  expect(server.last().headers.authorization).toBe("Bearer s3cret");
});

test("a checkpoint of another walk is refused", async () => {
  await using server = await serve(json({ data: [1], next_cursor: "a" }));
  await using client = new Client({ baseUrl: server.origin });
  const walk = client.paginate("/x");
  await walk.take(1);
  const error = await caught(client.paginate("/y", { from: walk.checkpoint }).all(), OptionsError);
  expect(error.message).toContain("/x");
});
