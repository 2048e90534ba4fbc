import {
  ChasquiError,
  type Checkpoint,
  Client,
  type Explanation,
  memory,
  type PaginateOptions,
  PaginationError,
} from "chasqui";
import fc from "fast-check";
import { expect, test } from "vitest";

/** The rows move only where pages are counted; a place in the list that is a row's own stays. */
const COUNTED = ["page", "offset", "range", "numbered-next", "numbered-link", "silent"] as const;
const PLACED = ["cursor", "token", "next", "link", "last-id", "search", "graphql"] as const;
type Style = (typeof COUNTED)[number] | (typeof PLACED)[number];

/** What happens to the list before a request of it is answered; `at` is a share of its length. */
interface Change {
  readonly kind: "insert" | "delete";
  readonly at: number;
}

/** How a request fails: by a status, by half of a body, or by no answer at all. */
type Failure = 429 | 503 | 404 | "cut" | "gone";

interface Api {
  readonly style: Style;
  readonly count: number;
  readonly size: number;
  /** Whether the body says how many rows there are. */
  readonly total: boolean;
  /** Before the first request, before the second, and so on. */
  readonly changes: readonly (Change | undefined)[];
  /** In the same order; undefined for an answer as it should be. */
  readonly failures: readonly (Failure | undefined)[];
}

interface Row {
  readonly id: number;
}

const QUERY = "query ($after: String) { rows(first: 9, after: $after) { nodes { id } } }";

/** A list that changes while it is read. Its rows have ids that rise, so that a place in it can be an id. */
class Moving {
  readonly #api: Api;
  readonly #rows: number[];
  #turn = 0;
  /** Ids that were there from the first request to the last. */
  readonly throughout: Set<number>;

