import { type Answer, problem } from "../answer/answer.ts";
import { type Param, query } from "../route.ts";
import type { Row } from "../rows/row.ts";
import type { World } from "../world.ts";
import { wholeOf } from "./rows.ts";
import type { Asked, Page, Style } from "./style.ts";

/** What a fault has to work with. Pages are counted from 0. */
interface Walk {
  readonly asked: Asked;
  readonly world: World;
  readonly style: Style;
  readonly page: number;
  readonly size: number;
  readonly from: number;
  readonly total: number;
  readonly url: URL;
  /** The rows from one on, as many as a page has or as are asked for. */
  slice(from: number, count?: number): Row[];
}

/** A way in which paging goes wrong. */
export interface PagingFault {
  readonly name: string;
  readonly about: string;
  readonly params: readonly Param[];
  /** Whether it only makes sense where the server says which page is next. */
  readonly needsPointing: boolean;
  answer(walk: Walk): Answer;
}

const RUN = query("run", "the run that it is counted for");

/** The page as an honest server shows it, but for what is changed. */
function show(walk: Walk, changes: Partial<Page> = {}): Answer {
  const { style, page, size, from, total, url, asked, slice } = walk;
  const rows = changes.rows ?? slice(from);
  const next = from + size < total ? page + 1 : undefined;
  return style.show({ rows, page, from, size, total, next, ...changes }, url, asked);
}

function count({ asked, world, url }: Walk, what: string): number {
  return world.runs.count(asked.ask.req.query("run") ?? "", `${url.pathname} ${what}`);
}

function number({ asked }: Walk, name: string, fallback: number): number {
  return wholeOf(asked.ask, name, 0, fallback);
}

/** Rows that are not in the list of the resource, as if they had just been written. */
function fresh(ids: readonly number[], resource: string): Row[] {
  return ids.map((id) => ({ id, title: `new among the ${resource}`, new: true }));
}

