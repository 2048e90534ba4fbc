import { json } from "../answer/answer.ts";
import { Refusal } from "../refusal.ts";
import { linkHeader, withParameter } from "../resources/links.ts";
import { query } from "../route.ts";
import { LIMIT, PAGE, PER_PAGE, readNumbered } from "./counted.ts";
import { pageSize } from "./rows.ts";
import type { Asked, Page, Style } from "./style.ts";

/** Styles in which the server says what is next: a cursor, a token, a URL. */

/** The cursor of the next page; undefined at the end. */
export function cursorAfter({ page, from, next, size }: Page, { cursorTo }: Asked): string | undefined {
  return next === undefined ? undefined : cursorTo(Math.max(0, from + (next - page) * size));
}

/** The page that begins at a place in the list. */
export function pageAt(from: number, size: number): { page: number; from: number; size: number } {
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
    read: ({ ask, placeOf }) => pageAt(placeOf(ask.req.query("cursor") ?? ""), pageSize(ask, "limit")),
    show: (page, _url, asked) => {
      const cursor = cursorAfter(page, asked) ?? null;
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
    read: ({ ask, placeOf }) => pageAt(placeOf(ask.req.query("pageToken") ?? ""), pageSize(ask, "pageSize")),
    show: (page, _url, asked) => {
      const token = cursorAfter(page, asked);
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
    read: ({ ask, placeAfter }) => {
      const given = ask.req.query("starting_after") ?? "";
      if (!/^\d{0,15}$/.test(given)) throw new Refusal(400, "starting_after is the id of a row");
      return pageAt(given === "" ? 0 : placeAfter(Number(given)), pageSize(ask, "limit"));
    },
    show: ({ rows, next }, url) =>
      json({ object: "list", url: url.pathname, has_more: next !== undefined, data: rows }),
  },
];