  constructor(api: Api) {
    this.#api = api;
    this.#rows = Array.from({ length: api.count }, (_, at) => (at + 1) * 1024);
    this.throughout = new Set(this.#rows);
  }

  async answer(request: Request): Promise<Response> {
    const turn = this.#turn++;
    this.#change(this.#api.changes[turn]);
    const failure = this.#api.failures[turn];
    if (failure === "gone") throw new TypeError("the connection was closed");
    if (failure === "cut")
      return new Response('{"data":[{"id":', { headers: { "content-type": "application/json" } });
    if (failure !== undefined) return new Response("{}", { status: failure });
    const { searchParams } = new URL(request.url);
    const { size, style, total } = this.#api;
    const posted: unknown = request.method === "POST" ? await request.json() : {};
    const from = this.#from(searchParams, request.headers.get("range"), posted);
    const ids = this.#rows.slice(from, from + size);
    const last = from + size >= this.#rows.length;
    const rows = ids.map((id) => ({ id }));
    const about = total ? { total: this.#rows.length } : {};
    const after = ids.at(-1) ?? 0;
    const page = Math.floor(from / size) + 1;
    const headers = total ? { "x-total-count": String(this.#rows.length) } : {};
    switch (style) {
      case "silent":
        return Response.json(rows);
      case "page":
      case "offset":
        return Response.json({ ...about, data: rows });
      case "range": {
        if (rows.length === 0 && from > 0) return new Response(null, { status: 416 });
        const all = total ? this.#rows.length : "*";
        const said = { "content-range": `rows ${from}-${from + rows.length - 1}/${all}` };
        return Response.json(rows, rows.length === 0 ? {} : { status: 206, headers: said });
      }
      case "numbered-next":
        return Response.json({ ...about, data: rows, next: last ? null : `/rows?page=${page + 1}` });
      case "numbered-link":
      case "link": {
        const next = style === "link" ? `after=${after}` : `page=${page + 1}`;
        const link = `</rows>; rel="first"${last ? "" : `, </rows?${next}>; rel="next"`}`;
        return Response.json(rows, { headers: { ...headers, link } });
      }
      case "cursor":
        return Response.json({ ...about, data: rows, next_cursor: last ? null : `c${after}` });
      case "token":
        return Response.json({ items: rows, ...(last ? {} : { nextPageToken: `c${after}` }) });
      case "next":
        return Response.json({ ...about, results: rows, next: last ? null : `/rows?after=${after}` });
      case "last-id":
        return Response.json({ object: "list", has_more: !last, data: rows });
      case "search":
        return Response.json({ results: rows, has_more: !last, next_cursor: last ? null : `c${after}` });
      case "graphql": {
        const pageInfo = { hasNextPage: !last, endCursor: `c${after}` };
        return Response.json({ data: { rows: { totalCount: this.#rows.length, nodes: rows, pageInfo } } });
      }
    }
  }

  /** The index of the first row that a request asks for. */
  #from(params: URLSearchParams, range: string | null, posted: unknown): number {
    const { size } = this.#api;
    const first = /^rows=(?<first>\d+)-/.exec(range ?? "")?.groups?.first;
    if (first !== undefined) return Number(first);
    if (params.has("offset")) return Number(params.get("offset"));
    if (params.has("page")) return (Number(params.get("page")) - 1) * size;
    const place =
      params.get("cursor") ?? params.get("pageToken") ?? params.get("after") ?? params.get("starting_after");
    const text =
      place ?? /"(?:start_cursor|after)":"(?<cursor>c\d+)"/.exec(JSON.stringify(posted))?.groups?.cursor;
    if (text === undefined) return 0;
    const id = Number(text.replace("c", ""));
    const at = this.#rows.findIndex((row) => row > id);
    return at < 0 ? this.#rows.length : at;
  }

  #change(change: Change | undefined): void {
    if (change === undefined) return;
    const at = Math.min(Math.floor(change.at * (this.#rows.length + 1)), this.#rows.length);
    if (change.kind === "delete") {
      for (const id of this.#rows.splice(at, 1)) this.throughout.delete(id);
      return;
    }
    const before = this.#rows[at - 1] ?? 0;
    const behind = this.#rows[at] ?? before + 2048;
    const id = (before + behind) / 2;
    if (id > before && id < behind) this.#rows.splice(at, 0, id);
  }
}

function optionsOf({ style, size }: Api, told: boolean): PaginateOptions {
  const json = style === "search" ? { page_size: size } : style === "graphql" ? { query: QUERY } : undefined;
  const posts = json === undefined ? {} : { json };
  if (style === "range") return { by: { range: "rows", size } };
  if (style === "page" || style === "offset") return { by: style };
  if (style === "silent") return { by: told ? "page" : "auto" };
  const found: PaginateOptions["by"] =
    style === "numbered-next"
      ? "next"
      : style === "numbered-link"
        ? "link"
        : style === "search"
          ? "auto"
          : style;
  return { ...posts, by: told ? found : "auto" };
}

interface Walked {
  readonly ids: readonly number[];
  readonly error: unknown;
  readonly confidence: Explanation["confidence"];
}

/** Requests of one walk that may fail: each is gone on behind. */
const MOST_FAILURES = 12;

/**
 * Walks to the end, stopping after the pages that are named, and where a page failed, and going on from what JSON has kept.
 */
async function walk(list: Moving, options: PaginateOptions, stops: readonly number[]): Promise<Walked> {
  const transport = memory((request) => list.answer(request));
  await using client = new Client({
    ...{ baseUrl: "http://api.test", transport, random: () => 0 },
    retry: { attempts: 2, backoff: { base: 0 } },
  });
  const ids: number[] = [];
  let from: Checkpoint | undefined;
  let confidence: Explanation["confidence"] = "unknown";
  for (const stop of [...stops, ...Array(MOST_FAILURES).fill(Number.POSITIVE_INFINITY)]) {
    const pages = client.paginate<Row>("/rows", { maxPages: 300, ...options, from });
    let left = stop;
    let failed = false;
    try {
      for await (const page of pages.pages()) {
        ids.push(...page.rows.map(({ id }) => id));
        if (--left <= 0) break;
      }
    } catch (error) {
      failed = !(error instanceof PaginationError) && error instanceof ChasquiError;
      if (!failed) return { ids, error, confidence };
    }
    ({ confidence } = pages.explain());
    if (left > 0 && !failed) return { ids, error: undefined, confidence };
    from = pages.checkpoint === undefined ? undefined : JSON.parse(JSON.stringify(pages.checkpoint));
  }
  throw new Error("it does not come to an end");
}

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

function apis(
  styles: readonly Style[],
  kinds: readonly Change["kind"][],
  total: fc.Arbitrary<boolean>,
): fc.Arbitrary<Api> {
  const failure = fc.constantFrom<Failure>(429, 503, 404, "cut", "gone");
  const change: fc.Arbitrary<Change> = fc.record({ kind: fc.constantFrom(...kinds), at: share });
  return fc.record({
    style: fc.constantFrom(...styles),
    count: fc.integer({ min: 0, max: 50 }),
    size: fc.integer({ min: 2, max: 12 }),
    total,
    changes: fc.array(fc.option(change, { nil: undefined, freq: 2 }), { maxLength: 12 }),
    // Half of the walks meet none.
    failures: fc.oneof(
      fc.constant([]),
      fc.array(fc.option(failure, { nil: undefined, freq: 4 }), { maxLength: 12 }),
    ),
  });
}

test.each([
  ["stays where its rows are, whatever is written and deleted", PLACED, ["insert", "delete"], fc.boolean()],
  ["is counted, and rows are written", COUNTED, ["insert"], fc.boolean()],
  [
    "is counted, rows are deleted, and the server says how many there are",
    COUNTED.filter((style) => style !== "silent"),
    ["delete"],
    fc.constant(true),
  ],
] as const)(
  "a walk whose place %s: every row once, or an error that says why",
  async (_name, styles, kinds, total) => {
    const stops = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    let complete = 0;
    await fc.assert(
      fc.asyncProperty(
        apis(styles, kinds, total),
        stops,
        fc.boolean(),
        fc.boolean(),
        async (api, stop, told, keyed) => {
          const list = new Moving(api);
          const options = { ...optionsOf(api, told), ...(keyed ? { primaryKey: "id" } : {}) };
          const { ids, error, confidence } = await walk(list, options, stop);
          if (error !== undefined) {
            expect(error).toBeInstanceOf(ChasquiError);
            return;
          }
          // Where each page that was looked for failed as if there were none, that is said: nothing was proven.
          if (confidence === "assumed" && api.style === "silent" && !told) return;
          complete++;
          expect(new Set(ids).size, "no row twice").toBe(ids.length);
          expect(
            [...list.throughout].filter((id) => !ids.includes(id)),
            "no row missing",
          ).toEqual([]);
        },
      ),
      { seed: 20_260_102, numRuns: 1000 },
    );
    // Not by refusing everything.
    expect(complete).toBeGreaterThan(200);
  },
  120_000,
);
