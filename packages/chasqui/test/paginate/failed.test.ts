import { inspect } from "node:util";
import { Client, type PaginateOptions, PaginationError } from "chasqui";
import { describe, expect, test } from "vitest";
import { caught } from "../peers/caught.ts";
import { json, serve } from "../peers/http-server.ts";

/** Answers with a good status that say in their body that something went wrong. */

interface Walked {
  readonly rows: readonly unknown[];
  readonly error: unknown;
}

async function walk(bodies: readonly unknown[], options: PaginateOptions = {}): Promise<Walked> {
  await using server = await serve((response, seen, request) =>
    json(bodies[Math.min(server.seen.length, bodies.length) - 1])(response, seen, request),
  );
  await using client = new Client({ baseUrl: server.origin });
  const rows: unknown[] = [];
  try {
    for await (const row of client.paginate("/list", options)) rows.push(row);
  } catch (error) {
    return { rows, error };
  }
  return { rows, error: undefined };
}

const first = { ok: true, items: [{ id: 1 }, { id: 2 }], next_cursor: "a" };
const GRAPHQL = {
  query:
    "query ($after: String) { posts(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }",
};
const connection = (nodes: readonly unknown[], endCursor: string | null, more: object = {}): unknown => ({
  data: { posts: { nodes, pageInfo: { hasNextPage: endCursor !== null, endCursor } } },
  ...more,
});

describe("a page without rows that says that it failed is no empty page", () => {
  const empty = { items: [], next_cursor: null };
  test.each<[string, unknown]>([
    ["errors beside null for the rows", { items: null, errors: [{ message: "no" }] }],
    ["errors by field", { ...empty, errors: { cursor: ["is bad"] } }],
    ["an error in words", { ...empty, error: "ratelimited" }],
    ["an error as an object", { ...empty, error: { code: 9 } }],
    ["ok: false (Slack)", { ok: false, items: [] }],
    ["success: false", { success: false, items: [] }],
    ["status: error (JSend)", { status: "error", items: [] }],
    ["status: fail (JSend)", { status: "fail", items: [] }],
    ["an error instead of the rows", { error: { code: 9 } }],
    ["a list of errors instead of the rows", { errors: [{ code: 9 }] }],
  ])("%s", async (_name, body) => {
    for (const bodies of [[body], [first, body]]) {
      const { rows, error } = await walk(bodies, { by: "cursor" });
      expect(rows).toHaveLength((bodies.length - 1) * 2);
      expect(error).toBeInstanceOf(PaginationError);
      expect(error).toMatchObject({
        kind: "failed",
        message: expect.stringContaining(`on page ${bodies.length}`),
      });
    }
  });

  test.each<[string, unknown]>([
    ["no errors", { ...empty, errors: [] }],
    ["no error", { ...empty, error: null }],
    ["an empty error", { ...empty, error: "" }],
    ["ok", { ...empty, ok: true, success: true, status: "ok" }],
    ["a number for a status", { ...empty, status: 200 }],
  ])("%s: an empty page", async (_name, body) => {
    expect(await walk([first, body], { by: "cursor" })).toEqual({ rows: first.items, error: undefined });
  });

  test("rows stand for themselves, whatever is said beside them", async () => {
    const body = {
      items: [{ id: 3 }],
      next_cursor: null,
      errors: [{ title: "Not Found", resource: "user" }],
    };
    expect((await walk([first, body])).error).toBeUndefined();
  });

  test("a function that finds the rows judges for itself", async () => {
    const rows = (body: unknown): readonly unknown[] =>
      typeof body === "object" && body !== null && "items" in body && Array.isArray(body.items)
        ? body.items
        : [];
    expect((await walk([first, { ...empty, error: "none" }], { rows })).error).toBeUndefined();
  });

  test("where a second page is only looked for, it is no answer: the list is not called whole for it", async () => {
    await using server = await serve((response, seen, request) =>
      json(seen.target === "/list" ? { items: [{ id: 1 }] } : { items: [], error: "ratelimited" })(
        response,
        seen,
        request,
      ),
    );
    await using client = new Client({ baseUrl: server.origin });
    const pages = client.paginate("/list");
    await pages.all();
    expect(pages.explain()).toMatchObject({
      confidence: "assumed",
      probes: expect.arrayContaining(["page=2: not understood"]),
    });
    await caught(client.paginate("/list", { strict: true }).all(), PaginationError);
  });
});

describe("GraphQL answers 200, and says what failed in `errors`", () => {
  const errors = [{ message: "s3cret", path: ["posts"] }];
  test.each<[string, readonly unknown[], number]>([
    ["with null for the data", [{ data: null, errors }], 0],
    ["on a later page", [connection([{ id: 1 }], "a"), { data: null, errors }], 1],
    ["with null for the connection", [connection([{ id: 1 }], "a"), { data: { posts: null }, errors }], 1],
    // GraphQL 7.1.2: what failed is null or left out, and the rest is there.
    ["beside rows", [connection([{ id: 1 }], "a"), connection([{ id: 2 }, null], null, { errors })], 1],
  ])("%s", async (_name, bodies, count) => {
    for (const options of [{}, { by: "graphql" }] as const) {
      const { rows, error } = await walk(bodies, { json: GRAPHQL, ...options });
      expect(rows).toHaveLength(count);
      expect(error).toMatchObject({ kind: "failed", message: expect.stringContaining("1 of `errors`") });
    }
  });

  test("the answer is on the error, and is not printed with it", async () => {
    const { error } = await walk([{ data: null, errors }], { json: GRAPHQL });
    if (!(error instanceof PaginationError)) throw error;
    expect(await error.response?.json()).toEqual({ data: null, errors });
    expect(inspect(error) + JSON.stringify(error)).not.toContain("s3cret");
  });

  test("who takes the rows that there are says so with a function", async () => {
    const rows = (body: unknown): readonly unknown[] =>
      JSON.parse(JSON.stringify(body)).data.posts.nodes.filter(Boolean);
    const bodies = [connection([{ id: 1 }], "a"), connection([{ id: 2 }, null], null, { errors })];
    expect(await walk(bodies, { json: GRAPHQL, rows })).toEqual({
      rows: [{ id: 1 }, { id: 2 }],
      error: undefined,
    });
  });
});

test.each(["incomplete_results", "incompleteSearch", "timed_out"])(
  "%s: true is a list that was not looked at in full",
  async (key) => {
    const bodies = [
      { ...first, [key]: true },
      { ...first, items: [{ id: 3 }], next_cursor: null, [key]: false },
    ];
    const { rows, error } = await walk(bodies);
    expect(rows).toHaveLength(3);
    expect(error).toMatchObject({ kind: "truncated", message: expect.stringContaining(`\`${key}: true\``) });
    expect((await walk(bodies, { total: false })).error).toBeUndefined();
  },
);
