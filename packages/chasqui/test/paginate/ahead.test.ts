import { describe, expect, test } from "vitest";
import { Client, OptionsError, type PaginateOptions, TimeoutError } from "../../src/index.ts";
import { caught } from "../peers/caught.ts";
import { gate, until } from "../peers/gate.ts";
import { type Answer, type HttpServer, serve } from "../peers/http-server.ts";
import { ManualClock } from "../peers/manual-clock.ts";

const SIZE = 5;

/** Numbered pages of five of so many rows; `before` may keep an answer waiting. */
function paged(rows: number, before: (page: number) => void | Promise<void> = () => {}): Answer {
  return async (response, seen) => {
    const page = Number(new URL(seen.target, "http://x.test").searchParams.get("page") ?? 1);
    await before(page);
    const from = (page - 1) * SIZE;
    const data = Array.from({ length: Math.max(0, Math.min(SIZE, rows - from)) }, (_, at) => ({
      id: from + at,
    }));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ page, total: rows, data }));
  };
}

const pagesOf = (server: HttpServer): number[] =>
  server.seen.map(({ target }) => Number(new URL(target, "http://x.test").searchParams.get("page") ?? 1));

const COUNTED: PaginateOptions = { by: "page" };
const ids = (count: number): { id: number }[] => Array.from({ length: count }, (_, id) => ({ id }));

describe("prefetch", () => {
  test("does not take a page away where the next cannot be asked for: that is told when it is", async () => {
    await using server = await serve(paged(20));
    await using client = new Client({ baseUrl: server.origin });
    const schema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: async (value: unknown) => {
          await client.close();
          return { value };
        },
      },
    } as const;
    const walk = client.paginate("/x", { ...COUNTED, prefetch: true, schema });
    const rows: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const row of walk) rows.push(row);
    };
    expect((await caught(loop(), OptionsError)).message).toContain("The client is closed");
    expect(rows).toEqual(ids(SIZE));
    expect(walk.checkpoint?.rows).toBe(SIZE);
  });

  test("asks for the next page while this one is used, and for no other", async () => {
    await using server = await serve(paged(20));
    await using client = new Client({ baseUrl: server.origin });
    const rows = client.paginate("/x", { ...COUNTED, prefetch: true })[Symbol.asyncIterator]();
    await rows.next();
    await until(() => server.seen.length === 2);
    expect(pagesOf(server)).toEqual([1, 2]);
    for (let row = 2; row <= SIZE; row++) await rows.next();
    expect(pagesOf(server)).toEqual([1, 2]);
    await rows.next();
    await until(() => server.seen.length === 3);
    await rows.return?.();
  });

  test("without it a page is asked for when its first row is", async () => {
    await using server = await serve(paged(20));
    await using client = new Client({ baseUrl: server.origin });
    const rows = client.paginate("/x", COUNTED)[Symbol.asyncIterator]();
    for (let row = 1; row <= SIZE; row++) await rows.next();
    expect(pagesOf(server)).toEqual([1]);
    await rows.return?.();
  });

  test("of a URL that the server gives, too", async () => {
    await using server = await serve((response, seen) => {
      const page = Number(new URL(seen.target, "http://x.test").searchParams.get("p") ?? 1);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ data: [{ page }], next: page < 3 ? `/x?p=${page + 1}` : null }));
    });
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/x", { prefetch: true }).all()).toEqual([
      { page: 1 },
      { page: 2 },
      { page: 3 },
    ]);
    expect(server.seen).toHaveLength(3);
  });
});

