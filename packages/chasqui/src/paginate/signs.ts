import { type PageLinks, plainLinks } from "../response/links.ts";
import { fieldOf, type Response } from "../response/response.ts";
import { atPath, isObject } from "./body-path.ts";
import { isCursor, isNoCursor } from "./cursor-value.ts";
import { eachField } from "./envelope.ts";

/** What looks like a cursor: its path in the body, its name, and what stands there. */
export interface Maybe {
  readonly path: string;
  readonly key: string;
  readonly value: string;
}

/** What a page says outright of whether there is more. */
export interface Signs {
  /** The URL of the next page that its `Link` header names. */
  readonly link: string | undefined;
  /** The path of the URL of the next page. */
  readonly url: string | undefined;
  /** The path of a cursor, and the param that takes it. */
  readonly cursor: { readonly path: string; readonly param: string } | undefined;
  /** The header that has a cursor, and the param that takes it. */
  readonly header: { readonly name: string; readonly param: string } | undefined;
  /** That there is more, in words; whether or not the way to it is understood. */
  readonly more: string | undefined;
  /** That a flag says that there is more, such as `has_more`, in words. */
  readonly flag: string | undefined;
  /** That a flag says that there is no more, in words. */
  readonly last: string | undefined;
  /** That this is the last page, in words. */
  readonly end: string | undefined;
  /** What looks like a cursor, of which it is not known what it is asked with. */
  readonly maybe: readonly Maybe[];
}

/** Names of what may be a cursor. Those of sessions and of earlier pages are none. */
const MAYBE =
  /^(?!.*(?:prev|sync|session|csrf|access|refresh|auth)).*(?:cursor|token|marker|continuation|scroll_?id)$/i;

/** Keys whose value is the URL of the next page, whatever it looks like. */
const URL_KEYS: ReadonlySet<string> = new Set([
  ...[
    "next_url",
    "nextUrl",
    "next_page_url",
    "nextPageUrl",
    "next_link",
    "nextLink",
    "next_href",
    "nextHref",
    "nextRecordsUrl",
  ],
  ...["@odata.nextLink", "odata.nextLink", "@nextLink"],
]);

/** Keys that hold a URL, a cursor or a number, as the API likes. */
const NEXT_KEYS: ReadonlySet<string> = new Set(["next", "next_page", "nextPage"]);

/** Keys of cursors, and the param that takes each. */
const CURSOR_PARAMS: ReadonlyMap<string, string> = new Map([
  ["next_cursor", "cursor"],
  ["nextCursor", "cursor"],
  ["nextPageToken", "pageToken"],
  ["next_page_token", "page_token"],
  ["next_token", "next_token"],
  ["nextToken", "nextToken"],
  ["NextToken", "NextToken"],
]);

/** Cursors whose key says nothing elsewhere. */
const CURSOR_PATHS: ReadonlyMap<string, string> = new Map([
  ["paging.cursors.after", "after"],
  ["paging.next.after", "after"],
  ["metadata.continue", "continue"],
]);

/** Keys that say yes or no to more. */
const MORE_FLAGS: ReadonlySet<string> = new Set([
  ...["has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage", "more_available"],
]);
const LAST_FLAGS: ReadonlySet<string> = new Set(["last", "isLast", "is_last", "isLastPage", "is_last_page"]);

/** The URL that a value is or holds: a string, HAL's and JSON:API's `{ href }`, `{ url }`, `{ uri }` or `{ link }`. */
export function urlIn(value: unknown): unknown {
  if (!isObject(value)) return value;
  return atPath(value, "href") ?? atPath(value, "url") ?? atPath(value, "uri") ?? atPath(value, "link");
}

function looksLikeUrl(value: unknown): boolean {
  return typeof value === "string" && /^(?:https?:\/\/|\/|\?)/i.test(value);
}

/** What says in so many words that there is no next: null, false or an empty string. */
function isNothing(value: unknown): boolean {
  return value === null || value === "" || value === false;
}

/** Whether a value is an object or a list that has something in it. */
function isFilled(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length > 0;
}

/** Headers that have what the next page is asked with, and the param that takes it. */
const CURSOR_HEADERS = [
  { name: "x-next-cursor", param: "cursor" },
  { name: "x-next-page", param: "page" },
  { name: "x-next-token", param: "next_token" },
  { name: "x-continuation-token", param: "continuation_token" },
] as const;

class SignReader {
  url: string | undefined;
  link: Signs["link"];
  cursor: Signs["cursor"];
  header: Signs["header"];
  more: string | undefined;
  flag: string | undefined;
  last: string | undefined;
  end: string | undefined;
  readonly maybe: Maybe[] = [];

