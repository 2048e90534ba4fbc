import { Client, PaginationError } from "chasqui";
import { describe, expect, test } from "vitest";
import type { PaginateOptions } from "../../src/paginate/options.ts";
import { type HttpServer, json as jsonAnswer, serve } from "../peers/http-server.ts";

interface Answered {
  readonly body: unknown;
  readonly headers?: Record<string, string | string[]>;
  readonly status?: number;
}

/** A server that answers the first request with the first of these, and so on; behind them the last. */
function inTurn(answers: readonly Answered[]): Promise<HttpServer> {
  let at = 0;
  return serve((response) => {
    const { body, headers, status } = answers[Math.min(at++, answers.length - 1)] ?? { body: [] };
    response.writeHead(status ?? 200, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const rows = (from: number, count: number): { id: number }[] =>
  Array.from({ length: count }, (_, at) => ({ id: from + at }));

interface Outcome {
  /** Targets asked for. */
  readonly asked: string[];
  readonly rows: number;
  /** The kind of the error, or "complete". */
  readonly end: string;
  readonly error: unknown;
}

async function walk(
  answers: readonly Answered[],
  options: PaginateOptions = {},
  target = "/list",
): Promise<Outcome> {
  await using server = await inTurn(answers);
  await using client = new Client({ baseUrl: server.origin, retry: false });
  let count = 0;
  let error: unknown;
  try {
    for await (const _row of client.paginate(target, options)) count++;
  } catch (caught) {
    error = caught;
  }
  const end =
    error === undefined ? "complete" : error instanceof PaginationError ? error.kind : String(error);
  return { asked: server.seen.map((seen) => seen.target), rows: count, end, error };
}

describe("what the first page shows", () => {
  const second = { body: { data: rows(3, 1) } };
  const two = rows(1, 2);
  test.each<[string, unknown, string]>([
    ["next, a path", { data: two, next: "/list?p=2" }, "/list?p=2"],
    ["next, a query", { data: two, next: "?p=2" }, "/list?p=2"],
    ["next_url", { data: two, next_url: "/list?p=2" }, "/list?p=2"],
    ["next_page_url (Laravel)", { data: two, next_page_url: "/list?p=2", total: 2 }, "/list?p=2"],
    ["next_page, a URL (Zendesk)", { tickets: two, next_page: "/list?p=2", count: 3 }, "/list?p=2"],
    [
      "@odata.nextLink, relative",
      { value: two, "@odata.nextLink": "list?$skiptoken=x" },
      "/list?$skiptoken=x",
    ],
    ["links.next (JSON:API)", { data: two, links: { self: "/list", next: "/list?p=2" } }, "/list?p=2"],
    ["links.next.href (JSON:API)", { data: two, links: { next: { href: "/list?p=2" } } }, "/list?p=2"],
    [
      "_links.next.href (HAL)",
      { _embedded: { posts: two }, _links: { next: { href: "/list?p=2" } } },
      "/list?p=2",
    ],
    [
      "paging.next (Facebook)",
      { data: two, paging: { cursors: { after: "x" }, next: "/list?p=2" } },
      "/list?p=2",
    ],
    [
      "paging.next.link (HubSpot)",
      { results: two, paging: { next: { after: "2", link: "/list?p=2" } } },
      "/list?p=2",
    ],
    ["next_page.uri (Asana)", { data: two, next_page: { offset: "x", uri: "/list?p=2" } }, "/list?p=2"],
    [
      "nextRecordsUrl (Salesforce)",
      { records: two, totalSize: 2, done: false, nextRecordsUrl: "/query/01g-2" },
      "/query/01g-2",
    ],
    ["info.next", { results: two, info: { count: 3, next: "/list?p=2" } }, "/list?p=2"],
    ["pagination.next_url", { data: two, pagination: { next_url: "/list?p=2" } }, "/list?p=2"],
    ["next_cursor", { data: two, next_cursor: "c/2" }, "/list?cursor=c%2F2"],
    ["nextCursor, a number", { data: two, nextCursor: 17 }, "/list?cursor=17"],
    ["next: null beside a cursor", { data: two, next: null, next_cursor: "c" }, "/list?cursor=c"],
    [
      "response_metadata.next_cursor (Slack)",
      { members: two, response_metadata: { next_cursor: "c" } },
      "/list?cursor=c",
    ],
    ["meta.next_cursor", { data: two, meta: { next_cursor: "c", total: 2 } }, "/list?cursor=c"],
    ["data.next_cursor", { data: { items: two, next_cursor: "c" } }, "/list?cursor=c"],
    ["nextPageToken (Google)", { items: two, nextPageToken: "t" }, "/list?pageToken=t"],
    ["next_page_token", { items: two, next_page_token: "t" }, "/list?page_token=t"],
    ["paging.cursors.after", { data: two, paging: { cursors: { after: "a" } } }, "/list?after=a"],
    ["metadata.continue (Kubernetes)", { items: two, metadata: { continue: "k" } }, "/list?continue=k"],
  ])("%s leads on", async (_name, body, target) => {
    // Where the walk leads is the question here, and not where the rows of the second page are.
    const found = await walk([{ body }, { ...second, body: [] }], { rows: (data) => rowsOf(data) });
    expect(found.asked).toEqual(["/list", target]);
    expect(found).toMatchObject({ rows: 2, end: "complete" });
  });

  function rowsOf(data: unknown): readonly unknown[] {
    return JSON.stringify(data) === "[]" ? [] : two;
  }

  test.each<[string, unknown, Record<string, string>?]>([
    ["next: null", { data: two, next: null }],
    ["next: false", { data: two, next: false }],
    ["next_page_url: null (Laravel)", { data: two, next_page_url: null }],
    ["links.next: null (JSON:API)", { data: two, links: { next: null } }],
    ["links without next (JSON:API)", { data: two, links: { self: "/list", first: "/list", last: "/list" } }],
    ["next_cursor: null", { data: two, next_cursor: null }],
    ["next_cursor: '' (Slack)", { members: two, response_metadata: { next_cursor: "" } }],
    ["next_cursor: 0", { data: two, next_cursor: 0 }],
    ["has_more: false", { data: two, has_more: false }],
    ["pageInfo.hasNextPage: false", { nodes: two, pageInfo: { hasNextPage: false, endCursor: "x" } }],
    ["last: true (Spring)", { content: two, last: true, totalPages: 1, totalElements: 2 }],
    ["a Link header without next", two, { link: '</list>; rel="first", </list>; rel="last"' }],
    ["an empty list", []],
    ["an empty list with a total", { data: [], total: 0 }],
    ["null for a list (Go)", { items: null, next_cursor: "" }],
  ])("%s is the end", async (_name, body, headers = {}) => {
    const found = await walk([{ body, headers }]);
    expect(found).toMatchObject({ asked: ["/list"], end: "complete" });
  });

  const numbered: [string, unknown, Record<string, string>?][] = [
    ["total: as many", { data: two, total: 2 }],
    ["total: as many, as text", { data: two, total: "2" }],
    ["total_pages: 1", { data: two, total_pages: 1 }],
    [
      "meta.pagination.total (Strapi)",
      { data: two, meta: { pagination: { page: 1, pageCount: 1, total: 2 } } },
    ],
    [
      "page.totalElements (Spring)",
      { content: two, page: { size: 20, number: 0, totalElements: 2, totalPages: 1 } },
    ],
    ["X-Total-Count", two, { "x-total-count": "2" }],
  ];

  test.each<[string, unknown, Record<string, string>?]>(numbered)(
    "%s is the end, which is looked behind: the number may be that of the page",
    async (_name, body, headers = {}) => {
      const probed = ["/list", "/list?page=2", "/list?_page=2", "/list?offset=2"];
      expect(await walk([{ body, headers }])).toMatchObject({ asked: probed, rows: 2, end: "complete" });
      expect(await walk([{ body, headers }], { strict: true })).toMatchObject({ rows: 2, end: "complete" });
    },
  );

  test.each(numbered)(
    "%s is the end where the page could have had more",
    async (_name, body, headers = {}) => {
      const found = await walk([{ body, headers }], { params: { limit: 3 } });
      expect(found).toMatchObject({ asked: ["/list?limit=3"], rows: 2, end: "complete" });
    },
  );

  test.each<[string, PaginateOptions]>([
    ["found", {}],
    ["by page", { by: "page" }],
    ["by offset", { by: { offset: "offset" } }],
  ])("a total that is the number of rows of each page ends nothing, %s", async (_name, options) => {
    await using server = await serve((response, seen, request) => {
      const { searchParams } = new URL(seen.target, "http://x.test");
      const from = Number(searchParams.get("offset") ?? (Number(searchParams.get("page") ?? 1) - 1) * 2);
      const data = rows(1, 5).slice(from, from + 2);
      const headers = { "x-total-count": String(data.length) };
      jsonAnswer({ data, total: data.length }, 200, headers)(response, seen, request);
    });
    await using client = new Client({ baseUrl: server.origin });
    expect(await client.paginate("/list", options).all()).toEqual(rows(1, 5));
  });

  test.each<[string, unknown]>([
    ["a bare list", two],
    ["a list in an object", { data: two }],
    ["the id of the session", { data: two, session_token: "x" }],
    ["only a link to itself", { data: two, links: { self: "/list" } }],
  ])(
    "%s shows neither a way on nor an end: where no probe brings other rows it is assumed to be all",
    async (_, body) => {
      const found = await walk([{ body }]);
      expect(found).toMatchObject({ end: "complete", rows: 2 });
      expect(found.asked).toEqual(["/list", "/list?page=2", "/list?_page=2", "/list?offset=2"]);
      expect(await walk([{ body }], { strict: true })).toMatchObject({ end: "undetected", rows: 2 });
    },
  );

  test.each<[string, unknown, string, Record<string, string>?]>([
    ["a total beyond it", { data: two, total: 10 }, "truncated"],
    [
      "total is the number of pages, beside the rows (jqGrid)",
      { rows: two, page: 1, total: 2, records: 4 },
      "truncated",
    ],
    ["total_pages beyond it", { data: two, total_pages: 3 }, "truncated"],
    ["X-Total-Count beyond it", two, "truncated", { "x-total-count": "10" }],
    ["has_more and no cursor", { data: two, has_more: true }, "undetected"],
    ["next, a number", { data: two, next: 2 }, "undetected"],
    [
      "next: null beside a numbered next page",
      { data: two, next: null, meta: { next_page: 2 } },
      "undetected",
    ],
  ])(
    "%s says that there is more, and where no probe finds it that is an error",
    async (_name, body, end, headers = {}) => {
      const found = await walk([{ body, headers }]);
      expect(found).toMatchObject({ end, rows: 2 });
      expect(found.asked).toHaveLength(4);
    },
  );

  test.each<[string, unknown, string, string]>([
    ["a cursor of no known name", { data: two, endCursor: "x/y" }, "endCursor=x%2Fy", "endCursor"],
    ["continuation", { data: two, meta: { continuation: "x" } }, "continuation=x", "continuation"],
    ["next, a word", { data: two, next: "abc" }, "next=abc", "next"],
    ["a marker", { data: two, NextMarker: "m" }, "marker=m", "marker"],
  ])("%s is tried in a param of its own name, and other rows decide", async (_name, body, asked, param) => {
    const found = await walk([{ body }, { body: { data: rows(3, 1) } }]);
    expect(found).toMatchObject({ asked: ["/list", `/list?${asked}`], rows: 3, end: "complete" });
    expect(await walk([{ body }])).toMatchObject({
      asked: expect.arrayContaining([`/list?${param}=${asked.split("=")[1]}`]),
    });
  });

  test.each<[string, unknown]>([
    ["an object for a cursor", { data: two, next_cursor: { id: 2 } }],
    ["a list for a cursor", { data: two, nextPageToken: [1] }],
    ["an object for a next", { data: two, next: { page: 2 } }],
    ["true for a next", { data: two, next: true }],
    ["a list of links (PayPal)", { data: two, links: [{ href: "/list?p=2", rel: "next" }] }],
  ])("%s says that there is more, though not how it is asked for", async (_name, body) => {
    expect(await walk([{ body }])).toMatchObject({ rows: 2, end: "undetected" });
    expect(
      await walk([{ body }, { body: { data: rows(3, 2) } }, { body: { data: rows(1, 2) } }]),
    ).toMatchObject({
      end: "repeated",
    });
  });

  test("a token that may be a secret is not sent as a cursor", async () => {
    for (const key of ["access_token", "token", "csrf_token", "sessionToken", "api_token"]) {
      const found = await walk([{ body: { data: two, [key]: "s3cret" } }]);
      expect(found.asked.join(), key).not.toContain("s3cret");
    }
  });

  test("an empty list with a total is an error, and nothing is probed", async () => {
    const found = await walk([{ body: { data: [], total: 10 } }]);
    expect(found).toMatchObject({ asked: ["/list"], end: "undetected" });
    expect(found.error).toMatchObject({ hint: expect.stringContaining("`by`"), pages: 1 });
  });

  test("what the page counts is in the hint", async () => {
    const byPage = await walk([{ body: { data: two, page: 1, total: 10 } }]);
    expect(byPage.error).toMatchObject({ hint: expect.stringContaining('"page"') });
    const byOffset = await walk([{ body: { data: two, offset: 0, total: 10 } }]);
    expect(byOffset.error).toMatchObject({ hint: expect.stringContaining('"offset"') });
  });

  test.each(["/list?_start=0&_end=2", "/list?page=1&offset=0", "/list?page=first", "/list?limit=2"])(
    "%s does not say how to count",
    async (target) => {
      const found = await walk([{ body: { data: two } }], { strict: true }, target);
      expect(found).toMatchObject({ rows: 2 });
      expect(["undetected", "truncated"]).toContain(found.end);
    },
  );
});

describe("where counting ends", () => {
  const page = (from: number, count: number, more: object = {}): Answered => ({
    body: { data: rows(from, count), ...more },
  });
  const empty = page(0, 0);

  test.each<[string, readonly Answered[], number]>([
    ["the empty page, where nothing else is said, and none behind it", [page(1, 2), page(3, 2), empty], 4],
    ["not an empty page in the middle", [page(1, 2), empty, page(3, 2), empty], 5],
    ["not a short page", [page(1, 2), page(3, 1), page(4, 2), empty], 5],
    ["the total of rows", [page(1, 2, { total: 3 }), page(3, 1, { total: 3 })], 2],
    ["the total of pages", [page(1, 2, { total_pages: 2 }), page(3, 1, { total_pages: 2 })], 2],
    ["a total that only the first page has", [page(1, 2, { total: 4 }), page(3, 2), empty], 4],
    ["has_more: false", [page(1, 2, { has_more: true }), page(3, 2, { has_more: false })], 2],
    ["next: null", [page(1, 2, { next: "/x" }), page(3, 2, { next: null })], 2],
    [
      "not a total that is passed: it is one of something else",
      [page(1, 2, { total: 1 }), page(3, 2, { total: 1 }), empty],
      4,
    ],
    [
      "not totals that differ",
      [page(1, 2, { total: 2, records: 4 }), page(3, 2, { total: 2, records: 4 }), empty],
      4,
    ],
    [
      "not a total where has_more says that there is more",
      [page(1, 2, { total: 2, has_more: true }), page(3, 2), empty],
      4,
    ],
    ["not an empty page with has_more", [page(1, 2), page(0, 0, { has_more: true }), page(3, 2), empty], 5],
    ["the empty page although it has a next", [page(1, 2, { next: "/n" }), page(0, 0, { next: "/n" })], 3],
    ["a 204", [page(1, 2), { body: undefined, status: 204 }], 2],
  ])("%s", async (_name, answers, requests) => {
    const found = await walk(answers, { by: "page" });
    expect(found).toMatchObject({
      end: "complete",
      rows: answers.flatMap(({ body }) => listIn(body)).length,
    });
    expect(found.asked).toHaveLength(requests);
  });

  function listIn(body: unknown): readonly unknown[] {
    return typeof body === "object" && body !== null && "data" in body && Array.isArray(body.data)
      ? body.data
      : [];
  }

  test.each<[string, readonly Answered[], PaginateOptions, string]>([
    ["rows, by page", [page(1, 2, { total: 9 }), page(0, 0, { total: 9 })], { by: "page" }, "/list"],
    [
      "pages, by page",
      [page(1, 2, { total_pages: 9 }), page(0, 0, { total_pages: 9 })],
      { by: "page" },
      "/list",
    ],
    [
      "pages, from the middle",
      [page(1, 2, { total_pages: 9 }), page(0, 0, { total_pages: 9 })],
      { by: "page" },
      "/list?page=4",
    ],
    ["rows, by offset", [page(1, 2, { total: 9 }), page(0, 0, { total: 9 })], { by: "offset" }, "/list"],
    [
      "rows, by offset from the middle",
      [page(1, 2, { total: 9 }), page(0, 0, { total: 9 })],
      { by: "offset" },
      "/list?offset=4",
    ],
    [
      "rows of the header",
      [
        { ...page(1, 2), headers: { "x-total-count": "9" } },
        { ...empty, headers: { "x-total-count": "9" } },
      ],
      { by: "page" },
      "/list",
    ],
    [
      "rows, by cursor",
      [page(1, 2, { total: 9, next_cursor: "c" }), page(3, 2, { total: 9 })],
      { by: "cursor" },
      "/list",
    ],
    [
      "rows, by a cursor that is null",
      [page(1, 2, { total: 9, next_cursor: "c" }), page(3, 2, { total: 9, next_cursor: null })],
      { by: "cursor" },
      "/list",
    ],
    [
      "rows, at the last of the pages that can be had",
      [page(1, 2, { total_pages: 2, total: 50 }), page(3, 1, { total_pages: 2, total: 50 }), empty],
      { by: "page" },
      "/list",
    ],
    [
      "rows, by a count beside next and previous",
      [
        page(1, 2, { count: 9, next: "/list?after=b", previous: null }),
        page(3, 2, { count: 9, next: null, previous: "/list" }),
      ],
      {},
      "/list",
    ],
    [
      "pages, by a Link header's last",
      [
        { ...page(1, 2), headers: { link: '</list?page=2>; rel="next", </list?page=3>; rel="last"' } },
        { ...page(3, 2), headers: { link: '</list?page=1>; rel="prev"' } },
      ],
      {},
      "/list",
    ],
  ])(
    "an end before the total of %s is an error, unless totals do not count",
    async (_name, answers, options, target) => {
      const found = await walk(answers, options, target);
      expect(found).toMatchObject({ end: "truncated" });
      expect(found.error).toMatchObject({ hint: expect.stringContaining("total: false"), pages: 2 });
      expect(await walk(answers, { ...options, total: false }, target)).toMatchObject({
        end: "complete",
        rows: found.rows,
      });
    },
  );

  test("an empty page of a walk from the middle is the end where the size of a page is not known", async () => {
    const answers = [page(5, 1, { total: 5 }), page(0, 0, { total: 5 })];
    expect(await walk(answers, { by: "page" }, "/list?page=3")).toMatchObject({ end: "complete", rows: 1 });
  });

  test("the total stands where `total` says", async () => {
    const answers = [page(1, 2, { all: { of: 3 }, total: 99 }), page(3, 1, { all: { of: 3 }, total: 99 })];
    expect(await walk(answers, { by: "offset", total: "all.of" })).toMatchObject({
      end: "complete",
      asked: ["/list?offset=0", "/list?offset=2"],
    });
  });

  test.each<[PaginateOptions, string, string[]]>([
    [{ by: { page: "p", first: 0 } }, "/list", ["/list?p=0", "/list?p=1"]],
    [{ by: { page: "p" } }, "/list?p=0", ["/list?p=0", "/list?p=1"]],
    [{ by: { page: "p" } }, "/list?p=1", ["/list?p=1", "/list?p=2"]],
    [{ by: { page: "page[number]" } }, "/list", ["/list?page%5Bnumber%5D=1", "/list?page%5Bnumber%5D=2"]],
    [
      { by: "page", params: { page: 1, tag: ["a", "b"] } },
      "/list?x=%20y",
      ["/list?x=%20y&page=1&tag=a&tag=b", "/list?x=%20y&page=2&tag=a&tag=b"],
    ],
  ])("%o from %s asks for what it should, and a total of pages ends it", async (options, target, asked) => {
    const answers = [page(1, 2, { total_pages: 2 }), page(3, 1, { total_pages: 2 })];
    expect(await walk(answers, options, target)).toMatchObject({ end: "complete", asked });
  });
});

/** As Sentry documents it: both links on every page, and whether each has results. */
function sentry(cursor: string, previous: string, next: string): string {
  return [
    `</list?&cursor=${cursor}:1>; rel="previous"; results="${previous}"; cursor="${cursor}:1"`,
    `</list?&cursor=${cursor}:0>; rel="next"; results="${next}"; cursor="${cursor}:0"`,
  ].join(", ");
}

describe("a number that is posted", () => {
  const NESTED = { page: "paging.page", in: "body" } as const;

  async function pagesOf(json: unknown, by: PaginateOptions["by"]): Promise<unknown> {
    await using server = await serve((response, seen, request) => {
      const { paging = {} } = JSON.parse(String(seen.body));
      const from = paging.offset ?? (paging.page ?? 0) * 2;
      jsonAnswer(rows(1, 7).slice(from, from + 2))(response, seen, request);
    });
    await using client = new Client({ baseUrl: server.origin });
    return await client.paginate("/list", { json, by }).all();
  }

  test("begins where the caller's body says, however deep that is", async () => {
    expect(await pagesOf({ paging: { page: 0 } }, NESTED)).toEqual(rows(1, 7));
    expect(await pagesOf({ paging: { page: 2 } }, NESTED)).toEqual(rows(5, 3));
    expect(await pagesOf({}, { ...NESTED, first: 0 })).toEqual(rows(1, 7));
    const offset = { offset: "paging.offset", in: "body" } as const;
    expect(await pagesOf({ paging: { offset: 3 } }, offset)).toEqual(rows(4, 4));
  });

  test.each<[unknown, PaginateOptions["by"], string]>([
    [{ paging: { page: "two" } }, NESTED, "json"],
    [{ page: -1 }, { page: "page", in: "body" }, "json"],
  ])("%j is none to count with", async (json, by, option) => {
    await expect(pagesOf(json, by)).rejects.toMatchObject({ name: "OptionsError", option });
  });

  test("in the query neither", async () => {
    const found = await walk([], { by: "page", params: { page: "two" } });
    expect(found.error).toMatchObject({ name: "OptionsError", option: "params" });
    expect(found.asked).toEqual([]);
  });
});

describe("where being led ends", () => {
  const list = (from: number, more: object = {}): Answered => ({ body: { data: rows(from, 2), ...more } });

  test.each<[string, PaginateOptions, readonly Answered[]]>([
    ["a cursor that is gone", { by: "cursor" }, [list(1, { next_cursor: "a" }), list(3)]],
    [
      "a cursor that is null",
      { by: "cursor" },
      [list(1, { next_cursor: "a" }), list(3, { next_cursor: null })],
    ],
    [
      "a cursor that is empty",
      { by: "cursor" },
      [list(1, { next_cursor: "a" }), list(3, { next_cursor: "" })],
    ],
    ["a next URL that is gone", { by: "next" }, [list(1, { next: "/b" }), list(3)]],
    ["a next URL that is null", { by: "next" }, [list(1, { next: "/b" }), list(3, { next: null })]],
    [
      "a Link header that is gone",
      { by: "link" },
      [{ ...list(1), headers: { link: '</b>; rel="next"' } }, list(3)],
    ],
    [
      "a Link header's next without results (Sentry)",
      {},
      [
        { ...list(1), headers: { link: sentry("0:0:1", "false", "true") } },
        { ...list(3), headers: { link: sentry("0:100:0", "true", "false") } },
      ],
    ],
    [
      "a 204",
      { by: "cursor" },
      [list(1, { next_cursor: "a" }), list(3, { next_cursor: "b" }), { body: undefined, status: 204 }],
    ],
    [
      "a total that a walk from the middle does not reach",
      { by: "cursor", params: { cursor: "m" } },
      [list(1, { next_cursor: "a", total: 9 }), list(3, { total: 9 })],
    ],
  ])("%s", async (_name, options, answers) => {
    expect(await walk(answers, options)).toMatchObject({ end: "complete", rows: 4 });
  });

  test("of several lines of Link a broken one breaks no other", async () => {
    const link = ["</list?p=9", '</list?p=2>; rel="next"', '</list>; rel="first"'];
    const outcome = await walk([{ ...list(1), headers: { link } }, list(3)]);
    expect(outcome).toMatchObject({ end: "complete", rows: 4, asked: ["/list", "/list?p=2"] });
  });

  test("what a middleware writes into the headers of a page leads on", async () => {
    await using server = await inTurn([list(1), list(3)]);
    let pages = 0;
    await using client = new Client({
      baseUrl: server.origin,
      use: [
        async (request, next) => {
          const response = await next(request);
          if (++pages === 1) response.headers.set("link", '</list?p=2>; rel="next"');
          return response;
        },
      ],
    });
    expect(await client.paginate("/list").all()).toHaveLength(4);
    expect(server.seen.map((seen) => seen.target)).toEqual(["/list", "/list?p=2"]);
  });

  test("an empty page with a cursor is not the end", async () => {
    const answers = [list(1, { next_cursor: "a" }), { body: { data: [], next_cursor: "b" } }, list(3)];
    const pages: number[] = [];
    await using server = await inTurn(answers);
    await using client = new Client({ baseUrl: server.origin });
    for await (const page of client.paginate("/list").pages()) pages.push(page.number);
    expect(pages).toEqual([1, 3]);
  });

  test.each<[string, PaginateOptions, readonly Answered[], string]>([
    ["a misspelt cursor", { by: { cursor: "next_cusor" } }, [list(1, { next_cursor: "a" })], "undetected"],
    ["a misspelt next", { by: { next: "link.next" } }, [list(1, { links: { next: "/b" } })], "undetected"],
    ["link where the body has it", { by: "link" }, [list(1, { next: "/b" })], "undetected"],
    [
      "a cursor where the header has it",
      { by: "cursor" },
      [{ ...list(1), headers: { link: '</b>; rel="next"' } }],
      "undetected",
    ],
    ["no cursor and a total beyond", { by: "cursor" }, [list(1, { total: 9 })], "truncated"],
    [
      "no cursor any more, and has_more",
      { by: "cursor" },
      [list(1, { next_cursor: "a" }), list(3, { has_more: true })],
      "truncated",
    ],
    [
      "an object for a cursor",
      { by: { cursor: "paging.next" } },
      [list(1, { paging: { next: { after: "x" } } })],
      "undetected",
    ],
    ["a list for a cursor", { by: "cursor" }, [list(1, { next_cursor: [1, 2] })], "undetected"],
    ["a number for a URL", { by: "next" }, [list(1, { next: 2 })], "undetected"],
    ["true for a URL", { by: "next" }, [list(1, { next: true })], "undetected"],
  ])("%s is an error, and no end", async (_name, options, answers, kind) => {
    const found = await walk(answers, options);
    expect(found.end).toBe(kind);
    expect(found.error).toMatchObject({ hint: expect.any(String) });
    expect(found.rows).toBe(answers.length * 2);
  });

  test("a cursor that is a bigint goes on as its digits", async () => {
    const parseJson = (text: string): unknown =>
      JSON.parse(text, (key, value) => (key === "next_cursor" || key === "id" ? BigInt(value) : value));
    const found = await walk([list(1, { next_cursor: "9007199254740993" }), list(3)], { parseJson });
    expect(found).toMatchObject({
      end: "complete",
      rows: 4,
      asked: ["/list", "/list?cursor=9007199254740993"],
    });
  });
});
