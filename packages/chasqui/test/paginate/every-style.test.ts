import { type RunningPractice, startPractice } from "@chasqui/practice";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ChasquiError,
  type Checkpoint,
  Client,
  type PaginateOptions,
  PaginationError,
} from "../../src/index.ts";
import { caught } from "../peers/caught.ts";

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
const GRAPHQL =
  "query ($first: Int, $after: String) { posts(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";

interface Style {
  readonly name: string;
  readonly path: string;
  /** What asks for pages of seven, with nothing said of how they are walked. */
  readonly asks: Omit<PaginateOptions, "params"> & { readonly params?: Readonly<Record<string, number>> };
  readonly by: PaginateOptions["by"];
  /** The style that is found, and as an option. */
  readonly found: readonly [style: string, spec: unknown];
}

const STYLES: readonly Style[] = [
  {
    name: "page numbers",
    path: "page/posts",
    asks: { params: { per_page: 7 } },
    by: "page",
    found: ["page", { by: { page: "page", first: 1 }, rows: "data" }],
  },
  {
    name: "offsets",
    path: "offset/posts",
    asks: { params: { limit: 7 } },
    by: "offset",
    found: ["offset", { by: { offset: "offset" }, rows: "data" }],
  },
  {
    name: "a cursor in the body",
    path: "cursor/posts",
    asks: { params: { limit: 7 } },
    by: "cursor",
    found: ["cursor", { by: { cursor: "next_cursor", param: "cursor" }, rows: "data" }],
  },
  {
    name: "a token",
    path: "token/posts",
    asks: { params: { pageSize: 7 } },
    by: "token",
    found: ["cursor", { by: { cursor: "nextPageToken", param: "pageToken" }, rows: "items" }],
  },
  {
    name: "a next URL",
    path: "next/posts",
    asks: { params: { per_page: 7 } },
    by: "next",
    found: ["next", { by: { next: "next" }, rows: "results" }],
  },
  {
    name: "a Link header",
    path: "link/posts",
    asks: { params: { per_page: 7 } },
    by: "link",
    found: ["link", { by: "link" }],
  },
  {
    name: "the last id",
    path: "last-id/posts",
    asks: { params: { limit: 7 } },
    by: "last-id",
    found: ["last-id", { by: { lastId: "id", param: "starting_after" }, rows: "data" }],
  },
  {
    name: "a silent list",
    path: "silent/posts",
    asks: { params: { per_page: 7 } },
    by: "page",
    found: ["page", { by: { page: "page", first: 1 } }],
  },
  {
    name: "ranges",
    path: "range/posts",
    asks: { headers: { range: "items=0-6" } },
    by: { range: "items", size: 7 },
    found: ["range", { by: { range: "items" } }],
  },
  {
    name: "a posted search",
    path: "search/posts",
    asks: { json: { page_size: 7 } },
    by: { cursor: "next_cursor", param: "start_cursor", in: "body" },
    found: ["cursor", { by: { cursor: "next_cursor", param: "start_cursor", in: "body" }, rows: "results" }],
  },
  {
    name: "a GraphQL connection",
    path: "graphql",
    asks: { json: { query: GRAPHQL, variables: { first: 7 } } },
    by: "graphql",
    found: ["graphql", { by: { connection: "data.posts", variable: "after" } }],
  },
];

describe.each(STYLES)("$name", ({ path, asks, by, found }) => {
  test("is found, proven, and every row comes once and in order", async () => {
    const posts = client.paginate<Row>(`/paging/${path}`, asks);
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
    const [style, spec] = found;
    expect(posts.explain()).toMatchObject({
      style,
      confidence: "proven",
      ended: true,
      rowsRead: 100,
    });
    // Of a list that says nothing only an empty page is the end.
    expect(posts.explain().pages).toBe(path.startsWith("silent") ? 16 : 15);
    expect(posts.spec).toEqual(spec);
  });

  test("is found the same where the found options are pinned, and nothing is detected any more", async () => {
    const pinned: PaginateOptions = JSON.parse(JSON.stringify(found[1]));
    const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, ...pinned });
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
    expect(posts.explain().confidence).toBe("given");
  });

  test("goes by what `by` says", async () => {
    const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, by });
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
  });

  test("goes on exactly where it stopped, page by page, through JSON", async () => {
    const ids: number[] = [];
    let from: Checkpoint | undefined;
    for (let walks = 0; walks < 20; walks++) {
      const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, from });
      let page = 0;
      for await (const { rows } of posts.pages()) {
        ids.push(...rows.map(({ id }) => id));
        if (++page === 2) break;
      }
      // A list that says nothing of its second page is known when that has come.
      from = JSON.parse(JSON.stringify(posts.checkpoint));
      if (from?.next === null) break;
    }
    expect(ids).toEqual(upTo(100));
  });

  test("brings the same rows in the same order where the next page is fetched ahead", async () => {
    const posts = client.paginate<Row>(`/paging/${path}`, { ...asks, prefetch: true, concurrency: 4 });
    expect((await posts.all()).map(({ id }) => id)).toEqual(upTo(100));
  });

  test("of a list that is empty there are no rows, and no error", async () => {
    const params = { ...Object(asks.params), userId: 999 };
    expect(await client.paginate(`/paging/${path}`, { ...asks, params }).all()).toEqual([]);
  });

  test("take() and first() ask for no page that they do not need", async () => {
    const seen: string[] = [];
    await using watched = client.extend({ hooks: { onResponse: ({ url }) => void seen.push(url) } });
    expect(await watched.paginate<Row>(`/paging/${path}`, asks).first()).toMatchObject({ id: 1 });
    expect(seen).toHaveLength(1);
    expect(await watched.paginate<Row>(`/paging/${path}`, { ...asks, by }).take(8)).toHaveLength(8);
    expect(seen).toHaveLength(3);
  });
});

