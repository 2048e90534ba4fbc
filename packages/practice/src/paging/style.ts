import { type Answer, json } from "../answer/answer.ts";
import { Refusal } from "../refusal.ts";
import { linkHeader, withParameter } from "../resources/links.ts";
import { type Ask, type Param, query } from "../route.ts";
import type { Row } from "../rows/row.ts";
import { wholeOf } from "./rows.ts";

/** One page as a style shows it. Pages are counted from 0. */
interface Page {
  readonly rows: readonly Row[];
  /** The page that was asked for. */
  readonly page: number;
  /** The first of its rows. A client may ask for any, and for another size on each page. */
  readonly from: number;
  readonly size: number;
  /** How many rows there are in all. */
  readonly total: number;
  /** The page that comes next, as the answer says it; undefined at the end. */
  readonly next: number | undefined;
}

/** A way to tell a client which rows an answer has and where the others are. */
export interface Style {
  readonly name: string;
  readonly about: string;
  /** The parameter that names the page, and the one with the number of rows. */
  readonly pageParam: string;
  readonly sizeParam: string;
  readonly params: readonly Param[];
  /** Whether the server says which page is next, rather than that the client counts. Only then can it say so wrongly. */
  readonly pointing: boolean;
  /** The page that is asked for, from 0, and the first of its rows. */
  read(ask: Ask, size: number): { readonly page: number; readonly from: number };
  show(page: Page, url: URL): Answer;
}

const PER_PAGE = query("per_page", "rows of a page, 1 to 100 (10)");
const LIMIT = query("limit", "rows of a page, 1 to 100 (10)");
const PAGE = query("page", "page from 1 (1)");

function readNumbered(ask: Ask, size: number): { page: number; from: number } {
  const page = wholeOf(ask, "page", 1, 1) - 1;
  return { page, from: page * size };
}

/** The styles, each in the shape in which the APIs that use it have it. */
export const STYLES: readonly Style[] = [
  {
    name: "page",
    about: "page numbers; the body has total_pages and data",
    pageParam: "page",
    sizeParam: "per_page",
    params: [PAGE, PER_PAGE],
    pointing: false,
    read: readNumbered,
    show: ({ rows, page, size, total }) =>
      json({ page: page + 1, per_page: size, total, total_pages: Math.ceil(total / size), data: rows }),
  },
  {
    name: "offset",
    about: "offset and limit; the body has total and data",
    pageParam: "offset",
    sizeParam: "limit",
    params: [query("offset", "rows to pass over (0)"), LIMIT],
    pointing: false,
    read: (ask, size) => {
      const from = wholeOf(ask, "offset", 0, 0);
      return { page: Math.floor(from / size), from };
    },
    show: ({ rows, from, total, size }) => json({ offset: from, limit: size, total, data: rows }),
  },
  {
    name: "cursor",
    about: "an opaque cursor; the body has next_cursor (null at the end) and data, X-Next-Cursor the same",
    pageParam: "cursor",
    sizeParam: "limit",
    params: [query("cursor", "next_cursor of the page before"), LIMIT],
    pointing: true,
    read: (ask, size) => {
      const from = readCursor(ask.req.query("cursor") ?? "");
      return { page: Math.floor(from / size), from };
    },
    show: ({ rows, page, from, next, size }) => {
      const cursor = next === undefined ? null : writeCursor(Math.max(0, from + (next - page) * size));
      const headers =
        cursor === null ? {} : { "X-Next-Cursor": cursor, "Access-Control-Expose-Headers": "X-Next-Cursor" };
      return json({ data: rows, next_cursor: cursor }, 200, headers);
    },
  },
  {
    name: "next",
    about:
      "the URLs of the next and the previous page in the body (null at the ends), with count and results",
    pageParam: "page",
    sizeParam: "per_page",
    params: [PAGE, PER_PAGE],
    pointing: true,
    read: readNumbered,
    show: ({ rows, page, total, next }, url) =>
      json({
        count: total,
        next: next === undefined ? null : withParameter(url, "page", next + 1),
        previous: page === 0 ? null : withParameter(url, "page", page),
        results: rows,
      }),
  },
  {
    name: "link",
    about: "a Link header (RFC 8288) with first, prev, next and last; the body is the rows",
    pageParam: "page",
    sizeParam: "per_page",
    params: [PAGE, PER_PAGE],
    pointing: true,
    read: readNumbered,
    show: ({ rows, page, size, total, next }, url) => {
      const targets = {
        ...(page > 0 ? { first: 1, prev: page } : {}),
        ...(next === undefined ? {} : { next: next + 1, last: Math.max(1, Math.ceil(total / size)) }),
      };
      const link = linkHeader(url, "page", targets);
      return json(rows, 200, link === "" ? {} : { Link: link, "Access-Control-Expose-Headers": "Link" });
    },
  },
];

/** A cursor says nothing to whoever looks at it, and is not to be computed. */
function writeCursor(from: number): string {
  return Buffer.from(`row:${from}`).toString("base64url");
}

function readCursor(cursor: string): number {
  if (cursor === "") return 0;
  const from = /^row:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (from === undefined) throw new Refusal(400, `${JSON.stringify(cursor)} is not a cursor of this list`);
  return Number(from);
}
