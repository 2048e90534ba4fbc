import { fieldOf } from "../response/response.ts";
import { atPath, isObject } from "./body-path.ts";
import { byCursor, byHeader } from "./cursor.ts";
import { byConnection, connectionIn } from "./graphql.ts";
import { byLastId } from "./last-id.ts";
import { byLink } from "./link.ts";
import { byNextUrl } from "./next-url.ts";
import { byOffset } from "./offset.ts";
import { byPageNumber } from "./page-number.ts";
import { askedSize, isSizeParam } from "./page-size.ts";
import { byRange, rangeOf } from "./range.ts";
import type { Onward, PageSeen, PageStyle, Place } from "./style.ts";
import { END } from "./style.ts";

/** A style that a page or the request has shown, and what showed it. */
export interface Detected {
  readonly style: PageStyle;
  readonly reason: string;
}

/** Params by which a caller says that it counts pages, or rows. */
const PAGE_PARAMS = ["page", "_page", "page_number", "pageNumber", "page[number]", "pageNo", "p"];
const OFFSET_PARAMS = ["offset", "_start", "skip", "$skip", "startAt", "page[offset]"];

/** Whether a name is that of a param by which APIs are asked for pages. */
export function isPagingParam(name: string): boolean {
  return PAGE_PARAMS.includes(name) || OFFSET_PARAMS.includes(name) || isSizeParam(name) || name === "cursor";
}

/** Whether a URL asks for a page by a number, so that its rows move when others come or go. */
export function isCounted(url: string): boolean {
  const mark = url.indexOf("?");
  if (mark < 0) return false;
  const query = new URLSearchParams(url.slice(mark));
  return [...PAGE_PARAMS, ...OFFSET_PARAMS].some((name) => /^\d{1,15}$/.test(query.get(name) ?? ""));
}

/** The style that the first page shows: its headers, what stands beside the rows, and where that says nothing the request's own params. */
export function detect(page: PageSeen): Detected | undefined {
  const { signs, response, data, posted } = page;
  const place: Place = posted === undefined ? "query" : "body";
  if (signs.link !== undefined) {
    return { style: byLink(), reason: "the Link header of the first page names a next one" };
  }
  const range = rangeOf(fieldOf(response, "content-range"));
  if (range !== undefined && (response.status === 206 || response.status === 200)) {
    return { style: byRange(range.unit, undefined), reason: "the first page has a Content-Range of rows" };
  }
  const connection = isObject(posted) && typeof posted.query === "string" ? connectionIn(data) : undefined;
  if (connection !== undefined) {
    const style = byConnection(connection, cursorVariable(posted));
    return { style, reason: `\`${connection}\` is a GraphQL connection` };
  }
  if (signs.url !== undefined) {
    return { style: byNextUrl(signs.url), reason: `\`${signs.url}\` has the URL of the next page` };
  }
  if (signs.cursor !== undefined) {
    const { path, param } = signs.cursor;
    const name = place === "body" ? postedParam(path, param, posted) : param;
    return { style: byCursor(path, name, place), reason: `\`${path}\` has a cursor` };
  }
  if (signs.header !== undefined) {
    const { name, param } = signs.header;
    return { style: byHeader(name, param, place), reason: `the header \`${name}\` names the next page` };
  }
  const own = counted(page.asked, place);
  if (own !== undefined) return own;
  // Stripe's lists say only that there is more; the next page begins behind the last row.
  const isStripe = atPath(data, "object") === "list" && signs.flag !== undefined && place === "query";
  if (isStripe && atPath(page.list.at(-1), "id") !== undefined) {
    return {
      style: byLastId("id", "starting_after", place),
      reason: "the first page is a list that says that it has more, and its rows have ids",
    };
  }
  return undefined;
}

/** The variable that a query of GraphQL takes its cursor from: `posts(after: $cursor)`. */
function cursorVariable(posted: unknown): string {
  const query = isObject(posted) && typeof posted.query === "string" ? posted.query : "";
  return /\bafter\s*:\s*\$(?<name>\w+)/.exec(query)?.groups?.name ?? "after";
}

/** Where a cursor is posted: in the field that the request has for it, or in the one that its API's name stands for. */
function postedParam(path: string, param: string, posted: unknown): string {
  const known = ["start_cursor", "cursor", "after", "page_token", "pageToken", "next_token", "nextToken"];
  const own = isObject(posted) ? known.find((name) => Object.hasOwn(posted, name)) : undefined;
  if (own !== undefined) return own;
  // Notion's.
  return path === "next_cursor" && isObject(posted) && !Object.hasOwn(posted, "limit")
    ? "start_cursor"
    : param;
}

/** The style of the request's own params. One that says it in two ways says nothing. */
function counted(asked: URLSearchParams, place: Place): Detected | undefined {
  const isCount = (name: string): boolean => /^\d{1,15}$/.test(asked.get(name) ?? "");
  const pages = PAGE_PARAMS.filter(isCount);
  const offsets = OFFSET_PARAMS.filter(isCount);
  const [name] = [...pages, ...offsets];
  if (name === undefined || pages.length + offsets.length > 1) return undefined;
  const reason = `the request has the param \`${name}\``;
  if (pages.length === 1) return { style: byPageNumber(name, undefined, place), reason };
  // json-server's `_end` stays where it is: the second page would be empty.
  return asked.has("_end") ? undefined : { style: byOffset(name, "limit", undefined, place), reason };
}

/** What a first page that shows no style says of the end. */
export function withoutStyle(page: PageSeen): Onward {
  const { signs, totals, count, asked } = page;
  if (signs.more === undefined) {
    if (signs.end !== undefined) return END;
    if (count === 0 && !totals.rows && !totals.pages) return END;
    // A number of rows may be that of the page: it is believed at once where the page could have had more, and else looked behind.
    const isAll = totals.pages === 1 || totals.rows === count;
    if (isAll && (page.posted !== undefined || count < (askedSize(asked)?.size ?? 0))) return END;
  }
  const { message, hint } = reason(page);
  return { kind: "lost", why: "undetected", message, hint, silent: count > 0 && page.posted === undefined };
}

function reason({ data, signs, totals, count }: PageSeen): { message: string; hint: string } {
  if (signs.more !== undefined) {
    return {
      message: `The first page shows no way to the next that is known, but ${signs.more}`,
      hint: 'Say with `by` how it is asked for, such as { cursor: "next", param: "cursor" }, { next: "links.next" } or { page: "page" }.',
    };
  }
  const all = totals.rows ?? totals.pages;
  if (all !== undefined) {
    const has =
      totals.rows === undefined ? `there are ${all} pages` : `there are ${all} rows, and has ${count}`;
    return {
      message: `The first page says that ${has}, but not how the next page is asked for`,
      hint: `Say it with \`by\`: ${countedIn(data)}, or with the name of the param, such as { page: "_page" } or { offset: "skip" }.`,
    };
  }
  return {
    message: "The first page shows neither a way to the next page nor that it is the last",
    hint: 'Say with `by` how pages are asked for: "page", "offset", "cursor", "next" or "link", or an object that names the params, such as { page: "_page" }; `single: true` where there is one page.',
  };
}

/** What to try first, by the number that the page itself gives. */
function countedIn(data: unknown): string {
  if (["page", "current_page", "currentPage"].some((key) => typeof atPath(data, key) === "number"))
    return '"page"';
  if (["offset", "skip", "start"].some((key) => typeof atPath(data, key) === "number")) return '"offset"';
  return '"page", "offset"';
}
