import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Client, HttpError, OptionsError, type Paginator } from "../../src/index.ts";
import { type Answer, type HttpServer, serve } from "../peers/http-server.ts";

const SIZE = 3;

/** Numbered pages of three of eight rows; page `broken` fails. */
function paged(broken = 0): Answer {
  return (response, seen) => {
    const page = Number(new URL(seen.target, "http://x.test").searchParams.get("page") ?? 1);
    const from = (page - 1) * SIZE;
    const data = Array.from({ length: Math.max(0, Math.min(SIZE, 8 - from)) }, (_, at) => ({
      id: from + at,
    }));
    response.writeHead(page === broken ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify({ total: 8, data }));
  };
}

interface Row {
  readonly id: number;
}

function walkOf(client: Client, options: { readonly maxPages?: number } = {}): Paginator<Row> {
  return client.paginate<Row>("/x", { by: "page", ...options });
}

const asked = (server: HttpServer): number => server.seen.length;

test("a walk is printed as how far it has come, and without what it read", async () => {
  await using server = await serve(paged());
  await using client = new Client({ baseUrl: server.origin });
  const walk = walkOf(client);
  expect(inspect(walk)).toBe("Paginator (not begun)");
  await walk.take(SIZE);
  expect(inspect(walk)).toBe("Paginator { style: page, pages: 1, rows: 3, ended: false }");
  await walk.all();
  expect(inspect(walk)).toBe("Paginator { style: page, pages: 3, rows: 8, ended: true }");
});

/** What rows and pages are read with, and what of each result is compared. */
const KINDS = [
  {
    kind: "rows",
    open: (walk: Paginator<Row>) => walk[Symbol.asyncIterator](),
    read: (value: unknown) => (value as Row).id,
    all: [0, 1, 2, 3, 4, 5, 6, 7],
  },
  {
    kind: "pages",
    open: (walk: Paginator<Row>) => walk.pages(),
    read: (value: unknown) => (value as { number: number }).number,
    all: [1, 2, 3],
  },
] as const;

describe.each(KINDS)("what gives $kind is an iterator as an async generator is", ({ open, read, all }) => {
  test("results that are asked for in the same breath come in order, and behind the last there is none", async () => {
    await using server = await serve(paged());
    await using client = new Client({ baseUrl: server.origin });
    const iterator = open(walkOf(client));
    const results = await Promise.all(Array.from({ length: all.length + 2 }, () => iterator.next()));
    expect(results.map(({ done, value }) => (done === true ? "done" : read(value)))).toEqual([
      ...all,
      "done",
      "done",
    ]);
    expect(asked(server)).toBe(3);
  });

  test("an error is that of the result that it came for, and behind it there is none", async () => {
    await using server = await serve(paged(2));
    await using client = new Client({ baseUrl: server.origin });
    const iterator = open(walkOf(client));
    const count = all.length === 3 ? 1 : SIZE;
    const results = await Promise.allSettled(Array.from({ length: count + 2 }, () => iterator.next()));
    expect(results.slice(0, count).every(({ status }) => status === "fulfilled")).toBe(true);
    expect(results[count]).toMatchObject({ status: "rejected", reason: expect.any(HttpError) });
    expect(results[count + 1]).toMatchObject({
      status: "fulfilled",
      value: { done: true, value: undefined },
    });
    expect(asked(server)).toBe(2);
  });

  test("a bad option is the error of the first result", async () => {
    await using client = new Client({ baseUrl: "http://127.0.0.1:9" });
    const iterator = open(walkOf(client, { maxPages: -1 }));
    await expect(iterator.next()).rejects.toBeInstanceOf(OptionsError);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test("return() before anything was asked for sends nothing, and ends it", async () => {
    await using server = await serve(paged());
    await using client = new Client({ baseUrl: server.origin });
    const iterator = open(walkOf(client));
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(asked(server)).toBe(0);
  });

  test("return() while a page is coming ends it behind that page", async () => {
    await using server = await serve(paged());
    await using client = new Client({ baseUrl: server.origin });
    const iterator = open(walkOf(client));
    const [first, left] = await Promise.all([iterator.next(), iterator.return?.()]);
    expect(read(first.value)).toBe(all[0]);
    expect(left).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(asked(server)).toBe(1);
  });

  test("throw() ends it with the error that it is given", async () => {
    await using server = await serve(paged());
    await using client = new Client({ baseUrl: server.origin });
    const iterator = open(walkOf(client));
    await iterator.next();
    const error = new Error("enough");
    await expect(iterator.throw?.(error)).rejects.toBe(error);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(asked(server)).toBe(1);
  });
});

test("rows that were asked for before return() are given, no page is asked for but theirs, and a checkpoint loses none", async () => {
  await using server = await serve(paged());
  await using client = new Client({ baseUrl: server.origin });
  const walk = walkOf(client);
  const rows = walk[Symbol.asyncIterator]();
  const results = await Promise.all([rows.next(), rows.next(), rows.return?.(), rows.next()]);
  expect(results.map((result) => result?.value?.id)).toEqual([0, 1, undefined, undefined]);
  expect(asked(server)).toBe(1);
  // Left within the first page, which has a third row.
  expect(walk.checkpoint).toBeUndefined();
  const again = walk[Symbol.asyncIterator]();
  for (let count = 0; count < SIZE; count++) await again.next();
  const [next] = await Promise.all([again.next(), again.return?.()]);
  expect(next.value).toEqual({ id: SIZE });
  const { checkpoint } = walk;
  const rest = client.paginate<Row>("/x", { by: "page", ...(checkpoint && { from: checkpoint }) });
  expect(await rest.first()).toEqual({ id: SIZE });
});

test("a hook that asks for the next result while a page is asked for waits its turn", async () => {
  await using server = await serve(paged());
  await using client = new Client({
    baseUrl: server.origin,
    hooks: { onRequest: () => void inner.push(pages.next()) },
  });
  const inner: ReturnType<typeof pages.next>[] = [];
  const pages = walkOf(client).pages();
  const first = await pages.next();
  const results = [first];
  for (const result of inner) results.push(await result);
  expect(results.map(({ value }) => (value === undefined ? "done" : value.number))).toEqual([
    1,
    2,
    3,
    "done",
  ]);
  expect(asked(server)).toBe(3);
});

test("pages are given up at the end of the block that has them with `await using`", async () => {
  await using server = await serve(paged());
  await using client = new Client({ baseUrl: server.origin });
  const walk = walkOf(client);
  let pages: ReturnType<typeof walk.pages>;
  {
    await using own = walk.pages();
    pages = own;
    await pages.next();
  }
  expect(await pages.next()).toEqual({ done: true, value: undefined });
  expect(asked(server)).toBe(1);
});
