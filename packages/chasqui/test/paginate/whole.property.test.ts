import { ChasquiError, Client, HttpError, memory, PaginationError } from "chasqui";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PageStyleOption, PaginateOptions } from "../../src/paginate/options.ts";

const STYLES = ["page", "offset", "cursor", "next", "link"] as const;
type Style = (typeof STYLES)[number];

interface Api {
  readonly style: Style;
  readonly count: number;
  readonly size: number;
  /** What the body says of the whole. */
  readonly totals: "none" | "rows" | "pages" | "flag";
  /** Where the rows are. */
  readonly shape: "bare" | "data" | "inner";
  /** Something in the body that is never the same. */
  readonly clock: boolean;
}

interface Faults {
  /** Pages, from 0, that answer so at first, or for ever. */
  readonly failing: readonly { readonly page: number; readonly status: number; readonly times: number }[];
  /** The page after which the server leads or falls back to an earlier one; undefined for never. */
  readonly turn: { readonly after: number; readonly to: number } | undefined;
}

const NO_FAULTS: Faults = { failing: [], turn: undefined };

interface Answered {
  readonly body: unknown;
  readonly headers: Record<string, string>;
}

/** One page of an API. `page` is what was asked for, `at` what is given. */
function pageOf(
  api: Api,
  page: number,
  at: number,
  from: number,
  next: number | undefined,
  turn: number,
): Answered {
  const { style, count, size, totals, shape, clock } = api;
  const rows = Array.from({ length: Math.max(0, Math.min(size, count - from)) }, (_, index) => ({
    id: from + index,
  }));
  const about: Record<string, unknown> = {};
  if (totals === "rows") about.total = count;
  if (totals === "pages" && style === "page") about.total_pages = Math.ceil(count / size);
  if (totals === "flag") about.has_more = next !== undefined;
  if (clock) about.at = turn;
  const headers: Record<string, string> = {};
  if (style === "cursor") about.next_cursor = next === undefined ? null : `c${next}`;
  if (style === "next") about.next = next === undefined ? null : `/rows?p=${next}`;
  // Without a link to the first page, a list of one page does not show that it is paged.
  if (style === "link") headers.link = '</rows>; rel="first"';
  if (style === "link" && next !== undefined) headers.link += `, </rows?p=${next}>; rel="next"`;
  if (shape === "bare" && (style === "link" || style === "page" || style === "offset"))
    return { body: rows, headers };
  const body = shape === "inner" ? { data: { items: rows }, ...about } : { data: rows, ...about };
  return { body: { ...body, page, at }, headers };
}

/** The whole API, as a function. */
function serverOf(api: Api, faults: Faults): { handle: (request: Request) => Response; asked: () => number } {
  const failed = new Map<number, number>();
  let asked = 0;
  const positionOf = (params: URLSearchParams): number => {
    if (api.style === "page") return Number(params.get("page")) - 1;
    if (api.style === "cursor") return Number((params.get("cursor") ?? "c0").slice(1));
    return Number(params.get("p") ?? 0);
  };
  const handle = (request: Request): Response => {
    asked++;
    const { searchParams } = new URL(request.url);
    const offset = Number(searchParams.get("offset"));
    const page = api.style === "offset" ? Math.floor(offset / api.size) : positionOf(searchParams);
    const failing = faults.failing.find((fault) => fault.page === page);
    const times = failed.get(page) ?? 0;
    if (failing !== undefined && times < failing.times) {
      failed.set(page, times + 1);
      return new Response("{}", { status: failing.status });
    }
    const { turn } = faults;
    const counted = api.style === "page" || api.style === "offset";
    const turned = turn !== undefined && page > turn.after && counted;
    const at = turned ? turn.to : page;
    const from = api.style === "offset" && !turned ? offset : at * api.size;
    let next = from + api.size < api.count ? page + 1 : undefined;
    if (turn !== undefined && !counted && page === turn.after) next = turn.to;
    const { body, headers } = pageOf(api, page, at, from, next, asked);
    return Response.json(body, { headers });
  };
  return { handle, asked: () => asked };
}

