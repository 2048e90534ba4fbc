import { type Answer, problem } from "../answer/answer.ts";
import { type Ask, type Param, query } from "../route.ts";
import type { Row } from "../rows/row.ts";
import type { World } from "../world.ts";
import { wholeOf } from "./rows.ts";
import type { Style } from "./style.ts";

/** What a fault has to work with. Pages are counted from 0. */
interface Walk {
  readonly ask: Ask;
  readonly world: World;
  readonly style: Style;
  readonly page: number;
  readonly size: number;
  readonly from: number;
  readonly total: number;
  readonly url: URL;
  /** The rows of the page that begins at a row. */
  slice(from: number): Row[];
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

/** The faults, each in every style that it can befall. */
export const FAULTS: readonly PagingFault[] = [
  {
    name: "loop",
    about:
      "The same page for ever: whatever is asked for, it is the first page, and there is always another one",
    params: [],
    needsPointing: false,
    answer: ({ style, page, size, from, url, slice }) => {
      // Where the server points, it points to the page itself; where the client counts, there is always one more to count.
      const next = style.pointing ? page : page + 1;
      return style.show({ rows: slice(0), page, from, size, total: (page + 2) * size, next }, url);
    },
  },
  {
    name: "back",
    about: "The third page says that the first one is next",
    params: [],
    needsPointing: true,
    answer: ({ style, page, size, from, total, url, slice }) =>
      style.show({ rows: slice(from), page, from, size, total, next: page >= 2 ? 0 : page + 1 }, url),
  },
  {
    name: "aba",
    about: "The second page says that the first one is next, which says that the second one is",
    params: [],
    needsPointing: true,
    answer: ({ style, page, size, from, total, url, slice }) =>
      style.show(
        { rows: slice(from), page, from, size, total, next: page % 2 === 0 ? page + 1 : page - 1 },
        url,
      ),
  },
  {
    name: "fails-once",
    about: "One page answers 503 the first time that a run asks for it",
    params: [query("at", "the page that fails, from 1 (2)"), query("run", "the run that it fails for")],
    needsPointing: false,
    answer: ({ ask, world, style, page, size, from, total, url, slice }) => {
      const at = wholeOf(ask, "at", 1, 2) - 1;
      if (
        page === at &&
        world.runs.count(ask.req.query("run") ?? "", `${url.pathname} page ${at + 1}`) === 1
      ) {
        return problem(503, `page ${at + 1} fails the first time; ask again`);
      }
      return style.show(
        { rows: slice(from), page, from, size, total, next: from + size < total ? page + 1 : undefined },
        url,
      );
    },
  },
];