interface Twin {
  readonly fault: string;
  /** What is said of the fault, such as how deep a cap is. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** Only where the server says which page is next. */
  readonly pointing?: true;
}

const TWINS: readonly Twin[] = [
  { fault: "loop" },
  { fault: "fails-once" },
  { fault: "overlap" },
  { fault: "grows" },
  { fault: "shrinks" },
  { fault: "shrinks", params: { by: 5 } },
  { fault: "total-lies" },
  { fault: "total-lies", params: { fewer: 9 } },
  // As many as the first page has.
  { fault: "total-lies", params: { fewer: 93 } },
  { fault: "short" },
  { fault: "depth-cap" },
  { fault: "depth-cap", params: { quiet: 1 } },
  { fault: "back", pointing: true },
  { fault: "aba", pointing: true },
  { fault: "blank", pointing: true },
  { fault: "expires", pointing: true },
  { fault: "one-shot", pointing: true },
];
const POINTING = ["cursor", "token", "next", "link", "search", "graphql"];
const WAYS: readonly (readonly [string, PaginateOptions])[] = [
  ["found", {}],
  ["told", {}],
  ["strict", { strict: true }],
  ["ahead", { prefetch: true, concurrency: 4 }],
  ["by key", { primaryKey: "id" }],
];

/**
 * Where rows are missing and no answer differs from those of a list that never had them: no client can tell. docs/pagination.md says
 * which these are.
 */
const HIDDEN: ReadonlySet<string> = new Set([
  // A page with fewer rows, and a place to go on from: APIs that filter a page after cutting it answer so, and leave nothing out.
  ...["cursor", "token", "link", "search"].flatMap((style) => [`short/${style}`, `blank/${style}`]),
  "short/silent",
  // An end that says nothing of how many rows there are.
  ...["cursor", "token", "last-id", "search", "silent"].map((style) => `depth-cap{"quiet":1}/${style}`),
  // Rows that moved to a page that was read, of a list that says nothing of how many there are.
  ...["shrinks/silent", 'shrinks{"by":5}/silent'],
]);