function optionsOf(api: Api, detected: boolean): PaginateOptions {
  const by: PageStyleOption = detected && api.style !== "page" && api.style !== "offset" ? "auto" : api.style;
  // The walks have at most 60 pages: whoever asks for more goes in a circle.
  return { by, maxPages: 70, ...(api.shape === "inner" ? { rows: "data.items" } : {}) };
}

async function walk(
  api: Api,
  faults: Faults,
  detected: boolean,
): Promise<{ ids: number[]; error: unknown; asked: number }> {
  const { handle, asked } = serverOf(api, faults);
  await using client = new Client({ baseUrl: "http://api.test", transport: memory(handle), random: () => 0 });
  const ids: number[] = [];
  let error: unknown;
  try {
    for await (const row of client.paginate<{ id: number }>("/rows", optionsOf(api, detected)))
      ids.push(row.id);
  } catch (caught) {
    error = caught;
  }
  return { ids, error, asked: asked() };
}

const apis: fc.Arbitrary<Api> = fc.record({
  style: fc.constantFrom(...STYLES),
  count: fc.integer({ min: 0, max: 60 }),
  size: fc.integer({ min: 1, max: 20 }),
  totals: fc.constantFrom("none", "rows", "pages", "flag"),
  shape: fc.constantFrom("bare", "data", "inner"),
  clock: fc.boolean(),
});
const settings = { seed: 20_260_101, numRuns: 2000 };
const all = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

test("of an honest API every row comes once and in order, however it pages", async () => {
  await fc.assert(
    fc.asyncProperty(apis, fc.boolean(), async (api, detected) => {
      const { ids, error, asked } = await walk(api, NO_FAULTS, detected);
      expect(error).toBeUndefined();
      expect(ids).toEqual(all(api.count));
      // The empty page, and where nothing else says that it is the end, the one behind it.
      expect(asked).toBeLessThanOrEqual(Math.ceil(api.count / api.size) + 2);
    }),
    settings,
  );
});

test("where pages fail, every row comes, or the rows before the failure and its error", async () => {
  const failing = fc.record({
    page: fc.integer({ min: 0, max: 12 }),
    status: fc.constantFrom(429, 500, 503, 401, 404),
    times: fc.constantFrom(1, 2, 1000),
  });
  await fc.assert(
    fc.asyncProperty(
      apis,
      fc.array(failing, { maxLength: 3 }),
      fc.boolean(),
      async (api, faults, detected) => {
        const { ids, error } = await walk(api, { failing: faults, turn: undefined }, detected);
        expect(ids).toEqual(all(ids.length));
        if (error === undefined) expect(ids).toHaveLength(api.count);
        else {
          expect(error).toBeInstanceOf(HttpError);
          expect(error).toMatchObject({ message: expect.stringMatching(/\(page \d+\)$/) });
        }
      },
    ),
    settings,
  );
});

test("where a server turns back, every row comes, or an error that says so: never a circle, never a silent stop", async () => {
  const turn = fc.record({ after: fc.integer({ min: 0, max: 12 }), to: fc.integer({ min: 0, max: 12 }) });
  await fc.assert(
    fc.asyncProperty(apis, turn, fc.boolean(), async (api, faulty, detected) => {
      // A server that leads forward past rows cannot be told from one that lacks them.
      fc.pre(faulty.to <= faulty.after);
      const { ids, error, asked } = await walk(api, { failing: [], turn: faulty }, detected);
      if (error === undefined) expect(ids).toEqual(all(api.count));
      else {
        expect(error).toBeInstanceOf(ChasquiError);
        expect(error).toBeInstanceOf(PaginationError);
        expect(ids).toEqual(all(ids.length));
      }
      expect(asked).toBeLessThanOrEqual(Math.ceil(api.count / api.size) + 2);
    }),
    settings,
  );
});
