import { atPath } from "./body-path.ts";
import { byCursor } from "./cursor.ts";
import { byLink } from "./link.ts";
import { byNextUrl } from "./next-url.ts";
import { byOffset } from "./offset.ts";
import { byPageNumber } from "./page-number.ts";
import { END, type Onward, type PageSeen, type PageStyle } from "./style.ts";

/** Params by which a caller says that it counts pages, or rows. */
const PAGE_PARAMS = ["page", "_page", "page_number", "pageNumber", "page[number]"];
const OFFSET_PARAMS = ["offset", "_start", "skip", "$skip", "startAt", "page[offset]"];

/**
 * The style that the first page shows: its `Link` header, a next URL or a cursor in the body, and where it shows none, the
 * params of the request itself. It never guesses: where there is no way on and no end it says so.
 */
export function byDetection(): PageStyle {
  let style: PageStyle | undefined;
  return {
    first: {},
    next(page) {
      style ??= detect(page);
      return style === undefined ? withoutStyle(page) : style.next(page);
    },
  };
}

function detect(page: PageSeen): PageStyle | undefined {
  const { signs, response } = page;
  if (response.links.next !== undefined) return byLink();
  if (signs.url !== undefined) return byNextUrl(signs.url);
  if (signs.cursor !== undefined) return byCursor(signs.cursor.path, signs.cursor.param);
  return counted(page.asked);
}

/** The style of the request's own params. One that says it in two ways says nothing. */
function counted(asked: URLSearchParams): PageStyle | undefined {
  const isCount = (name: string): boolean => /^\d{1,15}$/.test(asked.get(name) ?? "");
  const pages = PAGE_PARAMS.filter(isCount);
  const offsets = OFFSET_PARAMS.filter(isCount);
  const [name] = [...pages, ...offsets];
  if (name === undefined || pages.length + offsets.length > 1) return undefined;
  if (pages.length === 1) return byPageNumber(name, undefined);
  // json-server's `_end` stays where it is: the second page would be empty.
  return asked.has("_end") ? undefined : byOffset(name, "limit", undefined);
}

function withoutStyle(page: PageSeen): Onward {
  const { signs, totals, count } = page;
  if (signs.more === undefined) {
    if (signs.end !== undefined || totals.pages === 1 || totals.rows === count) return END;
    if (count === 0 && !totals.rows && !totals.pages) return END;
  }
  const { message, hint } = reason(page);
  return { kind: "lost", why: "undetected", message, hint };
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
    hint: 'Say with `by` how pages are asked for: "page", "offset", "cursor", "next" or "link", or an object that names the params, such as { page: "_page" }. A list that has no pages is had with get(url).json().',
  };
}

/** What to try first, by the number that the page itself gives. */
function countedIn(data: unknown): string {
  if (["page", "current_page", "currentPage"].some((key) => typeof atPath(data, key) === "number"))
    return '"page"';
  if (["offset", "skip", "start"].some((key) => typeof atPath(data, key) === "number")) return '"offset"';
  return '"page", "offset"';
}
