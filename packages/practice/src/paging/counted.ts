import { json, problem } from "../answer/answer.ts";
import { type Param, query } from "../route.ts";
import { pageSize, wholeOf } from "./rows.ts";
import type { Asked, Style } from "./style.ts";

/** Styles in which the client counts: pages, or rows. */

export const PER_PAGE: Param = query("per_page", "rows of a page, 1 to 100 (10)");
export const LIMIT: Param = query("limit", "rows of a page, 1 to 100 (10)");
export const PAGE: Param = query("page", "page from 1 (1)");

/** The page that `?page=` asks for, with its first row. */
export function readNumbered({ ask }: Asked): { page: number; from: number; size: number } {
  const size = pageSize(ask, "per_page");
  const page = wholeOf(ask, "page", 1, 1) - 1;
  return { page, from: page * size, size };
}

const RANGE = /^items=(?<first>\d{1,15})-(?<last>\d{1,15})$/;
const USUAL_RANGE = { first: 0, last: 9 };

export const COUNTED: readonly Style[] = [
  {
    name: "page",
    about: "page numbers; the body has total_pages and data",
    method: "GET",
    own: ["page", "per_page"],
    params: [PAGE, PER_PAGE],
    pointing: false,
    stable: false,
    read: readNumbered,
    show: ({ rows, page, size, total }) =>
      json({ page: page + 1, per_page: size, total, total_pages: Math.ceil(total / size), data: rows }),
  },
  {
    name: "offset",
    about: "offset and limit; the body has total and data",
    method: "GET",
    own: ["offset", "limit"],
    params: [query("offset", "rows to pass over (0)"), LIMIT],
    pointing: false,
    stable: false,
    read: ({ ask }) => {
      const size = pageSize(ask, "limit");
      const from = wholeOf(ask, "offset", 0, 0);
      return { page: Math.floor(from / size), from, size };
    },
    show: ({ rows, from, total, size }) => json({ offset: from, limit: size, total, data: rows }),
  },
  {
    name: "silent",
    about: "page numbers; the body is the rows, and nothing says that there are more",
    method: "GET",
    own: ["page", "per_page"],
    params: [PAGE, PER_PAGE],
    pointing: false,
    stable: false,
    read: readNumbered,
    show: ({ rows }) => json(rows),
  },
  {
    name: "range",
    about: "a Range header (`items=0-24`); 206 with Content-Range and the rows, 416 behind the last",
    method: "GET",
    own: [],
    params: [
      { name: "Range", in: "header", about: "the rows, from 0, last included: items=0-24 (items=0-9)" },
    ],
    pointing: false,
    stable: false,
    read: ({ ask }) => {
      const asked = RANGE.exec(ask.req.header("range") ?? "")?.groups ?? USUAL_RANGE;
      const [first, last] = [Number(asked.first), Number(asked.last)];
      const size = Math.min(Math.max(1, last - first + 1), 100);
      return { page: Math.floor(first / size), from: first, size };
    },
    show: ({ rows, from, total }) => {
      const expose = { "Accept-Ranges": "items", "Access-Control-Expose-Headers": "Content-Range" };
      if (rows.length === 0 && total > 0) {
        return problem(416, "there are no rows in that range", {
          ...expose,
          "Content-Range": `items */${total}`,
        });
      }
      if (rows.length === 0) return json(rows, 200, expose);
      const range = `items ${from}-${from + rows.length - 1}/${total}`;
      return json(rows, 206, { ...expose, "Content-Range": range });
    },
  },
];