  field(key: string, path: string, value: unknown): void {
    if (URL_KEYS.has(key)) this.#next(key, path, value, true);
    else if (NEXT_KEYS.has(key)) this.#next(key, path, value, false);
    else if (MORE_FLAGS.has(key)) this.#flag(path, value, true);
    else if (LAST_FLAGS.has(key)) this.#flag(path, value, false);
    else {
      const param = CURSOR_PARAMS.get(key) ?? CURSOR_PATHS.get(path);
      if (param !== undefined) this.#cursor(path, param, value);
      else if (key === "links" || key === "_links") this.#links(path, value);
      else if (typeof value === "string" && value !== "" && MAYBE.test(key))
        this.maybe.push({ path, key, value });
    }
  }

  #next(key: string, path: string, value: unknown, surely: boolean): void {
    const url = urlIn(value);
    if (isNothing(value) || isNothing(url)) {
      this.end ??= `\`${path}\` is empty`;
    } else if (looksLikeUrl(url) || (surely && typeof url === "string")) {
      this.url ??= path;
      this.more ??= `\`${path}\` has the URL of a next page`;
    } else if (isCursor(url) || url === true || isFilled(value)) {
      this.more ??= `\`${path}\` names a next page`;
      if (typeof value === "string") this.maybe.push({ path, key, value });
    }
  }

  #flag(path: string, value: unknown, meansMore: boolean): void {
    // Some write it as text.
    if (typeof value !== "boolean" && value !== "true" && value !== "false") return;
    if (String(value) === String(meansMore)) {
      this.flag ??= `\`${path}\` is ${value}`;
      this.more ??= this.flag;
    } else {
      this.last ??= `\`${path}\` is ${value}`;
      this.end ??= this.last;
    }
  }

  #cursor(path: string, param: string, value: unknown): void {
    if (isCursor(value)) {
      this.cursor ??= { path, param };
      // Facebook's stands on the last page too, which only lacks `paging.next`.
      if (path !== "paging.cursors.after") this.more ??= `\`${path}\` has a cursor`;
    } else if (isNoCursor(value)) this.end ??= `\`${path}\` is empty`;
    else if (isFilled(value)) this.more ??= `\`${path}\` has something that is no cursor by itself`;
  }

  headerField(name: string, param: string, value: string): void {
    if (value.trim() === "") this.end ??= `the header \`${name}\` is empty`;
    else {
      this.header ??= { name, param };
      this.more ??= `the header \`${name}\` names a next page`;
    }
  }

  /** JSON:API and HAL leave a link out that leads nowhere: a list of pages without a `next` is at its end. */
  #links(path: string, value: unknown): void {
    if (Array.isArray(value)) {
      // PayPal's are a list: which of them is the next one differs from page to page, and no path names it.
      if (value.some((link) => atPath(link, "rel") === "next"))
        this.more ??= `\`${path}\` has one of a next page`;
      return;
    }
    if (!isObject(value) || Object.hasOwn(value, "next")) return;
    if (["first", "last", "prev", "previous"].some((name) => Object.hasOwn(value, name))) {
      this.end ??= `\`${path}\` has no next`;
    }
  }
}

/** The links of a page; undefined where it has no such header. */
export function pageLinks(response: Response): PageLinks | undefined {
  const line = fieldOf(response, "link");
  // What was joined of several lines is read so only where it is plain: one that is broken must not break another.
  return line === undefined
    ? undefined
    : (plainLinks(line, response.url, response.request) ?? response.links);
}

/** Reads what a page says of the way on, in its `Link` header and beside its rows. */
export function readSigns(data: unknown, response: Response, links: PageLinks | undefined): Signs {
  const signs = new SignReader();
  if (links !== undefined) {
    // Sentry's last page names a next one too, and says that it has no results.
    const leadsNowhere = links.next?.params.results === "false";
    signs.link = leadsNowhere ? undefined : links.next?.url;
    if (leadsNowhere) signs.end = "its Link header names a next page without results";
    else if (links.next !== undefined) signs.more = "its Link header names a next page";
    else if ((links.prev ?? links.previous ?? links.first ?? links.last) !== undefined) {
      signs.end = "its Link header names no next page";
    }
  }
  eachField(data, (key, path, value) => signs.field(key, path, value));
  for (const { name, param } of CURSOR_HEADERS) {
    const value = fieldOf(response, name);
    if (value !== undefined) signs.headerField(name, param, value);
  }
  return signs;
}