/** The faults, each in every style that it can befall. */
export const FAULTS: readonly PagingFault[] = [
  {
    name: "loop",
    about:
      "The same page for ever: whatever is asked for, it is the first page, and there is always another one",
    params: [],
    needsPointing: false,
    answer: (walk) => {
      const { style, page, size, slice } = walk;
      // Where the server points, it points to the page itself; where the client counts, there is always one more to count.
      const next = style.pointing ? page : page + 1;
      return show(walk, { rows: slice(0), total: (page + 2) * size, next });
    },
  },
  {
    name: "back",
    about: "The third page says that the first one is next",
    params: [],
    needsPointing: true,
    answer: (walk) => show(walk, { next: walk.page >= 2 ? 0 : walk.page + 1 }),
  },
  {
    name: "aba",
    about: "The second page says that the first one is next, which says that the second one is",
    params: [],
    needsPointing: true,
    answer: (walk) => show(walk, { next: walk.page % 2 === 0 ? walk.page + 1 : walk.page - 1 }),
  },
  {
    name: "fails-once",
    about: "One page answers 503 the first time that a run asks for it",
    params: [query("at", "the page that fails, from 1 (2)"), RUN],
    needsPointing: false,
    answer: (walk) => {
      const at = wholeOf(walk.asked.ask, "at", 1, 2) - 1;
      if (walk.page === at && count(walk, `page ${at + 1}`) === 1) {
        return problem(503, `page ${at + 1} fails the first time; ask again`);
      }
      return show(walk);
    },
  },
  {
    name: "overlap",
    about: "Each page begins with the last rows of the one before",
    params: [query("by", "rows that come again (2)")],
    needsPointing: false,
    answer: (walk) => {
      const { page, size, from, total, slice } = walk;
      const first = from - page * Math.min(number(walk, "by", 2), size - 1);
      return show(walk, { rows: slice(first), next: first + size < total ? page + 1 : undefined });
    },
  },
  {
    name: "grows",
    about:
      "Rows are written at the front while one reads: where pages are counted, each begins with the last rows of the one before",
    params: [query("by", "rows that are written between two pages (1)")],
    needsPointing: false,
    answer: (walk) => {
      const { page, size, from, total, slice, asked, style } = walk;
      const added = page * Math.min(number(walk, "by", 1), size - 1);
      if (style.stable) return show(walk, { total: total + added });
      const first = from - added;
      const ids = Array.from({ length: Math.max(0, -first) }, (_, index) => total + added - index);
      const rows = [...fresh(ids, asked.resource), ...slice(first, size - ids.length)].slice(0, size);
      const next = from + size < total + added ? page + 1 : undefined;
      return show(walk, { rows, total: total + added, next });
    },
  },
  {
    name: "shrinks",
    about:
      "Rows are deleted at the front while one reads: where pages are counted, each leaves out the rows that moved to the one before",
    params: [query("by", "rows that are deleted between two pages (1)")],
    needsPointing: false,
    answer: (walk) => {
      const { page, size, from, total, slice, style } = walk;
      const gone = page * number(walk, "by", 1);
      if (style.stable) return show(walk, { total: Math.max(0, total - gone) });
      const next = from + size < total - gone ? page + 1 : undefined;
      return show(walk, { rows: slice(from + gone), total: Math.max(0, total - gone), next });
    },
  },
  {
    name: "total-lies",
    about: "The total is wrong",
    params: [query("by", "rows that it says too many (7)"), query("fewer", "rows that it says too few (0)")],
    needsPointing: false,
    answer: (walk) => {
      const { total } = walk;
      const fewer = number(walk, "fewer", 0);
      return show(walk, { total: fewer > 0 ? Math.max(0, total - fewer) : total + number(walk, "by", 7) });
    },
  },
  {
    name: "short",
    about: "One page in the middle has half of its rows; the others may not be seen",
    params: [query("at", "the page that is short, from 1 (2)")],
    needsPointing: false,
    answer: (walk) => {
      const { page, size, from, slice } = walk;
      const short = page === wholeOf(walk.asked.ask, "at", 1, 2) - 1;
      return show(walk, { rows: slice(from, short ? Math.ceil(size / 2) : size) });
    },
  },
  {
    name: "blank",
    about: "One page in the middle has no rows, and says that there is more",
    params: [query("at", "the page that is empty, from 1 (2)")],
    needsPointing: true,
    answer: (walk) => show(walk, walk.page === wholeOf(walk.asked.ask, "at", 1, 2) - 1 ? { rows: [] } : {}),
  },
  {
    name: "expires",
    about: "What the server pointed to is gone (410) from one page on",
    params: [query("at", "the first page that is gone, from 1 (3)")],
    needsPointing: true,
    answer: (walk) => {
      const at = wholeOf(walk.asked.ask, "at", 2, 3) - 1;
      return walk.page >= at ? problem(410, "the cursor has expired; begin anew") : show(walk);
    },
  },
  {
    name: "depth-cap",
    about: "Rows beyond a depth are not to be had: 422, or with `quiet` an end before the total",
    params: [query("depth", "rows that can be had (50)"), query("quiet", "1: the pages just end")],
    needsPointing: false,
    answer: (walk) => {
      const { page, size, from, slice } = walk;
      const depth = number(walk, "depth", 50);
      if (walk.asked.ask.req.query("quiet") === "1") {
        const next = from + size < Math.min(depth, walk.total) ? page + 1 : undefined;
        return show(walk, { rows: slice(from, Math.max(0, Math.min(size, depth - from))), next });
      }
      if (from + size > depth && from < walk.total) {
        return problem(422, `only the first ${depth} rows are available`);
      }
      return show(walk);
    },
  },
  {
    name: "one-shot",
    about: "A scroll: what points to a page can be used once in a run, then it is 404",
    params: [RUN],
    needsPointing: true,
    answer: (walk) =>
      walk.page > 0 && count(walk, `page ${walk.page + 1}`) > 1
        ? problem(404, "this scroll has been read; begin anew")
        : show(walk),
  },
];
