import { kindOf } from "../request/kind-of.ts";
import { shortOf } from "./numbered.ts";
import { END, type Onward, type PageRequest, type PageSeen } from "./style.ts";

/** Names of params that say where in a list to begin, and not those that say how much of it. */
const POSITION =
  /^(?!.*(?:size|limit|per|count|date|time))_?.*(?:page|offset|cursor|start|skip|after|before|since|from|token|marker|continue|max_id)/i;

/** A day is what rows are selected by, and no place in the list of them. */
const DAY = /^\d{4}-\d{2}/;

/** Whether the first request asked for the beginning of the list, as far as its params tell. */
export function fromBeginning(asked: URLSearchParams): boolean {
  for (const [name, value] of asked) {
    if (POSITION.test(name) && !/^[01]?$/.test(value) && !DAY.test(value)) return false;
  }
  return true;
}

/**
 * Where a page names what comes next. A flag that says beside it that this was all is taken at its word, but looked behind: some name a
 * next page always (Dropbox has its cursor for what will come), and some have the flag wrong.
 */
export function ledTo({ signs, count }: PageSeen, request: PageRequest): Onward {
  if (signs.last === undefined) return { kind: "next", request };
  return count === 0 ? END : { kind: "end", beyond: request };
}

/**
 * What to make of a page that lacks what has led from page to page. That is the end, unless the page says otherwise: then
 * a name was wrong, or the server stopped before it was through.
 */
export function afterMissing(page: PageSeen, what: string): Onward {
  const { signs, totals } = page;
  const told = signs.flag ?? (page.pages === 1 ? signs.more : undefined);
  if (told !== undefined) {
    return {
      kind: "lost",
      why: page.pages === 1 ? "undetected" : "truncated",
      message: `Page ${page.pages} has no ${what}, but ${told}`,
      hint: 'Say in `by` how the next page is asked for: "page", "offset", "cursor", "next" or "link", or an object that names the params and the place in the body.',
    };
  }
  if (totals.rows !== undefined && page.rows < totals.rows && fromBeginning(page.asked)) {
    return shortOf({ ...page, totals: { ...totals, pages: undefined } }, `Page ${page.pages} has no ${what}`);
  }
  return END;
}

/** What to make of something in the place of a cursor or a URL that is neither. */
export function notUnderstood(page: PageSeen, path: string, value: unknown, wanted: string): Onward {
  return {
    kind: "lost",
    why: "undetected",
    message: `\`${path}\` of page ${page.pages} is ${kindOf(value)}, not ${wanted}`,
    hint: `Name the place of ${wanted} in the body with \`by\`, such as { cursor: "meta.next_cursor" } or { next: "links.next" }.`,
  };
}
