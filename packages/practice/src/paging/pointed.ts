import { json } from "../answer/answer.ts";
import { Refusal } from "../refusal.ts";
import { linkHeader, withParameter } from "../resources/links.ts";
import { query } from "../route.ts";
import { LIMIT, PAGE, PER_PAGE, readNumbered } from "./counted.ts";
import { pageSize } from "./rows.ts";
import type { Page, Style } from "./style.ts";

/** Styles in which the server says what is next: a cursor, a token, a URL. */

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

/** The cursor of the next page; undefined at the end. */
export function cursorAfter({ page, from, next, size }: Page): string | undefined {
  return next === undefined ? undefined : writeCursor(Math.max(0, from + (next - page) * size));
}

/** Where a cursor points. */
export function atCursor(cursor: string, size: number): { page: number; from: number; size: number } {
  const from = readCursor(cursor);
  return { page: Math.floor(from / size), from, size };
}

export const POINTED: readonly Style[] = [
  {
    name: "cursor",
    about: "an opaque cursor; the body has next_cursor (null at the end) and data, X-Next-Cursor the same",
    method: "GET",
    own: ["cursor", "limit"],
    params: [query("cursor", "next_cursor of the page before"), LIMIT],
    pointing: true,
    stable: true,
    read: ({ ask }) => atCursor(ask.req.query("cursor") ?? "", pageSize(ask, "limit")),
    show: (page) => {
      const cursor = cursorAfter(page) ?? null;
      const headers =
        cursor === null ? {} : { "X-Next-Cursor": cursor, "Access-Control-Expose-Headers": "X-Next-Cursor" };
      return json({ data: page.rows, next_cursor: cursor }, 200, headers);
    },
  },
  {
    name: "token",
    about: "a token; the body has items and nextPageToken, which is left out at the end",
    method: "GET",
    own: ["pageToken", "pageSize"],
    params: [
      query("pageToken", "nextPageToken of the page before"),
      query("pageSize", "rows of a page, 1 to 100 (10)"),
    ],
    pointing: true,
    stable: true,
    read: ({ ask }) => atCursor(ask.req.query("pageToken") ?? "", pageSize(ask, "pageSize")),
    show: (page) => {
      const token = cursorAfter(page);
      return json({ items: page.rows, ...(token === undefined ? {} : { nextPageToken: token }) });
    },
  },
  {
    name: "next",
    about:
      "the URLs of the next and the previous page in the body (null at the ends), with count and results",
    method: "GET",
    own: ["page", "per_page"],
    params: [PAGE, PER_PAGE],
    pointing: true,
    stable: false,
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
    method: "GET",
    own: ["page", "per_page"],
    params: [PAGE, PER_PAGE],
    pointing: true,
    stable: false,
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
  {
    name: "last-id",
    about: "the id of the last row; the body has data and has_more",
    method: "GET",
    own: ["starting_after", "limit"],
    params: [query("starting_after", "id of the last row of the page before"), LIMIT],
    // The server says whether there is more, and the client where it is.
    pointing: false,
    stable: true,
    read: ({ ask, rowAfter }) => {
      const size = pageSize(ask, "limit");
      const given = ask.req.query("starting_after") ?? "";
      if (!/^\d{0,15}$/.test(given)) throw new Refusal(400, "starting_after is the id of a row");
      const from = given === "" ? 0 : rowAfter(Number(given));
      return { page: Math.floor(from / size), from, size };
    },
    show: ({ rows, next }, url) =>
      json({ object: "list", url: url.pathname, has_more: next !== undefined, data: rows }),
  },
];