describe("concurrency", () => {
  test("fetches so many pages at a time, and delivers them in order whatever order they come in", async () => {
    const opened = gate();
    let under = 0;
    let most = 0;
    await using server = await serve(
      paged(58, async (page) => {
        if (page === 1) return;
        under++;
        most = Math.max(most, under);
        if (under === 4) opened.open();
        // The last of the four answers first.
        await opened.opened;
        for (let turn = 0; turn < 20 - page; turn++) await new Promise(setImmediate);
        under--;
      }),
    );
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/x", { ...COUNTED, concurrency: 4 }).all()).toEqual(ids(58));
    expect(most).toBe(4);
    expect(pagesOf(server).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
  });

  test("asks for no page beyond the last, or beyond maxPages", async () => {
    await using server = await serve(paged(12));
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/x", { ...COUNTED, concurrency: 50 }).all()).toEqual(ids(12));
    expect(pagesOf(server).toSorted()).toEqual([1, 2, 3]);
    await expect(
      client.paginate("/x", { ...COUNTED, concurrency: 50, maxPages: 2 }).all(),
    ).rejects.toMatchObject({
      kind: "max-pages",
    });
    expect(server.seen).toHaveLength(5);
  });

  test("keeps no more pages than that, however slowly they are used", async () => {
    await using server = await serve(paged(500));
    await using client = new Client({ baseUrl: server.origin });
    const pages = client.paginate("/x", { ...COUNTED, concurrency: 3 }).pages();
    await pages.next();
    await until(() => server.seen.length === 4);
    await pages.next();
    await until(() => server.seen.length === 5);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(server.seen).toHaveLength(5);
    await pages.return?.();
  });

  test("who leaves the loop stops what is under way", async () => {
    const held = gate();
    await using server = await serve(paged(500, (page) => (page === 1 ? undefined : held.opened)));
    await using client = new Client({ baseUrl: server.origin });
    for await (const _row of client.paginate("/x", { ...COUNTED, concurrency: 6 })) {
      await until(() => server.seen.length === 7);
      break;
    }
    await until(() => server.open() <= 1);
    held.open();
  });

  test("a page that fails ends the walk in its place, with all rows before it, and stops the others", async () => {
    await using server = await serve(async (response, seen, request) => {
      if (seen.target.includes("page=4")) response.writeHead(404).end();
      else await paged(60)(response, seen, request);
    });
    await using client = new Client({ baseUrl: server.origin, retry: false });
    const rows: unknown[] = [];
    let error: unknown;
    try {
      for await (const row of client.paginate("/x", { ...COUNTED, concurrency: 5 })) rows.push(row);
    } catch (failed) {
      error = failed;
    }
    expect(error).toMatchObject({ status: 404, message: expect.stringContaining("page 4") });
    expect(rows).toEqual(ids(15));
  });

  test("where the server does not say how many there are, pages come one after the other", async () => {
    await using server = await serve((response, seen) => {
      const page = Number(new URL(seen.target, "http://x.test").searchParams.get("page"));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(page > 4 ? [] : [{ page }]));
    });
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/x", { ...COUNTED, concurrency: 8 }).all()).toHaveLength(4);
    expect(pagesOf(server)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("by offset, as long as pages come full", async () => {
    await using server = await serve((response, seen) => {
      const from = Number(new URL(seen.target, "http://x.test").searchParams.get("offset") ?? 0);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ total: 33, data: ids(33).slice(from, from + SIZE) }));
    });
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/x", { by: "offset", concurrency: 4 }).all()).toEqual(ids(33));
    expect(server.seen).toHaveLength(7);
  });
});

describe("limits of a walk", () => {
  test("maxRows ends it with an error where there are more, and take() without one", async () => {
    await using server = await serve(paged(20));
    await using client = new Client({ baseUrl: server.origin });
    await expect(client.paginate("/x", { ...COUNTED, maxRows: 10 }).all()).rejects.toMatchObject({
      kind: "max-rows",
      rows: 10,
    });
    expect(await client.paginate("/x", { ...COUNTED, maxRows: 20 }).all()).toHaveLength(20);
    expect(await client.paginate("/x", { ...COUNTED, maxRows: 10 }).take(10)).toHaveLength(10);
  });

  test("maxDuration ends it with an error, and a checkpoint to go on from", async () => {
    const clock = new ManualClock();
    await using server = await serve(paged(20));
    await using client = new Client({ baseUrl: server.origin, clock });
    const walk = client.paginate("/x", { ...COUNTED, maxDuration: "1m" });
    let pages = 0;
    const read = async (): Promise<void> => {
      for await (const _page of walk.pages()) {
        pages++;
        clock.advance(40_000);
      }
    };
    await expect(read()).rejects.toMatchObject({ kind: "max-duration", rows: 10 });
    expect(pages).toBe(2);
    const rest = await client.paginate("/x", { ...COUNTED, from: walk.checkpoint }).all();
    expect(rest).toEqual(ids(20).slice(10));
  });

  test("the total of a call holds for each page, not for the walk", async () => {
    const clock = new ManualClock();
    const held = gate();
    await using server = await serve(paged(20, (page) => (page === 3 ? held.opened : undefined)));
    await using client = new Client({ baseUrl: server.origin, clock, retry: false });
    const walk = client.paginate("/x", { ...COUNTED, timeout: { total: "10s" } }).all();
    await clock.armed(10_000);
    await until(() => server.seen.length === 3);
    clock.advance(10_000);
    expect(await caught(walk, TimeoutError)).toMatchObject({ phase: "total" });
    held.open();
  });
});
