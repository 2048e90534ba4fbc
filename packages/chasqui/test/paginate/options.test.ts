import { startPractice } from "@chasqui/practice";
import { Client, OptionsError, ValidationError } from "chasqui";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import type { Page, PaginateOptions } from "../../src/paginate/options.ts";
import type { Paginator } from "../../src/paginate/paginator.ts";

let practice: Awaited<ReturnType<typeof startPractice>>;
let client: Client;

beforeAll(async () => {
  practice = await startPractice({ port: 0 });
  client = new Client({ baseUrl: practice.url });
});
afterAll(async () => {
  await client.close();
  await practice.close();
});

describe("bad options are told when the walk begins, and nothing is sent", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["maxPages", { maxPages: 0 }, "maxPages"],
    ["maxPages", { maxPages: 1.5 }, "maxPages"],
    ["maxPages", { maxPages: "10" }, "maxPages"],
    ["rows", { rows: 1 }, "rows"],
    ["rows", { rows: "" }, "rows"],
    ["total", { total: true }, "total"],
    ["allowRepeats", { allowRepeats: "yes" }, "allowRepeats"],
    ["schema", { schema: { parse: () => 1 } }, "schema"],
    ["by", { by: "pages" }, "by"],
    ["by", { by: 1 }, "by"],
    ["by", { by: null }, "by"],
    ["by", { by: {} }, "by"],
    ["by", { by: { page: "p", offset: "o" } }, "by"],
    ["by.page", { by: { page: 1 } }, "by.page"],
    ["by.page", { by: { page: "" } }, "by.page"],
    ["by.first", { by: { page: "p", first: -1 } }, "by.first"],
    ["by.start", { by: { page: "p", start: 1 } }, "by.start"],
    ["by.size", { by: { offset: "o", size: 0 } }, "by.size"],
    ["by.limit", { by: { offset: "o", limit: 5 } }, "by.limit"],
    ["by.param", { by: { cursor: "c", param: "" } }, "by.param"],
    ["by.next", { by: { next: null } }, "by.next"],
    ["stream", { stream: true }, "stream"],
    ["maxpages", { maxpages: 3 }, "maxpages"],
    ["timeout", { timeout: "soon" }, "timeout"],
    ["method", { method: "DELETE" }, "method"],
    ["method", { method: "patch" }, "method"],
    ["json", { by: { page: "page", in: "body" } }, "json"],
    ["json", { by: { cursor: "next", in: "body" }, json: [1] }, "json"],
    ["json", { by: "graphql" }, "json"],
    ["rows", { by: "lines", rows: "data" }, "rows"],
    ["total", { by: "lines", total: "total" }, "total"],
    ["concurrency", { by: "lines", concurrency: 4 }, "concurrency"],
    ["strict", { by: "lines", strict: true }, "strict"],
  ])("%s: %o", async (_name, options, option) => {
    const walk = client.paginate("/posts", options);
    const error = await walk.all().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({ option });
    expect(error instanceof Error ? error.stack : "").toContain("options.test.ts");
  });

  test.each<[string, () => unknown, RegExp]>([
    ["nothing in an object", () => ({}), /says nothing/],
    ["a generator", () => [].values(), /says nothing/],
    ["no number", () => ({ params: { page: Number.NaN } }), /NaN/],
    ["a body where there is none", () => ({ body: { page: 2 } }), /`json` is undefined/],
  ])("%s: what a function in `by` gives is checked", async (_name, given, message) => {
    const options: PaginateOptions = Object({ by: given });
    const error = await client
      .paginate("/posts", options)
      .all()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test.each<[string, unknown, RegExp, RegExp]>([
    ["a promise", async () => [], /is a Promise/, /at once/],
    ["a Set", () => new Set([1]), /is a Set/, /an array/],
    ["a path of another kind", "$.posts", /`\$.posts` is not there/, /rows: "data"/],
  ])("%s for rows: the error says what it is, and what it should be", async (_name, rows, message, hint) => {
    const options: PaginateOptions = Object({ by: "page", rows });
    const error = await client
      .paginate("/paging/page/posts", options)
      .all()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      kind: "rows",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test("an option that is nearly right is named", async () => {
    const options: Record<string, unknown> = { maxpages: 3 };
    await expect(client.paginate("/posts", options).all()).rejects.toMatchObject({
      hint: expect.stringContaining("maxPages"),
    });
  });

  test("a prototype that was tampered with says nothing", async () => {
    const options = Object.create({ by: "page", maxPages: 1 });
    await expect(client.paginate("/paging/cursor/posts", options).all()).resolves.toHaveLength(100);
  });

  test("a closed client walks no further", async () => {
    const closing = new Client({ baseUrl: practice.url });
    const walk = closing.paginate("/paging/cursor/posts")[Symbol.asyncIterator]();
    await walk.next();
    await closing.close();
    await expect(
      (async () => {
        while (!(await walk.next()).done);
      })(),
    ).rejects.toThrow(OptionsError);
  });
});

describe("rows that a schema checks", () => {
  const post = z.object({ id: z.number(), title: z.string().transform((title) => title.length) });

  test("have the type and the value that the schema makes", async () => {
    const walk = client.paginate("/paging/cursor/posts", { schema: post });
    expectTypeOf(walk).toEqualTypeOf<Paginator<{ id: number; title: number }>>();
    const rows = await walk.all();
    expect(rows).toHaveLength(100);
    expect(rows.every(({ title }) => typeof title === "number")).toBe(true);
  });

  test("may be checked asynchronously, and by another library", async () => {
    const slow = v.pipeAsync(
      v.object({ id: v.number() }),
      v.checkAsync(async ({ id }) => id > 0),
    );
    const rows = await client.paginate("/paging/cursor/posts", { schema: slow }).all();
    expectTypeOf(rows).toEqualTypeOf<{ id: number }[]>();
    expect(rows).toHaveLength(100);
  });

  test("and that do not match say where they are: the page, the row, the field", async () => {
    const low = z.object({ id: z.number().max(24) });
    const error = await client
      .paginate("/paging/cursor/posts", { schema: low })
      .all()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/4\.id: .*page 3/),
      issues: [expect.objectContaining({ path: [4, "id"] })],
      request: { url: expect.stringContaining("cursor=") },
    });
  });
});

test("types: rows and pages are what the caller says", () => {
  interface Post {
    readonly id: number;
  }
  const walk = client.paginate<Post>("/posts");
  expectTypeOf(walk).toEqualTypeOf<Paginator<Post>>();
  expectTypeOf(walk.all).returns.resolves.toEqualTypeOf<Post[]>();
  expectTypeOf(walk.first).returns.resolves.toEqualTypeOf<Post | undefined>();
  expectTypeOf(walk.pages).returns.toEqualTypeOf<AsyncGenerator<Page<Post>, void, undefined>>();
  expectTypeOf(client.paginate("/posts")).toEqualTypeOf<Paginator<unknown>>();
});