describe("a server that pages wrongly", () => {
  const cases = STYLES.flatMap((style) =>
    TWINS.filter(({ pointing }) => !pointing || POINTING.includes(kindOf(style))).flatMap((twin) =>
      WAYS.map(([way, options]) => [style, twin, way, options] as const),
    ),
  );

  function kindOf({ path }: Style): string {
    return path.split("/")[0] ?? path;
  }

  test.each(
    cases.map(
      ([style, twin, way, options]) =>
        [
          `${twin.fault}${twin.params === undefined ? "" : JSON.stringify(twin.params)}/${kindOf(style)}`,
          way,
          { style, twin, options },
        ] as const,
    ),
  )("%s, %s: every row once, or an error that says why", async (name, way, { style, twin, options }) => {
    const seen: number[] = [];
    const { asks, by, path } = style;
    const posts = client.paginate<Row>(`/paging/faulty/${twin.fault}/${path}`, {
      ...{ ...asks, params: { ...asks.params, ...twin.params, run: `${name}, ${way}` }, maxPages: 60 },
      ...options,
      ...(way === "told" ? { by } : {}),
    });
    let error: unknown;
    try {
      for await (const { id } of posts) seen.push(id);
    } catch (thrown) {
      error = thrown;
    }
    const deleted = twin.fault === "shrinks" ? Number(twin.params?.by ?? 1) * posts.explain().pages : 0;
    const missing = upTo(100).filter((id) => id > deleted && !seen.includes(id));
    const twice = seen.length - new Set(seen).size;
    // Strict takes a short page in the middle for what it may be; without it the walk does not say that it is proven.
    const shortened = HIDDEN.has(name) && /^(?:short|blank)/.test(name);
    const hidden = HIDDEN.has(name) && !(shortened && way === "strict");
    if (shortened && way !== "strict") expect(posts.explain().confidence).toBe("assumed");
    if (error !== undefined) expect(error).toBeInstanceOf(ChasquiError);
    else expect([twice, missing.length > 0]).toEqual([0, hidden]);
    expect(hidden && error !== undefined, "an error where nothing can be told").toBe(false);
    expect(posts.explain().ended).toBe(error === undefined);
  });

  test.each<[string, PaginateOptions, string | number]>([
    ["loop/page/posts", { by: "page" }, "repeated"],
    ["loop/next/posts", {}, "repeated"],
    // Without being told, no way to a second page is found, and the server says that there is one.
    ["loop/page/posts", {}, "truncated"],
    ["back/link/posts", {}, "repeated"],
    ["aba/graphql", { json: { query: GRAPHQL } }, "repeated"],
    ["expires/token/posts", {}, 410],
    ["depth-cap/page/posts", { by: "page" }, 422],
    ["depth-cap/offset/posts?quiet=1", { by: "offset" }, "truncated"],
    ["depth-cap/next/posts?quiet=1", {}, "truncated"],
    ["depth-cap/range/posts?quiet=1", { by: { range: "items", size: 7 } }, "truncated"],
    ["depth-cap/graphql?quiet=1", { json: { query: GRAPHQL } }, "truncated"],
    ["total-lies/offset/posts", {}, "truncated"],
    ["total-lies/next/posts", {}, "truncated"],
    ["total-lies/next/posts", { total: false }, "complete"],
    // The last page by the server's number is full, so the one behind it is looked at.
    ["total-lies/page/posts?fewer=10", { by: "page" }, "complete"],
    ["total-lies/range/posts?fewer=9", { by: { range: "items", size: 7 } }, "complete"],
    // All of what the server calls all has been read, and the overlap has taken the place of rows: they come behind it.
    ["overlap/page/posts", { by: "page" }, "shifted"],
    ["overlap/page/posts", { by: "page", primaryKey: "id" }, "complete"],
    ["overlap/silent/posts", {}, "shifted"],
    ["overlap/silent/posts", { primaryKey: "id" }, "complete"],
    ["overlap/cursor/posts", { primaryKey: "id" }, "complete"],
    ["grows/page/posts", { by: "page" }, "shifted"],
    ["grows/page/posts", { by: "page", primaryKey: "id" }, "complete"],
    ["grows/cursor/posts", {}, "complete"],
    ["shrinks/page/posts", { by: "page" }, "shifted"],
    ["shrinks/range/posts", { by: { range: "items", size: 7 } }, "shifted"],
    ["shrinks/next/posts", {}, "shifted"],
    ["shrinks/last-id/posts", {}, "complete"],
    ["short/page/posts", { by: "page" }, "truncated"],
    ["short/silent/posts", { strict: true }, "truncated"],
    ["short/cursor/posts", { strict: true }, "truncated"],
    ["blank/search/posts", { json: { page_size: 10 }, strict: true }, "truncated"],
    ["total-lies/page/posts?fewer=90", {}, "complete"],
    ["total-lies/page/posts?fewer=90", { by: "page" }, "complete"],
    ["total-lies/offset/posts?fewer=90", { by: "offset" }, "complete"],
    ["blank/next/posts", {}, "truncated"],
  ])("%s %j: %s", async (path, options, end) => {
    const posts = client.paginate<Row>(`/paging/faulty/${path}`, { maxPages: 200, ...options });
    let outcome: unknown = "complete";
    try {
      await posts.all();
    } catch (error) {
      outcome = error instanceof PaginationError ? error.kind : Reflect.get(Object(error), "status");
    }
    expect(outcome).toBe(end);
  });

  test("rows that came before are left out by their key, and counted", async () => {
    const posts = client.paginate<Row>("/paging/faulty/overlap/cursor/posts", { primaryKey: "id" });
    let duplicates = 0;
    for await (const page of posts.pages()) duplicates += page.duplicates;
    expect(duplicates).toBeGreaterThan(0);
    expect(posts.explain().duplicates).toBe(duplicates);
  });

  test("an error has what was read, and goes on where it stopped", async () => {
    const options: PaginateOptions = { params: { limit: 10 }, maxPages: 3 };
    const error = await caught(client.paginate<Row>("/paging/cursor/posts", options).all(), PaginationError);
    expect([error.kind, error.partial.length]).toEqual(["max-pages", 30]);
    const from: Checkpoint = JSON.parse(JSON.stringify(error.checkpoint));
    const rest = await client.paginate<Row>("/paging/cursor/posts", { params: { limit: 10 }, from }).all();
    expect(rest.map(({ id }) => id)).toEqual(upTo(100).slice(30));
  });
});
