import type { ParamsInit } from "../request/params.ts";
import { atPath } from "./body-path.ts";
import { byCursor } from "./cursor.ts";
import { byLink } from "./link.ts";
import { byNextUrl } from "./next-url.ts";
import type { PageSeen, PageStyle } from "./style.ts";
import { totalPages, totalRows } from "./total.ts";

/** Where a body gives the URL of the next page. */
const NEXT_URLS = [
  "next",
  "next_url",
  "nextUrl",
  "next_page_url",
  "nextLink",
  "@odata.nextLink",
  "links.next",
  "paging.next",
  "pagination.next",
  "meta.next",
  "_links.next",
];

/** Where a body gives a cursor, and the param that takes it. */
const CURSORS: readonly (readonly [path: string, param: string])[] = [
  ["next_cursor", "cursor"],
  ["nextCursor", "cursor"],
  ["meta.next_cursor", "cursor"],
  ["response_metadata.next_cursor", "cursor"],
  ["paging.cursors.after", "after"],
  ["nextPageToken", "pageToken"],
  ["next_page_token", "page_token"],
];

/** What the first page says of the way on. */
export type Detected =
  | { readonly kind: "style"; readonly style: PageStyle }
  | { readonly kind: "complete" }
  | { readonly kind: "unknown" };

function isUrl(value: unknown): boolean {
  const href = typeof value === "object" && value !== null ? atPath(value, "href") : value;
  return typeof href === "string" && /^(https?:\/\/|\/|\?)/.test(href);
}

/** Reads from the first page how the next is to be asked for. It never guesses: what shows no way and no end is `unknown`. */
export function detect(page: PageSeen): Detected {
  const { data, response } = page;
  if (response.links.next !== undefined) return { kind: "style", style: byLink };
  const total = totalRows(page);
  if (total !== undefined && page.rows >= total) return { kind: "complete" };
  for (const path of NEXT_URLS) {
    const value = atPath(data, path);
    if (isUrl(value)) return { kind: "style", style: byNextUrl(path) };
    if (value === null) return { kind: "complete" };
  }
  for (const [path, param] of CURSORS) {
    const value = atPath(data, path);
    if (typeof value === "string" && value !== "") return { kind: "style", style: byCursor(path, param) };
    if (value === null || value === "") return { kind: "complete" };
  }
  // A Link header without a next, but with a first or a last, is the last page of a style that has shown itself.
  if (response.links.last !== undefined || response.links.first !== undefined) return { kind: "complete" };
  if (totalPages(page) === 1 || page.count === 0) return { kind: "complete" };
  return { kind: "unknown" };
}

/** The style that the request's own params speak of, such as `?page=1`; undefined where none does. */
export function paramStyle(
  params: ParamsInit | undefined,
): "page" | "_page" | "offset" | "_start" | undefined {
  if (params === undefined || params === null) return undefined;
  const names = namesOf(params);
  return (["page", "_page", "offset", "_start"] as const).find((name) => names.includes(name));
}

function namesOf(params: NonNullable<ParamsInit>): readonly string[] {
  if (typeof params === "string" || params instanceof URLSearchParams)
    return [...new URLSearchParams(params).keys()];
  if (Symbol.iterator in params) return [...params].map(([name]) => String(name));
  return Object.keys(params);
}
