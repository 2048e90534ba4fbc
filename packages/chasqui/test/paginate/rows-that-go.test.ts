import { type RunningPractice, startPractice } from "@chasqui/practice";
import { Client, type PaginateOptions, PaginationError } from "chasqui";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** Rows that are really deleted and written at a server that keeps what it is told, while a walk is under way. */

let practice: RunningPractice;
let client: Client;
beforeEach(async () => {
  practice = await startPractice({ port: 0, keep: true });
  client = new Client({ baseUrl: practice.url });
});
afterEach(async () => {
  await client.close();
  await practice.close();
});

interface Walked {
  readonly twice: number;
  readonly missing: readonly number[];
  readonly error: unknown;
}

/** After each page a row that was read goes, and one that was not; and one comes. */
async function walk(path: string, options: PaginateOptions): Promise<Walked> {
  const gone = new Set<number>();
  const seen: number[] = [];
  let error: unknown;
  try {
    for await (const page of client.paginate<{ id: number }>(`/paging/${path}`, options).pages()) {
      seen.push(...page.rows.map(({ id }) => id));
      for (const id of [page.number, 10 * page.number - 3, 101 - page.number]) {
        if (gone.has(id)) continue;
        gone.add(id);
        await client.delete(`/posts/${id}`);
      }
      if (page.number < 3) await client.post("/posts", { json: { title: "new" } });
    }
  } catch (thrown) {
    error = thrown;
  }
  const all = Array.from({ length: 100 }, (_, at) => at + 1);
  return {
    twice: seen.length - new Set(seen).size,
    missing: all.filter((id) => !gone.has(id) && !seen.includes(id)),
    error,
  };
}

const QUERY =
  "query ($after: String) { posts(first: 10, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";

describe("rows that come and go while one reads", () => {
  test.each<[string, PaginateOptions]>([
    ["cursor/posts", {}],
    ["token/posts", {}],
    ["last-id/posts", {}],
    ["search/posts", { json: { page_size: 10 } }],
    ["graphql", { json: { query: QUERY } }],
  ])("%s: a place that is a row's own stays, and every row comes once", async (path, options) => {
    expect(await walk(path, options)).toEqual({ twice: 0, missing: [], error: undefined });
  });

  test.each(["page/posts", "offset/posts", "next/posts", "link/posts", "range/posts"])(
    "%s: a number does not stay, and the walk says so",
    async (path) => {
      const { missing, error } = await walk(path, {});
      expect(missing.length).toBeGreaterThan(0);
      expect(error).toBeInstanceOf(PaginationError);
      expect(error).toMatchObject({ kind: "shifted" });
    },
  );
});
